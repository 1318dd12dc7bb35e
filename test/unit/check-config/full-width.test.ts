// Punctuation of another keyboard: named with its line, and what to type instead.
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "smol-toml";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkFullWidth, typedAt, unreadableLine } from "../../../scripts/check/full-width.ts";
import { readDocument } from "../../../scripts/setup/document.ts";
import { whyUnreadable } from "../../../scripts/terminal/unreadable.ts";
import { ROOT } from "../repository.ts";

function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error("it was read");
}

describe("D: of a file that is no TOML by a character of another keyboard, it and its line are told", () => {
  it.each<[string, string, string]>([
    ["＝", 'name ＝ "canary"', "="],
    ["“", "name = “canary”", '"'],
    ["”", 'name = "canary”', '"'],
    ["‘", "name = ‘canary’", "'"],
    ["＂", "name = ＂canary＂", '"'],
    ["，", 'HOSTS = ["canary"， "b"]', ","],
    ["、", 'HOSTS = ["canary"、 "b"]', ","],
    ["［", "［canary］", "["],
    ["【", "【canary】", "["],
    ["】", 'HOSTS = ["canary"】', "]"],
    ["＃", "＃ canary", "#"],
    ["；", "TAG_TTL = 5；", ";"],
    ["。", "READ_ONLY = true。", "."],
    ["：", 'name："canary"', ":"],
    ["６", "TAG_TTL = ６0", "6"],
    ["—", "TAG_TTL = —5", "-"],
    ["a blank", "TAG_TTL =\u30005", "a space"],
  ])("%s in %s", (character, line, instead) => {
    const text = `x = 1\n# 注释，不算\n${line}\ny = 1\n`;
    const said = new RegExp(
      String.raw`line 3, column \d+: .*has ${character} \(U\+[\dA-F]{4}\), a (?:full-width|typographic) character: type ` +
        String.raw`${instead.replace(/[[\].]/, String.raw`\$&`)} instead`,
    );
    const error = thrownBy(() => parse(text));
    const here = whyUnreadable("wrangler.toml", error, (row, column) => typedAt(text, row, column));
    expect(here).toMatch(said);
    expect(here).not.toMatch(/canary|double quotes/);
    const inSetup = (thrownBy(() => readDocument(text)) as Error).message;
    expect(inSetup).toMatch(said);
    expect(inSetup).not.toContain("canary");
  });

  it("and of any other nothing of the kind", () => {
    const text = "# 注释，不算\nname = canary\n";
    const error = thrownBy(() => parse(text));
    expect(whyUnreadable("wrangler.toml", error, (row, column) => typedAt(text, row, column))).toMatch(
      /: true and false are written without quotes, text in double quotes$/,
    );
    expect(typedAt("", 1, 1)).toBeUndefined();
  });
});

describe("D: in values", () => {
  const said = (wrangler: string, secrets = ""): string[] =>
    checkFullWidth({ wrangler, secrets }).map(({ level, text }) => `${level}: ${text}`);
  const COMMA = "has ， (U+FF0C), a full-width character: type , instead";
  const COLON = "has ： (U+FF1A), a full-width character: type : instead";

  it("each line of wrangler.toml is told once, with each character once", () => {
    const file =
      '\uFEFF[vars]\nHOSTS = "a.dev，b.dev，c.dev：1"\nALLOWED_IPS = [\n  "192.0.2.1",\n  "192.0.2.2，",\n]\n';
    expect(said(file)).toEqual([
      `warning: wrangler.toml, line 2: ${COMMA}; ${COLON}`,
      `warning: wrangler.toml, line 5: ${COMMA}`,
    ]);
    expect(said('a = """\nb\nc，"""\n["d。e"]\n')).toEqual([
      `warning: wrangler.toml, line 3: ${COMMA}`,
      expect.stringContaining("wrangler.toml, line 4: has 。 (U+3002)") as string,
    ]);
  });

  it("each line of .dev.vars, without what stands there", () => {
    const lines = said(
      "",
      '# ，\n\nACCESS_USERS="alice：canary"\nexport TOKEN_KEY=“canary”\nCLOSED=true # ，\n',
    );
    expect(lines).toEqual([
      `warning: .dev.vars, line 3: ${COLON}`,
      expect.stringContaining(
        '.dev.vars, line 4: has “ (U+201C), a typographic character: type " instead',
      ) as string,
    ]);
    expect(lines.join()).not.toContain("canary");
  });

  it("but comments and the operator's name are for people", () => {
    const toml = '# 注释，\n[vars]\nOPERATOR = "平台组（北京）" # ，\nTAG_TTL = 5 # ，\n';
    expect(said(toml, "OPERATOR=平台组，北京\n")).toEqual([]);
    expect(said(readFileSync(join(ROOT, "wrangler.toml"), "utf8"))).toEqual([]);
  });
});

describe("S20: a line of .dev.vars whose variable would be lost is told before anything else", () => {
  it.each([
    ["ACCESS_USERS＝alice:canary", "line 2: has ＝ (U+FF1D), a full-width character: type = instead"],
    ["ACCESS_USERS ：alice:canary", "line 2: has ： (U+FF1A), a full-width character: type = instead"],
    ["export CLOSED＝true", "line 2: has ＝ (U+FF1D), a full-width character: type = instead"],
    [
      'x y=z # old: A="x\nACCESS_USERS：alice:canary\nOPERATOR="Me',
      "line 3: has ： (U+FF1A), a full-width character: type = instead",
    ],
    ["＃ canary", "line 2: has ＃ (U+FF03), a full-width character: type # instead"],
  ])("%s", (line, text) => {
    expect(unreadableLine(`# one\n${line}\nTOKEN_KEY=x\n`)).toBe(text);
  });

  it("and none is where it stands in a value", () => {
    expect(
      unreadableLine('A="b＝c"\n# D＝e\nUPSTREAM_CREDENTIALS=\'{\n  "docker.io"："a:b"\n}\'\n'),
    ).toBeUndefined();
    expect(unreadableLine('OPERATOR="Firma\nTel：123"\nCLOSED=true\n')).toBeUndefined();
  });
});

it("is not looked for where this parser does not take what wrangler's takes", () => {
  expect(checkFullWidth({ wrangler: "compatibility_date = 2026-02-30\n", secrets: "" })).toEqual([]);
});

describe("the program", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "ferry-check-"));
    for (const part of ["scripts", "src", "test/tools", "package.json", "wrangler.toml"])
      cpSync(join(ROOT, part), join(folder, part), { recursive: true });
    symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
    writeFileSync(
      join(folder, "wrangler.toml"),
      `name = "x"\n[vars.ROUTES]\ndocker = "https://registry-1.docker.io"\n`,
    );
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  const check = (secrets: string): string => {
    writeFileSync(join(folder, ".dev.vars"), secrets);
    const program = join(folder, "scripts/check-config.ts");
    const { status, stdout, stderr } = spawnSync(process.execPath, [program], { encoding: "utf8" });
    return `${status ?? ""} ${stderr}${stdout}`;
  };

  it("tells it first, and what comes of it then", () => {
    expect(check('ACCESS_USERS="alice：canary"\n')).toMatch(
      /^1 warning: \.dev\.vars, line 1: has ：.*\n\.dev\.vars, ACCESS_USERS: entry 1 has no colon/,
    );
  });

  it("S16: does not take a line with a password for a name, which it would show", () => {
    const said = check("ACCESS_USERS＝alice:canary\nTOKEN_KEY=x\n");
    expect(said).toMatch(/^1 \.dev\.vars cannot be read: line 1: has ＝ \(U\+FF1D\)[^\n]*\n$/);
  });
});
