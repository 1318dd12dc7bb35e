// The README's hosts and the rows that are shipped.
import { expect, it } from "vitest";
import { findingsIn } from "./stage.ts";

const README =
  "# A\n\n| host | registry |\n| --- | --- |\n| `docker.`, `hub.` | `docker.io` |\n| `ghcr.` | `ghcr.io` |\n";
const routes = (...rows: string[]): string =>
  `name = "a"\n[vars.ROUTES]\n${rows.map((row) => `${row} = "https://example.com"\n`).join("")}`;

it("agree", () => {
  expect(findingsIn({ "README.md": README, "wrangler.toml": routes("docker", "hub", "ghcr") })).toEqual([]);
});

it("do not, where a host has no row, or a row no host", () => {
  expect(findingsIn({ "README.md": README, "wrangler.toml": routes("docker", "ghcr", "quay") })).toEqual([
    "README.md:5: wrangler.toml has no row hub; its rows are docker, ghcr, quay",
    "wrangler.toml:5: the row quay is not in the README's table",
  ]);
});
