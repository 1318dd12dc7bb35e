// A cache that forgets everything between any two requests, as on workers.dev; one that throws, and one that is late: everything
// is still right, only slower (S9). With a bucket and without, and by an isolate that forgets too.
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { digestOf } from "../client-ferry.ts";
import { forgetIsolate } from "../ferry.ts";
import { forgetCaches } from "../fresh-worker.ts";
import { openScene, OUT, partsOf, UP, type Scene } from "./lasting-scene.ts";
import { begin, HOUR, MINUTE, passTime, SECOND } from "./stage.ts";

type Trouble = "forgets" | "late" | "throws";

const HELD_MS = 500 + 400;

interface Case {
  readonly trouble: Trouble;
  readonly hasBucket: boolean;
  /** True where the isolate forgets as well, between any two requests. */
  readonly isAlone: boolean;
}

const CASES = [true, false].flatMap((hasBucket): Case[] => [
  { trouble: "forgets", hasBucket, isAlone: true },
  { trouble: "forgets", hasBucket, isAlone: false },
  { trouble: "throws", hasBucket, isAlone: true },
]);

/** What an answer was: its status, where it is from, and its bytes by their digest. */
interface Heard {
  readonly status: number;
  readonly source: string | null;
  readonly size: number;
  readonly digest: string;
}

class Forgetful {
  readonly scene: Scene;
  readonly #of: Case;

  private constructor(scene: Scene, of: Case) {
    this.scene = scene;
    this.#of = of;
  }

  static async open(of: Case): Promise<Forgetful> {
    const scene = await openScene(of.hasBucket ? {} : { BLOBS: undefined });
    if (of.trouble !== "forgets") beUseless(of.trouble);
    return new Forgetful(scene, of);
  }

  async ask(path: string, headers: Record<string, string> = {}, method = "GET"): Promise<Heard> {
    if (this.#of.trouble === "forgets") forgetCaches();
    if (this.#of.isAlone) forgetIsolate();
    const { response, settled } = await begin(this.scene.stage.ferry, path, { headers, method });
    const bytes = await response.arrayBuffer();
    await settled();
    const source = response.headers.get("X-Cache");
    return { status: response.status, source, size: bytes.byteLength, digest: await digestOf(bytes) };
  }

  /** Everything of the image, byte by byte. @returns where it is from, or the status of what is not served */
  async pull(): Promise<Set<string>> {
    const { image } = this.scene;
    const seen = new Set<string>();
    for (const [name, path] of Object.entries(partsOf(image))) {
      const { digest, source, status } = await this.ask(path);
      seen.add(status === 200 ? (source ?? "none") : String(status));
      if (status === 200) expect(digest, name).toBe(name === "tag" ? image.digest : path.split("/").at(-1));
    }
    return seen;
  }
}

/** True while what is late is waited for. */
let isWaiting = false;

/** A cache that has nothing and keeps nothing, until the test ends. */
function beUseless(trouble: "late" | "throws"): void {
  const fail = async (): Promise<never> => {
    while (trouble === "late" && isWaiting) await scheduler.wait(20);
    throw new Error(`the cache ${trouble}`);
  };
  vi.stubGlobal("caches", { open: () => Promise.resolve({ match: fail, put: fail, delete: fail }) });
  onTestFinished(() => {
    vi.unstubAllGlobals();
  });
}

describe.each(CASES)(
  "S9: a cache that $trouble, with a bucket: $hasBucket, an isolate that forgets: $isAlone",
  (of) => {
    it("whole pulls are right, again and again", async () => {
      const forgetful = await Forgetful.open(of);
      await forgetful.pull();
      for (const minutes of [2, 6, 90]) {
        passTime(minutes * MINUTE);
        const seen = await forgetful.pull();
        if (of.hasBucket) expect(seen, `after ${minutes} minutes`).toEqual(new Set(["hit"]));
        else expect([...seen].filter((source) => source !== "hit" && source !== "miss")).toEqual([]);
      }
    });

    it("HEAD is answered as GET is", async () => {
      const forgetful = await Forgetful.open(of);
      for (const [name, path] of Object.entries(partsOf(forgetful.scene.image))) {
        for (const expected of [200, 200]) {
          const { size, status } = await forgetful.ask(path, {}, "HEAD");
          expect([status, size], name).toEqual([expected, 0]);
          await forgetful.ask(path);
        }
      }
    });

    it("parts are parts", async () => {
      const forgetful = await Forgetful.open(of);
      await forgetful.pull();
      for (const part of ["small", "large"] as const) {
        const path = partsOf(forgetful.scene.image)[part];
        const whole = await forgetful.ask(path);
        const two = await forgetful.ask(path, { Range: "bytes=0-1" });
        expect([two.status, two.size], part).toEqual([206, 2]);
        const all = await forgetful.ask(path, { Range: "bytes=0-" });
        expect([all.status, all.digest], part).toEqual([206, whole.digest]);
        const none = await forgetful.ask(path, { Range: `bytes=${whole.size}-` });
        expect(none.status, part).toBe(416);
      }
    });

    it("a tag that moved is what it is now, and one that was deleted is none", async () => {
      const forgetful = await Forgetful.open(of);
      const { image, stage } = forgetful.scene;
      const { tag } = partsOf(image);
      await forgetful.pull();
      const { digest } = await stage.registry.seedImage({ repository: "library/app", seed: "moved" });
      passTime(61 * SECOND);
      expect((await forgetful.ask(tag)).digest).toBe(digest);
      await stage.registry.deleteTag("library/app", image.tag);
      passTime(61 * SECOND);
      expect((await forgetful.ask(tag)).status).toBe(404);
      await stage.registry.configure(OUT);
      expect((await forgetful.ask(tag)).status).toBe(503);
    });

    it("while the registry is down, only a bucket has proof: without one nothing is stale", async () => {
      const forgetful = await Forgetful.open(of);
      const { registry } = forgetful.scene.stage;
      await forgetful.pull();
      await registry.configure(OUT);
      for (const hours of [1, 22]) {
        passTime(hours * HOUR);
        expect(await forgetful.pull()).toEqual(new Set([of.hasBucket ? "stale" : "503"]));
      }
      passTime(2 * HOUR);
      expect(await forgetful.pull()).toEqual(new Set(["503"]));
      await registry.configure(UP);
      passTime(MINUTE);
      expect(await forgetful.pull()).not.toContain("503");
    });

    it("a repository that was closed is closed, and opens again", async () => {
      const forgetful = await Forgetful.open(of);
      const { registry } = forgetful.scene.stage;
      await forgetful.pull();
      await registry.setPrivate(["library/app"]);
      for (let time = 1; time <= 2; time += 1) {
        passTime(11 * SECOND);
        expect((await forgetful.ask("library/app/manifests/none")).status).toBe(401);
      }
      passTime(5 * MINUTE);
      expect(await forgetful.pull()).toEqual(new Set(["401"]));
      await registry.configure(OUT);
      passTime(11 * SECOND);
      // What was refused is not served stale: where everything forgets, of each thing that somebody asked for.
      expect(await forgetful.pull()).toEqual(new Set(["503"]));
      await registry.configure(UP);
      await registry.setPrivate([]);
      passTime(MINUTE);
      const seen = await forgetful.pull();
      expect([...seen].filter((source) => source !== "hit" && source !== "miss")).toEqual([]);
    });
  },
);

describe.each([true, false])("S9: a cache that is late, with a bucket: %s", (hasBucket) => {
  const of: Case = { trouble: "late", hasBucket, isAlone: true };

  async function timed(forgetful: Forgetful, path: string): Promise<[status: number, ms: number]> {
    forgetIsolate();
    isWaiting = true;
    const begunAt = performance.now();
    const { response, settled } = await begin(forgetful.scene.stage.ferry, path);
    await response.arrayBuffer();
    const ms = performance.now() - begunAt;
    isWaiting = false;
    await settled();
    return [response.status, ms];
  }

  it("holds nobody back for more than 500 ms", async () => {
    const forgetful = await Forgetful.open(of);
    const { image, stage } = forgetful.scene;
    const paths = [...Object.values(partsOf(image)), "library/app/manifests/none"];
    for (const path of paths) {
      const [status, ms] = await timed(forgetful, path);
      expect(status, path).toBe(path.endsWith("none") ? 404 : 200);
      expect(ms, path).toBeLessThan(HELD_MS);
    }
    await stage.registry.configure(OUT);
    passTime(HOUR);
    for (const path of paths.slice(0, -1)) {
      const [status, ms] = await timed(forgetful, path);
      expect(status, path).toBe(hasBucket ? 200 : 503);
      expect(ms, path).toBeLessThan(HELD_MS);
    }
  }, 90_000);
});
