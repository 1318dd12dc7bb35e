// S11: how much memory the fills of an isolate may hold, and who gets it.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { COUNTED_MS, FillLedger, FILLS_BOUND, OLD_MS, type Fill } from "../../src/lanes/public/fills.ts";

const MIB = 1024 * 1024;
/** The least that one half counts. */
const LEAST = 16 * 1024;
const REGISTRIES = ["https://a.example", "https://b.example", "https://c.example"];
const NETWORKS = ["none", "4/c0000201", "6/20010db800000001"];

function wish(size: number, registry = "https://a.example", network = "none") {
  return { size, registry, network };
}

/** A fill that must have room. */
function opened(fill: Fill | undefined): Fill {
  expect(fill).toBeDefined();
  return fill as Fill;
}

describe("S11: a fill", () => {
  it("F3: counts both halves, until both have ended", () => {
    const ledger = new FillLedger();
    const fill = opened(ledger.open(wish(2 * MIB), 0));
    expect(ledger.held(0)).toBe(4 * MIB);
    fill.endStore();
    expect(ledger.held(0)).toBe(2 * MIB);
    fill.endStore();
    expect(ledger.held(0)).toBe(2 * MIB);
    fill.endClient();
    expect(ledger.held(0)).toBe(0);
  });

  it("F4: counts no longer than two minutes, whether or not its code still runs", () => {
    const ledger = new FillLedger();
    opened(ledger.open(wish(8 * MIB), 1000));
    expect(ledger.held(1000 + COUNTED_MS - 1)).toBe(16 * MIB);
    expect(ledger.held(1000 + COUNTED_MS)).toBe(0);
    opened(ledger.open(wish(8 * MIB), 1000 + COUNTED_MS));
  });

  it("F3: counts on where its client's half says that it runs, for that half alone", () => {
    const ledger = new FillLedger();
    const fill = opened(ledger.open(wish(2 * MIB), 0));
    expect(fill.renewClient(COUNTED_MS - 1)).toBe(true);
    expect(ledger.held(COUNTED_MS)).toBe(2 * MIB);
    expect(ledger.held(2 * COUNTED_MS - 1)).toBe(0);
  });

  it("that has ended, or counts no more, comes back by nothing", () => {
    const ledger = new FillLedger();
    const fill = opened(ledger.open(wish(2 * MIB), 0));
    expect(ledger.held(COUNTED_MS)).toBe(0);
    fill.renewClient(COUNTED_MS);
    fill.endClient();
    fill.endStore();
    expect(ledger.held(COUNTED_MS)).toBe(0);
  });

  it("of next to nothing counts what a stream needs, so that there are never more than 512", () => {
    const ledger = new FillLedger();
    let count = 0;
    for (const registry of REGISTRIES) {
      for (const network of NETWORKS) while (ledger.open(wish(1, registry, network), 0)) count += 1;
    }
    expect(count).toBe(FILLS_BOUND / (2 * LEAST));
  });
});

describe("S11: who gets room", () => {
  it("whoever finds nobody else may have all of it, and no more", () => {
    expect(new FillLedger().open(wish(8 * MIB), 0)).toBeDefined();
    expect(new FillLedger().open(wish(8 * MIB + 1), 0)).toBeUndefined();
  });

  it("F4: a registry at most half", () => {
    const ledger = new FillLedger();
    opened(ledger.open(wish(2 * MIB), 0));
    opened(ledger.open(wish(2 * MIB), 0));
    expect(ledger.open(wish(1), 0)).toBeUndefined();
    opened(ledger.open(wish(2 * MIB, "https://b.example"), 0));
  });

  it("a caller's network at most three quarters", () => {
    const ledger = new FillLedger();
    for (const registry of REGISTRIES) opened(ledger.open(wish(2 * MIB, registry), 0));
    expect(ledger.open(wish(1, "https://d.example"), 0)).toBeUndefined();
    opened(ledger.open(wish(2 * MIB, "https://d.example", "4/c0000201"), 0));
  });

  it("is what a model of it says, whatever comes", () => {
    const step = fc.oneof(
      fc.record({
        open: fc.constantFrom(1, MIB, 2 * MIB, 3 * MIB, 9 * MIB),
        registry: fc.constantFrom(...REGISTRIES),
        network: fc.constantFrom(...NETWORKS),
      }),
      fc.record({ of: fc.nat(40), end: fc.constantFrom("store", "client", "renew") }),
      fc.record({ wait: fc.constantFrom(1000, OLD_MS, COUNTED_MS) }),
    );
    fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => playAgainstModel(steps)));
  });
});

type Step =
  { open: number; registry: string; network: string } | { of: number; end: string } | { wait: number };

interface ModelHalf {
  readonly registry: string;
  readonly network: string;
  readonly bytes: number;
  until: number;
}

/** The sentences of the rule once more, over a plain list. */
function playAgainstModel(steps: readonly Step[]): void {
  const ledger = new FillLedger();
  const fills: { fill: Fill; store: ModelHalf; client: ModelHalf }[] = [];
  let now = 0;
  let halves: ModelHalf[] = [];
  const sum = (isOf: (half: ModelHalf) => boolean): number =>
    halves.filter(isOf).reduce((total, { bytes }) => total + bytes, 0);
  for (const step of steps) {
    halves = halves.filter(({ until }) => until > now);
    if ("wait" in step) now += step.wait;
    else if ("open" in step) {
      const { open, registry, network } = step;
      const bytes = Math.max(open, LEAST);
      const fits =
        sum(() => true) + 2 * bytes <= FILLS_BOUND &&
        (halves.length === 0 ||
          (sum((half) => half.registry === registry) + 2 * bytes <= FILLS_BOUND / 2 &&
            sum((half) => half.network === network) + 2 * bytes <= (3 * FILLS_BOUND) / 4));
      const fill = ledger.open({ size: open, registry, network }, now);
      expect(fill !== undefined).toBe(fits);
      if (fill === undefined) continue;
      const [store, client] = [0, 1].map(() => ({ registry, network, bytes, until: now + COUNTED_MS }));
      if (store === undefined || client === undefined) continue;
      halves.push(store, client);
      fills.push({ fill, store, client });
    } else {
      const of = fills[step.of];
      if (of === undefined) continue;
      if (step.end === "store") {
        of.fill.endStore();
        halves = halves.filter((half) => half !== of.store);
      } else if (step.end === "client") {
        of.fill.endClient();
        halves = halves.filter((half) => half !== of.client);
      } else if (halves.includes(of.client)) {
        of.fill.renewClient(now);
        of.client.until = now + COUNTED_MS;
      }
    }
    halves = halves.filter(({ until }) => until > now);
    const held = ledger.held(now);
    expect(held).toBe(sum(() => true));
    expect(held).toBeLessThanOrEqual(FILLS_BOUND);
  }
}

describe("S11: a client's half is in the way", () => {
  /** Fills of 1 MiB each, one a second, whose store's halves have ended. */
  function clients(ledger: FillLedger, count: number, registry = "https://a.example"): Fill[] {
    return Array.from({ length: count }, (_, index) => {
      const fill = opened(ledger.open(wish(MIB, registry), index * 1000));
      fill.endStore();
      return fill;
    });
  }

  it("once it is a minute old and its registry has no room, the oldest first and no more than needed", () => {
    const ledger = new FillLedger();
    const fills = clients(ledger, 7);
    const now = 5000 + OLD_MS;
    expect(ledger.open(wish(2 * MIB), now)).toBeUndefined();
    const goOn = fills.map((fill) => fill.renewClient(now));
    expect(goOn).toEqual([false, false, false, true, true, true, true]);
    // Their room is promised: who comes meanwhile has nobody else broken off.
    expect(ledger.open(wish(2 * MIB), now)).toBeUndefined();
    expect(fills.map((fill) => fill.renewClient(now))).toEqual(goOn);
    for (const fill of fills.slice(0, 3)) fill.endClient();
    expect(ledger.open(wish(2 * MIB), now)).toBeDefined();
  });

  it("not while it is younger, nor while there is room", () => {
    const ledger = new FillLedger();
    const fills = clients(ledger, 7);
    expect(ledger.open(wish(2 * MIB), OLD_MS - 1)).toBeUndefined();
    expect(ledger.open(wish(64 * 1024), OLD_MS + 60_000 - 1)).toBeDefined();
    expect(fills.every((fill) => fill.renewClient(OLD_MS + 60_000 - 1))).toBe(true);
  });

  it("not for the share of another registry or network", () => {
    const ledger = new FillLedger();
    const old = opened(ledger.open(wish(MIB, "https://b.example", "4/1"), 0));
    const late = OLD_MS + 1000;
    opened(ledger.open(wish(3 * MIB, "https://a.example", "4/2"), late));
    expect(ledger.open(wish(2 * MIB, "https://a.example", "4/2"), late)).toBeUndefined();
    expect(old.renewClient(late)).toBe(true);
    // All together have no room: then it is.
    opened(ledger.open(wish(2 * MIB, "https://c.example", "4/2"), late));
    expect(ledger.open(wish(3 * MIB, "https://d.example", "4/3"), late)).toBeUndefined();
    expect(old.renewClient(late)).toBe(false);
  });
});
