// Three isolates in two data centres, over stores that drop, fail and are late: nothing is served stale without the proof in the
// store, and five minutes after a denial nothing by any isolate of that data centre (S9).
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseRepositoryName } from "../../../src/distribution/reference.ts";
import { keyOf } from "../../../src/store/entry.ts";
import { anotherIsolate, FIRST_ISOLATE, type Isolate } from "../ferry.ts";
import { ORIGIN, REPOSITORY, World, type Ask } from "./adversary.ts";
import { DataCentre, KINDS, type Fault, type Kind } from "./data-centre.ts";
import { House } from "./house.ts";
import { Ledger } from "./ledger.ts";
import { PATIENCE, settings, tell } from "./scripts.ts";
import { ANONYMOUS, MINUTE, STORE, valid } from "./stage.ts";

/** What the registry says to everybody: everything, nothing, or that it cannot tell. */
const MOODS = ["honest", "401", "503", "503"] as const;

const NONE = `${REPOSITORY}/manifests/none`;

type Event =
  | { readonly do: "wait"; readonly seconds: number }
  | { readonly do: "mood"; readonly mood: (typeof MOODS)[number] }
  /** The isolate ends, and another takes its place. */
  | { readonly do: "restart"; readonly isolate: number }
  /** So often, ten seconds apart; by docker's words. */
  | {
      readonly do: "ask";
      readonly isolate: number;
      readonly times: number;
      readonly method: string;
      readonly path: string;
    }
  | { readonly do: "pull"; readonly isolate: number }
  /** The registry refuses everything, and an isolate meets that twice. */
  | { readonly do: "deny"; readonly isolate: number }
  | { readonly do: "drop"; readonly centre: number; readonly kinds: readonly Kind[] }
  | { readonly do: "fail"; readonly centre: number; readonly kind: Kind; readonly fault: Fault };

async function addressesOfRecords(): Promise<ReadonlyMap<string, Kind>> {
  const repository = valid(parseRepositoryName(REPOSITORY));
  const kinds = ["proof", "denial"] as const;
  const keys = kinds.map(
    async (kind) => [STORE + (await keyOf({ kind, upstream: ORIGIN, repository })), kind] as const,
  );
  return new Map(await Promise.all(keys));
}

/** A data centre, and what was said in it. */
class Site {
  readonly centre: DataCentre;
  readonly ledger: Ledger;
  /** When a denial was met here last. */
  deniedAt = -Infinity;
  /** False where the proof could not be removed at that time. */
  isProofRemoved = true;
  /** False once its records were dropped, or failed. */
  isSound = true;

  constructor(house: House, addresses: ReadonlyMap<string, Kind>) {
    this.centre = new DataCentre(addresses);
    this.ledger = new Ledger(house);
    this.centre.meet = (what, kind) => {
      if (what === "write" && kind === "denial") this.deniedAt = Date.now();
      if (what === "delete" && kind === "proof") {
        this.isProofRemoved = this.centre.faultOf("proof").deletes !== "fail";
      }
    };
  }

  /** "Who serves stale must find the positive record, and reads the denial, at the lowest level that keeps it." */
  expectProofInStore(): void {
    const { centre } = this;
    expect(centre.faultOf("proof").reads, "reading the proof").toBeUndefined();
    expect(centre.faultOf("denial").reads, "reading the denial").not.toBe("late");
    const provenAt = Number(centre.wordsOf("proof")?.["provenAt"] ?? NaN);
    expect(provenAt, "the proof in the store, of what is served stale").not.toBeNaN();
    if (!this.#isDenialSeen) return;
    expect(provenAt).toBeGreaterThan(Number(centre.wordsOf("denial")?.["deniedAt"]));
  }

  /** "Within 5 minutes of a denial no isolate of that data centre serves what was stored", and who met it at once. */
  expectNoDenial(path: string, begunAt: number, isKnown: boolean): void {
    const isHidden = this.isProofRemoved || this.#isDenialSeen;
    if (this.ledger.shownAt(path) > this.deniedAt || !isHidden) return;
    const bound = isKnown ? 0 : 5 * MINUTE;
    expect(begunAt - this.deniedAt, "served so long after a denial").toBeLessThanOrEqual(bound);
  }

  get #isDenialSeen(): boolean {
    return this.centre.faultOf("denial").reads !== "fail" && this.centre.wordsOf("denial") !== undefined;
  }
}

/** Two isolates in the first data centre, and one in the second. */
const WHERE = [0, 0, 1] as const;

class Play {
  readonly #world: World;
  readonly #isolates: readonly Isolate[];
  readonly #sites: readonly Site[];
  /** Isolates that met the last denial of their data centre, or read of it. */
  readonly #knowing = new Set<number>();

  constructor(world: World, isolates: readonly Isolate[], addresses: ReadonlyMap<string, Kind>) {
    this.#world = world;
    this.#isolates = isolates;
    this.#sites = [new Site(world.house, addresses), new Site(world.house, addresses)];
  }

  /** Everything is warm, in every isolate. */
  async begin(): Promise<void> {
    for (const [isolate, which] of this.#isolates.entries()) {
      this.#enter(isolate, "");
      if (isolate === 0) await this.#world.pullFirst(which);
      else await this.#world.pull(which);
      this.#world.note("everything is warm");
      this.#world.wait(1);
    }
  }

  async on(event: Event): Promise<void> {
    const world = this.#world;
    if (event.do === "wait") world.wait(event.seconds);
    if (event.do === "pull") for (const asked of world.pullQuestions()) await this.#ask(event.isolate, asked);
    if (event.do === "mood") {
      world.note(`the registry says ${event.mood}`);
      world.every = event.mood;
    }
    if (event.do === "deny") await this.#deny(event.isolate);
    if (event.do === "restart") {
      this.#isolates[event.isolate]?.forget();
      this.#knowing.delete(event.isolate);
    }
    if (event.do === "drop" || event.do === "fail") {
      world.note(JSON.stringify(event));
      const site = this.#siteAt(event.centre);
      const { centre } = site;
      site.isSound = false;
      if (event.do === "fail") centre.fail(event.kind, event.fault);
      else for (const kind of event.kinds) centre.drop(kind);
    }
    if (event.do !== "ask") return;
    const { isolate, method, path, times } = event;
    for (let time = 1; time <= times; time += 1) {
      await this.#ask(isolate, { method, path, headers: ANONYMOUS });
      if (time < times) world.wait(11);
    }
  }

  async #deny(isolate: number): Promise<void> {
    const site = this.#siteAt(WHERE[isolate] ?? 0);
    const isProven = site.ledger.provenAt > site.deniedAt && site.isSound;
    await this.on({ do: "mood", mood: "401" });
    this.#world.wait(21);
    await this.on({ do: "ask", isolate, method: "GET", path: NONE, times: 2 });
    if (isProven) expect(site.deniedAt, "a denial is met").toBeGreaterThan(site.ledger.provenAt);
  }

  async #ask(isolate: number, asked: Ask): Promise<void> {
    const site = this.#enter(isolate, asked.path);
    const [begunAt, deniedAt] = [Date.now(), site.deniedAt];
    const isKnown = this.#knowing.has(isolate);
    site.ledger.begin(isolate);
    this.#world.note(`isolate ${isolate}:`);
    const heard = await this.#world.ask(asked, this.#isolates[isolate]);
    if (site.deniedAt !== deniedAt) {
      for (const other of WHERE.keys()) if (WHERE[other] === WHERE[isolate]) this.#knowing.delete(other);
      this.#knowing.add(isolate);
    }
    const isStored = heard.source === "hit" || heard.source === "stale";
    if (heard.status === 200 && isStored) site.expectNoDenial(asked.path, begunAt, isKnown);
    if (heard.status === 200 && heard.source === "stale") site.expectProofInStore();
    await site.ledger.judge(asked, heard, begunAt);
  }

  #enter(isolate: number, asked: string): Site {
    const site = this.#siteAt(WHERE[isolate] ?? 0);
    this.#world.enter(site.centre);
    this.#world.hear = (said) => {
      site.ledger.hear(said, asked, Date.now());
    };
    return site;
  }

  #siteAt(index: number): Site {
    const site = this.#sites[index];
    if (site === undefined) throw new TypeError(`no data centre ${index}`);
    return site;
  }
}

function events(house: House): fc.Arbitrary<Event[]> {
  const isolate = fc.constantFrom(0, 0, 1, 1, 2);
  const centre = fc.constantFrom(0, 0, 1);
  const references = ["v1", "v2", ...house.documents.keys()].map((reference) => `manifests/${reference}`);
  const blobs = [...house.blobs.keys()].map((digest) => `blobs/${digest}`);
  // What nobody has is refused by whoever refuses everything, and asked by those who try.
  const path = fc.oneof(
    fc.constant(NONE),
    fc.constantFrom(...[...references, ...blobs].map((below) => `team/app/${below}`)),
  );
  const record: readonly Kind[] = ["proof", "denial"];
  const works = fc.constant<Fault>({});
  const fault = fc.oneof(
    fc.record({
      kind: fc.constantFrom<Kind>(...record),
      fault: fc.oneof(
        works,
        fc.constantFrom<Fault>({ reads: "fail" }, { reads: "late" }, { writes: "fail" }, { deletes: "fail" }),
      ),
    }),
    // What cannot be deleted of content is there for those who have a proof: nobody promises more.
    fc.record({
      kind: fc.constantFrom<Kind>("tag", "manifest", "blob", "token"),
      fault: fc.oneof(
        works,
        fc.constantFrom<Fault>({ reads: "fail" }, { reads: "late" }, { writes: "fail" }),
      ),
    }),
  );
  const kinds = fc.oneof(fc.constantFrom(["proof"] as const, ["denial"] as const), fc.subarray([...KINDS]));
  const event = fc.oneof<fc.WeightedArbitrary<Event>[]>(
    {
      weight: 10,
      arbitrary: fc.record({
        do: fc.constant("ask"),
        isolate,
        method: fc.constantFrom("GET", "GET", "HEAD"),
        path,
        times: fc.constantFrom(1, 2, 2),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant("wait"),
        seconds: fc.constantFrom(11, 61, 301, 301, 3600, 43_200),
      }),
    },
    { weight: 5, arbitrary: fc.record({ do: fc.constant("mood"), mood: fc.constantFrom(...MOODS) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("restart"), isolate }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("pull"), isolate }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("drop"), centre, kinds }) },
    {
      weight: 3,
      arbitrary: fc.tuple(centre, fault).map(([at, one]) => ({ do: "fail", centre: at, ...one })),
    },
  );
  const some = (maxLength: number): fc.Arbitrary<Event[]> => fc.array(event, { maxLength, size: "max" });
  // Most of what matters comes after a denial.
  const closing = isolate.map((which): Event[] => [{ do: "deny", isolate: which }]);
  return fc
    .tuple(
      some(4),
      fc.option(closing, { nil: [] }),
      some(10),
      fc.option(closing, { nil: [], freq: 1 }),
      some(10),
    )
    .map((parts) => parts.flat());
}

const pause = (length: number): Event => ({ do: "wait", seconds: length });
const ask = (isolate: number, path: string): Event => ({ do: "ask", isolate, method: "GET", path, times: 1 });

/** What was thought of, or found once; the generator's come after these. */
function examples(house: House): [Event[]][] {
  const [tag = "", digest = ""] = ["v1", house.tags.get("v1") ?? ""].map(
    (it) => `${REPOSITORY}/manifests/${it}`,
  );
  const blob = `${REPOSITORY}/blobs/${[...house.blobs.keys()][0] ?? ""}`;
  const all = [0, 1, 2].flatMap((isolate) => [tag, digest, blob].map((path) => ask(isolate, path)));
  const trouble: Event[] = [pause(301), { do: "mood", mood: "503" }, ...all];
  const deny: Event = { do: "deny", isolate: 0 };
  const evicted = (["proof", "denial"] as const).map((kind): Event => ({
    do: "drop",
    centre: 0,
    kinds: [kind],
  }));
  const faults: Fault[] = [{ reads: "fail" }, { reads: "late" }, { writes: "fail" }, { deletes: "fail" }];
  const failing = (["proof", "denial"] as const).flatMap((kind) =>
    faults.map((fault): Event => ({ do: "fail", centre: 0, kind, fault })),
  );
  const ended: Event = { do: "restart", isolate: 0 };
  const scripts: Event[][] = [
    // An isolate that did not hear of a denial notes a refusal, and then the denial is evicted.
    [deny, ask(1, NONE), { do: "drop", centre: 0, kinds: ["denial"] }, ended, ...trouble],
    // The same, in the other order.
    [deny, { do: "drop", centre: 0, kinds: ["denial"] }, ask(1, NONE), ended, ...trouble],
    [deny, ...trouble],
    [deny, ended, ...all, ...trouble],
    [pause(86_400 - 60), { do: "mood", mood: "503" }, ...all, pause(120), ...all],
    ...[...evicted, ...failing].flatMap((event): Event[][] => [
      [event, ...trouble],
      [event, deny, ...trouble],
      [deny, event, ...trouble, ended, ...all],
    ]),
  ];
  return scripts.map((events) => [events]);
}

describe("S9: isolates, data centres, and stores that fail", () => {
  it(
    "nothing is served stale without the proof in the store, and nothing for more than 5 minutes after a denial",
    async () => {
      const house = await House.build();
      const world = new World(house);
      const isolates = [FIRST_ISOLATE, await anotherIsolate(), await anotherIsolate()];
      const addresses = await addressesOfRecords();
      const property = fc.asyncProperty(events(house), async (all) => {
        world.restart(isolates);
        const play = new Play(world, isolates, addresses);
        await tell(world, async () => {
          await play.begin();
          for (const event of all) await play.on(event);
        });
      });
      await fc.assert(property, settings(120, examples(house)));
    },
    PATIENCE,
  );
});
