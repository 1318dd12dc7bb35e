// What an owner sets is no part of the types, so that the check of the types holds in every owner's repository.
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { ROOT } from "./repository.ts";

const SETTINGS = `
name = "mine"
main = "src/index.ts"
compatibility_date = "2026-08-15"
r2_buckets = [{ binding = "BLOBS", bucket_name = "mine" }]
[vars]
TAG_TTL = 300
ROUTES = { docker = "https://registry-1.docker.io" }
`;

/** A repository of an owner: the types of this one, settings and a secret of their own. */
function ownersRepository(): string {
  const folder = mkdtempSync(join(tmpdir(), "owner-types-"));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  cpSync(join(ROOT, "types"), join(folder, "types"), { recursive: true });
  symlinkSync(join(ROOT, "src"), join(folder, "src"), "junction");
  writeFileSync(join(folder, "wrangler.toml"), SETTINGS);
  writeFileSync(join(folder, ".dev.vars"), "SECRET=secret\n");
  return folder;
}

it("variables, a bucket and a secret of an owner leave the types as they are", { timeout: 60_000 }, () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    scripts: { types: string };
  };
  const [program, ...options] = scripts.types.split(" ");
  expect(program).toBe("wrangler");
  const wrangler = join(ROOT, "node_modules/wrangler/bin/wrangler.js");
  const output = execFileSync(process.execPath, [wrangler, ...options, "--check"], {
    cwd: ownersRepository(),
    env: { ...process.env, WRANGLER_SEND_METRICS: "false" },
    encoding: "utf8",
  });
  expect(output).toContain("up to date");
});
