// Setup as a program on a copy of the repository, and its file on a disk.
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ownersFile } from "../../../scripts/setup/file.ts";
import { ROOT } from "../repository.ts";
import { DOMAIN, setUp } from "./stage.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ferry-setup-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function make(name: string, text: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe("the file", () => {
  it("is replaced as a whole, keeps its mode, and leaves nothing beside it", () => {
    const path = make("one.toml", "a = 1\n");
    chmodSync(path, 0o640);
    ownersFile(path).replace("a = 1\n", "a = 2\n");
    expect(readFileSync(path, "utf8")).toBe("a = 2\n");
    expect(statSync(path).mode & 0o777).toBe(0o640);
    expect(readdirSync(folder).filter((name) => name.includes("one.toml"))).toEqual(["one.toml"]);
  });

  it("that is a link stays one", () => {
    const path = make("target.toml", "a = 1\n");
    const link = join(folder, "link.toml");
    symlinkSync(path, link);
    ownersFile(link).replace("a = 1\n", "a = 2\n");
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(readFileSync(path, "utf8")).toBe("a = 2\n");
  });

  it("that was changed in the meantime is left", () => {
    const path = make("changed.toml", "a = 3\n");
    expect(() => {
      ownersFile(path).replace("a = 1\n", "a = 2\n");
    }).toThrow("changed in the meantime: nothing was written");
    expect(readFileSync(path, "utf8")).toBe("a = 3\n");
  });

  it("keeps its byte order mark, and must be UTF-8 and be there", () => {
    const path = make("mark.toml", "\uFEFFa = 1\n");
    expect(ownersFile(path).read()).toBe("\uFEFFa = 1\n");
    expect(() => ownersFile(make("latin.toml", Buffer.from([0x23, 0xe9, 0x0a]))).read()).toThrow(
      "is not UTF-8",
    );
    expect(() => ownersFile(join(folder, "none.toml")).read()).toThrow("cannot be read (ENOENT)");
  });
});

describe("the program", () => {
  /** Nobody is at a terminal. */
  const setup = (...words: string[]): { code: number | null; output: string } => {
    const program = join(folder, "copy/scripts/setup.ts");
    const ended = spawnSync(process.execPath, [program, ...words], { encoding: "utf8" });
    return { code: ended.status, output: ended.stdout + ended.stderr };
  };

  it("writes nothing without a yes, and all with --yes", { timeout: 60_000 }, () => {
    const copy = join(folder, "copy");
    for (const part of ["scripts", "src", "test/tools", "package.json", "wrangler.toml"]) {
      cpSync(join(ROOT, part), join(copy, part), { recursive: true });
    }
    symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"));
    const path = join(copy, "wrangler.toml");
    const old = setUp(readFileSync(path, "utf8"), "--undo");
    writeFileSync(path, old);

    const asked = setup(DOMAIN);
    expect([asked.code, readFileSync(path, "utf8")]).toEqual([1, old]);
    expect(asked.output).toContain('+  { pattern = "docker.images.dev", custom_domain = true },');
    expect(asked.output).toContain("add --yes");

    const refused = setup("https://images.dev\u001b[2J", "--yes");
    expect([refused.code, readFileSync(path, "utf8")]).toEqual([1, old]);
    // Nothing of what an argument could do to a terminal.
    expect(refused.output).toMatch(/^"https[^\u001b\n]+\n$/);

    const written = setup(DOMAIN, "--mirror", "--yes");
    expect([written.code, readFileSync(path, "utf8")]).toEqual([0, setUp(old, DOMAIN, "--mirror")]);
  });
});
