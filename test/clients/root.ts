// Root by sudo, and what was written in the checkout given back to the one who called it.

import { spawnSync } from "node:child_process";
import { existsSync, lchownSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** Daemons, mounts and /etc/hosts need root: runs this whole program again with sudo. Returns its exit code. */
export function runAsRoot(): number {
  const command = ["env", `PATH=${process.env["PATH"] ?? ""}`, process.execPath, ...process.argv.slice(1)];
  const { status, error } = spawnSync("sudo", command, { stdio: "inherit" });
  if (error !== undefined) throw error;
  return status ?? 1;
}

export function giveBack(folder: string): void {
  const { SUDO_UID: user, SUDO_GID: group } = process.env;
  if (user === undefined || group === undefined || !existsSync(folder)) return;
  for (const entry of ["", ...readdirSync(folder, { recursive: true, encoding: "utf8" })]) {
    lchownSync(join(folder, entry), Number(user), Number(group));
  }
}
