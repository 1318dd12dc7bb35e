// Workflows and scripts: what could run its own commands where the deploy secret is (S22).
import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { parse } from "yaml";

const FOLDER = ".github/workflows";
const WORKFLOWS = readdirSync(FOLDER).map(
  (name) => [name, readFileSync(`${FOLDER}/${name}`, "utf8")] as const,
);
const SCRIPTS = ["scripts", "test/tools", "test/clients"].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => [`${folder}/${name}`, readFileSync(`${folder}/${name}`, "utf8")] as const),
);

/** The steps of a workflow, as text: none of ours has a list within one. */
function stepsOf(text: string): string[] {
  return text.split(/^ {6}- /m).slice(1);
}

describe.each(WORKFLOWS)("S22: %s", (_, text) => {
  it("names actions by commit, and keeps no credentials", () => {
    const actions = [...text.matchAll(/uses: (\S+)/g)].map(([, action]) => action);
    expect(actions.length).toBeGreaterThan(0);
    for (const action of actions) expect(action).toMatch(/^actions\/[a-z-]+@[0-9a-f]{40}$/);
    const checkouts = stepsOf(text).filter((step) => step.includes("actions/checkout@"));
    for (const step of checkouts) expect(step).toContain("persist-credentials: false");
  });

  it("runs for nobody else's code with our rights", () => {
    expect(text).not.toContain("pull_request_target");
    expect(text).toMatch(/^permissions:\n {2}contents: read$/m);
    expect([...text.matchAll(/permissions:/g)]).toHaveLength(1);
  });
});

it("S22: the deploy secret is seen by the last step of a job of its own, after the tests", () => {
  const deploy = WORKFLOWS.find(([name]) => name === "deploy.yml")?.[1] ?? "";
  const steps = stepsOf(deploy);
  const withSecret = steps.filter((step) => step.includes("secrets."));
  expect(withSecret).toEqual(steps.slice(-1));
  expect(deploy.split(/^ {4}steps:/m)[0]).not.toContain("secrets.");
  expect(jobsOf("deploy.yml")["deploy"]?.needs).toBe("test");
  for (const [name, text] of WORKFLOWS) if (name !== "deploy.yml") expect(text).not.toContain("secrets.");
});

interface Job {
  readonly if?: string;
  readonly needs?: string;
  readonly steps: readonly { readonly run?: string }[];
}

/** What the jobs of a workflow run, by their ids. */
function jobsOf(name: string): Record<string, Job> {
  const text = WORKFLOWS.find(([file]) => file === name)?.[1] ?? "";
  return (parse(text) as { jobs: Record<string, Job> }).jobs;
}

function commandsOf(job: Job | undefined): string[] {
  return (job?.steps ?? []).flatMap(({ run }) => run ?? []);
}

describe("in an owner's copy", () => {
  it("the check runs configuration, types and tests, and not the clients; in the project's repository everything", () => {
    const { owner, project, ...others } = jobsOf("check.yml");
    expect(others).toEqual({});
    expect(commandsOf(owner)).toEqual(["npm ci", "npm run check-config", "npm run types:check", "npm test"]);
    expect(owner?.if).toBe("github.repository != 'registry-ferry/registry-ferry'");
    expect(project?.if).toBe("github.repository == 'registry-ferry/registry-ferry'");
    expect(commandsOf(project)).toEqual(['sudo env "PATH=$PATH" CI=true bash .ci/run']);
  });

  it("the deployment is skipped, and not red, until its owner wants it, and is that of the button", () => {
    const { test, deploy } = jobsOf("deploy.yml");
    expect(test?.if).toBe("vars.CLOUDFLARE_ACCOUNT_ID != '' && github.ref == 'refs/heads/main'");
    expect(deploy?.if).toBeUndefined();
    expect(commandsOf(deploy).at(-1)).toMatch(/^ *npm run deploy$/m);
    expect(commandsOf(deploy).join("\n")).not.toContain("wrangler");
  });
});

/** What deployed-twice.sh says, where GitHub answers so. */
function deployedTwice(gh: string): string {
  const folder = mkdtempSync(join(tmpdir(), "gh-"));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  writeFileSync(join(folder, "gh"), `#!/bin/sh\necho "$*" > "${folder}/asked"\n${gh}\n`);
  chmodSync(join(folder, "gh"), 0o755);
  const said = execFileSync("bash", [".github/deployed-twice.sh", "acme/copy", "0123abc"], {
    env: { ...process.env, PATH: `${folder}:${process.env["PATH"] ?? ""}` },
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  expect(readFileSync(join(folder, "asked"), "utf8")).toContain("repos/acme/copy/commits/0123abc/check-runs");
  return said;
}

describe("a repository that Cloudflare's builds deploy as well", () => {
  it("is recognised by their check of the commit", () => {
    expect(deployedTwice("printf 'github-actions\\ncloudflare-workers-and-pages\\n'")).toMatch(
      /^::warning::This repository is deployed twice/,
    );
  });

  it("is not seen in other checks", () => {
    expect(deployedTwice("printf 'github-actions\\nmy-cloudflare-workers-and-pages\\n'")).toBe("");
    expect(deployedTwice("true")).toBe("");
  });

  it("stops no deployment where GitHub does not answer", () => {
    expect(deployedTwice("exit 1")).toContain("it is not known");
  });
});

it("S22: Dependabot lets a release age for seven days", () => {
  const text = readFileSync(".github/dependabot.yml", "utf8");
  const updates = text.split("package-ecosystem:").slice(1);
  for (const update of updates) expect(update).toMatch(/cooldown:\n {6}default-days: 7/);
});

it("S22: programs are started with a list of arguments, and never through a shell", () => {
  for (const [name, text] of SCRIPTS) {
    expect(text, name).not.toMatch(/\bshell: (?!false)/);
    // Of the module of programs: a regular expression has an `exec` too.
    expect(text, name).not.toMatch(/import \{[^}]*\bexec(?:Sync)?\b[^}]*\} from "node:child_process"/);
  }
});
