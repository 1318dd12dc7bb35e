// The rules that code and tests cite are those of docs/security-rules.md, and each is held by tests that are there.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "./repository.ts";

const PAGE = "docs/security-rules.md";
/** This file plants faults, which are no citations. */
const SELF = "test/unit/security-rules.test.ts";

interface Rule {
  readonly id: string;
  /** True of a rule that waits for a later version as a whole: it begins with the mark. */
  readonly waits: boolean;
  /** Every test file that the section names. */
  readonly named: readonly string[];
  /** True where its list `Held by` has one at least. */
  readonly held: boolean;
}

/** The sections of the page that are rules. */
function rulesOf(page: string): Rule[] {
  return page.split(/^## /m).flatMap((section) => {
    const id = /^(S\d{1,2}): /.exec(section)?.[1];
    if (id === undefined) return [];
    return {
      id,
      waits: /^.*\n+\*\*Not yet\*\*/.test(section),
      named: [...section.matchAll(/`(test\/[^`]+)`/g)].map(([, file = ""]) => file),
      held: /^\*\*Held by:\*\*$.*?^- `test\/[^`]+\.test\.ts`/ms.test(section),
    };
  });
}

/** The rules that a text cites: whole words, but for the object store that others call S3. */
function citedIn(text: string): string[] {
  return text.replace(/\bas S3 does\b|\bS3 (?:bucket|object)s?\b/g, "").match(/\bS\d{1,2}\b/g) ?? [];
}

/**
 * What is wrong with the page, one line for each fault.
 * @param cited the rules that are cited anywhere
 * @param files the paths of all files that exist
 */
function faultsOf(page: string, cited: readonly string[], files: readonly string[]): string[] {
  const rules = rulesOf(page);
  const unknown = [...new Set(cited)].filter((id) => !rules.some((rule) => rule.id === id));
  return [
    ...unknown.map((id) => `${id} is cited and has no section`),
    ...rules.flatMap(({ id, named }) =>
      named.filter((file) => !files.includes(file)).map((file) => `${id} names ${file}, which is not there`),
    ),
    ...rules.filter(({ waits, held }) => !waits && !held).map(({ id }) => `${id} is held by no test`),
  ];
}

/** Paths from the repository's root, with slashes. */
function filesBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(ROOT.length + 1)
        .replaceAll("\\", "/"),
    );
}

describe("the page of security rules", () => {
  const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");
  const page = read(PAGE);
  const files = [...filesBelow("src"), ...filesBelow("test")];
  const cited = [PAGE, ...files.filter((file) => file !== SELF)].flatMap((file) => citedIn(read(file)));

  it("has a section for each rule that is cited, and tests that are there for each rule", () => {
    expect(faultsOf(page, cited, files)).toEqual([]);
  });

  it("numbers its rules one by one, none twice", () => {
    const ids = rulesOf(page).map(({ id }) => id);
    expect(ids).toEqual(ids.map((_, index) => `S${index + 1}`));
  });

  it.each(["src/", "test/unit/", "test/worker/"])("is held against what %s cites", (folder) => {
    const below = files.filter((file) => file.startsWith(folder) && file !== SELF);
    expect(below.flatMap((file) => citedIn(read(file)))).not.toEqual([]);
  });
});

describe("the check of that page", () => {
  const HELD = "test/unit/one.test.ts";
  const SOUND = `# Rules

See \`test/unit/no-rule.test.ts\`.

## S1: One

- A sentence. (not yet)

**Held by:**

- \`${HELD}\` (all of it)

## S2: Two

**Not yet**: later.
`;

  it("finds nothing where nothing is wrong", () => {
    expect(faultsOf(SOUND, ["S1", "S2", "S1"], [HELD])).toEqual([]);
  });

  it.each<[string, string, string[], string[], string[]]>([
    [
      "a rule without a section is cited",
      SOUND,
      ["S1", "S3", "S3"],
      [HELD],
      ["S3 is cited and has no section"],
    ],
    [
      "a section is of another level",
      SOUND.replace("## S2", "### S2"),
      ["S2"],
      [HELD],
      ["S2 is cited and has no section"],
    ],
    ["a test file is not there", SOUND, [], [], [`S1 names ${HELD}, which is not there`]],
    [
      "one of two test files is not there",
      SOUND.replace("(all of it)", "and `test/unit/two.test.ts`"),
      [],
      [HELD],
      ["S1 names test/unit/two.test.ts, which is not there"],
    ],
    [
      "a rule lists no test",
      SOUND.replace(`- \`${HELD}\``, "- nothing"),
      [],
      [HELD],
      ["S1 is held by no test"],
    ],
    [
      "a rule lists what is no test",
      SOUND.replaceAll("one.test.ts", "one.ts"),
      [],
      ["test/unit/one.ts"],
      ["S1 is held by no test"],
    ],
    [
      "a test is named elsewhere in the section",
      SOUND.replace("**Held by:**", "See"),
      [],
      [HELD],
      ["S1 is held by no test"],
    ],
    [
      "a rule waits in part only and has no test",
      SOUND.replace("**Not yet**", "- A sentence.\n\n**Not yet**"),
      [],
      [HELD],
      ["S2 is held by no test"],
    ],
    [
      "a rule no longer waits and has no test",
      SOUND.replace("**Not yet**", "Done"),
      [],
      [HELD],
      ["S2 is held by no test"],
    ],
  ])("finds that %s", (_, page, cited, files, expected) => {
    expect(faultsOf(page, cited, files)).toEqual(expected);
  });

  it.each<[string, string[]]>([
    ["// The door (S1): S23's text, and S9, S10.", ["S1", "S23", "S9", "S10"]],
    ['describe("S5: redirects (S17)")', ["S5", "S17"]],
    ["S1-S3 and S99", ["S1", "S3", "S99"]],
    ["sha256 RS256 s9 S S123 S1x xS1 S_1 ES2024 SHA-256", []],
    ["refused as S3 does, like an S3 bucket", []],
  ])("takes whole words for citations: %s", (text, expected) => {
    expect(citedIn(text)).toEqual(expected);
  });
});
