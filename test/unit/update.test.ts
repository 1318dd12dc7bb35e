// The way to take a newer version into a copy that the button made, as docs/deploy.md has it, run on such a copy.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { ROOT } from "./repository.ts";

/** The lines of a block of docs/deploy.md that git runs: a copy has neither modules nor a place to push to here. */
function gitLines(name: string): string[] {
  const text = readFileSync(join(ROOT, "docs/deploy.md"), "utf8");
  const block = new RegExp(`<!-- update: ${name} -->\\n\\n\`\`\`sh\\n(.*?)\`\`\``, "s").exec(text)?.[1] ?? "";
  const lines = block.split("\n").flatMap((line) => line.split(" && "));
  return lines.filter((line) => line.startsWith("git ") && line !== "git push");
}

function commit(folder: string, files: Record<string, string>, message: string): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  git(folder, "add", "--all");
  git(folder, "commit", "--quiet", "-m", message);
}

function git(folder: string, ...words: string[]): string {
  const identity = [
    "-c",
    "user.name=Owner",
    "-c",
    "user.email=owner@example.com",
    "-c",
    "init.defaultBranch=main",
  ];
  return execFileSync("git", [...identity, ...words], { cwd: folder, encoding: "utf8", stdio: "pipe" });
}

/** Runs a line of the documentation in the copy; the project's address is a folder here. */
function run(copy: string, line: string, project: string): void {
  const text = line.replace("https://github.com/registry-ferry/registry-ferry.git", project);
  const environment = { GIT_AUTHOR_NAME: "Owner", GIT_AUTHOR_EMAIL: "owner@example.com" };
  execFileSync("bash", ["-c", text], {
    cwd: copy,
    env: {
      ...process.env,
      ...environment,
      GIT_COMMITTER_NAME: "Owner",
      GIT_COMMITTER_EMAIL: "o@example.com",
    },
    stdio: "pipe",
  });
}

it("a copy without history becomes the new version, and keeps its owner's wrangler.toml", () => {
  const folder = mkdtempSync(join(tmpdir(), "update-"));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  const [project, copy] = [join(folder, "project"), join(folder, "copy")];
  for (const one of [project, copy]) {
    mkdirSync(one);
    git(one, "init", "--quiet");
  }
  const old = {
    "src/index.ts": "old",
    "src/gone.ts": "old",
    "CHANGELOG.md": "0.1.0",
    "wrangler.toml": "name = 1",
  };
  commit(project, old, "0.1.0");
  git(project, "tag", "v0.1.0");
  commit(copy, { ...old, "wrangler.toml": "name = 'mine'" }, "A copy");
  rmSync(join(project, "src/gone.ts"));
  commit(
    project,
    { "src/index.ts": "new", "docs/new.md": "new", "CHANGELOG.md": "0.2.0", "wrangler.toml": "name = 2" },
    "0.2.0",
  );
  git(project, "tag", "v0.2.0");

  const lines = [...gitLines("fetch"), ...gitLines("replace")];
  expect(lines.map((line) => line.split(" ")[1])).toEqual(["remote", "fetch", "show", "restore", "commit"]);
  for (const line of lines) run(copy, line, project);

  const read = (name: string): string => readFileSync(join(copy, name), "utf8");
  expect(read("wrangler.toml")).toBe("name = 'mine'");
  expect([read("src/index.ts"), read("docs/new.md"), read("CHANGELOG.md")]).toEqual(["new", "new", "0.2.0"]);
  expect(existsSync(join(copy, "src/gone.ts"))).toBe(false);
  expect(git(copy, "status", "--porcelain")).toBe("");
});

it("a clone becomes each new version, and keeps the wrangler.toml that its owner never committed", () => {
  const folder = mkdtempSync(join(tmpdir(), "update-"));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  const [project, clone] = [join(folder, "project"), join(folder, "clone")];
  mkdirSync(project);
  git(project, "init", "--quiet");
  commit(
    project,
    { "src/index.ts": "old", "src/gone.ts": "old", "CHANGELOG.md": "", "wrangler.toml": "a = 1\n" },
    "0.1.0",
  );
  git(folder, "clone", "--quiet", project, clone);
  writeFileSync(join(clone, "wrangler.toml"), "a = 1\nmine = 1\n");
  const lines = [...gitLines("clone"), ...gitLines("clone-replace")];
  expect(lines.map((line) => line.split(" ")[1])).toEqual(["fetch", "show", "restore"]);
  for (const version of ["v0.2.0", "v0.3.0"]) {
    rmSync(join(project, "src/gone.ts"), { force: true });
    commit(
      project,
      { "src/index.ts": version, "CHANGELOG.md": version, "wrangler.toml": `a = "${version}"\n` },
      version,
    );
    git(project, "tag", version);
    for (const line of lines) run(clone, line.replace("v0.2.0", version), project);

    const read = (name: string): string => readFileSync(join(clone, name), "utf8");
    expect([read("wrangler.toml"), read("src/index.ts")]).toEqual(["a = 1\nmine = 1\n", version]);
    expect(existsSync(join(clone, "src/gone.ts"))).toBe(false);
    const [compare = ""] = gitLines("compare");
    expect(git(clone, ...compare.replace("v0.2.0", version).split(" ").slice(1))).toContain(
      `+a = "${version}"`,
    );
  }
});
