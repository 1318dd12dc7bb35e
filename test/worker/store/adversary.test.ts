// Two callers of one repository: what the one composes changes nothing for the other (S18), and a warm image stays (S9).
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FIRST_ISOLATE } from "../ferry.ts";
import { QUOTAS, World, type Quota } from "./adversary.ts";
import { House, PATHS } from "./house.ts";
import { asks, PATIENCE, settings, steps, tell, whims, type Question, type Step } from "./scripts.ts";
import { ANONYMOUS } from "./stage.ts";
import { TROUBLE, WHIMS, type Whim } from "./whims.ts";

/** Plays what the first caller does. @param befall what comes of his next question; undefined between two of them */
async function play(
  world: World,
  all: readonly Step[],
  befall: (whim: Whim | undefined) => void,
): Promise<void> {
  for (const step of all) {
    if (step.do === "wait") world.wait(step.seconds);
    if (step.do === "restart") FIRST_ISOLATE.forget();
    if (step.do !== "ask") continue;
    befall(step.whim);
    const questions = world.pullQuestions();
    const beside = step.beside === undefined ? undefined : questions[step.beside % questions.length];
    for (let time = 1; time <= step.times; time += 1) {
      for (const path of step.paths) {
        await Promise.all([world.ask({ ...step, path }), beside && world.askRightly(beside)]);
      }
      if (time < step.times) world.wait(step.every);
    }
  }
}

interface Script {
  readonly wantsTokens: boolean;
  /** What comes of questions, where a step does not say it. */
  readonly usual: Whim;
  readonly steps: Step[];
  readonly quota: Quota;
}

/** What was found once, or was thought of. */
function examples({ converted, fallback, referrers }: House): [Script][] {
  const tags = ["v1", "v2", "v3"];
  const told = tags.map((tag) => `manifests/${converted.get(tag)?.digest ?? ""}`);
  const accepting = (Accept: string): Partial<Question> => ({
    method: "HEAD",
    headers: { ...ANONYMOUS, Accept },
  });
  const schema1 = accepting("application/vnd.docker.distribution.manifest.v1+prettyjws");
  const all = tags.map((tag) => `manifests/${tag}`);
  const steps: [Whim, Step[]][] = [
    ["404", [asks([referrers], { method: "HEAD" })]],
    ["404 html", [asks([referrers], { method: "HEAD" })]],
    ["404", [{ do: "wait", seconds: 61 }, asks([`manifests/${fallback}`], accepting("application/json"))]],
    ["honest", [asks(all, schema1), asks(told)]],
    ["401", [asks(all, { ...schema1, whim: "honest" }), asks(["manifests/none"], { times: 3, every: 11 })]],
    ["403", [asks(["manifests/none"], { times: 2, every: 11 }), { do: "wait", seconds: 301 }]],
  ];
  return steps.map(([usual, each]) => [{ wantsTokens: true, usual, steps: each, quota: "heads" }]);
}

/** Every whim, met by everything that a pull asks, and by odd questions about it, when no proof is fresh any more. */
function sweeps(house: House, all: readonly Whim[]): [Script][] {
  const [digests, tags] = [PATHS.digests(house), ["v1", "v2", "v3"].map((tag) => `manifests/${tag}`)];
  const part = { ...ANONYMOUS, Range: "bytes=0-3" };
  const steps: Step[] = [
    { do: "wait", seconds: 301 },
    // Blobs first: manifests make it fresh again.
    asks(digests.toReversed(), { headers: part }),
    { do: "wait", seconds: 301 },
    asks([...tags, ...digests], { method: "HEAD" }),
    asks(tags, { headers: { ...ANONYMOUS, Accept: "application/json" } }),
    asks(["manifests/none"], { times: 2, every: 11 }),
  ];
  return all.flatMap((usual, index) => {
    const quota = index % 2 === 0 ? "everything" : "gets";
    return [[{ wantsTokens: true, usual, steps, quota }]];
  });
}

const script = (house: House, all: readonly Whim[]): fc.Arbitrary<Script> =>
  fc.record({
    wantsTokens: fc.constantFrom(true, true, false),
    usual: whims(all),
    steps: steps(house, all),
    quota: fc.constantFrom(...QUOTAS, "heads", "everything", "everything"),
  });

describe("S18: a stranger's questions, of whatever words", () => {
  it(
    "S9: take no warm image away, whatever a firewall before the registry makes of them",
    async () => {
      const house = await House.build();
      const world = new World(house);
      const property = fc.asyncProperty(
        script(house, WHIMS),
        async ({ quota, usual, wantsTokens, ...told }) => {
          world.restart();
          world.wantsTokens = wantsTokens;
          await tell(world, async () => {
            await world.pullFirst();
            await play(world, told.steps, (whim) => (world.odd = whim ?? usual));
            world.use(quota);
            await world.pull();
          });
        },
      );
      await fc.assert(property, settings(150, [...examples(house), ...sweeps(house, WHIMS)]));
    },
    PATIENCE,
  );

  it(
    "S9: take no warm image away, whatever trouble the registry has meanwhile with everybody's",
    async () => {
      const house = await House.build();
      const world = new World(house);
      const property = fc.asyncProperty(
        script(house, TROUBLE),
        async ({ quota, usual, wantsTokens, ...told }) => {
          world.restart();
          world.wantsTokens = wantsTokens;
          const apart = told.steps.map((step) => ({ ...step, beside: undefined }));
          await tell(world, async () => {
            await world.pullFirst();
            await play(world, apart, (whim) => (world.every = whim ?? usual));
            world.every = "honest";
            world.use(quota);
            await world.pull();
          });
        },
      );
      await fc.assert(property, settings(80, sweeps(house, TROUBLE)));
    },
    PATIENCE,
  );

  it("the tests above can fail: a tag that moved is not the image that was warm", async () => {
    const house = await House.build();
    const world = new World(house);
    world.restart();
    await world.pullFirst();
    world.tags.set("v1", house.tags.get("v2") ?? "");
    world.wait(61);
    await world.ask({ method: "HEAD", path: "team/app/manifests/v1", headers: ANONYMOUS });
    world.tags.set("v1", house.tags.get("v1") ?? "");
    world.use("heads");
    await expect(world.pull()).rejects.toThrow("HEAD manifests/v1 by the second client");
  });
});
