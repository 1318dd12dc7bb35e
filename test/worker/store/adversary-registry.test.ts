// The registry itself does what it likes, with everybody's questions: what is served from the store is right, and known to be
// public; and nothing that went wrong lasts (S9, S18).
import fc from "fast-check";
import { describe, it } from "vitest";
import { FIRST_ISOLATE } from "../ferry.ts";
import { World, type Ask } from "./adversary.ts";
import { House, PATHS } from "./house.ts";
import { Ledger } from "./ledger.ts";
import { asks, PATIENCE, question, settings, tell, wait, type Question, type Step } from "./scripts.ts";
import { WHIMS, type Whim } from "./whims.ts";

/** What the registry says to everybody, until it is said otherwise. */
const MOODS = [
  "open",
  "closed by 401",
  "closed by 403",
  "closed by its token service",
  "404",
  "503",
  "wall",
  "page",
] as const;
type Mood = (typeof MOODS)[number];

type Event =
  | Step
  | { readonly do: "mood"; readonly mood: Mood }
  /** A tag stands for another image, or again for its own. */
  | { readonly do: "move"; readonly tag: string; readonly to: string }
  /** A manifest or a blob is there no longer, or again. */
  | { readonly do: "remove" | "restore"; readonly digest: string }
  | { readonly do: "pull" };

class Play {
  readonly #world: World;
  readonly #ledger: Ledger;
  #mood: Mood = "open";

  constructor(world: World) {
    this.#world = world;
    this.#ledger = new Ledger(world.house);
  }

  async pullFirst(): Promise<void> {
    this.#world.hear = (said) => this.#ledger.hear(said, said.request.url.pathname, Date.now());
    await this.#world.pullFirst();
  }

  async on(event: Event): Promise<void> {
    const world = this.#world;
    switch (event.do) {
      case "wait":
        world.wait(event.seconds);
        return;
      case "restart":
        FIRST_ISOLATE.forget();
        return;
      case "mood":
        this.#turn(event.mood);
        return;
      case "move":
        world.note(`${event.tag} is ${event.to} now`);
        world.tags.set(event.tag, world.house.tags.get(event.to) ?? "");
        return;
      case "remove":
        world.note(`${event.digest} is removed`);
        world.removed.add(event.digest);
        return;
      case "restore":
        world.removed.delete(event.digest);
        return;
      case "pull":
        for (const asked of world.pullQuestions()) await this.#ask(asked, undefined);
        return;
      case "ask":
        return this.#askAll(event);
    }
  }

  /** However it was: a registry that is itself again for a minute gives everything, and it stays. */
  async recover(): Promise<void> {
    this.#turn("open");
    this.#world.removed.clear();
    this.#world.wait(61);
    await this.#world.pull();
    this.#world.wait(301);
    this.#world.use("everything");
    await this.#world.pull();
  }

  #turn(mood: Mood): void {
    const world = this.#world;
    world.note(`the registry is ${mood}`);
    this.#mood = mood;
    const every: Record<Mood, Whim> = {
      open: "honest",
      "closed by 401": "401",
      "closed by 403": "403",
      "closed by its token service": "401",
      "404": "404",
      "503": "503",
      wall: "wall",
      page: "page",
    };
    world.every = every[mood];
    const byToken = mood === "closed by its token service";
    // Without a token service nobody but the registry can close.
    const by =
      byToken && world.wantsTokens ? "token service" : mood.startsWith("closed") ? "registry" : undefined;
    world.token = by === "token service" ? "401" : "honest";
    this.#ledger.close(by, Date.now());
  }

  async #askAll(asked: Question): Promise<void> {
    for (let time = 1; time <= asked.times; time += 1) {
      for (const path of asked.paths) await this.#ask({ ...asked, path }, asked.whim);
      if (time < asked.times) this.#world.wait(asked.every);
    }
  }

  async #ask(asked: Ask, whim: Whim | undefined): Promise<void> {
    const world = this.#world;
    const usual = world.every;
    // What is closed is closed for every question.
    if (whim !== undefined && !this.#mood.startsWith("closed")) world.every = whim;
    const path = asked.path.split("?")[0] ?? "";
    world.hear = (said) => this.#ledger.hear(said, path, Date.now());
    const begunAt = Date.now();
    this.#ledger.begin();
    const heard = await world.ask(asked);
    world.every = usual;
    await this.#ledger.judge(asked, heard, begunAt);
  }
}

interface Script {
  readonly wantsTokens: boolean;
  readonly events: Event[];
  /** True where it is itself again in the end. */
  readonly recovers: boolean;
}

function events(house: House): fc.Arbitrary<Event[]> {
  const digests = [...house.documents.keys(), ...house.blobs.keys()];
  const days = fc.record({
    do: fc.constant("wait" as const),
    seconds: fc.constantFrom(3600, 43_200, 86_400),
  });
  const event = fc.oneof<fc.WeightedArbitrary<Event>[]>(
    { weight: 10, arbitrary: question(house, WHIMS) },
    { weight: 5, arbitrary: wait },
    { weight: 1, arbitrary: days },
    { weight: 1, arbitrary: fc.constant({ do: "restart" }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant("mood"), mood: fc.constantFrom(...MOODS) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant("move"),
        tag: fc.constantFrom("v1", "v2"),
        to: fc.constantFrom("v1", "v2", "old"),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constantFrom("remove", "remove", "restore"),
        digest: fc.constantFrom(...digests),
      }),
    },
    { weight: 3, arbitrary: fc.constant({ do: "pull" }) },
  );
  return fc.array(event, { minLength: 1, maxLength: 14, size: "max" });
}

const pause = (seconds: number): Event => ({ do: "wait", seconds });
const turn = (mood: Mood): Event => ({ do: "mood", mood });
const PULL: Event = { do: "pull" };

/** What was thought of, or found once; the generator's come after these. */
function examples(house: House): [Script][] {
  const digest = house.tags.get("v1") ?? "";
  const none = asks(["manifests/none"]);
  const all = ["manifests/v2", "manifests/v1", ...PATHS.digests(house)];
  // The first witness is gone, which comes to light when another reference is refused.
  const gone: Event[] = [{ do: "remove", digest }, asks(["manifests/walled"]), asks([`manifests/${digest}`])];
  const closed = MOODS.map((mood): Event[] => [
    turn(mood),
    ...[pause(21), none, pause(21), none, PULL],
    ...[turn("503"), pause(301), PULL, turn("open"), pause(61), PULL],
  ]);
  // While nothing is fresh any more, each whim, and then whatever is stored.
  const met = WHIMS.flatMap((whim): Event[][] => [
    [pause(301), asks(all, { method: "HEAD", whim }), turn("503"), PULL],
    [pause(301), asks(all, { whim }), turn("503"), PULL],
  ]);
  // What is not stored any more, and then falsely given.
  const lies = [...house.documents.keys(), ...house.blobs.keys()].map((lie): Event[] => {
    const path = `${house.blobs.has(lie) ? "blobs" : "manifests"}/${lie}`;
    const [removed, restored] = (["remove", "restore"] as const).map((what) => ({ do: what, digest: lie }));
    if (removed === undefined || restored === undefined) return [];
    return [removed, pause(301), asks([path]), restored, asks([path], { whim: "lie" }), PULL];
  });
  const old = [pause(86_400 - 60), turn("503"), PULL, pause(120), PULL];
  return [gone, ...closed, ...met, ...lies, old].map((events) => [
    { wantsTokens: true, events, recovers: true },
  ]);
}

describe("S9, S18: a registry that answers whatever it likes", () => {
  it(
    "is never contradicted by the store: right bytes, of what it still shows to everybody",
    async () => {
      const house = await House.build();
      const world = new World(house);
      const script = fc.record<Script>({
        wantsTokens: fc.constantFrom(true, true, false),
        events: events(house),
        recovers: fc.constantFrom(false, false, true),
      });
      const property = fc.asyncProperty(script, async ({ events: all, recovers, wantsTokens }) => {
        world.restart();
        world.wantsTokens = wantsTokens;
        const play = new Play(world);
        await tell(world, async () => {
          await play.pullFirst();
          for (const event of all) await play.on(event);
          if (recovers) await play.recover();
        });
      });
      await fc.assert(property, settings(200, examples(house)));
    },
    PATIENCE,
  );
});
