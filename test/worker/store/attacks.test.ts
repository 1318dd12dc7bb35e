// Attacks on the store that were thought of by reading it: each tries to keep, lose or show what it should not.
import { describe, expect, it, vi } from "vitest";
import { startRegistry } from "../ferry.ts";
import type { Handler } from "../internet.ts";
import { digestOf } from "../client-ferry.ts";
import {
  answerWith,
  HOUR,
  imageDocument,
  MINUTE,
  notFound,
  passTime,
  Played,
  SECOND,
  Stage,
  begin,
  realPause,
  firstOf,
} from "./stage.ts";

const page: Handler = ({ method }) =>
  new Response(method === "HEAD" ? null : "<html>Log in</html>", {
    headers: { "Content-Type": "text/html" },
  });

describe("S9: what is no answer of a registry proves nothing", () => {
  it("a page of HTML with 200 does not renew a proof: after 24 h nothing is served under it", async () => {
    const document = await imageDocument("paged");
    const played = new Played((request) => answerWith(document, request));
    const path = `team/app/manifests/${document.digest}`;
    await played.get(path);
    played.serve = page;
    for (let hours = 0; hours < 26; hours += 2) {
      passTime(2 * HOUR);
      await played.get(path);
    }
    expect((await played.get(path)).status).not.toBe(200);
  });

  it("nor does a redirect of a blob to a page for logging in", async () => {
    const content = "bytes of a blob";
    const digest = await digestOf(content);
    const played = new Played(() => new Response(content, { headers: { "Content-Length": "15" } }));
    await played.get(`team/app/blobs/${digest}`);
    expect((await played.get(`team/app/blobs/${digest}`)).headers.get("X-Cache")).toBe("hit");
    played.internet.host("https://login.example", page);
    played.serve = () => new Response(null, { status: 302, headers: { Location: "https://login.example/" } });
    for (let hours = 0; hours < 26; hours += 2) {
      passTime(2 * HOUR);
      await played.get(`team/app/blobs/${digest}`);
    }
    expect((await played.get(`team/app/blobs/${digest}`)).body).not.toBe(content);
  });

  it.each(["tags/list", `referrers/sha256:${"3".repeat(64)}`])(
    "a list that all may read (%s) does not make content public that nobody may read any more",
    async (list) => {
      const document = await imageDocument("listed");
      const played = new Played((request) => answerWith(document, request));
      const path = `team/app/manifests/${document.digest}`;
      await played.get(path);
      played.serve = ({ url }) =>
        url.pathname.endsWith(`/${list}`)
          ? Response.json({ name: "team/app", tags: [] })
          : Response.json({ errors: [] }, { status: 401 });
      for (let round = 0; round < 3; round += 1) {
        passTime(4 * MINUTE);
        await played.get(`team/app/${list}`);
      }
      expect((await played.get(path)).status).toBe(401);
    },
  );

  it("a 403 upon a token that was kept is asked again with a fresh one", async () => {
    const document = await imageDocument("expired");
    let valid = "first";
    const played = new Played((request) =>
      request.headers.get("Authorization") === `Bearer ${valid}`
        ? answerWith(document, request)
        : Response.json({ errors: [{ code: "DENIED", message: "token expired" }] }, { status: 403 }),
    );
    played.token = () => Response.json({ token: valid, expires_in: 3600 });
    const path = `team/app/manifests/${document.digest}`;
    await played.get(path);
    valid = "second";
    passTime(6 * MINUTE);
    const { status, headers } = await played.get(path);
    expect([status, headers.get("X-Cache")]).toEqual([200, "hit"]);
  });
});

describe("S9: an outage is that of a registry, not of a request", () => {
  it.each<[string, (played: Played) => void]>([
    [
      "a token service that refuses one odd repository with 400",
      (played) => {
        played.token = ({ url }) =>
          url.search.includes("odd")
            ? Response.json({ details: "odd" }, { status: 400 })
            : Response.json({ token: "t", expires_in: 3600 });
      },
    ],
    [
      "a redirect of one odd repository that is refused",
      (played) => {
        const { serve } = played;
        played.serve = (request) =>
          request.url.pathname.includes("odd")
            ? new Response(null, { status: 302, headers: { Location: "https://localhost/" } })
            : serve(request);
      },
    ],
  ])("%s does not keep a revoked repository served", async (_, attack) => {
    const document = await imageDocument("revoked");
    const played = new Played((request) => answerWith(document, request));
    const path = `team/app/manifests/${document.digest}`;
    await played.get(path);
    played.serve = () => Response.json({ errors: [] }, { status: 401 });
    attack(played);
    passTime(6 * MINUTE);
    expect((await played.get("team/odd/manifests/latest")).status).not.toBe(200);
    passTime(SECOND);
    expect((await played.get(path)).status).toBe(401);
  });
});

describe("registries without HEAD", () => {
  it.each(["manifests", "blobs"])(
    "a stored digest is still served once its proof has ended: %s",
    async (kind) => {
      const document = await imageDocument("headless");
      const played = new Played((request) =>
        request.method === "HEAD" ? new Response(null, { status: 405 }) : answerWith(document, request),
      );
      const path = `team/app/${kind}/${document.digest}`;
      expect((await played.get(path)).status).toBe(200);
      passTime(6 * MINUTE);
      const { status, body } = await played.get(path);
      expect([status, body]).toEqual([200, document.body]);
    },
  );
});

describe("404s that an odd Accept provokes", () => {
  async function picky(): Promise<{ played: Played; digest: string }> {
    const document = await imageDocument("picky");
    const played = new Played((request) =>
      (request.headers.get("Accept") ?? "").includes(document.mediaType)
        ? answerWith(document, request)
        : notFound(),
    );
    await played.get("team/app/manifests/latest");
    return { played, digest: document.digest };
  }

  it("do not end the tag of the clients that the registry does serve", async () => {
    const { played } = await picky();
    passTime(2 * MINUTE);
    await played.get("team/app/manifests/latest", { Accept: "application/vnd.example.v1+json" });
    played.serve = () => new Response(null, { status: 503 });
    expect((await played.get("team/app/manifests/latest")).headers.get("X-Cache")).toBe("stale");
  });

  it("do not end a stored digest", async () => {
    const { played, digest } = await picky();
    passTime(6 * MINUTE);
    await played.get(`team/app/manifests/${digest}`, { Accept: "application/vnd.example.v1+json" });
    await played.get("team/app/manifests/latest", {}, "HEAD");
    expect((await played.get(`team/app/manifests/${digest}`)).headers.get("X-Cache")).toBe("hit");
  });
});

describe("a silent registry, and a mirror that answers", () => {
  it("the mirror is asked before clients give up (docker: 15 s)", async () => {
    const mirror = await startRegistry({ library: true });
    const stage = await Stage.open({}, { mirrors: [mirror.url] });
    const image = await stage.registry.seedImage({ repository: "library/app", layers: [], seed: "s" });
    await mirror.seedImage({ repository: "library/app", layers: [], seed: "s" });
    await mirror.configure({ auth: "none" });
    await stage.pull(image);
    const unseen = firstOf({ ...image, manifests: image.manifests.slice(1) });
    await stage.registry.configure({ fail: "hang" });
    vi.useFakeTimers({ now: Date.now(), toFake: ["Date", "setTimeout", "clearTimeout"] });
    let status = 0;
    const asked = begin(stage.ferry, `library/app/manifests/${unseen.digest}`).then(({ response }) => {
      status = response.status;
    });
    for (let second = 0; second < 14 && status === 0; second += 1) {
      await vi.advanceTimersByTimeAsync(SECOND);
      await realPause();
    }
    const inTime = status;
    await vi.advanceTimersByTimeAsync(2 * MINUTE);
    await asked;
    vi.useRealTimers();
    await mirror.close();
    expect(inTime).toBe(200);
  });
});

describe("a mirror whose body will not do", () => {
  async function expectMiss(body: BodyInit): Promise<void> {
    const document = await imageDocument("proof");
    const played = new Played((request) => answerWith(document, request), {
      mirrors: ["https://mirror.example"],
    });
    const headers = { "Content-Type": document.mediaType };
    played.internet.host("https://mirror.example", ({ url }) =>
      url.pathname === "/v2/" ? Response.json({}) : new Response(body, { headers }),
    );
    await played.get("team/app/manifests/proof");
    played.serve = () => new Response(null, { status: 503 });
    expect((await played.get(`team/app/manifests/sha256:${"6".repeat(64)}`)).status).toBe(503);
  }

  it("is a miss like any other, and no fault of ours (500): it breaks off", async () => {
    await expectMiss(new ReadableStream({ start: (controller) => controller.error(new Error("lost")) }));
  });

  it("is a miss like any other: it is larger than 4 MiB", async () => {
    await expectMiss(new Uint8Array(4 * 1024 * 1024 + 1));
  });
});

describe("what was just pushed is there at once", () => {
  it("the fallback tag of referrers, of which a 404 is remembered", async () => {
    const stage = await Stage.open();
    const image = await stage.registry.seedImage({ repository: "library/app", layers: [] });
    const tag = image.digest.replace(":", "-");
    expect((await stage.get(`library/app/manifests/${tag}`)).status).toBe(404);
    const index = JSON.stringify({
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.index.v1+json",
      manifests: [],
    });
    const headers = await stage.login("repository:library/app:pull,push");
    const pushed = await stage.ask(`library/app/manifests/${tag}`, {
      method: "PUT",
      headers: { ...headers, "Content-Type": "application/vnd.oci.image.index.v1+json" },
      body: index,
    });
    expect(pushed.status).toBe(201);
    expect((await stage.get(`library/app/manifests/${tag}`)).status).toBe(200);
  });

  it("tags that a push by digest names in its query", async () => {
    const stage = await Stage.open();
    await stage.registry.seedImage({ repository: "library/app", layers: [] });
    const other = await stage.registry.seedImage({ repository: "library/app", tag: "next", layers: [100] });
    const before = await stage.get("library/app/manifests/latest");
    const next = await stage.get("library/app/manifests/next");
    const headers = await stage.login("repository:library/app:pull,push");
    const pushed = await stage.ask(`library/app/manifests/${other.digest}?tag=latest`, {
      method: "PUT",
      headers: { ...headers, "Content-Type": other.mediaType },
      body: next.text,
    });
    expect(pushed.status).toBe(201);
    const { headers: after } = await stage.get("library/app/manifests/latest");
    expect(before.headers.get("Docker-Content-Digest")).not.toBe(other.digest);
    expect(after.get("Docker-Content-Digest")).toBe(other.digest);
  });
});
