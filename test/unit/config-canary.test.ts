// Whatever else is wrong, no fault and no line of check-config shows a password, a key or a label that lets in
// (S13, S16, S20, S22).
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { reportOn } from "../../scripts/check/report.ts";
import { describeFault, readConfig } from "../../src/config/config.ts";

const EXAMPLE = "https://registry.example.com";
/** Each of them may stand in any of the places, right or wrong. */
const SECRETS = {
  user: "canaryuser",
  password: "canaryp4ssw0rd",
  tokenKey: "canary0123456789tokenkey",
  label: "canaryk3y7x2m9c4q8v1z5t",
};
const LEAKS = [/canary/i];

const around = fc.constantFrom(
  "",
  " ",
  ":",
  ",",
  ".example.com",
  "/",
  "\n",
  "\u0000",
  "x:",
  "https://",
  "/24",
  "@a.example",
  "é",
);
const secret = fc.constantFrom(...Object.values(SECRETS));
const text = fc
  .tuple(around, secret, around, fc.oneof(fc.constant(""), secret), around)
  .map((parts) => parts.join(""));
/** A value of a variable that nobody is to see. */
const value = fc.oneof(
  text,
  fc.array(text, { maxLength: 3 }),
  text.map((one) => ({ [one]: one })),
  fc.constant(`${SECRETS.user}:${SECRETS.password} bob:${SECRETS.password}`),
  fc.constant(SECRETS.tokenKey),
);
const option = fc.constantFrom<unknown>(true, "true", "yes", "", null, 1, false);
const routes = fc
  .tuple(
    fc.constantFrom("", ".example.com", "."),
    fc.record(
      { key: option, upstream: fc.constantFrom("*", EXAMPLE, "x"), store: option },
      { requiredKeys: ["key"] },
    ),
  )
  .map(([more, row]) => ({ a: EXAMPLE, [`${SECRETS.label}${more}`]: row }));
const environment = fc.record(
  {
    ROUTES: fc.oneof(
      routes,
      routes.map((table) => JSON.stringify(table)),
    ),
    ACCESS_USERS: value,
    TOKEN_KEY: value,
    UPSTREAM_CREDENTIALS: value,
    ALLOWED_IPS: value,
    ALLOWED_COUNTRIES: value,
    READ_ONLY: value,
    CLOSED: fc.oneof(value, fc.constant(true)),
    HOSTS: fc.constantFrom(`${SECRETS.label}.example.com`, `${SECRETS.label}.example.com:80`),
    BUCKET_REPOSITORIES: fc.constantFrom(`${SECRETS.label}.example.com/x`, "**"),
  },
  { requiredKeys: ["ROUTES"] },
);

function expectNone(lines: readonly string[]): void {
  for (const line of lines) for (const leak of LEAKS) expect(line).not.toMatch(leak);
}

describe("S16, S20: no secret is shown", () => {
  it("by a fault, whatever is wrong", () => {
    fc.assert(
      fc.property(environment, (env) => {
        const result = readConfig(env);
        if (!result.ok) expectNone(result.faults.flatMap((fault) => [fault.variable, describeFault(fault)]));
      }),
      { numRuns: 2_000 },
    );
  });

  it("by check-config, whatever is wrong", () => {
    const routesOfToml = fc.constantFrom<unknown[]>(
      [],
      [{ pattern: `${SECRETS.label}.ferry.dev`, custom_domain: true }],
      [`${SECRETS.label}.example.com/v1/*`],
      [{ pattern: `https://${SECRETS.label}.ferry.dev/x`, custom_domain: true }],
    );
    fc.assert(
      fc.property(environment, routesOfToml, ({ ACCESS_USERS, TOKEN_KEY, ...vars }, patterns) => {
        const secrets = Object.fromEntries(
          Object.entries({ ACCESS_USERS, TOKEN_KEY }).flatMap(([name, one]) =>
            typeof one === "string" ? [[name, one]] : [],
          ),
        ) as Record<string, string>;
        const { faults, warnings, effective } = reportOn({ wrangler: { vars, routes: patterns }, secrets });
        expectNone([...faults, ...warnings, ...effective]);
      }),
      { numRuns: 500 },
    );
  });

  it("by check-config, where everything is right", () => {
    const vars = { ROUTES: { a: EXAMPLE, [SECRETS.label]: { upstream: "*", key: true } }, CLOSED: true };
    const secrets = { ACCESS_USERS: `${SECRETS.user}:${SECRETS.password}`, TOKEN_KEY: SECRETS.tokenKey };
    const { faults, warnings, effective } = reportOn({
      wrangler: { vars, routes: [{ pattern: `${SECRETS.label}.ferry.dev`, custom_domain: true }] },
      secrets,
    });
    expect(faults).toEqual([]);
    expect(warnings).toHaveLength(1);
    expect(effective.length).toBeGreaterThan(10);
    expectNone([...warnings, ...effective]);
  });

  it("by a row that stands in the wrong table", () => {
    const row = { upstream: "*", key: true };
    for (const wrangler of [
      { vars: { ROUTES: { a: EXAMPLE }, [SECRETS.label]: row } },
      { vars: { ROUTES: { a: EXAMPLE } }, [SECRETS.label]: row },
      { vars: { ROUTES: { a: EXAMPLE } }, observability: { enabled: true, [SECRETS.label]: row } },
      { vars: { ROUTES: { a: EXAMPLE } }, env: { x: { vars: { ROUTES: { [SECRETS.label]: row } } } } },
    ]) {
      const { faults, warnings, effective } = reportOn({ wrangler, secrets: {} });
      expect(faults, JSON.stringify(wrangler)).toHaveLength(1);
      expectNone([...faults, ...warnings, ...effective]);
    }
  });
});
