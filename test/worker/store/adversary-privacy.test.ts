// What an owner's own credentials fetch is for him: nothing that others compose, and no trouble, shows it to them (S9, S10).
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FIRST_ISOLATE } from "../ferry.ts";
import { OWNER, World, type Heard } from "./adversary.ts";
import { House } from "./house.ts";
import { asks, PATIENCE, question, settings, tell, wait, type Question, type Step } from "./scripts.ts";
import { REFUSALS, TROUBLE, type Whim } from "./whims.ts";

const CANARY = "canary0secret0Wd8";

/** How a registry keeps a repository from anonymity. */
const CLOSED = [...REFUSALS, "404", "by its token service"] as const;

/** The owner asks, or somebody else does. */
type Event = { readonly isOwner: boolean; readonly step: Step };

interface Script {
  /** True where it was public, and pulled by everybody, before other images were pushed and it was closed. */
  readonly wasPublic: boolean;
  readonly closed: (typeof CLOSED)[number];
  readonly events: Event[];
}

class Play {
  readonly #world: World;
  readonly #secret: House;
  readonly #closed: Script["closed"];
  /** How often the owner had what is his. */
  given = 0;

  constructor(world: World, secret: House, closed: Script["closed"]) {
    this.#world = world;
    this.#secret = secret;
    this.#closed = closed;
  }

  close(): void {
    const byToken = this.#closed === "by its token service";
    Object.assign(this.#world, { secret: this.#secret, token: byToken ? "401" : "honest" });
    this.#befall(undefined);
  }

  async on({ isOwner, step }: Event): Promise<void> {
    if (step.do === "wait") this.#world.wait(step.seconds);
    if (step.do === "restart") FIRST_ISOLATE.forget();
    if (step.do !== "ask") return;
    for (const path of step.paths) {
      if (isOwner) await this.#askAsOwner({ ...step, leave: undefined }, path);
      else await this.#askAsOther(step, path);
    }
  }

  /** Everything of his, asked by others. */
  async askAll(): Promise<void> {
    const { documents, blobs, referrers, tags } = this.#secret;
    const manifests = [...tags.keys(), ...documents.keys()].map((reference) => `manifests/${reference}`);
    const all = [
      ...manifests,
      ...[...blobs.keys()].map((digest) => `blobs/${digest}`),
      referrers,
      "tags/list",
    ];
    const { paths, ...words } = asks(all);
    for (const path of paths) await this.#askAsOther({ ...words, paths }, path);
  }

  async #askAsOwner(words: Question, path: string): Promise<void> {
    const headers = { ...words.headers, Authorization: OWNER };
    const { text } = await this.#world.ask({ ...words, path, headers });
    if (text.includes(CANARY)) this.given += 1;
  }

  async #askAsOther(words: Question, path: string): Promise<void> {
    this.#befall(words.whim);
    this.#expectNothing(await this.#world.ask({ ...words, path }));
    this.#befall(undefined);
  }

  #befall(whim: Whim | undefined): void {
    const usual = this.#closed === "by its token service" ? "401" : this.#closed;
    this.#world.every = whim ?? usual;
  }

  #expectNothing({ headers, status, text }: Heard): void {
    const { internet, centre } = this.#world;
    const said = [...headers].map(([name, value]) => `${name}: ${value}`).join("\n");
    expect(text + said, "what others hear").not.toContain(CANARY);
    expect(centre.text, "what is stored").not.toContain(CANARY);
    expect(internet.log.join("\n"), "what is logged").not.toContain(CANARY);
    if (status !== 200) return;
    expect([...this.#secret.documents.keys()]).not.toContain(headers.get("Docker-Content-Digest"));
  }
}

function events(secret: House): fc.Arbitrary<Event[]> {
  // Whatever of the registry's own lies behind these whims, it is nothing of the owner's.
  const asked = question(secret, [...REFUSALS, "404", ...TROUBLE]);
  const step = fc.oneof<fc.WeightedArbitrary<Step>[]>(
    { weight: 10, arbitrary: asked },
    { weight: 2, arbitrary: wait },
    { weight: 1, arbitrary: fc.constant({ do: "restart" }) },
  );
  return fc.array(fc.record({ isOwner: fc.boolean(), step }), { minLength: 2, maxLength: 14, size: "max" });
}

describe("S9, S10: what an owner's credentials fetch", () => {
  it(
    "appears to nobody else, in no store and in no log",
    async () => {
      const [house, secret] = [await House.build(), await House.build(CANARY)];
      const world = new World(house);
      const script = fc.record<Script>({
        wasPublic: fc.boolean(),
        closed: fc.constantFrom(...CLOSED),
        events: events(secret),
      });
      let given = 0;
      const property = fc.asyncProperty(script, async ({ closed, events: all, wasPublic }) => {
        world.restart();
        const play = new Play(world, secret, closed);
        await tell(world, async () => {
          if (wasPublic) await world.pullFirst();
          play.close();
          for (const event of all) await play.on(event);
          await play.askAll();
        });
        given += play.given;
      });
      await fc.assert(property, settings(80));
      expect(given, "the owner had what is his").toBeGreaterThan(40);
    },
    PATIENCE,
  );
});
