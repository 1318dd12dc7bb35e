// How the scripts are started: options that npm takes for itself where `--` is missing, and `--help`.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { refuseTaken } from "../../../scripts/setup/arguments.ts";
import { takenByNpm } from "../../../scripts/terminal/npm.ts";
import { ROOT } from "../repository.ts";

/** As npm 10 and 11 start a script. */
function start(script: string, words: string[], taken: Record<string, string>): string {
  const program = join(ROOT, "scripts", `${script}.ts`);
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...words], {
    encoding: "utf8",
    env: { ...process.env, ...taken },
    // One that does not stop there would listen until it is ended.
    timeout: 15_000,
  });
  return `${status ?? ""} ${stdout}${stderr}`;
}

describe("a script stops, and says what to write, where npm took", () => {
  it.each<[string, string[], Record<string, string>, string]>([
    [
      "setup",
      ["acme-corp.net"],
      { undo: "true" },
      "--undo for itself: write npm run setup -- acme-corp.net --undo",
    ],
    [
      "cluster-policy",
      ["mirror.example.com", "kyverno"],
      { kind: "true" },
      "--kind for itself: write npm run --silent cluster-policy -- mirror.example.com [--kind admission|kyverno]",
    ],
    [
      "doctor",
      ["https://docker.example.com"],
      { user: "alice", password_stdin: "true" },
      "--password-stdin and --user for itself: write npm run doctor -- https://docker.example.com [image] [--user name",
    ],
    ["check-config", [], { online: "true" }, "--online for itself: write npm run check-config -- --online"],
    ["start", ["9000"], { port: "true" }, "--port for itself: write npm start -- --port 9000"],
    ["start", [], { ip: "0.0.0.0" }, "--ip for itself: write npm start -- --ip 0.0.0.0"],
    ["demo", [], { keep: "true" }, "--keep for itself: write npm run demo -- --keep"],
  ])("%s %j %j", (script, words, taken, said) => {
    const environment = Object.entries(taken).map(([key, value]) => [`npm_config_${key}`, value]);
    const ended = start(script, words, Object.fromEntries(environment) as Record<string, string>);
    expect(ended).toMatch(/^1 \n?[^\n]+\n$/);
    expect(ended).toContain(`npm took ${said}`);
  });
});

it.each([
  ["setup", "npm run setup -- <domain>"],
  ["cluster-policy", "npm run --silent cluster-policy -- mirror.example.com [--kind"],
  ["doctor", "npm run doctor -- https://docker.example.com [image]"],
  ["check-config", "npm run check-config [-- --online]"],
  ["demo", "npm run demo [-- --keep] [--port N]"],
  ["start", "npm start [-- --port N]"],
])("%s --help says how it is started, and that is no failure", (script, usage) => {
  const ended = start(script, ["--help"], {});
  expect(ended.replace(/^0 (?:usage: )?/, "").startsWith(usage)).toBe(true);
});

it.each<[string[], Record<string, string>, string]>([
  [[], { npm_config_undo: "true" }, "took --undo for itself: write npm run setup -- --undo"],
  [["acme.net", "--yes"], { npm_config_mirror: "true" }, "write npm run setup -- acme.net --mirror --yes"],
  [["acme.net", "k9x2m4q8w1z7r3t5y6u0"], { npm_config_undo: "true" }, "-- acme.net … --undo"],
  [["x\u001b[2J"], { npm_config_undo: "true", npm_config_mirror: "true" }, "-- <domain> --mirror --undo"],
])("setup shows what was given to it and is no key and no trick: %j", (words, environment, said) => {
  const refuse = (): void => {
    refuseTaken(words, environment);
  };
  expect(refuse).toThrow(said);
  expect(refuse).not.toThrow(/k9x2|\u001b/);
});

describe("an option was not taken", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "ferry-npm-"));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });
  const script = { flags: ["--undo"], valued: ["--user"], instead: () => "it" };

  it.each<[string, string[], Record<string, string>]>([
    ["where npm has none", [], {}],
    ["where it was taken back", [], { npm_config_undo: "" }],
    ["where it is a setting of another kind", [], { npm_config_undo: "https://mirror.example.com" }],
    [
      "where the script has it",
      ["--undo", "--user=alice"],
      { npm_config_undo: "true", npm_config_user: "x" },
    ],
  ])("%s", (_, words, environment) => {
    expect(takenByNpm(script, words, environment)).toBeUndefined();
  });

  it("where a file of npm's has it, as old ones have a user", () => {
    const file = join(folder, "npmrc");
    writeFileSync(file, "audit=false\nuser = root\n");
    const environment = { npm_config_user: "root", npm_config_userconfig: file };
    expect(takenByNpm(script, [], environment)).toBeUndefined();
    expect(takenByNpm(script, [], { ...environment, npm_config_undo: "true" })).toContain("took --undo for");
    writeFileSync(file, "username=root\n");
    expect(takenByNpm(script, [], environment)).toContain("took --user for");
  });
});
