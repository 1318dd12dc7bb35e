// Texts that nobody has thought of: whatever they are, nothing but images changes, as a library reads them.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Document, visit, type Node, type Scalar } from "yaml";
import { faultOf } from "./judge.ts";
import { YAML_UNIVERSAL as UNIVERSAL } from "./offers.ts";

const RUNS = Number(process.env["RUNS"] ?? 300);

const IMAGES = [
  "nginx",
  "redis:7",
  "ghcr.io/acme/app:1",
  "quay.io/a/b",
  "gcr.io/no",
  "UPPER",
  "docker.io/library/x",
];
const WORDS = [
  "a",
  "it's",
  'say "x"',
  "a: b",
  "# no",
  "- x",
  "two\nlines",
  "tab\there",
  "",
  "null",
  "1",
  "é\u0007",
  "*a",
  "{x}",
];
const KEYS = [
  "image",
  "spec",
  "template",
  "containers",
  "repository",
  "registry",
  "tag",
  "build",
  "x-a",
  "fooImage",
  "a b",
];

const word = fc.constantFrom(...WORDS, ...IMAGES);
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    word,
    fc.constantFrom(null, true, 3, 1.5),
    fc.array(tie("tree"), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...KEYS), tie("tree"), { maxKeys: 5 }),
    fc.record({ image: fc.constantFrom(...IMAGES), name: word }),
    fc.record({ registry: fc.constantFrom("quay.io", "docker.io"), repository: fc.constantFrom("a/b", "c") }),
  ),
}));
const container = fc.record(
  { name: word, image: fc.constantFrom(...IMAGES), more: tree },
  { requiredKeys: ["image"] },
);
const whole = fc.oneof(
  fc.record({ services: fc.dictionary(fc.constantFrom("a", "b", "c d"), container), "x-a": tree }),
  fc
    .record({
      kind: fc.constantFrom("Pod", "Deployment", "CronJob"),
      containers: fc.array(container),
      more: tree,
    })
    .map(({ kind, containers, more }) => {
      const pod = { spec: { containers, more } };
      const spec = kind === "CronJob" ? { jobTemplate: { spec: { template: pod } } } : { template: pod };
      return { apiVersion: "v1", kind, metadata: more, ...(kind === "Pod" ? pod : { spec }) };
    }),
  tree,
);

/** How a tree is written: choices, one for each node and more. */
const styles = fc.record({
  choices: fc.array(fc.nat(1000), { minLength: 1, maxLength: 60 }),
  lineWidth: fc.constantFrom(0, 20, 80),
  indent: fc.integer({ min: 1, max: 5 }),
  indentSeq: fc.boolean(),
  isCrlf: fc.boolean(),
});

function styled(
  value: unknown,
  { choices, isCrlf, ...options }: typeof styles extends fc.Arbitrary<infer S> ? S : never,
): string {
  const document = new Document(value);
  let turn = 0;
  const next = (): number => choices[(turn += 1) % choices.length] ?? 0;
  const anchored: Scalar[] = [];
  const types = ["PLAIN", "QUOTE_SINGLE", "QUOTE_DOUBLE", "BLOCK_LITERAL", "BLOCK_FOLDED"] as const;
  visit(document, {
    Scalar(key, scalar) {
      scalar.type = types[next() % (key === "key" ? 3 : 5)] ?? "PLAIN";
      const choice = next() % 12;
      if (choice === 0) scalar.comment = " a comment: of it";
      if (choice === 1 && key !== "key" && typeof scalar.value === "string") {
        scalar.anchor = `a${anchored.length}`;
        anchored.push(scalar);
      }
      const to = anchored.find((one) => one.value === scalar.value && one !== scalar);
      if (to !== undefined && choice < 9 && key !== "key") return document.createAlias(to);
      return undefined;
    },
    Collection(_key, collection) {
      collection.flow = next() % 4 === 0;
      if (next() % 8 === 0) (collection as Node).commentBefore = " before: it";
    },
  });
  const text = document.toString({ ...options });
  return isCrlf ? text.replaceAll("\n", "\r\n") : text;
}

function samples(): string[] {
  const folder = join(import.meta.dirname, "files");
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => /^[^.]+\.(?:yaml|json)$/.test(file))
    .map((file) => readFileSync(join(folder, file), "utf8"));
}

const PIECES = [
  ..."image: nginx|image: ghcr.io/a/b:1|image: *a|&a |*a|<<: |<<: *a|- |? |: |, |{|}|[|]|'|\"|#| # c|!x ".split(
    "|",
  ),
  ..."|,|-\n,|2\n,>\n,---\n,...\n,%,\t,\r\n,\n,\n  ,\n- ,\n  - ,  ,a: b,build: .,\\,null,services:,kind: Pod".split(
    ",",
  ),
];
const change = fc.record({
  at: fc.nat(),
  from: fc.nat(),
  length: fc.nat(30),
  piece: fc.constantFrom(...PIECES),
  kind: fc.nat(3),
});

function changed(
  text: string,
  { at, from, length, piece, kind }: typeof change extends fc.Arbitrary<infer C> ? C : never,
): string {
  const place = at % (text.length + 1);
  const source = from % (text.length + 1);
  const [front, rest] = [text.slice(0, place), text.slice(place)];
  if (kind === 0) return front + rest.slice(1 + (length % 4));
  if (kind === 1) return front + piece + rest;
  return front + text.slice(source, source + length) + rest;
}

describe("nothing but images changes", () => {
  it("in documents in every style", () => {
    let read = 0;
    fc.assert(
      fc.property(whole, styles, (value, style) => {
        const text = styled(value, style);
        read += 1;
        expect(faultOf(text, UNIVERSAL)).toBeUndefined();
      }),
      { numRuns: RUNS },
    );
    expect(read).toBeGreaterThanOrEqual(RUNS);
  });

  it("in samples that have suffered", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...samples()),
        fc.array(change, { minLength: 1, maxLength: 3 }),
        (text, changes) => {
          expect(faultOf(changes.reduce(changed, text), UNIVERSAL)).toBeUndefined();
        },
      ),
      { numRuns: RUNS },
    );
  });

  it("in pieces of YAML", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...PIECES), { maxLength: 15 }), (pieces) => {
        expect(faultOf(pieces.join(""), UNIVERSAL)).toBeUndefined();
      }),
      { numRuns: RUNS },
    );
  });

  it("in any characters", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 60 }), (text) => {
        expect(faultOf(text, UNIVERSAL)).toBeUndefined();
      }),
      { numRuns: RUNS },
    );
  });
});
