// The registries that are listed by hand: in documents, in the routes table, and for the tests of the page. All list the same.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "smol-toml";
import { describe, expect, it } from "vitest";
import { KNOWN_REGISTRIES, knownRegistry } from "../../src/registries.ts";
import { SHIPPED_ROUTES } from "../shipped-routes.ts";
import { ROOT } from "./repository.ts";

/** Documents that have the table. */
const DOCUMENTS = ["README.md", "README.zh-CN.md", "docs/configuration.md", "docs/zh-CN/configuration.md"];
/** Cloudflare's limit for one variable. */
const MOST_BYTES = 5 * 1024;

interface Listed {
  readonly labels: readonly string[];
  readonly name: string;
  readonly others: readonly string[];
}

const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");

/** The rows between the two comments of a document. */
function tableOf(file: string): Listed[] {
  const [, text] = /<!-- registries:begin -->\n([\s\S]*?)<!-- registries:end -->/.exec(read(file)) ?? [];
  if (text === undefined) throw new Error(`${file} has no table between registries:begin and registries:end`);
  const lines = text.split("\n").filter((line) => line.startsWith("|"));
  return lines.slice(2).map((line) => {
    const [hosts = [], [name = ""] = [], others = []] = line.split("|").slice(1, -1).map(codeIn);
    return { labels: hosts.map((host) => host.replace(/\.$/, "")), name, others };
  });
}

function codeIn(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, text = ""]) => text);
}

/** By their labels: what the others are held to. */
const LISTED = tableOf("README.md");
const UPSTREAMS = new Map(
  LISTED.flatMap(({ labels, name }) =>
    labels.map((label) => [label, knownRegistry(name)?.upstream ?? `no registry ${name}`] as const),
  ),
);

describe.each(DOCUMENTS)("the table of %s", (file) => {
  it("has each known registry once, by its name, with its other names", () => {
    const byName = (one: { name: string }, other: { name: string }): number =>
      one.name < other.name ? -1 : 1;
    const known = KNOWN_REGISTRIES.map(({ name, aliases = [] }) => ({ name, others: aliases }));
    const listed = tableOf(file).map(({ name, others }) => ({ name, others }));
    expect(listed.sort(byName)).toEqual(known.sort(byName));
  });

  it("has a host for each, and no host twice", () => {
    const labels = tableOf(file).flatMap((one) => one.labels);
    expect(tableOf(file).filter((one) => one.labels.length === 0)).toEqual([]);
    expect(new Set(labels).size).toBe(labels.length);
    for (const label of labels) expect(label).toMatch(/^[a-z0-9-]+$/);
  });

  it("is that of the README", () => {
    expect(tableOf(file)).toEqual(LISTED);
  });
});

describe("the routes table", () => {
  // Owners take rows away, call them otherwise and add their own; then `npm test` is to stay green. So what is there is held
  // to the documents only where it is ours: a label that they name, with the address of a public registry.
  it("of wrangler.toml leads from each label of the documents to the registry that they say", () => {
    const { vars } = parse(read("wrangler.toml")) as { vars?: { ROUTES?: Record<string, unknown> } };
    const ours = Object.entries(vars?.ROUTES ?? {}).filter(
      ([label, upstream]) =>
        UPSTREAMS.has(label) && KNOWN_REGISTRIES.some((known) => known.upstream === upstream),
    );
    expect(ours).toEqual(ours.map(([label]) => [label, UPSTREAMS.get(label)]));
  });

  it("of the tests is that of the documents", () => {
    expect(SHIPPED_ROUTES).toEqual(Object.fromEntries(UPSTREAMS));
  });

  it("fits into one variable", () => {
    expect(JSON.stringify(Object.fromEntries(UPSTREAMS)).length).toBeLessThan(MOST_BYTES);
  });
});

describe("an example", () => {
  it.each(KNOWN_REGISTRIES.map(({ name, example }) => [name, example] as const))(
    "of %s is a name without the registry: %s",
    (_, example) => {
      expect(example).toMatch(/^[a-z0-9]+(?:[._/-][a-z0-9]+)*(?::[\w.-]+)?$/);
      expect(knownRegistry(example.split("/")[0] ?? "")).toBeUndefined();
    },
  );
});
