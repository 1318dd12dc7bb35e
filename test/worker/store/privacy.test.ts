// S9, S10: what is private is given to nobody but those whose own credentials the registry took.
import { describe, expect, it } from "vitest";
import type { SeededImage } from "../../registry/types.ts";
import { forgetIsolate } from "../ferry.ts";
import { firstOf, HOUR, MINUTE, passTime, pathsOf, SECOND, Stage } from "./stage.ts";

const SECRET = "library/secret";

async function privateStage(): Promise<{ stage: Stage; image: SeededImage }> {
  const stage = await Stage.open({ private: [SECRET] });
  const image = await stage.registry.seedImage({ repository: SECRET, layers: [3000, 4000] });
  return { stage, image };
}

/** An image that was public, and pulled, beside others of its repository, which then is made private. */
async function publicStage(): Promise<{ stage: Stage; image: SeededImage }> {
  const stage = await Stage.open();
  for (const tag of ["second", "third"]) {
    await stage.pull(await stage.registry.seedImage({ repository: SECRET, tag, seed: tag, layers: [10] }));
  }
  const image = await stage.registry.seedImage({ repository: SECRET, layers: [3000, 4000] });
  await stage.pull(image);
  expect(new Set(await stage.pull(image)), "the store is warm").toEqual(new Set(["hit"]));
  passTime(SECOND);
  return { stage, image };
}

/** Every way to ask for an image without credentials: none may be answered with content. */
async function statuses(stage: Stage, image: SeededImage, repository = SECRET): Promise<Set<number>> {
  const seen = new Set<number>();
  for (const path of [`manifests/${image.tag}`, ...pathsOf(image)]) {
    for (const method of ["GET", "HEAD"]) {
      for (const headers of [{}, { Range: "bytes=0-9" }]) {
        const answer = await stage.get(`${repository}/${path}`, { method, headers });
        expect(answer.text).not.toContain(firstOf(image).digest);
        seen.add(answer.status);
      }
    }
  }
  return seen;
}

/** Asks for something that is refused, twice: with every witness refused as well, that is a denial (S18). */
async function meetDenial(stage: Stage, path = `${SECRET}/manifests/latest`): Promise<void> {
  expect((await stage.get(path)).status).toBe(401);
  passTime(11 * SECOND);
  expect((await stage.get(path)).status).toBe(401);
}

describe("S9: two clients, one with credentials", () => {
  it("what credentials fetched is served to nobody else, in whatever way it is asked for", async () => {
    const { stage, image } = await privateStage();
    await stage.registry.seedImage({ repository: "library/open", layers: [] });
    const headers = await stage.login(`repository:${SECRET}:pull`);
    for (const path of [`manifests/${image.tag}`, ...pathsOf(image)]) {
      expect((await stage.ask(`${SECRET}/${path}`, { headers })).status).toBe(200);
    }
    expect(await statuses(stage, image)).toEqual(new Set([401]));
    expect(await statuses(stage, image, "secret")).toEqual(new Set([401]));
    // A public repository of the same registry does not lead to it: blobs are of a repository.
    expect((await stage.get("library/open/manifests/latest")).status).toBe(200);
    for (const path of pathsOf(image)) expect((await stage.get(`library/open/${path}`)).status).toBe(404);
    // The owner of the credentials goes on.
    expect((await stage.ask(`${SECRET}/manifests/${image.tag}`, { headers })).status).toBe(200);
  });

  it("nothing that a client's Authorization fetched is stored, even of a public repository", async () => {
    const stage = await Stage.open();
    const image = await stage.registry.seedImage({ repository: SECRET, layers: [3000] });
    const headers = await stage.login(`repository:${SECRET}:pull`);
    for (const path of [`manifests/${image.tag}`, ...pathsOf(image)]) {
      const answer = await stage.ask(`${SECRET}/${path}`, { headers });
      expect([answer.status, answer.cache]).toEqual([200, null]);
    }
    await stage.registry.reset();
    await stage.pull(image);
    const { counters } = await stage.registry.state();
    expect([counters.manifestHead, counters.manifestGet, counters.blobGet]).toEqual([1, 2, 2]);
  });

  it("a client with credentials is never served from the store", async () => {
    const { stage, image } = await publicStage();
    const headers = await stage.login(`repository:${SECRET}:pull`);
    await stage.registry.reset();
    for (const path of pathsOf(image)) {
      expect((await stage.ask(`${SECRET}/${path}`, { headers })).cache).toBeNull();
    }
    expect((await stage.registry.state()).counters.registry).toBe(pathsOf(image).length);
  });

  it.each(["Bearer forged", "Basic YWxpY2U6d3Jvbmc=", "Bearer ferry.anonymous, Bearer x", "Digest a=b"])(
    "an Authorization that is not ours (%s) is judged by the registry, not served from the store",
    async (authorization) => {
      const { stage, image } = await publicStage();
      const { status } = await stage.ask(`${SECRET}/manifests/${image.digest}`, {
        headers: { Authorization: authorization },
      });
      expect(status).toBe(401);
    },
  );

  it("without Authorization there is a challenge, and no content, be the store warm or not", async () => {
    const { stage, image } = await publicStage();
    for (const path of pathsOf(image)) {
      const { status, headers } = await stage.ask(`${SECRET}/${path}`, {});
      expect(status).toBe(401);
      expect(headers.get("WWW-Authenticate")).not.toContain("error=");
    }
  });
});

describe("S9: revocation", () => {
  it("is obeyed after 5 minutes at the latest, by every way to ask", async () => {
    const { stage, image } = await publicStage();
    await stage.registry.setPrivate([SECRET]);
    passTime(5 * MINUTE);
    expect(await statuses(stage, image)).toEqual(new Set([401]));
  });

  it.each([
    ["a tag that is not known here", "manifests/other"],
    ["a digest that is not known here", `manifests/sha256:${"1".repeat(64)}`],
    ["a blob that is not known here", `blobs/sha256:${"2".repeat(64)}`],
  ])("is obeyed at once after a denial was seen, be it by %s", async (_, path) => {
    const { stage, image } = await publicStage();
    await stage.registry.setPrivate([SECRET]);
    await meetDenial(stage, `${SECRET}/${path}`);
    expect(await statuses(stage, image)).toEqual(new Set([401]));
    // And by another isolate of the same data centre.
    forgetIsolate();
    expect(await statuses(stage, image)).toEqual(new Set([401]));
  });

  it.each([
    ["the token service refuses", { anonymousPrivate: 401 }],
    ["the token service denies", { anonymousPrivate: 403 }],
  ] as const)("is obeyed where %s", async (_, options) => {
    const { stage, image } = await publicStage();
    await stage.registry.configure({ private: [SECRET], ...options });
    forgetIsolate();
    passTime(HOUR);
    // Once is trouble: what is stored is served.
    expect((await stage.get(`${SECRET}/manifests/${image.digest}`)).cache).toBe("stale");
    passTime(11 * SECOND);
    expect(await statuses(stage, image)).toEqual(new Set([401]));
  });

  it.each([
    ["429", { fail: 429, failToken: 429 }],
    ["503", { fail: 503, failToken: 503 }],
    ["a closed socket", { fail: "drop", failToken: "drop" }],
  ] as const)("that was seen beats staleness: then %s", async (_, failure) => {
    const { stage, image } = await publicStage();
    await stage.registry.setPrivate([SECRET]);
    passTime(6 * MINUTE);
    await meetDenial(stage);
    await stage.registry.configure(failure);
    for (const isolate of ["same", "new"]) {
      if (isolate === "new") forgetIsolate();
      passTime(MINUTE);
      const seen = await statuses(stage, image);
      expect(seen, `${isolate} isolate`).not.toContain(200);
      expect(seen).not.toContain(206);
    }
  });

  it("F18: a denial is lifted by a positive answer, and what was kept is found again", async () => {
    const { stage, image } = await publicStage();
    await stage.registry.setPrivate([SECRET]);
    passTime(6 * MINUTE);
    await meetDenial(stage);
    await stage.registry.setPrivate([]);
    passTime(11 * SECOND);
    await stage.registry.reset();
    expect(new Set(await stage.pull(image))).toEqual(new Set(["hit"]));
    const { counters } = await stage.registry.state();
    expect([counters.manifestGet, counters.blobGet]).toEqual([0, 0]);
  });

  it("denied twice, what was fetched in between is out of reach too", async () => {
    const { stage, image } = await publicStage();
    for (const round of [1, 2]) {
      await stage.registry.setPrivate([SECRET]);
      passTime(6 * MINUTE);
      await meetDenial(stage);
      await stage.registry.setPrivate([]);
      passTime(11 * SECOND);
      expect(await stage.pull(image), `round ${round}`).not.toContain("401");
    }
    await stage.registry.setPrivate([SECRET]);
    passTime(6 * MINUTE);
    expect(await statuses(stage, image)).toEqual(new Set([401]));
  });
});

describe("S9: nobody can empty a repository by asking for what does not exist", () => {
  it("a flood of unknown tags, digests and blobs leaves the store warm", async () => {
    const { stage, image } = await publicStage();
    for (let index = 0; index < 20; index += 1) {
      const hex = index.toString(16).padStart(64, "0");
      for (const path of [`manifests/t${index}`, `manifests/sha256:${hex}`, `blobs/sha256:${hex}`]) {
        expect((await stage.get(`${SECRET}/${path}`)).status).toBe(404);
      }
    }
    await stage.registry.reset();
    expect(new Set(await stage.pull(image))).toEqual(new Set(["hit"]));
    expect((await stage.registry.state()).counters.registry).toBe(0);
  });

  it("nor does a flood of unknown repositories, which look private", async () => {
    const { stage, image } = await publicStage();
    await stage.registry.configure({ hideUnknown: true });
    for (let index = 0; index < 20; index += 1) {
      expect((await stage.get(`library/none${index}/manifests/latest`)).status).toBe(401);
    }
    expect(new Set(await stage.pull(image))).toEqual(new Set(["hit"]));
  });

  it("a 404 ends one reference only: another tag of the same image stays", async () => {
    const { stage, image } = await publicStage();
    await stage.registry.seedImage({ repository: SECRET, layers: [3000, 4000], seed: "x", tag: "other" });
    expect((await stage.get(`${SECRET}/manifests/other`)).status).toBe(200);
    await stage.registry.deleteTag(SECRET, "latest");
    passTime(2 * MINUTE);
    expect((await stage.get(`${SECRET}/manifests/latest`)).status).toBe(404);
    await stage.registry.configure({ fail: 503 });
    // The registry said that it is gone: silence afterwards does not bring it back.
    expect((await stage.get(`${SECRET}/manifests/latest`)).status).toBe(503);
    expect((await stage.get(`${SECRET}/manifests/other`)).status).toBe(200);
    expect((await stage.get(`${SECRET}/manifests/${image.digest}`)).status).toBe(200);
  });

  it("a digest that the registry no longer has ends, once it is asked for again", async () => {
    const { stage, image } = await publicStage();
    await stage.registry.deleteManifest(SECRET, image.digest);
    passTime(6 * MINUTE);
    expect((await stage.get(`${SECRET}/manifests/${image.digest}`)).status).toBe(404);
    expect((await stage.get(`${SECRET}/manifests/${firstOf(image).digest}`)).status).toBe(200);
    await stage.registry.configure({ fail: 503 });
    passTime(6 * MINUTE);
    expect((await stage.get(`${SECRET}/manifests/${image.digest}`)).status).toBe(503);
  });
});

describe("S9: staleness", () => {
  it.each([
    [23 * HOUR, new Set(["stale"])],
    [24 * HOUR + MINUTE, new Set(["503"])],
  ])("%i ms after the registry's last word", async (age, expected) => {
    const { stage, image } = await publicStage();
    await stage.registry.configure({ fail: 503, failToken: 503 });
    for (const isolate of ["same", "new"]) {
      if (isolate === "new") forgetIsolate();
      else passTime(age);
      expect(new Set(await stage.pull(image)), `${isolate} isolate`).toEqual(expected);
    }
  });

  it("is not renewed by being served", async () => {
    const { stage, image } = await publicStage();
    await stage.registry.configure({ fail: 503, failToken: 503 });
    for (let hour = 0; hour < 24; hour += 6) {
      passTime(5 * HOUR);
      expect(new Set(await stage.pull(image))).toEqual(new Set(["stale"]));
    }
    passTime(5 * HOUR);
    expect(new Set(await stage.pull(image))).toEqual(new Set(["503"]));
  });
});

describe("a tag that was changed through here is asked anew", () => {
  it.each([
    ["pushed", "PUT", 200],
    ["deleted", "DELETE", 404],
  ])("%s", async (_, method, expected) => {
    const { stage, image } = await publicStage();
    const other = await stage.registry.seedImage({ repository: SECRET, tag: "next", layers: [100] });
    const next = await stage.get(`${SECRET}/manifests/next`);
    const headers = await stage.login(`repository:${SECRET}:pull,push,delete`);
    const changed = await stage.ask(`${SECRET}/manifests/latest`, {
      method,
      headers: { ...headers, "Content-Type": other.mediaType },
      body: method === "PUT" ? next.text : null,
    });
    expect([201, 202]).toContain(changed.status);
    const { status, headers: now } = await stage.get(`${SECRET}/manifests/latest`);
    expect(status).toBe(expected);
    if (expected === 200) expect(now.get("Docker-Content-Digest")).toBe(other.digest);
    expect(image.digest).not.toBe(other.digest);
  });

  it("but not if the registry refused the change", async () => {
    const { stage } = await publicStage();
    await stage.registry.configure({ writers: [] });
    const headers = await stage.login(`repository:${SECRET}:pull`);
    await stage.registry.reset();
    const refused = await stage.ask(`${SECRET}/manifests/latest`, { method: "DELETE", headers });
    expect(refused.status).toBe(401);
    expect((await stage.get(`${SECRET}/manifests/latest`)).cache).toBe("hit");
    expect((await stage.registry.state()).counters.manifestHead).toBe(0);
  });
});
