// The repository's own files, for the tests that read them.
import { readdirSync } from "node:fs";
import { join, sep } from "node:path";

export const ROOT = join(import.meta.dirname, "../..");

/** Every file that has code, of the whole repository. */
export const FILES = readdirSync(ROOT, { withFileTypes: true })
  .filter(({ name }) => !name.startsWith(".") && name !== "node_modules" && name !== "coverage")
  .flatMap((entry) => {
    if (!entry.isDirectory()) return [entry.name];
    return readdirSync(join(ROOT, entry.name), { recursive: true, encoding: "utf8" }).map(
      (path) => `${entry.name}/${path.split(sep).join("/")}`,
    );
  })
  .filter((path) => /\.[cm]?[jt]sx?$/.test(path) && !path.endsWith("/worker-configuration.d.ts"));

/** True of a file or a room of the Worker. */
export function isOfSrc(path: string): boolean {
  return path.startsWith("src/");
}
