// S16: `/healthz` says that the proxy runs, and to whom it may the rest; deep, how every registry and every account of the
// owner's is.
import { describe, expect, it, vi } from "vitest";
import { VERSION } from "../../../src/version.ts";
import { basic, row, startRegistry, type Ferry } from "../ferry.ts";
import { seenBy } from "../client-ferry.ts";
import { ALICE, bearerOf, HOST, LISTED, openClosed, USERS } from "./closed.ts";

const LOGIN = { Authorization: basic(ALICE.user, ALICE.password) };

async function health(
  ferry: Ferry,
  query = "",
  headers: Record<string, string> = {},
): Promise<[number, unknown]> {
  const response = await ferry.fetch(`http://${HOST}/healthz${query}`, { headers });
  return [response.status, await response.json()];
}

describe("S16: /healthz", () => {
  it("has the version and the registries in an open proxy, and for who is let in to a closed one", async () => {
    const all = { status: "ok", version: VERSION, registries: ["docker.io"] };
    expect(await health((await openClosed({})).ferry)).toEqual([200, all]);
    const { ferry } = await openClosed({ ACCESS_USERS: USERS, ALLOWED_IPS: "192.0.2.0/24" });
    expect(await health(ferry)).toEqual([200, { status: "ok", version: VERSION }]);
    for (const headers of [LISTED, LOGIN]) expect(await health(ferry, "", headers)).toEqual([200, all]);
  });

  it("is for monitors of whatever country", async () => {
    const { ferry } = await openClosed({ ALLOWED_COUNTRIES: "DE" });
    expect((await health(ferry))[0]).toBe(200);
  });
});

describe("S16: /healthz?deep=1", () => {
  it.each([
    ["an open proxy", {}, {}, 403],
    ["a stranger", { ACCESS_USERS: USERS }, {}, 401],
    ["a wrong password", { ACCESS_USERS: USERS }, { Authorization: basic(ALICE.user, "x") }, 401],
    ["a caller by address", { ALLOWED_IPS: "192.0.2.0/24" }, LISTED, 403],
  ] as const)("is not for %s", async (_, variables, headers, status) => {
    const { ferry, registry } = await openClosed(variables);
    expect((await health(ferry, "?deep=1", { ...headers }))[0]).toBe(status);
    expect(await seenBy(registry)).toEqual([]);
  });

  it("asks every registry once in 30 seconds, whoever asks", async () => {
    const { ferry, registry } = await openClosed();
    const other = await startRegistry();
    await other.configure({ fail: 503 });
    ferry.env = {
      ...ferry.env,
      ROUTES: {
        docker: row(registry, { registry: "docker.io" }),
        other: row(other, { registry: "other.example" }),
      },
    };
    const [status, report] = await health(ferry, "?deep=1", LOGIN);
    expect([status, report]).toMatchObject([
      200,
      {
        status: "degraded",
        version: VERSION,
        registries: [
          { registry: "docker.io", status: 401 },
          { registry: "other.example", status: 503, problem: "other.example answers 503" },
        ],
      },
    ]);
    expect(await health(ferry, "?deep=1", { Authorization: await bearerOf(ferry) })).toEqual([200, report]);
    expect((await seenBy(registry)).length).toBe(1);
    vi.setSystemTime(Date.now() + 31_000);
    await health(ferry, "?deep=1", LOGIN);
    vi.useRealTimers();
    expect((await seenBy(registry)).length).toBe(2);
  });

  it.each([
    ["owners-password", "accepted", "ok"],
    ["canary-password", "refused", "degraded"],
  ])(
    "says whether the owner's account is taken (%s: %s), and shows none of it",
    async (password, account, status) => {
      for (const auth of ["token", "basic"] as const) {
        const registry = await startRegistry({ auth, users: { owner: "owners-password" } });
        const { ferry } = await openClosed();
        ferry.env = {
          ...ferry.env,
          ROUTES: { docker: row(registry, { registry: "docker.io" }) },
          UPSTREAM_CREDENTIALS: JSON.stringify({ "docker.io": `owner:${password}` }),
        };
        const [, report] = await health(ferry, "?deep=1", LOGIN);
        expect(report, auth).toMatchObject({
          status,
          registries: [{ registry: "docker.io", status: 401, account }],
        });
        expect(JSON.stringify(report)).not.toContain("canary");
      }
    },
  );
});
