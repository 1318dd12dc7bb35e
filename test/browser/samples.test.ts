// The samples of the converter's own tests, in the browser: the same must become of them there.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { boxes, paste } from "./hands.ts";
import { visit } from "./visit.ts";

const FOLDER = join(import.meta.dirname, "../unit/convert/files");

type Offer = Readonly<Record<string, string>>;

/** What the samples are converted for: prefixes by registry. No page of one table can have all of them. */
const OFFERS: Readonly<Record<"dockerfile" | "universal" | "hosts", Offer>> = {
  dockerfile: universal("docker.io", "ghcr.io", "registry.k8s.io", "mcr.microsoft.com", "gcr.io"),
  universal: universal("docker.io", "ghcr.io", "quay.io", "registry.k8s.io"),
  hosts: {
    "docker.io": "docker.example.com/",
    "ghcr.io": "ghcr.example.com/",
    "quay.io": "quay.example.com/",
    "registry.k8s.io": "k8s.example.com/",
  },
};
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  "docker.io": ["index.docker.io"],
  "registry.k8s.io": ["k8s.gcr.io"],
};

function universal(...names: readonly string[]): Offer {
  const prefix = (name: string): string => (name === "docker.io" ? "" : `${name}/`);
  return Object.fromEntries(names.map((name) => [name, `mirror.example.com/${prefix(name)}`]));
}

/** A script that puts another offer in the place of the page's own, before the page reads it. */
function offering(offer: Offer): string {
  const served = Object.entries(offer).map(([name, prefix]) => ({
    name,
    aliases: ALIASES[name] ?? [],
    prefix,
  }));
  const hosts = [...new Set(Object.values(offer).map((prefix) => prefix.split("/")[0]))];
  const json = JSON.stringify({ served, hosts });
  return `document.addEventListener("DOMContentLoaded", () => {
    const block = document.getElementById("data");
    if (!block) return;
    // Not into the block itself: it is a script element, whose text the page's policy lets nobody change.
    const other = document.createElement("div");
    other.textContent = JSON.stringify({ ...JSON.parse(block.textContent), offer: ${json} });
    other.id = block.id;
    other.hidden = true;
    block.replaceWith(other);
  });`;
}

interface Sample {
  readonly name: string;
  readonly text: string;
  readonly expected: string;
}

function samplesOf(folder: string, isWanted: (name: string) => boolean): Sample[] {
  const read = (file: string): string => readFileSync(join(FOLDER, folder, file), "utf8");
  return readdirSync(join(FOLDER, folder)).flatMap((file): Sample[] => {
    const [, name, type] = /^([^.]+)\.(yaml|json|Dockerfile)$/.exec(file) ?? [];
    if (name === undefined || type === undefined || !isWanted(name)) return [];
    const expected = type === "Dockerfile" ? `${name}.expected` : `${name}.expected.${type}`;
    return [{ name: `${folder}/${file}`, text: read(file), expected: read(expected) }];
  });
}

const YAML = ["compose", "kubernetes", "kustomize", "values"];
const GROUPS = [
  ["dockerfile", samplesOf("dockerfile", () => true)],
  ["universal", YAML.flatMap((folder) => samplesOf(folder, (name) => name !== "hosts"))],
  ["hosts", YAML.flatMap((folder) => samplesOf(folder, (name) => name === "hosts"))],
] as const;

describe.each(GROUPS)("pasted for the offer %s", (offer, samples) => {
  it(`all ${samples.length} samples become what they have to`, async () => {
    const here = await visit({ before: offering(OFFERS[offer]) });
    const wrong: string[] = [];
    for (const { expected, name, text } of samples) {
      const output = await paste(here, text);
      const [shown] = await boxes(output);
      // A box for text has one kind of line end; and where nothing is rewritten there is nothing to copy.
      const wanted = expected === text ? undefined : expected.replaceAll("\r\n", "\n");
      if (shown !== wanted) wrong.push(name);
    }
    expect(wrong).toEqual([]);
    expect(samples.length).toBeGreaterThan(2);
  });
});
