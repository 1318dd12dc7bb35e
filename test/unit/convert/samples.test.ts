// Texts as people have them, each with what must come of it. A sample's outcome lists what was left, and where.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { applyEdits } from "../../../src/page/convert/edits.ts";
import { convertYaml } from "../../../src/page/convert/yaml.ts";
import { faultOf, untold } from "./judge.ts";
import { offerOf } from "./offers.ts";

const FILES = join(import.meta.dirname, "files");
const FOLDERS = ["compose", "kubernetes", "kustomize", "values"];
const SAMPLES = FOLDERS.flatMap((folder) =>
  readdirSync(join(FILES, folder))
    .filter((file) => /^[^.]+\.(?:yaml|json)$/.test(file))
    .map((file) => [folder, ...file.split(".")] as [string, string, string]),
);
/** What has no effect is not told, nor are the parts of an image that has a registry, nor what is behind a fault. */
const HAS_UNTOLD = ["merge-lists", "ingress-nginx", "keys", "explicit-key"];

const read = (...path: string[]): string => readFileSync(join(FILES, ...path), "utf8");

describe.each(SAMPLES)("%s/%s.%s", (folder, name, type) => {
  const offer = offerOf(name);
  const text = read(folder, `${name}.${type}`);
  const converted = convertYaml(text, offer);

  it("becomes what is expected", () => {
    expect(applyEdits(text, converted.edits)).toBe(read(folder, `${name}.expected.${type}`));
    const { kind, rewritten, left } = converted;
    const outcome = JSON.parse(read(folder, `${name}.expected.outcome.json`)) as object;
    expect({ kind, rewritten: rewritten.length, left }).toEqual(outcome);
  });

  it("says the same but for its images", () => {
    expect(faultOf(text, offer)).toBeUndefined();
    if (!HAS_UNTOLD.includes(name)) expect(untold(text, converted, offer)).toEqual([]);
  });

  it("is through the proxy, once it is converted", () => {
    expect(convertYaml(applyEdits(text, converted.edits), offer).edits).toEqual([]);
  });

  it("is read alike where lines end in CR and LF", () => {
    const crlf = text.replace(/\r?\n/g, "\r\n");
    const result = applyEdits(crlf, convertYaml(crlf, offer).edits);
    expect(result.replaceAll("\r\n", "\n")).toBe(applyEdits(text, converted.edits).replaceAll("\r\n", "\n"));
  });
});

it("there are samples of every kind", () => {
  expect(SAMPLES.length).toBeGreaterThanOrEqual(36);
});
