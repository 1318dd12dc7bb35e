// Every setting is in the table of the documentation, and is described on the page that the deploy button opens.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { VARIABLES } from "../../src/config/variables.ts";
import { ROOT } from "./repository.ts";

const sorted = (names: Iterable<string>): string[] => [...names].sort();

/** The first cells of the rows whose second cell is a kind of setting. */
function settingsOf(page: string): string[] {
  const text = readFileSync(join(ROOT, page), "utf8");
  const kinds = "variable|secret|binding|变量|机密|绑定";
  return [...text.matchAll(new RegExp(`^\\| \`([A-Z_]+)\` +\\| (?:${kinds}) +\\|`, "gm"))].map(
    ([, name = ""]) => name,
  );
}

const PAGES = ["docs/configuration.md", "docs/zh-CN/configuration.md"];

describe.each(PAGES)("%s", (page) => {
  it("has each setting once", () => {
    expect(sorted(settingsOf(page))).toEqual(sorted(VARIABLES));
  });
});

it("package.json describes each of them for the deploy button", () => {
  const { cloudflare } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    cloudflare: { bindings: Record<string, { description: string }> };
  };
  expect(sorted(Object.keys(cloudflare.bindings))).toEqual(sorted(VARIABLES));
  for (const [name, { description }] of Object.entries(cloudflare.bindings)) {
    expect(description, name).toMatch(/^.{20,200}\.$/);
  }
});
