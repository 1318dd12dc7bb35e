// S11: the memory that fills hold is bounded, whoever reads slowly, stalls or leaves.
import { createExecutionContext } from "cloudflare:test";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import worker from "../../../src/index.ts";
import { digestOf } from "../client-ferry.ts";
import { Ferry } from "../ferry.ts";
import { Internet } from "../internet.ts";
import { ANONYMOUS, begin, MINUTE, realPause, SECOND, Stage } from "./stage.ts";

const MIB = 1024 * 1024;
/** `CACHE_MAX_BLOB`, as these tests set it: a few of them have no room beside each other. */
const SIZE = 2 * MIB;

/** A client that has its answer, and reads none of it but what a test reads. */
interface Client {
  readonly digest: string;
  readonly response: Response;
  readonly body: ReadableStream<Uint8Array>;
}

/** Registries at `a.example.com` and so on, each with an upstream of its own that challenges nobody. */
class Registries {
  static #count = 0;
  readonly internet = new Internet();
  readonly ferry: Ferry;
  readonly #blobs = new Map<string, () => Response>();
  readonly #seed = `fills ${(Registries.#count += 1)}`;

  constructor() {
    const names = ["a", "b", "c", "d"];
    const originOf = (name: string): string => `https://${name}-${this.#seed.replace(" ", "-")}.example`;
    for (const name of names) {
      this.internet.host(originOf(name), ({ url }) => {
        const serve = this.#blobs.get(url.pathname.split("/").at(-1) ?? "");
        return serve?.() ?? Response.json({});
      });
    }
    const rows = names.map((name) => [name, { upstream: originOf(name), mirrors: [] }]);
    this.ferry = new Ferry(Object.fromEntries(rows), { CACHE_MAX_BLOB: SIZE });
  }

  /** A blob that no other test has. @param body what is sent of it; the whole by default */
  async blob(size = SIZE, body?: (whole: Uint8Array<ArrayBuffer>) => ReadableStream): Promise<string> {
    const whole = new Uint8Array(size);
    new TextEncoder().encodeInto(`${this.#seed} ${this.#blobs.size}`, whole);
    const digest = await digestOf(whole);
    this.#blobs.set(digest, () => {
      const headers = { "Content-Length": String(size) };
      return new Response(body?.(whole) ?? whole, { headers });
    });
    return digest;
  }

  /** Asks for a blob, and waits for nothing that goes on after the answer. */
  async start(name: string, digest: string, headers: Record<string, string> = {}): Promise<Client> {
    const url = `https://${name}.example.com/v2/team/app/blobs/${digest}`;
    const request = new Request(url, { headers: { ...ANONYMOUS, ...headers } });
    const context = createExecutionContext();
    const response = await worker.fetch(request as never, this.ferry.env as never, context);
    if (response.status !== 200 || response.body === null) throw new TypeError(`${response.status}`);
    return { digest, response, body: response.body as ReadableStream<Uint8Array> };
  }

  /** Has a blob asked for by a client that reads it all. @returns whether it is stored then */
  async stores(name: string, digest: string, headers: Record<string, string> = {}): Promise<boolean> {
    const { response } = await this.start(name, digest, headers);
    await response.arrayBuffer();
    return this.isStored(name, digest);
  }

  /** Asks for the head, which fills nothing. */
  async isStored(name: string, digest: string): Promise<boolean> {
    for (let turn = 0; turn < 10; turn += 1) await realPause();
    const url = `https://${name}.example.com/v2/team/app/blobs/${digest}`;
    const response = await this.ferry.fetch(url, { method: "HEAD", headers: ANONYMOUS });
    return response.headers.get("X-Cache") === "hit";
  }
}

/** The first half of a blob, and then nothing. */
function stalled(whole: Uint8Array): ReadableStream {
  return new ReadableStream({ start: (controller) => controller.enqueue(whole.subarray(0, SIZE / 2)) });
}

beforeEach(() => {
  // The clock stands until a test moves it, and so do the timers of the Worker.
  vi.useFakeTimers({
    toFake: ["Date", "setTimeout", "clearTimeout", "setInterval", "clearInterval"],
    now: Date.now(),
  });
  onTestFinished(() => {
    vi.useRealTimers();
  });
});

describe("S11: fills under way", () => {
  it("F3: a client that reads nothing keeps its half counted until it leaves", async () => {
    const registries = new Registries();
    const clients: Client[] = [];
    for (let count = 0; count < 3; count += 1) {
      const client = await registries.start("a", await registries.blob());
      expect(await registries.isStored("a", client.digest), `blob ${count}`).toBe(true);
      clients.push(client);
    }
    expect(await registries.stores("a", await registries.blob()), "6 MiB are held").toBe(false);
    await clients[0]?.body.cancel();
    expect(await registries.stores("a", await registries.blob()), "4 MiB are held").toBe(true);
    for (const { body } of clients.slice(1)) expect(await lengthOf(body)).toBe(SIZE);
  });

  it("F4: eight stalled blobs of one registry keep no blob of another out, nor when their clients left", async () => {
    const registries = new Registries();
    const clients: Client[] = [];
    for (let count = 0; count < 8; count += 1) {
      clients.push(await registries.start("a", await registries.blob(SIZE, stalled)));
    }
    expect(await registries.stores("b", await registries.blob())).toBe(true);
    for (const { body } of clients) await body.cancel();
    expect(await registries.stores("b", await registries.blob())).toBe(true);
    expect(await registries.stores("c", await registries.blob())).toBe(true);
  });

  it("a cache that reads nothing of what it is given holds no room", async () => {
    const registries = new Registries();
    const nothing = { put: () => Promise.resolve(), match: () => Promise.resolve(undefined) };
    const spy = vi.spyOn(caches, "open").mockResolvedValue(nothing as unknown as Cache);
    onTestFinished(() => spy.mockRestore());
    for (let count = 0; count < 5; count += 1) {
      const { body } = await registries.start("a", await registries.blob());
      expect(await lengthOf(body)).toBe(SIZE);
    }
    spy.mockRestore();
    expect(await registries.stores("a", await registries.blob())).toBe(true);
  });

  it("F4: what never ends counts two minutes", async () => {
    const registries = new Registries();
    for (const name of ["a", "b", "c", "a", "b", "c", "a", "b"]) {
      await registries.start(name, await registries.blob(SIZE, stalled));
    }
    expect(await registries.stores("d", await registries.blob())).toBe(false);
    // As where the platform cut the requests off: none of their timers comes.
    vi.setSystemTime(Date.now() + 2 * MINUTE);
    expect(await registries.stores("d", await registries.blob())).toBe(true);
  });

  it("one network of callers has three quarters, and leaves the rest to another", async () => {
    const registries = new Registries();
    const inOneNetwork = ["2001:db8:0:1::1", "2001:DB8:0:1::2", "2001:db8::1:ffff:0:0:3"];
    for (const [index, name] of ["a", "b", "c"].entries()) {
      const headers = { "CF-Connecting-IP": inOneNetwork[index] ?? "" };
      await registries.start(name, await registries.blob(SIZE, stalled), headers);
    }
    const ask = async (address: string): Promise<boolean> =>
      registries.stores("d", await registries.blob(), { "CF-Connecting-IP": address });
    expect(await ask("2001:db8:0:1::4")).toBe(false);
    expect(await ask("2001:db8:0:2::1")).toBe(true);
  });
});

describe("S11: the halves of a copied stream", () => {
  it("the store's has 25 seconds, and the client's goes on without it", async () => {
    const registries = new Registries();
    let sendRest = (): void => undefined;
    const slow = (whole: Uint8Array<ArrayBuffer>): ReadableStream =>
      new ReadableStream({
        start(controller) {
          controller.enqueue(whole.slice(0, SIZE / 2));
          sendRest = () => {
            controller.enqueue(whole.slice(SIZE / 2));
            controller.close();
          };
        },
      });
    for (const [seconds, stored] of [
      [24, true],
      [25, false],
    ] as const) {
      const digest = await registries.blob(SIZE, slow);
      const { response } = await registries.start("a", digest);
      const whole = response.arrayBuffer();
      await realPause();
      await vi.advanceTimersByTimeAsync(seconds * SECOND);
      sendRest();
      expect(await digestOf(await whole)).toBe(digest);
      expect(await registries.isStored("a", digest), `after ${seconds} s`).toBe(stored);
    }
  });

  it("the client's is broken off once it is a minute old and there is no room, the oldest first", async () => {
    // A real registry: only in a pipe of the network does the runtime heed a signal while a write waits.
    const stage = await Stage.open({}, {}, { CACHE_MAX_BLOB: SIZE });
    const seed = async (fill: number): Promise<string> => {
      const content = new Uint8Array(SIZE).fill(fill);
      const { digest } = await stage.registry.seedBlob({ repository: "library/app", content });
      return `library/app/blobs/${digest}`;
    };
    const stores = async (path: string): Promise<boolean> => {
      await stage.get(path);
      return (await stage.head(path)).cache === "hit";
    };
    const bodies: ReadableStream<Uint8Array>[] = [];
    for (let count = 0; count < 3; count += 1) {
      const path = await seed(count);
      const { response } = await begin(stage.ferry, path);
      bodies.push(response.body as ReadableStream<Uint8Array>);
      await vi.waitFor(async () => expect((await stage.head(path)).cache).toBe("hit"), { timeout: 5000 });
      await vi.advanceTimersByTimeAsync(SECOND);
    }
    const late = await seed(3);
    expect(await stores(late), "none is a minute old").toBe(false);
    await vi.advanceTimersByTimeAsync(MINUTE);
    expect(await stores(late), "the room is still held").toBe(false);
    await vi.advanceTimersByTimeAsync(5 * SECOND);
    await realPause();
    expect(await stores(late), "the room is free").toBe(true);
    const lengths = await Promise.allSettled(bodies.map((body) => lengthOf(body)));
    expect(lengths.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "fulfilled"]);
  });

  it("a slow client whose room nobody needs is served to the end", async () => {
    const registries = new Registries();
    const { body } = await registries.start("a", await registries.blob());
    await realPause();
    for (let minutes = 0; minutes < 10; minutes += 1) await vi.advanceTimersByTimeAsync(MINUTE);
    expect(await lengthOf(body)).toBe(SIZE);
  });

  it("an empty blob is stored, and served whole", async () => {
    vi.useRealTimers();
    const stage = await Stage.open();
    const { digest } = await stage.registry.seedBlob({ repository: "library/app", content: "" });
    for (const cache of ["miss", "hit"]) {
      const answer = await stage.get(`library/app/blobs/${digest}`);
      expect([answer.status, answer.text, answer.cache]).toEqual([200, "", cache]);
      expect(answer.headers.get("Content-Length")).toBe("0");
    }
  });
});

async function lengthOf(body: ReadableStream<Uint8Array>): Promise<number> {
  return (await new Response(body).arrayBuffer()).byteLength;
}
