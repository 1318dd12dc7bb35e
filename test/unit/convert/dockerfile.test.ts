// Dockerfiles: samples with what comes out of them, and another parser as the judge of what is still the same.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DockerfileParser } from "dockerfile-ast";
import { describe, expect, it } from "vitest";
import { convert, type Conversion } from "../../../src/page/convert/convert.ts";
import { UNIVERSAL } from "./offers.ts";

const FOLDER = join(import.meta.dirname, "files/dockerfile");
const NAMES = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".Dockerfile"))
  .map((name) => name.replace(".Dockerfile", ""));
const read = (name: string): string => readFileSync(join(FOLDER, name), "utf8");

/** A line for each image that was left. */
function reported({ left }: Conversion): string {
  return left
    .map(({ line, reason, registry, image }) => {
      return `${line} ${reason}${registry === undefined ? "" : ` (${registry})`}: ${image}\n`;
    })
    .join("");
}

/** Every image of this proxy back as it was. */
function withoutProxy(text: string): string {
  return text
    .replaceAll(/mirror\.example\.com\/((?:ghcr|gcr|registry\.k8s|mcr\.microsoft)\.(?:io|com))\b/g, "$1")
    .replaceAll("mirror.example.com/", "");
}

/** What another parser finds: the instructions with their arguments, and the names of the stages. */
function judged(text: string): unknown {
  const dockerfile = DockerfileParser.parse(text);
  return {
    directives: dockerfile.getDirectives().map((one) => [one.getName(), withoutProxy(one.getValue())]),
    instructions: dockerfile
      .getInstructions()
      .map((one) => [
        one.getKeyword(),
        one.getRange().start.line,
        one.getArguments().map((argument) => withoutProxy(argument.getValue())),
      ]),
    stages: dockerfile.getFROMs().map((from) => from.getBuildStage()),
  };
}

/** Samples that have this proxy's or Docker Hub's own name in them: the judge could not put that back. */
const NAMED = new Set(["not-images", "any-case", "arg-registry"]);

describe.each(NAMES)("%s", (name) => {
  const from = read(`${name}.Dockerfile`);
  const expected = read(`${name}.expected`);
  const left = read(`${name}.left`);

  it("comes out as expected, with what is left", () => {
    const result = convert(from, UNIVERSAL);
    expect(result.kind).toBe("dockerfile");
    expect(result.text).toBe(expected);
    expect(reported(result)).toBe(left);
  });

  it("comes out the same with other line ends and a mark of byte order", () => {
    const mark = "\uFEFF";
    const result = convert(mark + from.replaceAll("\n", "\r\n"), UNIVERSAL);
    expect(result.text).toBe(mark + expected.replaceAll("\n", "\r\n"));
    expect(reported(result)).toBe(left);
  });

  it("is the same for another parser, but for its images", () => {
    if (!NAMED.has(name)) expect(judged(expected)).toEqual(judged(from));
  });

  it("has nothing to be rewritten when it is converted again", () => {
    const again = convert(expected, UNIVERSAL);
    expect(again).toMatchObject({ kind: "dockerfile", text: expected, rewritten: [] });
  });

  it("reports each place with its line, once", () => {
    const { rewritten } = convert(from, UNIVERSAL);
    const lines = from.split("\n");
    const changed = expected.split("\n");
    expect(changed.length).toBe(lines.length);
    for (const [index, line] of lines.entries()) {
      let result = line;
      for (const one of rewritten.filter((each) => each.line === index + 1)) {
        // An empty default, at the end of its line.
        const at = one.from === "" ? result.length : result.indexOf(one.from);
        result = result.slice(0, at) + one.to + result.slice(at + one.from.length);
      }
      expect(result).toBe(changed[index]);
    }
  });
});

describe("a Dockerfile", () => {
  it("has a sample with an expectation for each", () => {
    expect(NAMES.length).toBeGreaterThanOrEqual(20);
    expect(readdirSync(FOLDER).length).toBe(NAMES.length * 3);
  });

  it("reports a default that is rewritten where it stands", () => {
    expect(convert("ARG A=ghcr.io\nFROM ${A}/a/b\nFROM ${A}/a/c", UNIVERSAL).rewritten).toEqual([
      { line: 1, from: "ghcr.io", to: "mirror.example.com/ghcr.io" },
    ]);
  });

  it("reports odd characters, in an argument's default too", () => {
    for (const text of [
      "FROM ng\u202einx",
      "ARG A=ng\u202einx\nFROM $A",
      "FROM a\nCOPY --from=b\u200b c d",
    ]) {
      expect(convert(text, UNIVERSAL).left).toMatchObject([{ reason: "odd-characters" }]);
    }
  });

  it("counts names that go over several lines, and reports flags that do", () => {
    const { rewritten, left } = convert(
      "ARG N=redis\nFROM nginx A\\\nS we\\\nb\nCOPY --from=web a b\nARG \\\n# a comment\nN\nFROM $N\n",
      UNIVERSAL,
    );
    expect(rewritten.map(({ from }) => from)).toEqual(["nginx"]);
    expect(left).toMatchObject([{ line: 9, image: "$N", reason: "shared" }]);
    for (const flag of [
      "COPY --fr\\\nom=redis",
      "RUN --mo\\\nunt=from=redis",
      "RUN --mount=fr\\\nom=redis",
    ]) {
      expect(convert(`FROM scratch\n${flag} a b`, UNIVERSAL).left).toMatchObject([{ reason: "escapes" }]);
    }
  });
});
