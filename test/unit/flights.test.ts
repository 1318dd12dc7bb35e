// Simultaneous misses of one thing ask once, and nobody waits long for another (S18).
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { inTurn, WAITED } from "../../src/flights.ts";
import { forgetIsolate } from "../../src/isolate.ts";

/** As in `src/flights.ts`. */
const WAIT_MS = 2000;
const MAX_KEY = 2048;
const FLIGHTS = 1000;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2030, 0, 1) });
  forgetIsolate();
});
afterEach(() => {
  expect(vi.getTimerCount(), "timers that nobody cleared").toBe(0);
  vi.useRealTimers();
});

/** What was asked, by whom, and a way to answer each. */
class Asking {
  readonly asked: string[] = [];
  readonly #answers = new Map<string, PromiseWithResolvers<string>>();

  /** A request of that name; what came of it is its name, where it asked for itself. */
  begin(name: string, key = "key"): { outcome: unknown; at: number | undefined; done: Promise<unknown> } {
    const state = { outcome: undefined as unknown, at: undefined as number | undefined };
    const begun = Date.now();
    const end = (outcome: unknown): void => {
      state.outcome = outcome;
      state.at = Date.now() - begun;
    };
    const done = inTurn(key, () => this.#ask(name)).then(end, end);
    return Object.assign(state, { done });
  }

  answer(name: string): void {
    this.#answers.get(name)?.resolve(`of ${name}`);
  }

  fail(name: string, error: Error): void {
    this.#answers.get(name)?.reject(error);
  }

  #ask(name: string): Promise<string> {
    this.asked.push(name);
    const answer = Promise.withResolvers<string>();
    this.#answers.set(name, answer);
    return answer.promise;
  }
}

async function pass(milliseconds: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(milliseconds);
}

describe("S18: who asks first", () => {
  it("gets his own answer, and the others are told at once that he has ended, and nothing of it", async () => {
    const asking = new Asking();
    const leader = asking.begin("leader");
    const others = Array.from({ length: 99 }, (_, index) => asking.begin(`other ${index}`));
    await pass(300);
    expect(others.every(({ outcome }) => outcome === undefined)).toBe(true);
    asking.answer("leader");
    await pass(0);
    expect(leader.outcome).toBe("of leader");
    expect(new Set(others.map(({ outcome }) => outcome))).toEqual(new Set([WAITED]));
    expect(new Set(others.map(({ at }) => at))).toEqual(new Set([300]));
    expect(asking.asked).toEqual(["leader"]);
  });

  it("keeps his failure for himself", async () => {
    const asking = new Asking();
    const leader = asking.begin("leader");
    const other = asking.begin("other");
    const error = new Error("refused");
    asking.fail("leader", error);
    await pass(0);
    expect([leader.outcome, other.outcome, other.at]).toEqual([error, WAITED, 0]);
  });

  it("keeps what he throws before he waits for anything", async () => {
    const throwing = inTurn("key", () => {
      throw new Error("at once");
    });
    await expect(throwing).rejects.toThrow("at once");
    expect(await inTurn("key", () => Promise.resolve("next"))).toBe("next");
  });

  it("is asked after by nobody once he has ended", async () => {
    const asking = new Asking();
    asking.begin("first");
    asking.answer("first");
    await pass(0);
    const second = asking.begin("second");
    asking.answer("second");
    await pass(0);
    expect(second.outcome).toBe("of second");
    expect(asking.asked).toEqual(["first", "second"]);
  });
});

describe("S18: who never ends, or is cut off", () => {
  it("is waited for two seconds from his beginning, whenever the others came", async () => {
    const asking = new Asking();
    asking.begin("leader");
    const early = asking.begin("early");
    await pass(1500);
    const late = asking.begin("late");
    await pass(499);
    expect([early.outcome, late.outcome]).toEqual([undefined, undefined]);
    await pass(1);
    expect([early.outcome, early.at]).toEqual([WAITED, WAIT_MS]);
    expect([late.outcome, late.at]).toEqual([WAITED, 500]);
    expect(asking.asked).toEqual(["leader"]);
  });

  it("has a successor two seconds later, for whom the next wait", async () => {
    const asking = new Asking();
    asking.begin("leader");
    await pass(WAIT_MS);
    const second = asking.begin("second");
    const third = asking.begin("third");
    expect(asking.asked).toEqual(["leader", "second"]);
    await pass(100);
    asking.answer("second");
    await pass(0);
    expect([second.outcome, third.outcome, third.at]).toEqual(["of second", WAITED, 100]);
  });

  it("does not end his successor's turn when he ends after all", async () => {
    const asking = new Asking();
    const leader = asking.begin("leader");
    await pass(WAIT_MS);
    asking.begin("second");
    asking.answer("leader");
    await pass(0);
    expect(leader.outcome).toBe("of leader");
    const third = asking.begin("third");
    await pass(100);
    expect([asking.asked, third.outcome]).toEqual([["leader", "second"], undefined]);
    asking.answer("second");
    await pass(0);
    expect(third.outcome).toBe(WAITED);
  });

  it("is not waited for longer where the clock was put back", async () => {
    const asking = new Asking();
    asking.begin("leader");
    vi.setSystemTime(Date.now() - 3_600_000);
    const other = asking.begin("other");
    await pass(WAIT_MS);
    expect(other.outcome).toBe(WAITED);
  });
});

describe("S18: whose turn it is", () => {
  it("is decided by the whole key", async () => {
    const asking = new Asking();
    for (const key of ["a", "b", "a ", "A"]) asking.begin(key, key);
    const joined = asking.begin("joined", "b");
    expect(asking.asked).toEqual(["a", "b", "a ", "A"]);
    asking.answer("a");
    await pass(0);
    expect(joined.outcome).toBeUndefined();
    for (const key of ["b", "a ", "A"]) asking.answer(key);
    await pass(0);
    expect(joined.outcome).toBe(WAITED);
  });

  it("S17: is nobody's where the key is longer than any of ours: then each asks", async () => {
    const asking = new Asking();
    const [longest, longer] = ["k".repeat(MAX_KEY), "k".repeat(MAX_KEY + 1)];
    for (const name of ["one", "two"]) asking.begin(`${name} longer`, longer);
    for (const name of ["one", "two"]) asking.begin(`${name} longest`, longest);
    expect(asking.asked).toEqual(["one longer", "two longer", "one longest"]);
    for (const name of asking.asked) asking.answer(name);
    await pass(0);
  });

  it("S17: is forgotten of the oldest where there are too many, who ends nobody else's then", async () => {
    const asking = new Asking();
    for (let index = 0; index <= FLIGHTS; index += 1) asking.begin(String(index), `key ${index}`);
    const again = asking.begin("again", "key 0");
    const joined = asking.begin("joined", `key ${FLIGHTS}`);
    expect(asking.asked.length).toBe(FLIGHTS + 2);
    asking.answer("0");
    await pass(0);
    const behind = asking.begin("behind", "key 0");
    expect([again.outcome, behind.outcome, asking.asked.length]).toEqual([undefined, undefined, FLIGHTS + 2]);
    for (const name of asking.asked) asking.answer(name);
    await pass(0);
    expect([joined.outcome, behind.outcome, again.outcome]).toEqual([WAITED, WAITED, "of again"]);
  });

  it("is forgotten with all else that an isolate remembers", async () => {
    const asking = new Asking();
    const before = asking.begin("before");
    forgetIsolate();
    asking.begin("after");
    expect(asking.asked).toEqual(["before", "after"]);
    asking.answer("before");
    await pass(0);
    expect(before.outcome).toBe("of before");
    asking.begin("joined");
    expect(asking.asked).toEqual(["before", "after"]);
    asking.answer("after");
    await pass(0);
  });
});
