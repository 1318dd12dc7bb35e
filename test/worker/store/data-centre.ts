// The Cache API of a data centre, by hand: it forgets nothing by itself, and drops, fails and is late when it is told to.
import { onTestFinished, vi } from "vitest";
import type { Entry } from "../../../src/store/entry.ts";
import { CACHE } from "./stage.ts";

const START = Date.UTC(2030, 0, 1);
/** As in `src/lanes/public/visibility.ts`. */
const STORE_TIMEOUT_MS = 500;

export type Kind = Entry["kind"];

export const KINDS: readonly Kind[] = ["proof", "denial", "tag", "manifest", "blob", "token"];

/** What the store does to things of one kind. */
export interface Fault {
  /** "late" is later than anybody waits. */
  readonly reads?: "fail" | "late";
  readonly writes?: "fail";
  readonly deletes?: "fail";
}

interface Kept {
  readonly kind: Kind;
  readonly words: Readonly<Record<string, string>>;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly headers: Headers;
}

export class DataCentre {
  readonly #kept = new Map<string, Kept>();
  readonly #faults = new Map<Kind, Fault>();
  /** What lies under an address, or lay there, or would. */
  readonly #kinds: Map<string, Kind>;
  /** Called with what is written or deleted, whether or not it comes to pass. */
  meet: (what: "write" | "delete", kind: Kind) => void = () => undefined;

  /** @param addresses of things that may be asked for before they are there */
  constructor(addresses: ReadonlyMap<string, Kind> = new Map()) {
    this.#kinds = new Map(addresses);
  }

  readonly cache = {
    match: async (question: Request | string): Promise<Response | undefined> => {
      const { url, headers } = new Request(question);
      const fault = this.#faultOf(url)?.reads;
      if (fault === "fail") throw new Error("the store fails");
      if (fault === "late") await time.outlast();
      const kept = this.#kept.get(url);
      return kept && answerOf(kept, /^bytes=(\d+)-(\d+)$/.exec(headers.get("Range") ?? ""));
    },
    put: async (url: string, response: Response): Promise<void> => {
      const text = decodeURIComponent(response.headers.get("X-Ferry-Metadata") ?? "{}");
      const words = JSON.parse(text) as Record<string, string>;
      const kind = words["kind"] as Kind;
      this.#kinds.set(url, kind);
      this.meet("write", kind);
      const bytes = new Uint8Array(await response.arrayBuffer());
      if (this.#faults.get(kind)?.writes === "fail") throw new Error("the store fails");
      this.#kept.set(url, { kind, words, bytes, headers: response.headers });
    },
    delete: (url: string): Promise<boolean> => {
      const kind = this.#kinds.get(url);
      if (kind !== undefined) this.meet("delete", kind);
      if (this.#faultOf(url)?.deletes === "fail") return Promise.reject(new Error("the store fails"));
      return Promise.resolve(this.#kept.delete(url));
    },
  };

  /** What the Worker finds where it looks for `caches`. */
  readonly caches = {
    open: (name: string): Promise<unknown> =>
      name === CACHE ? Promise.resolve(this.cache) : Promise.reject(new Error(`another cache: ${name}`)),
  };

  fail(kind: Kind, fault: Fault): void {
    this.#faults.set(kind, fault);
  }

  faultOf(kind: Kind): Fault {
    return this.#faults.get(kind) ?? {};
  }

  /** Evicts everything of a kind. */
  drop(kind: Kind): void {
    for (const [url, kept] of this.#kept) if (kept.kind === kind) this.#kept.delete(url);
  }

  /** The words of a thing, where there is but one of its kind. */
  wordsOf(kind: Kind): Readonly<Record<string, string>> | undefined {
    return [...this.#kept.values()].find((kept) => kept.kind === kind)?.words;
  }

  /** Everything that is kept, as text. */
  get text(): string {
    const all = [...this.#kept.values()].map(
      ({ bytes, words }) => JSON.stringify(words) + new TextDecoder().decode(bytes),
    );
    return all.join("\n");
  }

  #faultOf(url: string): Fault | undefined {
    const kind = this.#kinds.get(url);
    return kind && this.#faults.get(kind);
  }
}

function answerOf({ bytes, headers }: Kept, range: RegExpExecArray | null): Response {
  if (range === null) return new Response(bytes, { headers });
  const [start, end] = [Number(range[1]), Number(range[2])];
  const part = new Headers(headers);
  part.set("Content-Range", `bytes ${start}-${end}/${bytes.byteLength}`);
  part.delete("Content-Length");
  return new Response(bytes.slice(start, end + 1), { status: 206, headers: part });
}

/** The Worker's clock and its timers, which go off at once when what they wait for does not come. */
class Time {
  /** True for a moment: what is being asked just now will not be answered. */
  #isStalled = false;
  /** Those who wait for the store. */
  readonly #impatient = new Map<unknown, () => void>();
  readonly #real = { setTimeout, clearTimeout };

  /** Until the test ends. */
  install(): void {
    const { setTimeout: set, clearTimeout: clear } = this.#real;
    vi.useFakeTimers({ now: START, toFake: ["Date"] });
    vi.stubGlobal("setTimeout", (run: () => void, milliseconds = 0): unknown => {
      if (!this.#isStalled) {
        const timer = set(run, milliseconds);
        if (milliseconds === STORE_TIMEOUT_MS) this.#impatient.set(timer, run);
        return timer;
      }
      this.#isStalled = false;
      this.pass(milliseconds);
      return set(run, 0);
    });
    vi.stubGlobal("clearTimeout", (timer: number): void => {
      this.#impatient.delete(timer);
      clear(timer);
    });
    onTestFinished(() => {
      vi.unstubAllGlobals();
      vi.useRealTimers();
    });
  }

  /** From the beginning again, for the next run. */
  restart(): void {
    this.#impatient.clear();
    vi.setSystemTime(START);
  }

  pass(milliseconds: number): void {
    vi.setSystemTime(Date.now() + milliseconds);
  }

  /** An answer that never comes. To be called while the question is being sent. */
  stall(): Promise<never> {
    this.#isStalled = true;
    queueMicrotask(() => {
      this.#isStalled = false;
    });
    return new Promise<never>(() => undefined);
  }

  /** Lets those who wait for the store give up, and then goes on. */
  async outlast(): Promise<void> {
    const waiting = [...this.#impatient.values()];
    this.#impatient.clear();
    if (waiting.length > 0) this.pass(STORE_TIMEOUT_MS);
    for (const giveUp of waiting) giveUp();
    await new Promise((resolve) => this.#real.setTimeout(resolve, 1));
  }
}

export const time = new Time();
