// The test's folder for data, and its removal with all that was mounted inside.

import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export function makeScratch(): string {
  // Short, because socket paths have at most 107 bytes; lower case, because podman makes image names of paths.
  const folder = join(tmpdir(), `ferry-${randomBytes(4).toString("hex")}`);
  mkdirSync(folder, { mode: 0o700 });
  return folder;
}

/** Daemons leave mounts behind (network namespaces, layers), innermost last in the table. */
export function removeScratch(folder: string): void {
  const mounts = readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .map((line) => line.split(" ")[1] ?? "")
    .filter((path) => path.startsWith(`${folder}/`));
  for (const mount of mounts.reverse()) spawnSync("umount", ["--lazy", mount]);
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}
