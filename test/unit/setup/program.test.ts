// Setup as a program on a copy of the repository, and its file on a disk.
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
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
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
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

  it("that is read-only is left, whoever asks", () => {
    const path = make("kept.toml", "a = 1\n");
    chmodSync(path, 0o444);
    expect(() => {
      ownersFile(path).replace("a = 1\n", "a = 2\n");
    }).toThrow("kept.toml is read-only, and is as it was");
    expect(readFileSync(path, "utf8")).toBe("a = 1\n");
  });

  it("keeps its group", () => {
    const path = make("group.toml", "a = 1\n");
    const groups = process.getgroups?.() ?? [];
    const isRoot = process.getuid?.() === 0;
    const { gid } = statSync(path);
    // A group of one's own, or any for root; whoever has no other one keeps the one there is.
    const other = groups.find((group) => group !== gid) ?? (isRoot ? gid + 1 : gid);
    chownSync(path, -1, other);
    ownersFile(path).replace("a = 1\n", "a = 2\n");
    expect(statSync(path).gid).toBe(other);
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

describe("the programs on a copy", () => {
  const LABEL = "k9x2m4q8w1z7r3t5y6u0";
  let path = "";
  let shipped = "";
  beforeAll(() => {
    const copy = join(folder, "copy");
    for (const part of ["scripts", "src", "test/tools", "package.json", "wrangler.toml"]) {
      cpSync(join(ROOT, part), join(copy, part), { recursive: true });
    }
    symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"));
    path = join(copy, "wrangler.toml");
    shipped = setUp(readFileSync(path, "utf8"), "--undo");
  });
  beforeEach(() => {
    writeFileSync(path, shipped);
  });

  /** Nobody is at a terminal. */
  const run = (script: string, ...words: string[]): { code: number | null; output: string } => {
    const program = join(folder, "copy/scripts", script);
    const ended = spawnSync(process.execPath, [program, ...words], { encoding: "utf8" });
    return { code: ended.status, output: ended.stdout + ended.stderr };
  };
  const setup = (...words: string[]): ReturnType<typeof run> => run("setup.ts", ...words);

  it("setup writes nothing without a yes, and all with --yes", { timeout: 60_000 }, () => {
    const asked = setup(DOMAIN);
    expect([asked.code, readFileSync(path, "utf8")]).toEqual([1, shipped]);
    expect(asked.output).toContain('+  { pattern = "docker.images.dev", custom_domain = true },');
    expect(asked.output).toContain("add --yes");

    const refused = setup("https://images.dev\u001b[2J", "--yes");
    expect([refused.code, readFileSync(path, "utf8")]).toEqual([1, shipped]);
    // Nothing of what an argument could do to a terminal.
    expect(refused.output).toMatch(/^"https[^\u001b\n]+\n$/);

    const written = setup(DOMAIN, "--mirror", "--yes");
    expect([written.code, readFileSync(path, "utf8")]).toEqual([0, setUp(shipped, DOMAIN, "--mirror")]);
  });

  it.each(["wrangler.json", "wrangler.jsonc"])("setup writes nothing beside a %s", (name) => {
    const other = join(folder, "copy", name);
    writeFileSync(other, "{}");
    try {
      const { code, output } = setup(DOMAIN, "--yes");
      expect([code, readFileSync(path, "utf8")]).toEqual([1, shipped]);
      expect(output).toContain(`wrangler reads ${name} before wrangler.toml`);
    } finally {
      rmSync(other);
    }
  });

  it("setup writes nothing, and shows no secret, where .dev.vars has a line that cannot be read", () => {
    const secrets = join(folder, "copy/.dev.vars");
    writeFileSync(secrets, "ACCESS_USERS＝alice:correct-horse-battery\nCLOSED=true\n");
    try {
      const { code, output } = setup(DOMAIN, "--yes");
      expect([code, readFileSync(path, "utf8")]).toEqual([1, shipped]);
      expect(output).toMatch(/^\.dev\.vars cannot be read: line 1: has ＝ /);
      expect(output).not.toContain("horse");
    } finally {
      rmSync(secrets);
    }
  });

  it.each<[string, string[]]>([
    ["setup.ts", [`${LABEL}.${DOMAIN}`, "--yes"]],
    ["setup.ts", [`https://${LABEL}.${DOMAIN}`, "--yes"]],
    ["setup.ts", [DOMAIN, "--yes"]],
    ["doctor.ts", [`http://${LABEL}.localhost:1`]],
    ["doctor.ts", [`http://${LABEL}.${DOMAIN}`]],
    ["cluster-policy.ts", [`${LABEL}x.${DOMAIN}`]],
  ])("S16: %s %j shows no label of a key row", { timeout: 60_000 }, (script, words) => {
    const single = `route = { pattern = "${LABEL}.${DOMAIN}", custom_domain = true }\n`;
    writeFileSync(path, `${single}${shipped}\n${LABEL} = { upstream = "*", key = true }\n`);
    const { code, output } = run(script, ...words);
    expect([code, output.includes(LABEL)]).toEqual([1, false]);
    expect(output).toMatch(/\*\*\*|row \d+ of the table/);
  });

  it.each([
    ["setup.ts", `https://${LABEL}.${DOMAIN}/x`],
    ["doctor.ts", `http://${LABEL}.localhost:1`],
  ])("S16: %s %s shows none of a file that cannot be read", { timeout: 60_000 }, (script, word) => {
    writeFileSync(path, `x = = 1\n${shipped}\n${LABEL} = { upstream = "*", key = true }\n`);
    const { code, output } = run(script, word);
    expect([code, output.includes(LABEL)]).toEqual([1, false]);
  });
});
