// S10: what the owner's account brings is for guests of a closed proxy, in a class of its own: in the Cache API and in
// memory for five minutes after the account's own 200, never stale, never in the bucket; and it is asked only where nobody's
// tokens would do.
import { describe, expect, it, vi } from "vitest";
import type { SeededImage } from "../../registry/types.ts";
import type { RemoteRegistry } from "../../registry/client.ts";
import { basic, Ferry, forgetIsolate, row, startRegistry } from "../ferry.ts";
import { digestOf, fakeUpstream, seenBy } from "../client-ferry.ts";
import { LastingBucket, objects } from "../store/lasting-bucket.ts";
import { ALICE, HOST, USERS } from "./closed.ts";

const GUEST = { Authorization: basic(ALICE.user, ALICE.password) };
const OWNER = { user: "owner", password: "owners-canary-password" } as const;
const MINUTE = 60_000;

interface Scene {
  readonly ferry: Ferry;
  readonly registry: RemoteRegistry;
  readonly secret: SeededImage;
  readonly open: SeededImage;
}

async function openScene(
  variables: Record<string, unknown> = {},
  auth: "basic" | "token" = "token",
): Promise<Scene> {
  const registry = await startRegistry({ auth, users: { [OWNER.user]: OWNER.password } });
  const open = await registry.seedImage({ repository: "acme/open", layers: [1000] });
  const secret = await registry.seedImage({ repository: "acme/secret", layers: [1000, 2000] });
  await registry.setPrivate(["acme/secret"]);
  const ferry = new Ferry(
    { docker: row(registry, { registry: "docker.io" }) },
    {
      ACCESS_USERS: USERS,
      UPSTREAM_CREDENTIALS: JSON.stringify({ "docker.io": `${OWNER.user}:${OWNER.password}` }),
      ...variables,
    },
  );
  return { ferry, registry, secret, open };
}

function pathsOf(image: SeededImage): string[] {
  const [platform] = image.manifests;
  const blobs = [...(platform?.layers ?? []), platform?.config].map((blob) => `blobs/${blob?.digest ?? ""}`);
  const paths = [
    "manifests/latest",
    `manifests/${image.digest}`,
    `manifests/${platform?.digest ?? ""}`,
    ...blobs,
  ];
  return paths.map((path) => `${image.repository}/${path}`);
}

/** Each answer's status and where it is from. */
async function pull(
  { ferry }: Scene,
  image: SeededImage,
  headers: Record<string, string> = GUEST,
  method = "GET",
): Promise<string[]> {
  const answers: string[] = [];
  for (const path of pathsOf(image)) {
    const response = await ferry.fetch(`http://${HOST}/v2/${path}`, { headers, method });
    await response.arrayBuffer();
    answers.push(`${response.status} ${response.headers.get("X-Cache") ?? "-"}`);
  }
  return answers;
}

/** What went upstream since the last look, as method, path's end and whose it was. */
async function asked(scene: Scene): Promise<string[]> {
  const requests = await seenBy(scene.registry);
  return requests.map(({ method, path }) => `${method} ${path}`);
}

describe.each(["token", "basic"] as const)("S10: a private image of a registry with %s", (auth) => {
  it("is pulled by guests with the owner's account, and again from its class", async () => {
    const scene = await openScene({}, auth);
    for (const method of ["HEAD", "GET"]) {
      const cold = await pull(scene, scene.secret, GUEST, method);
      expect(cold.map((answer) => answer.slice(0, 3))).toEqual(cold.map(() => "200"));
    }
    const before = (await asked(scene)).length;
    const warm = await pull(scene, scene.secret);
    expect(warm).toEqual(warm.map(() => "200 hit"));
    expect((await asked(scene)).length).toBe(before);
  });

  it("has its lists, and its referrers", async () => {
    const { ferry, secret } = await openScene({}, auth);
    for (const path of ["tags/list", `referrers/${secret.digest}`]) {
      const response = await ferry.fetch(`http://${HOST}/v2/acme/secret/${path}`, { headers: GUEST });
      expect(response.status, path).toBe(200);
    }
  });
});

describe("S10: the private class", () => {
  it("is for nobody else: strangers are 401, and another configuration finds nothing of it", async () => {
    const scene = await openScene();
    await pull(scene, scene.secret);
    expect(new Set(await pull(scene, scene.secret, {}))).toEqual(new Set(["401 -"]));
    const open = new Ferry((scene.ferry.env as { ROUTES: unknown }).ROUTES);
    for (const path of pathsOf(scene.secret)) {
      const response = await open.fetch(`http://${HOST}/v2/${path}`, {
        headers: { Authorization: "Bearer ferry.anonymous" },
      });
      expect(response.status, path).toBe(401);
    }
  });

  it("is of one account: with another password everything is asked anew", async () => {
    const scene = await openScene();
    await pull(scene, scene.secret);
    const { ferry } = scene;
    ferry.env = {
      ...ferry.env,
      UPSTREAM_CREDENTIALS: JSON.stringify({ "docker.io": "owner:another-password" }),
    };
    expect(new Set(await pull(scene, scene.secret))).toEqual(new Set(["503 -"]));
  });

  it("is never stale, though what is public is", async () => {
    const scene = await openScene();
    await pull(scene, scene.secret);
    await pull(scene, scene.open);
    await scene.registry.configure({ fail: 503, failToken: 503 });
    vi.setSystemTime(Date.now() + 6 * MINUTE);
    const publics = await pull(scene, scene.open);
    expect(publics).toEqual(publics.map(() => "200 stale"));
    expect((await pull(scene, scene.secret)).filter((answer) => answer.startsWith("200"))).toEqual([]);
    vi.useRealTimers();
  });

  it.each([
    // The tag is asked again, and refused: what was fresh a moment ago is not shown either.
    ["its tag is refused, though the rest would be fresh", 2],
    ["the proof has ended", 6],
  ])("is not shown any more when the account loses the repository: %s", async (_, minutes) => {
    const scene = await openScene();
    await pull(scene, scene.secret);
    await scene.registry.configure({ readers: { "acme/secret": ["somebody"] } });
    vi.setSystemTime(Date.now() + minutes * MINUTE);
    const lost = await pull(scene, scene.secret);
    expect(lost.filter((answer) => answer.startsWith("200"))).toEqual([]);
    vi.useRealTimers();
  });

  it("is never stale where the isolate still knows that only the account may read it", async () => {
    const scene = await openScene();
    await pull(scene, scene.secret);
    // The next isolate finds the proof in the cache, and knows from then on whom to ask with.
    forgetIsolate();
    const begunAt = Date.now();
    vi.setSystemTime(begunAt + 2 * MINUTE);
    const byDigest = `http://${HOST}/v2/acme/secret/manifests/${scene.secret.digest}`;
    expect((await scene.ferry.fetch(byDigest, { headers: GUEST })).headers.get("X-Cache")).toBe("hit");
    await scene.registry.configure({ fail: 503 });
    vi.setSystemTime(begunAt + 6 * MINUTE);
    expect((await pull(scene, scene.secret)).filter((answer) => answer.startsWith("200"))).toEqual([]);
    vi.useRealTimers();
  });

  it("has nothing in the bucket, not even a name; what is public has", async () => {
    const bucket = await LastingBucket.open();
    const scene = await openScene({ BLOBS: bucket.binding });
    await pull(scene, scene.open);
    const before = await objects();
    expect(before.length).toBeGreaterThan(0);
    await pull(scene, scene.secret);
    const after = await objects();
    expect(after.length).toBe(before.length);
    expect(JSON.stringify(after)).not.toContain("secret");
    // An open proxy over the same store and bucket.
    scene.ferry.env = {
      ROUTES: scene.ferry.env["ROUTES"],
      BLOBS: bucket.binding,
      BUCKET_REPOSITORIES: "docker.io/**",
    };
    const nobody = { Authorization: "Bearer ferry.anonymous" };
    expect(new Set(await pull(scene, scene.secret, nobody))).toEqual(new Set(["401 -"]));
    expect((await pull(scene, scene.open, nobody)).map((answer) => answer.slice(0, 3))).not.toContain("401");
  });

  it("is left alone by what is public: that is asked by nobody's tokens, and kept for everybody", async () => {
    const scene = await openScene();
    await pull(scene, scene.open);
    const warm = await pull(scene, scene.open);
    expect(warm).toEqual(warm.map(() => "200 hit"));
    const closed = await asked(scene);
    expect(closed.some((line) => line.includes("acme/open"))).toBe(true);
  });

  it("no mirror is asked on the account's word, whatever the registry does", async () => {
    const mirror = await startRegistry();
    await mirror.seedImage({ repository: "acme/secret", layers: [1000, 2000] });
    const scene = await openScene();
    scene.ferry.env = {
      ...scene.ferry.env,
      ROUTES: { docker: row(scene.registry, { registry: "docker.io", mirrors: [mirror.url] }) },
    };
    await pull(scene, scene.secret);
    await scene.registry.configure({ fail: 503 });
    forgetIsolate();
    await pull(scene, scene.secret);
    expect(await seenBy(mirror)).toEqual([]);
  });
});

describe("S10: a repository with one public and one private tag", () => {
  const MANIFEST = { "Content-Type": "application/vnd.oci.image.manifest.v1+json" };
  const bodyOf = (tag: string): string =>
    JSON.stringify({ schemaVersion: 2, mediaType: MANIFEST["Content-Type"], config: { tag }, layers: [] });

  /** Plays the registry: whoever asks reads one tag, and the owner both. */
  async function play(): Promise<{ ferry: Ferry; digests: Record<string, string> }> {
    const digests = { open: await digestOf(bodyOf("open")), secret: await digestOf(bodyOf("secret")) };
    fakeUpstream(({ headers, method, url }) => {
      const isOwner = headers.get("Authorization") === "Bearer of-the-owner";
      if (url.host === "auth.example.com") {
        const asOwner = headers.get("Authorization") === basic(OWNER.user, OWNER.password);
        return Response.json({ token: asOwner ? "of-the-owner" : "of-nobody" });
      }
      const tag = (["open", "secret"] as const).find((one) =>
        [one, digests[one]].includes(url.pathname.split("/").at(-1) ?? ""),
      );
      if (tag === undefined || headers.get("Authorization") === null || (tag === "secret" && !isOwner)) {
        const challenge = 'Bearer realm="https://auth.example.com/token",service="s"';
        return Response.json({ errors: [] }, { status: 401, headers: { "WWW-Authenticate": challenge } });
      }
      const said = {
        ...MANIFEST,
        "Docker-Content-Digest": digests[tag],
        "Content-Length": String(bodyOf(tag).length),
      };
      return new Response(method === "HEAD" ? null : bodyOf(tag), { headers: said });
    });
    const ROUTES = {
      docker: {
        upstream: "https://registry.example.com",
        registry: "docker.io",
        realm: "https://auth.example.com/token",
      },
    };
    const UPSTREAM_CREDENTIALS = JSON.stringify({ "docker.io": `${OWNER.user}:${OWNER.password}` });
    return { ferry: new Ferry(ROUTES, { ACCESS_USERS: USERS, UPSTREAM_CREDENTIALS }), digests };
  }

  it("gives strangers of an open proxy over the same store the one and never the other", async () => {
    const { ferry, digests } = await play();
    const status = async (reference: string, headers: Record<string, string>): Promise<number> =>
      (await ferry.fetch(`http://${HOST}/v2/acme/app/manifests/${reference}`, { headers })).status;
    for (const reference of [
      "open",
      "secret",
      digests["open"] ?? "",
      digests["secret"] ?? "",
      "secret",
      "open",
    ])
      expect(await status(reference, GUEST), reference).toBe(200);
    ferry.env = { ROUTES: ferry.env["ROUTES"] };
    const nobody = { Authorization: "Bearer ferry.anonymous" };
    for (const reference of ["open", digests["open"] ?? ""])
      expect(await status(reference, nobody)).toBe(200);
    for (const reference of ["secret", digests["secret"] ?? ""])
      expect(await status(reference, nobody)).toBe(401);
    vi.restoreAllMocks();
  });
});
