// Mirrors: read-only stand-ins for a registry that cannot answer, and for nothing else (S9).
import { describe, expect, it, onTestFinished } from "vitest";
import type { RemoteRegistry } from "../../registry/client.ts";
import type { RegistryOptions, SeededImage } from "../../registry/types.ts";
import { Ferry, forgetIsolate, row, startRegistry } from "../ferry.ts";
import type { Handler } from "../internet.ts";
import {
  ANONYMOUS,
  answerWith,
  documentOf,
  HOUR,
  imageDocument,
  MINUTE,
  notFound,
  OCI_IMAGE,
  passTime,
  pathsOf,
  Played,
  Stage,
  type Document,
} from "./stage.ts";

const APP = "library/app";
/** Two images of one repository: the first is pulled and so proves it public, the second is not known here. */
const SEEDS = [
  { repository: APP, tag: "latest", seed: "known", layers: [2000] },
  { repository: APP, tag: "new", seed: "unseen", layers: [3000] },
];

/** A mirror's token service, like a public registry's, is on its own origin. */
const OWN_REALM: RegistryOptions = {
  library: true,
  challenge: { sameOriginRealm: true },
  redirectBlobs: "relative",
};

interface Scene {
  readonly stage: Stage;
  readonly mirrors: readonly RemoteRegistry[];
  readonly unseen: SeededImage;
}

/** A registry whose repository was just proved public, and mirrors with the same content. */
async function scene(count = 1, options: RegistryOptions = {}, prove = true): Promise<Scene> {
  const mirrors: RemoteRegistry[] = [];
  for (let index = 0; index < count; index += 1) {
    const mirror = await startRegistry({ ...OWN_REALM, ...options });
    onTestFinished(() => mirror.close());
    for (const seed of SEEDS) await mirror.seedImage(seed);
    mirrors.push(mirror);
  }
  const stage = await Stage.open({}, { mirrors: mirrors.map(({ url }) => url) });
  const images = [];
  for (const seed of SEEDS) images.push(await stage.registry.seedImage(seed));
  const [known, unseen] = images;
  if (known === undefined || unseen === undefined) throw new TypeError("not seeded");
  if (prove) await stage.pull(known);
  return { stage, mirrors, unseen };
}

async function total(registry: RemoteRegistry): Promise<number> {
  const { counters } = await registry.state();
  return counters.registry + counters.token + counters.cdn;
}

describe("a mirror is asked", () => {
  it.each([
    ["429", { fail: 429 }],
    ["503", { fail: 503 }],
    ["a closed socket", { fail: "drop" }],
    ["a quota of 0", { quota: 0 }],
    ["a token service with 503", { failToken: 503 }],
  ] as const)("where the registry answers %s", async (_, failure) => {
    const { stage, mirrors, unseen } = await scene();
    await stage.registry.configure(failure);
    if ("failToken" in failure) {
      await stage.registry.revokeTokens();
      passTime(10 * MINUTE);
    }
    for (const path of pathsOf(unseen)) {
      const { status, cache } = await stage.get(`${APP}/${path}`);
      // A quota counts manifests only.
      const expected = "quota" in failure && path.startsWith("blobs/") ? "miss" : "mirror";
      expect([status, cache]).toEqual([200, expected]);
    }
    // With its own anonymous token, and stored now.
    const state = await mirrors[0]?.state();
    expect(state?.requests.filter(({ path }) => path === "/token").length).toBeGreaterThan(0);
    expect((await stage.get(`${APP}/manifests/${unseen.digest}`)).cache).toMatch(/^(hit|stale)$/);
  });

  it("by tag, and what it says of a tag is not remembered", async () => {
    const { stage, unseen } = await scene();
    await stage.registry.configure({ fail: 503 });
    for (const method of ["GET", "HEAD", "GET"]) {
      const { status, cache, headers } = await stage.get(`${APP}/manifests/new`, { method });
      expect([status, cache, headers.get("Docker-Content-Digest")]).toEqual([200, "mirror", unseen.digest]);
    }
    await stage.registry.configure({ fail: null });
    await stage.registry.reset();
    await stage.get(`${APP}/manifests/new`, { method: "HEAD" });
    expect((await stage.registry.state()).counters.manifestHead).toBe(1);
  });

  it("in order: the next one where the first will not do", async () => {
    const { stage, mirrors, unseen } = await scene(3);
    const [first, second, third] = mirrors;
    await first?.configure({ fail: 500 });
    await stage.registry.configure({ fail: 503 });
    expect((await stage.get(`${APP}/manifests/${unseen.digest}`)).cache).toBe("mirror");
    expect(await total(first as RemoteRegistry)).toBeGreaterThan(0);
    expect(await total(second as RemoteRegistry)).toBeGreaterThan(0);
    expect(await total(third as RemoteRegistry)).toBe(0);
  });

  it("and where none helps, the registry's own answer comes back, with its Retry-After", async () => {
    const { stage, unseen } = await scene(2, { fail: 503 });
    await stage.registry.configure({ quota: 0, retryAfter: 77 });
    const { status, headers } = await stage.get(`${APP}/manifests/${unseen.digest}`);
    expect([status, headers.get("Retry-After")]).toEqual([429, "77"]);
    expect(headers.get("RateLimit-Remaining")).toBe("0;w=21600");
  });
});

describe("a mirror is not asked", () => {
  it.each(["manifests/latest", "manifests/unknown", `blobs/sha256:${"1".repeat(64)}`])(
    "while the registry answers, be it 404: %s",
    async (path) => {
      const { stage, mirrors } = await scene();
      await stage.get(`${APP}/${path}`);
      expect(await total(mirrors[0] as RemoteRegistry)).toBe(0);
    },
  );

  it("about a repository that the registry never confirmed", async () => {
    const { stage, mirrors, unseen } = await scene(1, {}, false);
    await stage.registry.configure({ fail: 503 });
    for (const path of ["manifests/new", ...pathsOf(unseen)]) {
      expect((await stage.get(`${APP}/${path}`)).status).toBe(503);
    }
    expect(await total(mirrors[0] as RemoteRegistry)).toBe(0);
  });

  it("about a repository that was denied", async () => {
    const { stage, mirrors } = await scene();
    passTime(MINUTE);
    await stage.registry.setPrivate([APP]);
    expect((await stage.get(`${APP}/manifests/other`)).status).toBe(401);
    passTime(11_000);
    expect((await stage.get(`${APP}/manifests/other`)).status).toBe(401);
    await stage.registry.configure({ fail: 429 });
    expect((await stage.get(`${APP}/manifests/latest`)).status).toBe(429);
    expect(await total(mirrors[0] as RemoteRegistry)).toBe(0);
  });

  it("24 h after the registry's last word, however often the mirror answered since", async () => {
    const { stage, mirrors } = await scene();
    await stage.registry.configure({ fail: 503 });
    for (const hours of [8, 8, 7]) {
      passTime(hours * HOUR);
      forgetIsolate();
      expect((await stage.get(`${APP}/manifests/new`)).cache).toBe("mirror");
    }
    passTime(2 * HOUR);
    await mirrors[0]?.reset();
    expect((await stage.get(`${APP}/manifests/new`)).status).toBe(503);
    expect(await total(mirrors[0] as RemoteRegistry)).toBe(0);
  });

  it("where the row says mirrors = []", async () => {
    const stage = await Stage.open();
    await stage.registry.seedImage({ repository: APP, layers: [] });
    await stage.get(`${APP}/manifests/latest`);
    await stage.registry.configure({ fail: 503 });
    expect((await stage.get(`${APP}/manifests/other`)).status).toBe(503);
  });

  it("for a client with credentials", async () => {
    const { stage, mirrors } = await scene();
    const headers = await stage.login(`repository:${APP}:pull`);
    await stage.registry.configure({ fail: 503 });
    expect((await stage.ask(`${APP}/manifests/new`, { headers })).status).toBe(503);
    expect(await total(mirrors[0] as RemoteRegistry)).toBe(0);
  });
});

const MIRROR = "https://mirror.example";

/** A registry that fails after its repository was proved public, and a mirror that is played. */
async function playedMirror(mirror: Handler): Promise<Played> {
  const document = await imageDocument("proof");
  const played = new Played((request) => answerWith(document, request), { mirrors: [MIRROR] });
  played.internet.host(MIRROR, mirror);
  await played.get("team/app/manifests/proof");
  played.serve = () => new Response(null, { status: 503 });
  return played;
}

const ping: Handler = () => Response.json({});

describe("what a mirror answers is a miss", () => {
  const challenge =
    (realm: string): Handler =>
    () =>
      new Response(null, { status: 401, headers: { "WWW-Authenticate": `Bearer realm="${realm}"` } });

  it.each<[string, (document: Document) => Handler]>([
    ["401", () => challenge(`${MIRROR}/token`)],
    ["a foreign realm", () => challenge("https://tokens.example/token")],
    ["404", () => notFound],
    ["a page of HTML", () => () => new Response("<html>", { headers: { "Content-Type": "text/html" } })],
    [
      "other bytes",
      (document) => (request) =>
        answerWith({ ...document, body: `${document.body} ` }, request, {
          "Content-Length": String(document.size + 1),
        }),
    ],
    [
      "a redirect to a foreign address",
      () => () => new Response(null, { status: 302, headers: { Location: "https://127.0.0.1/" } }),
    ],
    ["no connection", () => () => Promise.reject(new TypeError("refused"))],
  ])("%s", async (_, mirror) => {
    const document = await imageDocument("wanted");
    const played = await playedMirror(mirror(document));
    for (const reference of [document.digest, "latest"]) {
      const answer = await played.get(`team/app/manifests/${reference}`);
      expect(answer.status, reference).toBe(503);
      expect(answer.headers.get("WWW-Authenticate")).toBeNull();
    }
    expect(played.internet.requests.some(({ url }) => url.host === "tokens.example")).toBe(false);
  });

  it("a document that means two things, by tag", async () => {
    const document = await documentOf('{"manifests":[],"layers":[],"config":{}}', OCI_IMAGE);
    const played = await playedMirror((request) => answerWith(document, request));
    expect((await played.get("team/app/manifests/latest")).status).toBe(503);
  });

  it("(and the right document is served: the tests above can fail)", async () => {
    const document = await imageDocument("wanted");
    const played = await playedMirror((request) => answerWith(document, request));
    for (const reference of ["latest", document.digest]) {
      const answer = await played.get(`team/app/manifests/${reference}`);
      expect([answer.status, answer.headers.get("X-Cache")]).toEqual([200, "mirror"]);
    }
    expect((await played.get(`team/app/manifests/${document.digest}`)).headers.get("X-Cache")).toBe("hit");
  });
});

describe("S7: what goes to a mirror", () => {
  it("is Accept and Range of the client's headers, and no token but its own", async () => {
    const played = await playedMirror((request) =>
      request.url.pathname === "/v2/"
        ? ping(request)
        : new Response("0123", { headers: { "Content-Length": "4" } }),
    );
    const headers = {
      Range: "bytes=0-3",
      Cookie: "a=b",
      "User-Agent": "docker/29",
      "X-Forwarded-For": "192.0.2.1",
      "X-Docker-Token": "secret",
      Referer: "https://page.example/",
    };
    await played.get(`team/app/blobs/sha256:${"4".repeat(64)}`, headers);
    const asked = played.internet.to(MIRROR);
    expect(asked.length).toBeGreaterThan(0);
    const allowed = ["accept", "accept-encoding", "range", "user-agent", "x-real-ip"];
    for (const request of asked) {
      for (const name of request.headers.keys()) expect(allowed).toContain(name);
      expect(request.headers.get("User-Agent")).not.toBe("docker/29");
      expect(request.options).toEqual({ redirect: "manual", cache: "no-store", cf: undefined });
    }
    expect(asked.at(-1)?.headers.get("Range")).toBe("bytes=0-3");
  });

  it("the default for Docker Hub is Google's, and only for it", async () => {
    const stage = await Stage.open();
    const ferry = new Ferry({ other: row(stage.registry, { registry: "other.example" }) });
    await stage.registry.configure({ fail: 503 });
    const { status } = await ferry.fetch("http://other.example.com/v2/a/b/manifests/c", {
      headers: ANONYMOUS,
    });
    expect(status).toBe(503);
  });
});
