// Three isolates in two data centres over one bucket, which drops, fails and is late: nothing is served stale without the proof
// in the bucket, and five minutes after a denial nothing by any isolate of any data centre (S9).
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { parseRepositoryName } from "../../../src/distribution/reference.ts";
import { keyOf } from "../../../src/store/entry.ts";
import { digestOf } from "../client-ferry.ts";
import { anotherIsolate, FIRST_ISOLATE, type Isolate } from "../ferry.ts";
import { ORIGIN, REPOSITORY, World, type Ask, type Heard, type Said } from "./adversary.ts";
import { DataCentre, KINDS, type Fault, type Kind } from "./data-centre.ts";
import { House } from "./house.ts";
import { PATIENCE, settings, tell } from "./scripts.ts";
import { SharedBucket } from "./shared-bucket.ts";
import { ANONYMOUS, HOUR, MINUTE, valid } from "./stage.ts";

const MOODS = ["honest", "401", "503", "503"] as const;
const NONE = `${REPOSITORY}/manifests/none`;
/** Where the isolates are. */
const WHERE = [0, 0, 1] as const;

type Event =
  | { readonly do: "wait"; readonly seconds: number }
  | { readonly do: "mood"; readonly mood: (typeof MOODS)[number] }
  | { readonly do: "restart"; readonly isolate: number }
  | { readonly do: "ask"; readonly isolate: number; readonly method: string; readonly path: string }
  | { readonly do: "pull"; readonly isolate: number }
  /** The registry refuses everything, and an isolate meets that twice. */
  | { readonly do: "deny"; readonly isolate: number }
  /** A data centre forgets everything. */
  | { readonly do: "forget"; readonly centre: number }
  | { readonly do: "drop"; readonly kinds: readonly Kind[] }
  | { readonly do: "fail"; readonly kind: Kind; readonly fault: Fault };

/** What the registry said, and the bucket was told, as bookkeeping beside the Worker. */
class Book {
  readonly #bucket: SharedBucket;
  /** When the last question was sent that was answered with a manifest. */
  provenAt = -Infinity;
  readonly #blobs = new Map<string, number>();
  /** When a denial came into the bucket, or was to. */
  deniedAt = -Infinity;
  /** False where the proof could not be removed then. */
  isProofRemoved = true;

  constructor(bucket: SharedBucket) {
    this.#bucket = bucket;
  }

  hear({ request, response, whim }: Said): void {
    if (response.status !== 200 || whim !== "honest") return;
    const [, kind, reference = ""] = /\/(manifests|blobs)\/([^/]+)$/.exec(request.url.pathname) ?? [];
    if (kind === "manifests") this.provenAt = Date.now();
    if (kind === "blobs") this.#blobs.set(reference, Date.now());
  }

  /** To be called when a denial is met, before anything is written. */
  deny(): void {
    this.deniedAt = Date.now();
    this.isProofRemoved = this.#bucket.faultOf("proof").deletes !== "fail";
  }

  shownAt(path: string): number {
    return Math.max(this.provenAt, this.#blobs.get(path.split("/blobs/")[1] ?? "") ?? -Infinity);
  }

  /** "Who serves stale must find the positive record, and reads the denial, at the lowest level that keeps it." */
  expectProof(begunAt: number): void {
    const bucket = this.#bucket;
    for (const kind of ["proof", "denial"] as const) {
      expect(bucket.faultOf(kind).reads, `reading the ${kind}`).toBeUndefined();
    }
    const provenAt = Number(bucket.wordsOf("proof")?.["provenAt"] ?? NaN);
    expect(provenAt, "the proof in the bucket").toBeGreaterThan(
      Number(bucket.wordsOf("denial")?.["deniedAt"] ?? 0),
    );
    expect(begunAt - this.provenAt, "stale so long after a proof").toBeLessThanOrEqual(24 * HOUR);
  }

  /** @param isKnown true of an isolate that met the denial itself */
  expectNoDenial(path: string, begunAt: number, isKnown: boolean): void {
    const isSeen =
      this.#bucket.faultOf("denial").reads !== "fail" && this.#bucket.wordsOf("denial") !== undefined;
    if (this.shownAt(path) > this.deniedAt || !(this.isProofRemoved || isSeen)) return;
    const bound = isKnown ? 0 : 5 * MINUTE;
    expect(begunAt - this.deniedAt, "served so long after a denial").toBeLessThanOrEqual(bound);
  }
}

class Play {
  readonly #world: World;
  readonly #isolates: readonly Isolate[];
  readonly #bucket: SharedBucket;
  readonly #book: Book;
  readonly #centres: DataCentre[];
  /** Isolates that met the last denial. */
  readonly #knowing = new Set<number>();

  constructor(world: World, isolates: readonly Isolate[], bucket: SharedBucket) {
    this.#world = world;
    this.#isolates = isolates;
    this.#bucket = bucket;
    this.#book = new Book(bucket);
    this.#centres = [new DataCentre(), new DataCentre()];
    for (const centre of this.#centres) this.#watch(centre);
  }

  /** Everything is warm, in every isolate. */
  async begin(): Promise<void> {
    for (const [isolate, which] of this.#isolates.entries()) {
      this.#enter(isolate);
      if (isolate === 0) await this.#world.pullFirst(which);
      else await this.#world.pull(which);
      // Each asks for the tags itself.
      this.#world.wait(61);
    }
    this.#world.note("everything is warm");
    expect(this.#book.provenAt).toBeGreaterThan(0);
  }

  async on(event: Event): Promise<void> {
    const world = this.#world;
    if (event.do !== "ask" && event.do !== "deny") world.note(JSON.stringify(event));
    switch (event.do) {
      case "wait":
        world.wait(event.seconds);
        return;
      case "mood":
        world.every = event.mood;
        return;
      case "restart":
        this.#isolates[event.isolate]?.forget();
        this.#knowing.delete(event.isolate);
        return;
      case "forget":
        this.#watch((this.#centres[event.centre] = new DataCentre()));
        return;
      case "drop":
        for (const kind of event.kinds) this.#bucket.drop(kind);
        return;
      case "fail":
        this.#bucket.fail(event.kind, event.fault);
        return;
      case "ask":
        return this.#ask(event.isolate, { ...event, headers: ANONYMOUS });
      case "pull":
        for (const asked of world.pullQuestions()) await this.#ask(event.isolate, asked);
        return;
      case "deny":
        world.every = "401";
        for (let time = 1; time <= 2; time += 1) {
          world.wait(21);
          await this.#ask(event.isolate, { method: "GET", path: NONE, headers: ANONYMOUS });
        }
    }
  }

  async #ask(isolate: number, asked: Ask): Promise<void> {
    const world = this.#world;
    const book = this.#book;
    this.#enter(isolate);
    const [begunAt, deniedAt] = [Date.now(), book.deniedAt];
    const isKnown = this.#knowing.has(isolate);
    world.note(`isolate ${isolate}:`);
    const heard = await world.ask(asked, this.#isolates[isolate]);
    if (book.deniedAt !== deniedAt) {
      this.#knowing.clear();
      this.#knowing.add(isolate);
    }
    const isStored = heard.source === "hit" || heard.source === "stale";
    if (heard.status !== 200 || !isStored) return;
    book.expectNoDenial(asked.path, begunAt, isKnown);
    if (heard.source === "stale") book.expectProof(begunAt);
    else expect(begunAt - book.shownAt(asked.path), "by a proof so old").toBeLessThanOrEqual(5 * MINUTE);
    if (asked.method === "GET") await expectRight(asked, heard);
  }

  #enter(isolate: number): void {
    this.#world.enter(valid(this.#centres[WHERE[isolate] ?? 0]));
    this.#world.hear = (said) => {
      this.#book.hear(said);
    };
  }

  /** A denial is written into the data centre too, at the same moment. */
  #watch(centre: DataCentre): void {
    centre.meet = (what, kind) => {
      if (what === "write" && kind === "denial") this.#book.deny();
    };
  }
}

async function expectRight({ path }: Ask, { headers, text }: Heard): Promise<void> {
  const reference = path.split("/").at(-1) ?? "";
  const said = headers.get("Docker-Content-Digest") ?? "";
  expect(await digestOf(text)).toBe(reference.includes(":") ? reference : said);
}

async function keysOfRecords(): Promise<ReadonlyMap<string, Kind>> {
  const repository = valid(parseRepositoryName(REPOSITORY));
  const kinds = ["proof", "denial"] as const;
  const keys = kinds.map(
    async (kind) => [`public/${await keyOf({ kind, upstream: ORIGIN, repository })}`, kind] as const,
  );
  return new Map(await Promise.all(keys));
}

function events(house: House): fc.Arbitrary<Event[]> {
  const isolate = fc.constantFrom(0, 0, 1, 2, 2);
  const references = ["v1", "v2", ...house.documents.keys()].map((reference) => `manifests/${reference}`);
  const blobs = [...house.blobs.keys()].map((digest) => `blobs/${digest}`);
  const path = fc.oneof(
    fc.constant(NONE),
    fc.constantFrom(...[...references, ...blobs].map((below) => `${REPOSITORY}/${below}`)),
  );
  const faults = fc.constantFrom<Fault>({}, {}, { reads: "fail" }, { reads: "late" }, { writes: "fail" });
  const fault = fc.oneof(
    fc.record({
      kind: fc.constantFrom<Kind>("proof", "denial"),
      fault: fc.oneof(faults, fc.constant<Fault>({ deletes: "fail" })),
    }),
    fc.record({ kind: fc.constantFrom<Kind>("tag", "manifest", "blob"), fault: faults }),
  );
  const kinds = fc.oneof(fc.constantFrom(["proof"] as const, ["denial"] as const), fc.subarray([...KINDS]));
  const method = fc.constantFrom("GET", "GET", "HEAD");
  const asking = fc.record({ do: fc.constant("ask"), isolate, method, path });
  const seconds = fc.constantFrom(11, 61, 301, 301, 3601, 43_200);
  const event = fc.oneof<fc.WeightedArbitrary<Event>[]>(
    { weight: 10, arbitrary: asking },
    { weight: 4, arbitrary: fc.record({ do: fc.constant("wait"), seconds }) },
    { weight: 5, arbitrary: fc.record({ do: fc.constant("mood"), mood: fc.constantFrom(...MOODS) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("restart"), isolate }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("pull"), isolate }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("forget"), centre: fc.constantFrom(0, 1) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("drop"), kinds }) },
    { weight: 3, arbitrary: fault.map((one) => ({ do: "fail", ...one })) },
  );
  const some = (maxLength: number): fc.Arbitrary<Event[]> => fc.array(event, { maxLength, size: "max" });
  // Most of what matters comes after a denial.
  const closing = isolate.map((which): Event[] => [{ do: "deny", isolate: which }]);
  const parts = [
    some(4),
    fc.option(closing, { nil: [] }),
    some(10),
    fc.option(closing, { nil: [], freq: 1 }),
  ];
  return fc.tuple(...parts, some(10)).map((all) => all.flat());
}

/** What was thought of; the generator's come after these. */
function examples(house: House): [Event[]][] {
  const path = (below: string): string => `${REPOSITORY}/${below}`;
  const [tag, digest] = [path("manifests/v1"), path(`manifests/${house.tags.get("v1") ?? ""}`)];
  const blob = path(`blobs/${[...house.blobs.keys()][0] ?? ""}`);
  const all = [0, 1, 2].flatMap((isolate) =>
    [tag, digest, blob].map((one): Event => ({ do: "ask", isolate, method: "GET", path: one })),
  );
  const pause = (seconds: number): Event => ({ do: "wait", seconds });
  const down: Event = { do: "mood", mood: "503" };
  const up: Event = { do: "mood", mood: "honest" };
  const deny: Event = { do: "deny", isolate: 0 };
  const forget = [0, 1].map((centre): Event => ({ do: "forget", centre }));
  const restart = [0, 1, 2].map((isolate): Event => ({ do: "restart", isolate }));
  const faults: Fault[] = [{ reads: "fail" }, { reads: "late" }, { writes: "fail" }, { deletes: "fail" }];
  const failing = (["proof", "denial"] as const).flatMap((kind) =>
    faults.map((fault): Event => ({ do: "fail", kind, fault })),
  );
  const scripts: Event[][] = [
    [deny, down, ...all, pause(301), ...all],
    [deny, pause(301), ...all, down, ...restart, ...all],
    [deny, ...forget, ...restart, down, ...all],
    [deny, pause(301), up, ...all, down, ...all, pause(3601), ...all],
    [pause(86_400 - 400), down, ...all, pause(500), ...all],
    ...failing.flatMap((event): Event[][] => [
      [event, pause(301), down, ...all],
      [event, deny, pause(301), down, ...all],
      [deny, event, pause(301), down, ...all, ...restart, ...all],
    ]),
  ];
  return scripts.map((events) => [events]);
}

async function openWorld(): Promise<{ world: World; bucket: SharedBucket; isolates: Isolate[] }> {
  const bucket = new SharedBucket();
  const world = new World(await House.build(), { BLOBS: bucket.binding, BUCKET_REPOSITORIES: "**" });
  // What is tried again is tried at once.
  vi.stubGlobal("scheduler", { wait: () => Promise.resolve() });
  return { world, bucket, isolates: [FIRST_ISOLATE, await anotherIsolate(), await anotherIsolate()] };
}

describe("S9: data centres over one bucket that fails", () => {
  it(
    "nothing is served stale without the proof in the bucket, and nothing anywhere 5 minutes after a denial",
    async () => {
      const { bucket, isolates, world } = await openWorld();
      const keys = await keysOfRecords();
      const property = fc.asyncProperty(events(world.house), async (all) => {
        world.restart(isolates);
        bucket.restart(keys);
        const play = new Play(world, isolates, bucket);
        await tell(world, async () => {
          await play.begin();
          for (const event of all) await play.on(event);
        });
      });
      await fc.assert(property, settings(100, examples(world.house)));
    },
    PATIENCE,
  );
});
