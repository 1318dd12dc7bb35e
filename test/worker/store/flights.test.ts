// A hundred clients at once for what nobody here has: the registry is asked once, and nobody depends on who asked first (S18).
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import worker from "../../../src/index.ts";
import type { Descriptor, RegistryOptions, SeededImage } from "../../registry/types.ts";
import { unauthorized, type Answer, type Handler, type Outgoing } from "../internet.ts";
import {
  ANONYMOUS,
  answerWith,
  DOCKER_IMAGE,
  DOCKER_LIST,
  firstOf,
  imageDocument,
  MINUTE,
  notFound,
  OCI_IMAGE,
  OCI_INDEX,
  passTime,
  Played,
  Stage,
  type Document,
} from "./stage.ts";

const APP = "library/app";
const HANDFUL = 5;
const CLIENTS = 100;
/** What a waiter waits at the most, and what the answer to his own question takes here. */
const SOON_MS = 3000;

/** What was answered, and how often. */
function tally(answers: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const answer of answers) counts[answer] = (counts[answer] ?? 0) + 1;
  return counts;
}

function atOnce<T>(ask: (index: number) => Promise<T>, clients = CLIENTS): Promise<T[]> {
  return Promise.all(Array.from({ length: clients }, (_, index) => ask(index)));
}

interface Scene {
  readonly stage: Stage;
  readonly image: SeededImage;
  /** Sends a hundred requests at once; the index decides which. */
  readonly ask: (
    request: (index: number) => readonly [method: string, path: string],
  ) => Promise<{ answers: Record<string, number>; asked: Record<string, number> }>;
}

/** A cold image behind a cold isolate. */
async function scene(options: RegistryOptions = {}, rowOptions = {}): Promise<Scene> {
  const stage = await Stage.open(options, rowOptions);
  const image = await stage.registry.seedImage({ repository: APP, layers: [2000] });
  return {
    stage,
    image,
    ask: async (request) => {
      await stage.registry.reset();
      const answers = await atOnce(async (index) => {
        const [method, path] = request(index);
        const { status, cache } = await stage.get(`${APP}/${path}`, { method });
        return `${status} ${String(cache)}`;
      });
      const { ping, token, manifestHead, manifestGet } = (await stage.registry.state()).counters;
      return { answers: tally(answers), asked: { ping, token, manifestHead, manifestGet } };
    },
  };
}

describe("S18: a hundred clients at once for one cold image", () => {
  const tag = "manifests/latest";
  it.each<[string, (image: SeededImage, index: number) => readonly [string, string], Record<string, number>]>(
    [
      ["GET its tag", () => ["GET", tag], { manifestHead: 1, manifestGet: 1 }],
      ["HEAD its tag", () => ["HEAD", tag], { manifestHead: 1, manifestGet: 0 }],
      ["GET or HEAD its tag", (_, index) => [index % 2 === 0 ? "GET" : "HEAD", tag], { manifestGet: 1 }],
      ["GET its index by digest", ({ digest }) => ["GET", `manifests/${digest}`], { manifestGet: 1 }],
      ["HEAD its index by digest", ({ digest }) => ["HEAD", `manifests/${digest}`], { manifestGet: 0 }],
      ["GET an image of it by digest", (image) => ["GET", `manifests/${firstOf(image).digest}`], {}],
    ],
  )("who %s cost the registry a handful", async (_, request, expected) => {
    const { ask, image } = await scene();
    const { answers, asked } = await ask((index) => request(image, index));
    expect(answers).toEqual({ "200 miss": 1, "200 hit": CLIENTS - 1 });
    expect(asked).toMatchObject({ ping: 1, ...expected });
    expect(Math.max(...Object.values(asked))).toBeLessThanOrEqual(HANDFUL);
  });

  it("and pull it whole cost two manifests, of each who pulls as many", async () => {
    const { image, stage } = await scene({ latencyMs: 100 });
    const answers = await atOnce(async () => {
      const head = await stage.head(`${APP}/manifests/latest`);
      const index = await stage.get(`${APP}/manifests/${image.digest}`);
      const manifest = await stage.get(`${APP}/manifests/${firstOf(image).digest}`);
      return [head, index, manifest].map(({ headers, status }) =>
        [status, headers.get("Docker-Content-Digest"), headers.get("Content-Type")].join(" "),
      );
    });
    const { counters } = await stage.registry.state();
    expect(new Set(answers.map((three) => three.join())).size).toBe(1);
    expect(answers[0]?.[2]).toBe(`200 ${firstOf(image).digest} ${OCI_IMAGE}`);
    const { manifestGet, manifestHead, ping, token } = counters;
    expect({ manifestGet, manifestHead, ping, token }).toEqual({
      manifestGet: 2,
      manifestHead: 1,
      ping: 1,
      token: 1,
    });
  });

  it("whose registry takes 300 ms for each answer cost it a handful all the same", async () => {
    const { ask } = await scene({ latencyMs: 300 });
    const { answers, asked } = await ask(() => ["GET", tag]);
    expect(answers).toEqual({ "200 miss": 1, "200 hit": CLIENTS - 1 });
    expect(Math.max(...Object.values(asked))).toBeLessThanOrEqual(HANDFUL);
  });

  it("whose registry takes a second for each answer have what they want", async () => {
    const { ask, image } = await scene({ latencyMs: 1000 });
    for (const path of [tag, `manifests/${firstOf(image).digest}`]) {
      const { answers } = await ask(() => ["GET", path]);
      expect((answers["200 miss"] ?? 0) + (answers["200 hit"] ?? 0)).toBe(CLIENTS);
    }
  });

  it.each([50_000, 250_000])("of a manifest of %i bytes have it, in whatever way", async (size) => {
    const { ask, stage } = await scene();
    const annotations = { x: "y".repeat(size) };
    const body = JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [], annotations });
    const large = { repository: APP, reference: "large", mediaType: OCI_INDEX, body, unchecked: true };
    await stage.registry.seedManifest(large);
    const { answers, asked } = await ask(() => ["GET", "manifests/large"]);
    expect((answers["200 miss"] ?? 0) + (answers["200 hit"] ?? 0)).toBe(CLIENTS);
    // Of the larger there is no room for all of them to be read at once (S17).
    expect(asked["manifestGet"]).toBeLessThan(size > 100_000 ? CLIENTS : HANDFUL);
  });

  it("of a registry of which nothing is kept wait for nobody, and each asks", async () => {
    const { ask } = await scene({}, { store: false });
    const { answers, asked } = await ask(() => ["GET", tag]);
    expect(answers).toEqual({ "200 miss": CLIENTS });
    expect(asked).toEqual({ ping: 1, token: CLIENTS, manifestHead: CLIENTS, manifestGet: CLIENTS });
  });
});

describe("S18: tokens", () => {
  it("a hundred blobs at once of a proven repository whose token has just ended cost one", async () => {
    const { stage } = await scene();
    await stage.get(`${APP}/manifests/latest`);
    const blobs: Descriptor[] = [];
    for (let index = 0; index < CLIENTS; index += 1) {
      blobs.push(await stage.registry.seedBlob({ repository: APP, content: `blob ${index}` }));
    }
    passTime(6 * MINUTE);
    await stage.registry.reset();
    const answers = await atOnce((index) => stage.get(`${APP}/blobs/${blobs[index]?.digest ?? ""}`));
    expect(tally(answers.map(({ cache, status }) => `${status} ${String(cache)}`))).toEqual({
      "200 miss": CLIENTS,
    });
    expect((await stage.registry.state()).counters).toMatchObject({ token: 1, blobGet: CLIENTS, ping: 0 });
  });
});

/** A registry that treats who comes first with a question of one kind differently from all others. */
class First {
  readonly played: Played;
  readonly document: Document;
  readonly #odd: Handler;
  #isOver = false;

  private constructor(document: Document, kind: string, odd: Handler) {
    this.document = document;
    this.#odd = (request) => {
      const isFirst = !this.#isOver && kindOf(request) === kind;
      if (isFirst) this.#isOver = true;
      return isFirst ? odd(request) : this.#right(request);
    };
    this.played = new Played(this.#odd);
    const challenge = `Bearer realm="${this.played.origin}/token",service="played"`;
    this.played.internet.host(this.played.origin, (request) =>
      kindOf(request) === "ping" && (this.#isOver || kind !== "ping")
        ? unauthorized(challenge)
        : this.#odd(request),
    );
  }

  static async open(kind: string, odd: Handler): Promise<First> {
    return new First(await imageDocument(kind), kind, odd);
  }

  readonly #right: Handler = (request) => {
    if (kindOf(request) === "token") return Response.json({ token: "t", expires_in: 3600 });
    return answerWith(this.document, request);
  };

  /** Twenty clients beside one who came first. @returns what they were answered, in how long, and the first one */
  async ask(
    path: string,
    method = "GET",
  ): Promise<{ others: Record<string, number>; tookMs: number; first: Promise<Answer> }> {
    const begun = Date.now();
    const first = this.played.get(path, {}, method);
    // He may never be answered, and then nobody waits for him.
    first.catch(() => undefined);
    const answers = await atOnce(() => this.played.get(path, {}, method), 20);
    const others = answers.map(({ headers, status }) =>
      [status, headers.get("Docker-Content-Digest") === this.document.digest].join(" "),
    );
    return { others: tally(others), tookMs: Date.now() - begun, first };
  }
}

/** As the first of a scene sees it. */
function kindOf({ headers, method, url }: Outgoing): string {
  if (url.pathname === "/token") return "token";
  return headers.has("Authorization") ? method : "ping";
}

const never: Handler = () => new Promise<Response>(() => undefined);
const TAG = "team/app/manifests/latest";

describe("S18: from the others, who asked first takes nothing", () => {
  it.each(["ping", "token", "HEAD", "GET"])("where his %s is never answered", async (kind) => {
    const first = await First.open(kind, never);
    const { others, tookMs } = await first.ask(TAG);
    expect(others).toEqual({ "200 true": 20 });
    expect(tookMs).toBeLessThan(SOON_MS);
    expect(tookMs).toBeGreaterThan(1500);
  });

  it.each(["HEAD", "GET"])("where his %s by digest is never answered", async (kind) => {
    const first = await First.open(kind, never);
    const { others, tookMs } = await first.ask(`team/app/manifests/${first.document.digest}`, kind);
    expect(others).toEqual({ "200 true": 20 });
    expect(tookMs).toBeLessThan(SOON_MS);
  });

  const denied = JSON.stringify({ errors: [{ code: "DENIED", message: "no" }] });
  const refusals: [string, Handler, number][] = [
    ["401", () => unauthorized('Bearer realm="x"'), 401],
    ["403", ({ method }) => new Response(method === "HEAD" ? null : denied, { status: 403 }), 401],
    ["404", notFound, 404],
    ["429", () => new Response(null, { status: 429, headers: { "Retry-After": "9" } }), 429],
    ["500", () => new Response(null, { status: 500 }), 500],
    ["no connection", () => Promise.reject(new TypeError("refused")), 503],
  ];
  it.each(refusals)("where his HEAD of a tag gets %s, which he alone is told", async (_, odd, status) => {
    const first = await First.open("HEAD", odd);
    const { first: own, others, tookMs } = await first.ask(TAG);
    expect([others, (await own).status]).toEqual([{ "200 true": 20 }, status]);
    expect(tookMs).toBeLessThan(SOON_MS);
  });

  it.each(refusals)("where his GET by digest gets %s, which he alone is told", async (_, odd, status) => {
    const first = await First.open("GET", odd);
    const { first: own, others } = await first.ask(`team/app/manifests/${first.document.digest}`);
    expect([others, (await own).status]).toEqual([{ "200 true": 20 }, status]);
  });

  it.each(refusals)("where his token service says %s", async (_, odd) => {
    const first = await First.open("token", odd);
    const { others } = await first.ask(TAG);
    expect(others).toEqual({ "200 true": 20 });
  });
});

describe("S18: a caller who leaves", () => {
  it.each(["HEAD", "GET"])("during his %s does not end it for those who wait", async (kind) => {
    const { promise: gate, resolve: open } = Promise.withResolvers<undefined>();
    const first = await First.open(kind, async (request) => {
      await gate;
      return answerWith(first.document, request);
    });
    const context = createExecutionContext();
    const request = new Request(`https://reg.example.com/v2/${TAG}`, { headers: { ...ANONYMOUS } });
    void worker.fetch(request as never, first.played.ferry.env as never, context);
    await new Promise((resolve) => setTimeout(resolve, 200));
    let isOver = false;
    const over = waitOnExecutionContext(context).then(() => {
      isOver = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(isOver, "what is deferred ends before he was answered").toBe(false);
    const waiting = first.played.get(TAG);
    open(undefined);
    expect((await waiting).headers.get("X-Cache")).toBe("hit");
    await over;
    expect(first.played.count(kind, "/manifests/")).toBe(1);
  });
});

describe("S18: nobody waits", () => {
  /** What was asked of the registry while nothing is answered yet. */
  async function askedAtOnce(
    requests: readonly (readonly [path: string, init: RequestInit])[],
    rowOptions: Record<string, unknown> = {},
  ): Promise<string[]> {
    const { promise: gate, resolve: open } = Promise.withResolvers<undefined>();
    const document = await imageDocument("gate");
    const played = new Played((request) => answerWith(document, request), rowOptions);
    await played.get("team/app/manifests/before");
    await played.get("team/other/manifests/before");
    const before = played.internet.requests.length;
    played.serve = async (request) => {
      await gate;
      return answerWith(document, request);
    };
    const answers = requests.map(([path, init]) =>
      played.ferry.fetch(`https://reg.example.com/v2/${path}`, {
        ...init,
        headers: { ...ANONYMOUS, ...(init.headers as Record<string, string>) },
      }),
    );
    await new Promise((resolve) => setTimeout(resolve, 300));
    const asked = played.internet.requests.slice(before);
    open(undefined);
    await Promise.all(answers);
    return asked
      .filter(({ url }) => url.pathname !== "/token")
      .map(({ method, url }) => `${method} ${url.pathname}`);
  }

  const head = "HEAD /v2/team/app/manifests/latest";
  it("for another repository, tag, class of Accept, or words that are not known", async () => {
    const asked = await askedAtOnce([
      [TAG, {}],
      [TAG, {}],
      [TAG, { method: "HEAD" }],
      ["team/other/manifests/latest", {}],
      ["team/app/manifests/other", {}],
      [TAG, { headers: { Accept: OCI_IMAGE } }],
      [TAG, { headers: { Accept: `${OCI_IMAGE}, ${OCI_INDEX}` } }],
      // The same class in other words.
      [TAG, { headers: { Accept: [DOCKER_IMAGE, DOCKER_LIST, OCI_INDEX, OCI_IMAGE, "text/odd"].join() } }],
      [TAG, { headers: { Accept: "application/odd" } }],
      [TAG, { headers: { Accept: "application/odd" } }],
    ]);
    expect(tally(asked)).toEqual({
      [head]: 5,
      "HEAD /v2/team/other/manifests/latest": 1,
      "HEAD /v2/team/app/manifests/other": 1,
    });
  });

  it("where nothing is kept", async () => {
    const requests = [TAG, TAG, TAG].map((path) => [path, {}] as const);
    expect(tally(await askedAtOnce(requests, { store: false }))).toEqual({ [head]: 3 });
  });

  it("for a method that is not his", async () => {
    const { digest } = await imageDocument("gate");
    const path = `team/app/manifests/${digest.replace(/.$/, "0")}`;
    const asked = await askedAtOnce([
      [path, {}],
      [path, { method: "HEAD" }],
    ]);
    expect(asked.sort()).toEqual([`GET /v2/${path}`, `HEAD /v2/${path}`]);
  });

  it("who has credentials of his own, nor for him", async () => {
    const own = { headers: { Authorization: "Bearer of-a-user" } };
    const asked = await askedAtOnce([
      [TAG, own],
      [TAG, {}],
      [TAG, own],
      [TAG, {}],
      [TAG, { ...own, method: "HEAD" }],
    ]);
    expect(tally(asked)).toEqual({ "GET /v2/team/app/manifests/latest": 2, [head]: 2 });
  });
});

describe("S18: the answer of who waited", () => {
  it.each(["GET", "HEAD"])("to %s is whole, and says that it came from here", async (method) => {
    const { image, stage } = await scene({ quota: 100, latencyMs: 50 });
    const answers = await atOnce(() => stage.get(`${APP}/manifests/latest`, { method }), 5);
    const waiters = answers.filter(({ cache }) => cache === "hit");
    expect(waiters.length).toBe(4);
    for (const { headers, status, text } of waiters) {
      expect([status, text.length]).toEqual([200, method === "HEAD" ? 0 : image.size]);
      expect(Object.fromEntries(headers)).toMatchObject({
        "content-type": OCI_INDEX,
        "content-length": String(image.size),
        "docker-content-digest": image.digest,
        etag: `"${image.digest}"`,
      });
      // The limit that another one was told of is not his.
      expect(headers.get("RateLimit-Remaining")).toBeNull();
    }
  });
});
