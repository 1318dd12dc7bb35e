// S20: a typo never opens: whatever is wrong with an access variable, nobody is served, and nothing leaves.
import { describe, expect, it } from "vitest";
import { ACCESS_VARIABLES } from "../../../src/config/variables.ts";
import { basic } from "../ferry.ts";
import { seenBy } from "../client-ferry.ts";
import { ALICE, HOST, LISTED, openClosed, USERS } from "./closed.ts";

const PATHS = [
  "/v2/",
  "/v2/auth",
  "/v2/library/app/manifests/latest",
  "/v2/library/app/tags/list",
  "/v1/_ping",
  "/v1/search?q=x",
];
const CALLERS = [
  {},
  { Authorization: "Bearer ferry.anonymous" },
  { Authorization: basic(ALICE.user, ALICE.password), ...LISTED },
];

/** Two letters swapped, and one more. */
function misspelt(name: string): string {
  return `${name.slice(0, -2)}${name.slice(-1)}${name.at(-2) ?? ""}S`;
}

async function expectClosed(variables: Record<string, unknown>): Promise<void> {
  const { ferry, registry } = await openClosed(variables);
  for (const path of PATHS) {
    for (const headers of CALLERS) {
      const response = await ferry.fetch(`http://${HOST}${path}`, { headers: { ...headers } });
      expect(response.status, `${JSON.stringify(variables)} ${path}`).toBe(500);
      expect(await response.text()).not.toContain(ALICE.password);
    }
  }
  expect([await seenBy(registry), await seenBy(registry, "token")]).toEqual([[], []]);
}

describe("S20: closed, and nothing leaves", () => {
  it.each(ACCESS_VARIABLES)(
    "%s that is there and empty, blank, or a list or table with nothing in it",
    async (variable) => {
      for (const value of ["", " \n", [], {}, null])
        await expectClosed({ ACCESS_USERS: USERS, [variable]: value });
    },
  );

  it.each(ACCESS_VARIABLES)("%s misspelt by two", async (variable) => {
    await expectClosed({ [misspelt(variable)]: "x" });
    await expectClosed({ ACCESS_USERS: USERS, [variable.toLowerCase()]: "x" });
  });

  it("CLOSED whose secret is missing, and the last user removed", async () => {
    await expectClosed({ CLOSED: true });
    await expectClosed({ CLOSED: "true", ACCESS_USERS: undefined });
    await expectClosed({ ACCESS_USERS: "" });
    await expectClosed({ CLOSED: true, ACCESS_USERS: " " });
  });

  it("a key row that is none", async () => {
    const { ferry } = await openClosed({}, { short: { upstream: "*", key: true } });
    expect((await ferry.fetch(`http://short.example.com/v2/`)).status).toBe(500);
  });
});
