// wrangler.toml on the disk: read as it is, and replaced as a whole or not at all.

import { randomBytes } from "node:crypto";
import {
  chmodSync,
  chownSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { Refused } from "./refused.ts";

/** The owner's file. */
export interface OwnersFile {
  /** @throws Refused where it is not there, or is no UTF-8 */
  read(): string;
  /** @throws Refused where it is no longer what was read */
  replace(before: string, after: string): void;
}

/** A file by its path; where that is a symbolic link, what it leads to. */
export function ownersFile(path: string): OwnersFile {
  const name = basename(path);
  const read = (): string => {
    let bytes: Buffer;
    try {
      bytes = readFileSync(path);
    } catch (error) {
      const { code = "unknown" } = error as NodeJS.ErrnoException;
      throw new Refused(`${name} cannot be read (${code}): run this in the folder of your copy of the proxy`);
    }
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      throw new Refused(`${name} is not UTF-8: save it as that, and run this again`);
    }
  };
  return {
    read,
    replace(before, after) {
      if (read() !== before)
        throw new Refused(`${name} was changed in the meantime: nothing was written. Run this again`);
      writeWhole(realpathSync(path), after);
    },
  };
}

function writeWhole(target: string, text: string): void {
  const { gid, mode, uid } = statSync(target);
  // A file could be put in its place all the same: whoever made it so does not want that.
  if ((mode & 0o222) === 0)
    throw new Refused(
      `${basename(target)} is read-only, and is as it was: make it writable, and run this again`,
    );
  const fresh = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString("hex")}`);
  try {
    writeFileSync(fresh, text, { flag: "wx", mode: 0o600, flush: true });
    keepOwner(fresh, { gid, uid });
    chmodSync(fresh, mode & 0o7777);
    renameSync(fresh, target);
  } catch (error) {
    rmSync(fresh, { force: true });
    const { code = "unknown" } = error as NodeJS.ErrnoException;
    throw new Refused(`${basename(target)} cannot be written (${code}): it is as it was`);
  }
}

/** A group that its owner is no member of is not his to give: without it the file is still his. */
function keepOwner(file: string, { gid, uid }: { readonly gid: number; readonly uid: number }): void {
  const made = statSync(file);
  if (made.uid === uid && made.gid === gid) return;
  try {
    chownSync(file, uid, gid);
  } catch (error) {
    if (made.uid !== uid) throw error;
  }
}
