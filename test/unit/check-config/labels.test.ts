// S16: which labels nothing may print, wherever an owner wrote the row.
import { describe, expect, it } from "vitest";
import { labelsIn } from "../../../scripts/check/labels.ts";

const LABEL = "k9x2m4q8w1z7r3t5y6u0";
const ROW = { upstream: "*", key: true };
const TABLE = { docker: "https://registry-1.docker.io", [LABEL.toUpperCase()]: ROW };

describe("the labels of key rows", () => {
  it.each([
    ["the table", { wrangler: { vars: { ROUTES: TABLE } } }],
    ["the table as JSON", { wrangler: { vars: { ROUTES: JSON.stringify(TABLE) } } }],
    ["a table that .dev.vars hides", { wrangler: { vars: { ROUTES: TABLE } }, secrets: { ROUTES: "{}" } }],
    [".dev.vars", { wrangler: {}, secrets: { ROUTES: JSON.stringify(TABLE) } }],
    ["an environment", { wrangler: { env: { test: { vars: { ROUTES: TABLE } } } } }],
    ["a table that TOML took the row into", { wrangler: { observability: { logs: TABLE } } }],
    [
      "a row in another table, with two misspelt options",
      { wrangler: { x: { [LABEL]: { upsteam: "*", kye: true } } } },
    ],
    ["a full name in another table", { wrangler: { x: { [LABEL]: { images: { dev: ROW } } } } }],
    [
      "JSON that cannot be read, with an escape",
      { wrangler: { vars: { ROUTES: `{"\\u006b${LABEL.slice(1)}": 1,}` } } },
    ],
    ["a list of tables", { wrangler: { routes: [{ pattern: "a" }, TABLE] } }],
    ["a full name without quotes", { wrangler: { vars: { ROUTES: { [LABEL]: { images: { dev: ROW } } } } } }],
    ["JSON that cannot be read", { wrangler: { vars: { ROUTES: `{"${LABEL}": {"key": true},}` } } }],
    ["a misspelt option", { wrangler: { vars: { ROUTES: { [LABEL]: { upstream: "*", kay: true } } } } }],
  ])("are found in %s", (_, files) => {
    expect([...labelsIn({ secrets: {}, ...files })]).toContain(LABEL);
  });

  it("are none in a file without such rows", () => {
    const ROUTES = { docker: TABLE.docker, key: "https://ghcr.io" };
    const wrangler = { vars: { ROUTES, HOSTS: ["a.example.com"], KEY: "x" }, env: 1 };
    expect(labelsIn({ wrangler, secrets: {} }).size).toBe(0);
  });
});
