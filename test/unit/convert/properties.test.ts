// What holds for whatever is pasted: names lead back to where they came from, nothing else is touched, it ends soon.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readConfig, type Config } from "../../../src/config/config.ts";
import type { Route } from "../../../src/config/registry.ts";
import { parseRepositoryName } from "../../../src/distribution/reference.ts";
import { convert, LONGEST } from "../../../src/page/convert/convert.ts";
import { convertDockerfile } from "../../../src/page/convert/dockerfile.ts";
import { applyEdits, lineOf } from "../../../src/page/convert/edits.ts";
import { parseImageName } from "../../../src/page/convert/image.ts";
import type { Offer } from "../../../src/page/convert/offer.ts";
import { planImage } from "../../../src/page/convert/variables.ts";
import { cpuTimeOf } from "../cpu-time.ts";
import { resolveRepository } from "../../../src/routing/names.ts";
import { labelOf, PER_HOST, SERVED, UNIVERSAL } from "./offers.ts";

function config(): Config {
  const ROUTES = Object.fromEntries(SERVED.map(({ name, upstream }) => [labelOf(name), upstream]));
  const result = readConfig({ ROUTES });
  if (!result.ok) throw new Error("faults");
  return result.config;
}

const CONFIG = config();

/** Where the Worker itself goes for an image's name: what a client asks it for is all that follows the host. */
function destination(image: string): string {
  const name = parseImageName(image);
  const host = name?.registry ?? "";
  const registry = SERVED.map((one) => CONFIG.registries.get(one.name)).find(
    (one) => one !== undefined && `${labelOf(one.name)}.example.com` === host,
  );
  if (registry === undefined && host !== "mirror.example.com") throw new Error(`${host} is no host of ours`);
  const route: Route = registry === undefined ? { kind: "universal" } : { kind: "registry", registry };
  const repository = parseRepositoryName(name?.repository ?? "");
  if (repository === undefined) throw new Error(`${image} is no name`);
  const serving = {
    config: CONFIG,
    route,
    host: { name: host, authority: host },
    caller: { kind: "owner" as const },
  };
  const place = resolveRepository(serving, repository, undefined);
  return `${place.registry.name}/${place.repository}${name?.suffix ?? ""}`;
}

const component = fc.stringMatching(/^[a-z0-9]{1,8}(?:(?:_|__|-{1,3})[a-z0-9]{1,4}){0,2}$/);
const repository = fc.array(component, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
const suffix = fc.constantFrom(
  "",
  ":1.27",
  ":Latest_x",
  `@sha256:${"0a".repeat(32)}`,
  `:1@sha256:${"0a".repeat(32)}`,
);
const registryName = fc.constantFrom(...SERVED.flatMap(({ name, aliases = [] }) => [name, ...aliases]));
const offer = fc.constantFrom<Offer>(UNIVERSAL, PER_HOST);

/** Scraps of which Dockerfiles, names and commands are made, in any order. */
const scrap = fc.constantFrom(
  ...[
    "FROM ",
    "from ",
    "ARG ",
    "ARG A=",
    "COPY ",
    "--from=",
    "RUN ",
    "--mount=",
    "type=bind,from=",
    "ONBUILD ",
  ],
  ...[
    "nginx",
    "ghcr.io",
    "/a/b",
    "quay.io/x",
    "mirror.example.com/",
    "scratch",
    "A",
    "B=",
    " AS ",
    "build",
    ":1",
  ],
  ...["$A", "${A}", "${A:-", "${B:+", "}", "${", "$", "$$", "@sha256:", "<<EOF", "<<-'E'", "EOF", "E", "\t"],
  ...[
    "\n",
    "\n",
    "\n",
    "\r\n",
    "\\\n",
    "\\",
    "`",
    "# ",
    "# escape=`\n",
    "# syntax=a/b\n",
    '"',
    "'",
    " ",
    " ",
  ],
  ...["docker pull ", "sudo ", "$ ", "-q ", ";", "\uFEFF", "\u202e", ",", "=", "[", "]", "{", "0"],
);
const scraps = fc.array(scrap, { maxLength: 40 }).map((parts) => parts.join(""));
const dockerfile = scraps.map((text) => `ARG A=nginx B\nFROM \${A} AS build\n${text}\n`);
const anything = fc.oneof(scraps, dockerfile, fc.string({ unit: "binary", maxLength: 60 }));
const MANY = { numRuns: 3000 };

describe("a name", () => {
  it("leads back to the same registry, repository, tag and digest by the Worker's own routing", () => {
    fc.assert(
      fc.property(offer, fc.option(registryName), repository, suffix, (each, registry, name, end) => {
        const plan = planImage((registry === null ? "" : `${registry}/`) + name + end, each);
        if (!plan.ok) throw new Error(plan.reason);
        const { name: known, library } = SERVED.find(
          (one) => one.name === (registry ?? "docker.io") || one.aliases?.includes(registry ?? "") === true,
        ) ?? { name: "" };
        const full = library === true && !name.includes("/") ? `library/${name}` : name;
        expect(destination(plan.to)).toBe(`${known}/${full}${end}`);
      }),
      MANY,
    );
  });

  it("with variables says the same with them filled in, as it would have without", () => {
    const texts = fc.constantFrom(
      ...[
        "$R/a/b:1",
        "${R:-ghcr.io}/a/b:1",
        "ghcr.io/${O}/b:${T}",
        "${O:-x}/b:${T:-1}",
        "${R:-}a/b",
        "${A:-a/b}:$T",
      ],
    );
    fc.assert(
      fc.property(offer, texts, repository, (each, text, name) => {
        const plan = planImage(text, each);
        if (!plan.ok) return;
        const fill = (one: string): string =>
          one
            .replace(/\$\{[RA]:-([^}]*)\}|\$\{O:-([^}]*)\}/, "$1$2")
            .replaceAll("${O}", name)
            .replaceAll(/\$\{?T(?::-1)?\}?/g, "1");
        const direct = planImage(fill(text), each);
        expect(direct).toMatchObject({ ok: true });
        expect(destination(fill(plan.to))).toBe(direct.ok ? destination(direct.to) : "");
      }),
    );
  });
});

describe("a text", () => {
  it("has nothing to be rewritten once it was converted", () => {
    fc.assert(
      fc.property(anything, offer, (text, each) => {
        const once = convert(text, each);
        if (once.kind === undefined || once.text === "") return;
        const twice = convert(once.text, each);
        expect(twice).toMatchObject({ kind: once.kind, text: once.text, rewritten: [] });
      }),
      MANY,
    );
  });

  it("is changed where that is reported, and nowhere else", () => {
    fc.assert(
      fc.property(dockerfile, offer, (text, each) => {
        const { edits, rewritten } = convertDockerfile(text, each);
        const line = lineOf(text);
        expect(edits.map(({ start }) => line(start))).toEqual(rewritten.map((one) => one.line));
        let last = 0;
        for (const [index, { start, end, text: to }] of edits.entries()) {
          expect(start).toBeGreaterThanOrEqual(last);
          expect(end).toBeGreaterThanOrEqual(start);
          const one = rewritten[index];
          expect(one?.to.length).toBe((one?.from.length ?? 0) - (end - start) + to.length);
          expect(one?.from).toContain(text.slice(start, end));
          expect(text.slice(start, end)).toMatch(/^[a-z0-9./]*$/);
          last = end;
        }
        expect(convert(text, each).text).toBe(applyEdits(text, edits));
      }),
      MANY,
    );
  });

  it("for a terminal has nothing in it that ends a command, but for new lines", () => {
    fc.assert(
      fc.property(anything, offer, (text, each) => {
        const { kind, text: result } = convert(text, each);
        if (kind === "command") expect(result).toMatch(/^[\w./:@=+,# \t\n-]*$/);
        if (kind === "image") expect(result).toMatch(/^[\w./:@=+,# \n${}?%[\]-]*$/);
        if (kind === "image" || kind === "command") expect(result.trim()).toBe(result);
      }),
      MANY,
    );
  });
});

/** A line over and over, so long as it may be. */
function filled(head: string, part: string, tail = ""): string {
  return head + part.repeat(Math.floor((LONGEST - head.length - tail.length) / part.length)) + tail;
}

describe("the longest text", () => {
  const stages = Array.from(
    { length: 30_000 },
    (_, index) => `FROM n AS s${index}\nCOPY --from=s${index} a b\n`,
  );
  const args = Array.from({ length: 20_000 }, (_, index) => `ARG A${index + 1}=$A${index}$A${index}\n`);
  it.each([
    filled("", "${"),
    filled("FROM ", "${A:-"),
    filled("", `FROM ${"${A:-".repeat(200)}\n`),
    filled("FROM a\n", "\\\n"),
    filled("FROM a\nRUN ", "\\\n#\n"),
    filled("FROM a\nRUN ", "<<A "),
    filled("FROM a\nRUN ", "<<A ", "\nA"),
    filled("FROM a\n", "RUN <<A\nA\n"),
    filled("FROM a\nRUN <<A\n", "\t"),
    filled("FROM a\nRUN [<<", '"a",'),
    filled("", "ARG a=$a\n", "FROM $a\n"),
    filled("ARG a=${a}$a\n".repeat(40_000), "FROM $a\n"),
    filled(args.join(""), "FROM $A20000\n"),
    filled(`ARG A=${"x".repeat(1000)}\n`, "FROM $A\n"),
    filled(`ARG A=${"A".repeat(1000)}\n`, "FROM $A\n"),
    filled(`ARG B=${"b".repeat(1000)}\nARG A=${"$B".repeat(32)}\n`, "FROM $A\n"),
    filled("FROM a\n", "ARG a\n"),
    filled("ARG ", "a "),
    filled("ARG ", "a=b "),
    filled("ARG a", "\\\n"),
    filled("ARG a=", '"'),
    filled("FROM ", "a "),
    filled("FROM a\nCOPY ", "--from=b "),
    filled("FROM a\nCOPY ", "--from=b \\\n"),
    filled("FROM a\nRUN --mount=", "from=b,"),
    filled("# a=x", " ", "x\nFROM a"),
    filled("", "# a=x\n", "FROM a"),
    filled("FROM a", " ", "\\ x"),
    filled("", "#\n"),
    filled("", " "),
    filled("", "\n", "x y"),
    filled("", "a"),
    filled("", "nginx\n"),
    filled("", "docker pull a\n"),
    filled("docker pull ", "-a "),
    filled("", "$ "),
    stages.join("").slice(0, LONGEST),
  ])("%#: ends within seconds", (text) => {
    expect(text.length).toBeLessThanOrEqual(LONGEST);
    const spent = cpuTimeOf(() => {
      expect(convert(text, UNIVERSAL).refused).not.toBe("too-long");
    });
    expect(spent).toBeLessThan(5000);
  });
});

describe("the line of an offset", () => {
  it("is one more than the line feeds before it", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("\n", "a", "\r\n")), (parts) => {
        const text = parts.join("");
        const line = lineOf(text);
        for (let at = 0; at <= text.length; at++) {
          expect(line(at)).toBe(text.slice(0, at).split("\n").length);
        }
      }),
    );
  });
});
