// What a tag stands for, by class of Accept: what one class hears ends nothing for the others (S18), and of two memories
// of one tag the later counts.
import { describe, expect, it } from "vitest";
import { wordsOfClasses } from "../../../src/lanes/public/tag-words.ts";
import type { Outgoing } from "../internet.ts";
import {
  ACCEPT,
  answerWith,
  DOCKER_IMAGE,
  DOCKER_LIST,
  documentOf,
  HOUR,
  imageDocument,
  MINUTE,
  notFound,
  OCI_IMAGE,
  OCI_INDEX,
  passTime,
  plant,
  Played,
  SECOND,
  STORE,
  valid,
} from "./stage.ts";
import { keyOf } from "../../../src/store/entry.ts";
import { parseDigest } from "../../../src/distribution/reference.ts";
import { outage, Warm } from "./warm.ts";

const LATEST = "manifests/latest";
const ARTIFACT = "application/vnd.oci.artifact.manifest.v1+json";
const SCHEMA1 = "application/vnd.docker.distribution.manifest.v1+json";
const SIGNED = "application/vnd.docker.distribution.manifest.v1+prettyjws";

/** Classes of clients that take an image, and less than every client that pulls one. */
const NARROW = [
  [OCI_IMAGE],
  [OCI_IMAGE, SCHEMA1],
  [OCI_IMAGE, SIGNED],
  [OCI_IMAGE, ARTIFACT],
  [OCI_IMAGE, "application/json"],
  [OCI_IMAGE, SCHEMA1, SIGNED],
  [OCI_IMAGE, SCHEMA1, ARTIFACT],
  [OCI_IMAGE, SCHEMA1, "application/json"],
  [OCI_IMAGE, SIGNED, ARTIFACT],
  [OCI_IMAGE, SIGNED, "application/json"],
  [OCI_IMAGE, ARTIFACT, "application/json"],
  [OCI_IMAGE, OCI_INDEX],
].map((types) => ({ Accept: types.join(", ") }));

describe("F8: what one class of Accept hears", () => {
  it.each([404, 401, 403])("%i to one class leaves the tag to the others", async (status) => {
    const warm = await Warm.open();
    const narrow = valid(NARROW[0]);
    await warm.get(LATEST, narrow);
    passTime(2 * MINUTE);
    warm.played.serve = (request) =>
      request.headers.get("Accept") === narrow.Accept
        ? Response.json({ errors: [] }, { status })
        : warm.registry(request);
    expect(await warm.source(LATEST, narrow)).toBe(status === 404 ? "404" : "401");
    warm.played.serve = outage;
    passTime(11 * SECOND);
    expect(await warm.source(LATEST)).toBe("stale");
  });

  it("a class that was answered 404 is not served by what is remembered of it", async () => {
    const warm = await Warm.open();
    for (const headers of NARROW.slice(0, 2)) await warm.get(LATEST, headers);
    passTime(2 * MINUTE);
    warm.played.serve = () => notFound();
    for (const headers of [...NARROW.slice(0, 2), { Accept: ACCEPT }]) await warm.get(LATEST, headers);
    warm.played.serve = outage;
    expect(await warm.source(LATEST)).toBe("503");
    expect(await warm.source(LATEST, NARROW[0])).toBe("503");
  });

  it("eight and more further classes push out none that takes every manifest, as docker's does", async () => {
    const warm = await Warm.open();
    for (const headers of NARROW) {
      passTime(SECOND);
      expect(await warm.source(LATEST, headers)).toBe("hit");
    }
    passTime(2 * MINUTE);
    warm.played.serve = outage;
    expect(await warm.source(LATEST)).toBe("stale");
  });

  it("of the others the oldest goes first, whatever the classes are called", async () => {
    const warm = await Warm.open();
    const remembered: string[] = [];
    for (const headers of NARROW) {
      passTime(SECOND);
      await warm.get(LATEST, headers);
      remembered.push(...(await classesOf(warm)).filter((name) => !remembered.includes(name)));
    }
    const [broad, ...narrow] = remembered;
    expect(narrow).toHaveLength(NARROW.length);
    expect(new Set(await classesOf(warm))).toEqual(new Set([broad, ...narrow.slice(-8)]));
    for (const name of remembered) expect(name, "a number would lose its order").toMatch(/^[a-z]+$/);
  });

  it("when the registry fails, any class will do whose type the client takes, and no other", async () => {
    const warm = await Warm.open();
    passTime(2 * MINUTE);
    warm.played.serve = outage;
    for (const headers of NARROW) expect(await warm.source(LATEST, headers)).toBe("stale");
    for (const types of [DOCKER_IMAGE, `${DOCKER_IMAGE}, ${DOCKER_LIST}`, OCI_INDEX]) {
      expect(await warm.source(LATEST, { Accept: types })).toBe("503");
    }
  });
});

/** The classes by which the store remembers the tag. */
async function classesOf({ played }: Warm): Promise<string[]> {
  const cache = await caches.open("registry-ferry-1");
  const found = await cache.match(await played.keyUrl("tag", "latest"));
  await found?.body?.cancel();
  const metadata = decodeURIComponent(found?.headers.get("X-Ferry-Metadata") ?? "");
  const { classes } = JSON.parse(metadata) as { classes: string };
  return Object.keys(JSON.parse(classes) as object);
}

describe("F9: weights", () => {
  it.each([
    `${OCI_INDEX};q=0, ${DOCKER_IMAGE}`,
    `${OCI_INDEX}; q=0.0, ${DOCKER_IMAGE}`,
    `${DOCKER_IMAGE}, ${OCI_INDEX};q=0`,
  ])("the answer to %s is not that of clients who take both", async (weighted) => {
    const index = await documentOf('{"schemaVersion":2,"manifests":[]}', OCI_INDEX);
    const image = await imageDocument("single", DOCKER_IMAGE);
    const all = [index, image];
    const played = new Played((request: Outgoing) => {
      const accept = request.headers.get("Accept") ?? "";
      const digest = request.url.pathname.split("/").at(-1);
      const wanted = accept.includes(OCI_INDEX) && !accept.includes("q=0") ? index : image;
      return answerWith(all.find((one) => one.digest === digest) ?? wanted, request);
    });
    const path = `team/app/${LATEST}`;
    expect((await played.get(path, { Accept: weighted })).body).toBe(image.body);
    expect((await played.get(path, { Accept: `${OCI_INDEX}, ${DOCKER_IMAGE}` })).body).toBe(index.body);
    played.serve = outage;
    expect((await played.get(path, { Accept: `${OCI_INDEX}, ${DOCKER_IMAGE}` })).body).toBe(index.body);
  });
});

describe("F16: an isolate that remembers an older digest than the store", () => {
  /** Another isolate resolved the tag to the image of `second`, so long ago. */
  async function resolvedElsewhere(warm: Warm, ago: number): Promise<void> {
    const { digest, mediaType, size } = valid(warm.images.get("second"));
    const at = Date.now() - ago;
    const resolved = { digest: valid(parseDigest(digest)), mediaType, size, at };
    const words = wordsOfClasses({ abcd: resolved, [await ownClass(warm)]: resolved });
    const tag = warm.played.entry("tag", "latest");
    await plant(STORE + (await keyOf(tag)), warm.played.labelled("tag", "latest", words), "t");
  }

  async function ownClass(warm: Warm): Promise<string> {
    return valid((await classesOf(warm))[0]);
  }

  it("serves the store's while the registry is away, and does not write its own back", async () => {
    const warm = await Warm.open();
    passTime(20 * HOUR);
    await resolvedElsewhere(warm, MINUTE);
    warm.played.serve = outage;
    const second = valid(warm.images.get("second"));
    for (const round of [1, 2]) {
      const { headers, body } = await warm.get(LATEST);
      expect([headers.get("X-Cache"), body], `round ${String(round)}`).toEqual(["stale", second.body]);
      passTime(SECOND);
    }
    warm.played.serve = warm.registry;
    await warm.get(LATEST, { Accept: OCI_IMAGE });
    warm.played.serve = outage;
    passTime(2 * MINUTE);
    expect((await warm.get(LATEST)).body, "after another class was written").toBe(second.body);
  });

  it("(and its own, where that is the later)", async () => {
    const warm = await Warm.open();
    passTime(20 * HOUR);
    await resolvedElsewhere(warm, 21 * HOUR);
    warm.played.serve = outage;
    expect((await warm.get(LATEST)).body).toBe(warm.latest.body);
  });
});

describe("F28: a media type of more than 256 bytes (S17)", () => {
  it.each([
    [256, 1],
    [257, 3],
  ])("of %i bytes: the tag is asked %i times by three who want it", async (length, asked) => {
    const document = await imageDocument("typed");
    const mediaType = `${document.mediaType}; `.padEnd(length, "x");
    const played = new Played((request) => answerWith({ ...document, mediaType }, request));
    for (let count = 0; count < 3; count += 1) {
      expect((await played.get(`team/app/${LATEST}`, {}, "HEAD")).status).toBe(200);
    }
    expect(played.count("HEAD", "/latest")).toBe(asked);
  });
});
