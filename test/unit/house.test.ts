// House rules that no linter knows: a file is short enough to be read in one go.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { FILES, ROOT } from "./repository.ts";

/** Lines as `wc -l` counts them. */
function linesOf(file: string): number {
  return readFileSync(join(ROOT, file), "utf8").split("\n").length - 1;
}

describe("the length of files", () => {
  it.each([
    ["src", 230],
    ["test", 400],
  ])("below %s/ none has more than %i lines", (folder, limit) => {
    const files = FILES.filter((file) => file.startsWith(`${folder}/`));
    expect(files.length).toBeGreaterThan(0);
    const tooLong = files.filter((file) => linesOf(file) > limit).map((file) => `${file}: ${linesOf(file)}`);
    expect(tooLong).toEqual([]);
  });
});
