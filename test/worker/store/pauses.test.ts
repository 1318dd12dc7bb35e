// While a registry limits us, nothing that it counts is asked of it that the store or a mirror has (S9, S18).
import { describe, expect, it, onTestFinished } from "vitest";
import { startRegistry } from "../ferry.ts";
import { located, type Outgoing } from "../internet.ts";
import { BLOB, CDN, Limited, tooMany } from "./limited.ts";
import { answerWith, firstOf, MINUTE, notFound, passTime, SECOND, Stage } from "./stage.ts";

describe("S9: after a 429 to a manifest", () => {
  const inSeconds = (seconds: number): string => new Date(Date.now() + seconds * SECOND).toUTCString();
  it.each<[string, () => Record<string, string>, number]>([
    ["Retry-After: 9", () => ({ "Retry-After": "9" }), 9],
    ["Retry-After: 60", () => ({ "Retry-After": "60" }), 60],
    ["Retry-After: 21600", () => ({ "Retry-After": "21600" }), 60],
    ["Retry-After with a date", () => ({ "Retry-After": inSeconds(20) }), 20],
    ["Retry-After with a far date", () => ({ "Retry-After": inSeconds(7200) }), 60],
    ["Retry-After that says nothing", () => ({ "Retry-After": "soon" }), 60],
    ["no Retry-After", () => ({}), 60],
  ])("with %s the mirror is asked first, for so long", async (_, headers, seconds) => {
    const scene = await Limited.open();
    expect((await scene.meetLimit(headers())).headers.get("X-Cache")).toBe("mirror");
    expect(await scene.isPaused()).toBe(true);
    passTime((seconds - 1) * SECOND);
    expect(await scene.isPaused()).toBe(true);
    passTime(SECOND);
    expect(await scene.isPaused()).toBe(false);
  });

  it.each(["0", "Thu, 01 Jan 2026 00:00:00 GMT"])("with Retry-After: %s it is asked next", async (text) => {
    const scene = await Limited.open();
    await scene.meetLimit({ "Retry-After": text });
    expect(await scene.isPaused()).toBe(false);
  });

  it("who finds it at no mirror is told 429 by the registry, and by nobody else", async () => {
    const scene = await Limited.open();
    await scene.meetLimit({ "Retry-After": "9" });
    scene.mirror = notFound;
    scene.limit = () => tooMany({ "Retry-After": "7", "RateLimit-Remaining": "0;w=21600" });
    const [own, mirrors] = [scene.asked(scene.registry), scene.asked(scene.mirrorAt)];
    const { headers, status } = await scene.get(scene.unseen());
    expect([status, headers.get("Retry-After"), headers.get("RateLimit-Remaining")]).toEqual([
      429,
      "7",
      "0;w=21600",
    ]);
    expect([scene.asked(scene.registry) - own, scene.asked(scene.mirrorAt) - mirrors]).toEqual([1, 1]);
    scene.limit = () => undefined;
    const answer = await scene.get(scene.unseen());
    expect([answer.status, answer.headers.get("X-Cache")]).toEqual([200, "miss"]);
  });

  it("who finds a mirror silent is served by the registry, five seconds later", async () => {
    const scene = await Limited.open();
    await scene.meetLimit({});
    scene.mirror = () => new Promise<Response>(() => undefined);
    const begun = performance.now();
    const { headers, status } = await scene.get(scene.unseen());
    expect([status, headers.get("X-Cache")]).toEqual([200, "miss"]);
    expect(performance.now() - begun).toBeLessThan(7000);
  });

  it("a tag is asked by HEAD as before, and what it stands for of the mirror", async () => {
    const scene = await Limited.open();
    await scene.meetLimit({});
    const [gets, heads] = [scene.asked(scene.registry), scene.asked(scene.registry, "HEAD")];
    for (const tag of ["v8", "v9"]) {
      const answer = await scene.get(`manifests/${tag}`);
      expect([answer.status, answer.headers.get("X-Cache")]).toEqual([200, "mirror"]);
    }
    expect((await scene.get("manifests/v10", { method: "HEAD" })).headers.get("X-Cache")).toBe("miss");
    expect([scene.asked(scene.registry) - gets, scene.asked(scene.registry, "HEAD") - heads]).toEqual([0, 3]);
  });

  it("what is stored is served from there, without a question that is counted", async () => {
    const scene = await Limited.open();
    passTime(6 * MINUTE);
    await scene.meetLimit({});
    const [gets, mirrors] = [scene.asked(scene.registry), scene.asked(scene.mirrorAt)];
    for (const path of ["manifests/latest", `manifests/${scene.documents[0]?.digest ?? ""}`]) {
      expect((await scene.get(path)).headers.get("X-Cache")).toBe("hit");
    }
    expect([scene.asked(scene.registry) - gets, scene.asked(scene.mirrorAt) - mirrors]).toEqual([0, 0]);
  });

  it("blobs and other registries are asked as before", async () => {
    const scene = await Limited.open();
    await scene.meetLimit({});
    expect((await scene.get(BLOB)).headers.get("X-Cache")).toBe("miss");
    expect(await scene.isPaused("other")).toBe(false);
    expect(await scene.isPaused()).toBe(true);
  });

  it("a registry without mirrors is asked as before", async () => {
    const scene = await Limited.open(false);
    const { headers, status } = await scene.meetLimit({ "Retry-After": "9" });
    expect([status, headers.get("Retry-After")]).toEqual([429, "9"]);
    expect(await scene.isPaused()).toBe(false);
  });

  it("of a repository that was not proved nothing is asked of a mirror, nor served from one", async () => {
    const scene = await Limited.open();
    await scene.meetLimit({});
    const path = scene.unseen();
    const mirrors = scene.asked(scene.mirrorAt);
    scene.limit = () => tooMany();
    expect((await scene.get(path, {}, "limited", "team/new")).status).toBe(429);
    scene.limit = () => undefined;
    const answer = await scene.get(path, {}, "limited", "team/new");
    expect([answer.headers.get("X-Cache"), scene.asked(scene.mirrorAt) - mirrors]).toEqual(["miss", 0]);
  });
});

describe("S9: where the registry says that nothing is left", () => {
  const names = ["RateLimit-Remaining", "X-RateLimit-Remaining"];
  const spent = ["0;w=21600", "0", " 0 ; w=21600"].flatMap((text) =>
    names.map((name) => [name, text, true] as const),
  );
  const left = ["10;w=21600", "1", "100;w=0", "-", ""].map(
    (text) => ["RateLimit-Remaining", text, false] as const,
  );
  it.each([...spent, ...left])(
    "with %s: %s, to HEAD or GET, the mirror is asked first: %s",
    async (name, text, is) => {
      for (const method of ["HEAD", "GET"]) {
        const scene = await Limited.open();
        scene.limit = (request) => {
          const document = scene.documents[11];
          if (document === undefined || !request.url.pathname.endsWith("/v11") || request.method !== method)
            return;
          return answerWith(document, request, { [name]: text });
        };
        // A registry without HEAD for this tag is asked by GET.
        const byGet = scene.limit;
        if (method === "GET") {
          scene.limit = (request) =>
            request.url.pathname.endsWith("/v11") && request.method === "HEAD"
              ? new Response(null, { status: 405 })
              : byGet(request);
        }
        expect(
          (await scene.get("manifests/v11", { method: method === "HEAD" ? "HEAD" : "GET" })).status,
        ).toBe(200);
        expect(await scene.isPaused(), method).toBe(is);
        passTime(MINUTE);
        expect(await scene.isPaused(), method).toBe(false);
      }
    },
  );
});

describe("S18: nobody can bring a pause about", () => {
  const limited = { "Retry-After": "30", "RateLimit-Remaining": "0" };
  const isOf =
    (part: string, method?: string) =>
    (request: Outgoing): boolean =>
      request.url.pathname.includes(part) && (method === undefined || request.method === method);

  it.each<[string, (request: Outgoing) => Response | undefined, string, RequestInit]>([
    [
      "an Accept that is not known",
      ({ headers, method }) => {
        if (headers.get("Accept") !== "text/odd") return undefined;
        return method === "HEAD" ? new Response(null, { status: 405, headers: limited }) : tooMany(limited);
      },
      "manifests/latest",
      { headers: { Accept: "text/odd" } },
    ],
    [
      "a range of a blob",
      (request) => (isOf("/blobs/")(request) ? tooMany(limited) : undefined),
      BLOB,
      { headers: { Range: "bytes=0-1" } },
    ],
    [
      "several ranges",
      (request) => (isOf("/blobs/")(request) ? tooMany(limited) : undefined),
      BLOB,
      { headers: { Range: "bytes=0-1,3-3" } },
    ],
    ["a blob", (request) => (isOf("/blobs/")(request) ? tooMany(limited) : undefined), BLOB, {}],
    [
      "HEAD",
      (request) => (isOf("/v9", "HEAD")(request) ? tooMany({ "Retry-After": "30" }) : undefined),
      "manifests/v9",
      { method: "HEAD" },
    ],
    [
      "what a redirect leads to",
      (request) => (isOf("/manifests/", "GET")(request) ? located(`${CDN}/manifest`) : undefined),
      "manifests/v9",
      {},
    ],
    ["tags", (request) => (isOf("/tags/list")(request) ? tooMany(limited) : undefined), "tags/list", {}],
  ])("by %s", async (_, limit, path, init) => {
    const scene = await Limited.open();
    const before = scene.internet.requests.length;
    scene.limit = limit;
    await scene.get(path, init);
    expect(scene.internet.requests.length).toBeGreaterThan(before);
    scene.limit = () => undefined;
    expect(await scene.isPaused()).toBe(false);
  });

  it("nor can a mirror", async () => {
    const scene = await Limited.open();
    const right = scene.mirror;
    await scene.meetLimit({ "Retry-After": "5" });
    scene.mirror = async (request) => {
      const answer = await right(request);
      return new Response(answer.body, { headers: { ...Object.fromEntries(answer.headers), ...limited } });
    };
    expect(await scene.isPaused()).toBe(true);
    passTime(5 * SECOND);
    expect(await scene.isPaused()).toBe(false);
  });
});

describe("S9: of what a registry counts", () => {
  const APP = "library/app";

  it("a cold pull costs two, a warm one nothing", async () => {
    const stage = await Stage.open({ quota: 100 });
    const image = await stage.registry.seedImage({ repository: APP, layers: [2000, 3000] });
    const left = async (): Promise<string | null> => {
      const other = await stage.registry.seedManifest({
        repository: APP,
        reference: `other-${Math.random()}`,
        mediaType: image.mediaType,
        body: JSON.stringify({
          schemaVersion: 2,
          mediaType: image.mediaType,
          manifests: [],
          at: Math.random(),
        }),
        unchecked: true,
      });
      return (await stage.head(`${APP}/manifests/${other.digest}`)).headers.get("RateLimit-Remaining");
    };
    for (let round = 0; round < 3; round += 1) {
      await stage.head(`${APP}/manifests/latest`);
      await stage.pull(image);
      expect(await left()).toBe("98;w=21600");
      passTime(2 * MINUTE);
    }
    expect((await stage.registry.state()).counters.manifestGet).toBe(2);
  });

  it("nothing is spent on images that a mirror has, once nothing is left", async () => {
    const mirror = await startRegistry({ library: true, challenge: { sameOriginRealm: true } });
    onTestFinished(() => mirror.close());
    const stage = await Stage.open({ quota: 2, retryAfter: 3600 }, { mirrors: [mirror.url] });
    const seeds = ["latest", "one", "two", "three"].map((tag) => ({ repository: APP, tag, layers: [2000] }));
    const images = [];
    for (const seed of seeds) {
      await mirror.seedImage(seed);
      images.push(await stage.registry.seedImage(seed));
    }
    for (const image of images) {
      await stage.head(`${APP}/manifests/${image.tag}`);
      for (const digest of [image.digest, firstOf(image).digest]) {
        expect((await stage.get(`${APP}/manifests/${digest}`)).status).toBe(200);
      }
      for (const { digest } of firstOf(image).layers) {
        expect((await stage.get(`${APP}/blobs/${digest}`)).cache).toBe("miss");
      }
    }
    // What was left, and not one that is refused: the second answer said that nothing is left.
    expect((await stage.registry.state()).counters).toMatchObject({ manifestGet: 2, manifestHead: 4 });
    expect((await mirror.state()).counters.manifestGet).toBe(6);
  });

  it("a hundred clients at once spend one where that one is refused", async () => {
    const scene = await Limited.open();
    const path = scene.unseen();
    const own = scene.asked(scene.registry);
    scene.limit = ({ method }) => (method === "GET" ? tooMany() : undefined);
    const answers = await Promise.all(Array.from({ length: 100 }, () => scene.get(path)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect([scene.asked(scene.registry) - own, scene.asked(scene.mirrorAt)]).toEqual([1, 1]);
  });
});
