// Workflows and scripts: what could run its own commands where the deploy secret is (S22).
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

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
  expect(deploy).toMatch(/^ {2}deploy:\n {4}needs: test$/m);
  for (const [name, text] of WORKFLOWS) if (name !== "deploy.yml") expect(text).not.toContain("secrets.");
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
