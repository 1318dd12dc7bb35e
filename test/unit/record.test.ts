// Visibility (S9, S18): the record of a repository against a model that keeps no record. The model has a log of what happened,
// and answers each question by looking through the log.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseDigest, type Digest } from "../../src/distribution/reference.ts";
import {
  dropped,
  holds,
  isEnd,
  isFresh,
  isPublic,
  judge,
  merged,
  met,
  proved,
  UNKNOWN,
  type Consequence,
  type End,
  type State,
  type Testimony,
  type Verdict,
  type Witness,
} from "../../src/lanes/public/record.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const START = Date.UTC(2026, 0, 1);
/** The same cases each time. */
const RUNS = { seed: 9018, numRuns: 2000 };

function digest(hex: string, length = 64): Digest {
  const parsed = parseDigest(`sha${String(length * 4)}:${hex.repeat(length)}`);
  if (parsed === undefined) throw new TypeError("not a digest");
  return parsed;
}

const DIGESTS = ["1", "2", "3", "4", "5"].map((hex) => digest(hex));
const [ONE = digest("1"), TWO = digest("2"), THREE = digest("3"), FOUR = digest("4")] = DIGESTS;

function witness(of: Digest, method: Witness["method"] = "HEAD"): Witness {
  return { digest: of, method };
}

// --- The model: what happened to one repository, in the order in which it was heard.

type Happening =
  /** An anonymous answer that is the thing itself, to a question that was sent at `askedAt`. */
  | { readonly kind: "answer"; readonly askedAt: number; readonly tagged: Digest | undefined }
  /** 404 to a digest. */
  | { readonly kind: "gone"; readonly digest: Digest }
  /** A reference was refused, and this is what its witnesses made of it. */
  | { readonly kind: "refusal"; readonly verdict: Verdict; readonly at: number };

type Log = readonly Happening[];

/** When it was last denied. S9: only a question that was sent later can speak against it. */
function lastDenial(log: Log): number {
  return Math.max(
    0,
    ...log.map((event, index) =>
      event.kind === "refusal" && outcome(log, index) === "denied" ? event.at : 0,
    ),
  );
}

/** What speaks for the repository: all since it was last denied, or too few spoke for it, or the last of them was gone. */
function testimony(log: Log): readonly Happening[] {
  const ends = log.map((event, index) => {
    if (event.kind === "refusal") return ["denied", "lost"].includes(outcome(log, index));
    if (event.kind !== "gone") return false;
    const before = shown(log.slice(0, index));
    return before.length === 1 && before[0] === event.digest;
  });
  const since = ends.lastIndexOf(true) + 1;
  return log.slice(since).filter((event) => event.kind !== "answer" || event.askedAt > lastDenial(log));
}

/** When the last question was sent whose answer speaks for it; undefined where none does. */
function lastProof(log: Log): number | undefined {
  const times = testimony(log).flatMap((event) => (event.kind === "answer" ? [event.askedAt] : []));
  return times.length === 0 ? undefined : Math.max(...times);
}

/** S18: the last three different digests that tags resolved to, newest first, without those that are gone. */
function shown(log: Log): readonly Digest[] {
  let places: readonly Digest[] = [];
  for (const event of testimony(log)) {
    if (event.kind === "gone") places = places.filter((place) => place !== event.digest);
    if (event.kind !== "answer" || event.tagged === undefined) continue;
    places = [event.tagged, ...places.filter((place) => place !== event.tagged)].slice(0, 3);
  }
  return places;
}

/** S18: an end must be met twice, ten seconds to an hour apart, with no positive answer between. */
function outcome(log: Log, index: number): Consequence {
  const event = log[index];
  const before = log.slice(0, index);
  const proof = lastProof(before);
  if (event?.kind !== "refusal" || proof === undefined) return "none";
  if (event.verdict !== "denial" && event.verdict !== "loss") return "none";
  const heard = testimony(before);
  const firsts = heard.filter((one) => outcome(before, before.indexOf(one)) === "noted");
  const first = firsts.at(-1);
  if (first?.kind !== "refusal" || first.at <= proof || event.at > first.at + HOUR) return "noted";
  if (event.at < first.at + 10 * SECOND) return "none";
  return [first.verdict, event.verdict].includes("loss") ? "lost" : "denied";
}

/** S9: fresh is 5 minutes, and 24 hours is how long a proof holds while the registry cannot answer. */
function speaksWithin(log: Log, milliseconds: number, now: number): boolean {
  const proof = lastProof(log);
  return proof !== undefined && proof + milliseconds >= now;
}

// --- The record, told the same.

function hear(state: State, event: Happening): { state: State; consequence: Consequence | undefined } {
  switch (event.kind) {
    case "answer": {
      const tagged = event.tagged && witness(event.tagged);
      return { state: proved(state, event.askedAt, tagged), consequence: undefined };
    }
    case "gone":
      return { state: dropped(state, event.digest), consequence: undefined };
    case "refusal":
      // What is no end is not met: only the reference is ended then.
      return isEnd(event.verdict) ? met(state, event.verdict, event.at) : { state, consequence: "none" };
  }
}

function stateOf(log: Log): State {
  return log.reduce<State>((state, event) => hear(state, event).state, UNKNOWN);
}

/** Steps of time on both sides of every bound. */
const BOUNDS = [10 * SECOND, 5 * MINUTE, HOUR, 24 * HOUR];
const steps = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(0, 1, SECOND, 6 * SECOND, 11 * SECOND, MINUTE, 20 * MINUTE) },
  { weight: 1, arbitrary: fc.constantFrom(...BOUNDS.flatMap((bound) => [bound - 1, bound, bound + 1])) },
);

/** What happens, before its time is known: answers may come to questions of long ago. */
const happenings = fc.oneof(
  fc.record({
    kind: fc.constant("answer" as const),
    delay: fc.constantFrom(0, 0, 1, 5 * SECOND, 12 * SECOND, 2 * MINUTE),
    tagged: fc.option(fc.constantFrom(...DIGESTS), { nil: undefined }),
  }),
  fc.record({ kind: fc.constant("gone" as const), digest: fc.constantFrom(...DIGESTS) }),
  fc.record({
    kind: fc.constant("refusal" as const),
    verdict: fc.constantFrom<Verdict>("denial", "denial", "loss", "reference", "undecided"),
  }),
);

/** Logs, and the time at their end. */
function logs(maxLength: number): fc.Arbitrary<{ log: Log; now: number }> {
  return fc.array(fc.tuple(steps, happenings), { maxLength }).map((parts) => {
    let now = START;
    const log = parts.map(([step, event]): Happening => {
      now += step;
      if (event.kind === "answer") {
        return { kind: "answer", askedAt: now - event.delay, tagged: event.tagged };
      }
      return event.kind === "gone" ? event : { ...event, at: now };
    });
    return { log, now };
  });
}

describe("S9, S18: the record and the log agree", () => {
  it("about what is public, fresh and holds, who its witnesses are, and what each refusal comes to", () => {
    fc.assert(
      fc.property(logs(9), steps, ({ log, now }, later) => {
        let state = UNKNOWN;
        log.forEach((event, index) => {
          const heard = hear(state, event);
          state = heard.state;
          if (event.kind === "refusal") expect(heard.consequence).toBe(outcome(log, index));
        });
        expect(isPublic(state)).toBe(lastProof(log) !== undefined);
        for (const time of [now, now + later]) {
          expect(isFresh(state, time)).toBe(speaksWithin(log, 5 * MINUTE, time));
          expect(holds(state, time)).toBe(speaksWithin(log, 24 * HOUR, time));
        }
        expect(state.deniedAt).toBe(lastDenial(log));
        expect((state.proof?.witnesses ?? []).map((one) => one.digest)).toEqual(shown(log));
      }),
      RUNS,
    );
  });

  it("(and the logs have denials, losses, late answers and lost witnesses in them)", () => {
    const seen = { denied: 0, lost: 0, noted: 0, none: 0, late: 0, three: 0, emptied: 0 };
    for (const { log } of fc.sample(logs(9), RUNS)) {
      log.forEach((event, index) => {
        const before = log.slice(0, index);
        if (event.kind === "refusal") seen[outcome(log, index)] += 1;
        else if (event.kind === "answer" && event.askedAt <= lastDenial(before)) seen.late += 1;
        else if (event.kind === "gone" && shown(before).join() === event.digest) seen.emptied += 1;
      });
      if (shown(log).length === 3) seen.three += 1;
    }
    for (const [what, count] of Object.entries(seen)) expect(count, what).toBeGreaterThan(5);
  });
});

describe("S18: what witnesses make of a refusal", () => {
  const testimonies = fc.array(fc.constantFrom<Testimony>("positive", "refused", "missing", "trouble"), {
    maxLength: 3,
  });

  it("one positive answer saves the repository, whatever the others say", () => {
    const saved = testimonies.filter((said) => said.includes("positive"));
    fc.assert(
      fc.property(saved, (said) => judge(said) === "reference"),
      RUNS,
    );
  });

  it("with trouble and no positive answer nothing is decided", () => {
    const troubled = testimonies.filter((said) => said.includes("trouble") && !said.includes("positive"));
    fc.assert(
      fc.property(troubled, (said) => judge(said) === "undecided"),
      RUNS,
    );
  });

  it.each<[Testimony[], Verdict]>([
    [[], "loss"],
    [["refused"], "loss"],
    [["missing", "missing", "missing"], "loss"],
    [["refused", "missing", "missing"], "loss"],
    [["refused", "refused"], "denial"],
    [["missing", "refused", "refused"], "denial"],
    [["refused", "refused", "refused"], "denial"],
  ])("%j is %s: a denial takes two that are refused", (said, verdict) => {
    expect(judge(said)).toBe(verdict);
  });
});

describe("S18: twice", () => {
  const public_ = proved(UNKNOWN, START, witness(ONE));
  const first = START + MINUTE;

  it.each<[string, number, Consequence]>([
    ["at once", 0, "none"],
    ["after 9.999 s", 10 * SECOND - 1, "none"],
    ["after 10 s", 10 * SECOND, "denied"],
    ["after an hour", HOUR, "denied"],
    ["after more than an hour", HOUR + 1, "noted"],
  ])("a second refusal of everything %s", (_, later, expected) => {
    const noted = met(public_, "denial", first);
    expect([noted.consequence, isPublic(noted.state)]).toEqual(["noted", true]);
    const second = met(noted.state, "denial", first + later);
    expect([second.consequence, isPublic(second.state)]).toEqual([expected, expected !== "denied"]);
  });

  it.each<[End, End, Consequence]>([
    ["denial", "denial", "denied"],
    ["denial", "loss", "lost"],
    ["loss", "denial", "lost"],
    ["loss", "loss", "lost"],
  ])("%s and then %s: %s", (one, other, expected) => {
    const noted = met(public_, one, first).state;
    expect(met(noted, other, first + MINUTE).consequence).toBe(expected);
  });

  it("a positive answer between the two makes the second the first", () => {
    const noted = met(public_, "denial", first).state;
    const answered = proved(noted, first + SECOND);
    expect(met(answered, "denial", first + MINUTE).consequence).toBe("noted");
  });

  it("but not one whose question was sent before the first", () => {
    const noted = met(public_, "denial", first).state;
    const answered = proved(noted, first - SECOND);
    expect(met(answered, "denial", first + MINUTE).consequence).toBe("denied");
  });

  it("a loss leaves no denial: the next positive answer is believed, also of a question sent before it", () => {
    const noted = met(public_, "loss", first).state;
    const lost = met(noted, "loss", first + MINUTE);
    expect(lost).toEqual({ consequence: "lost", state: { proof: undefined, deniedAt: 0 } });
    expect(isPublic(proved(lost.state, first + 30 * SECOND))).toBe(true);
  });

  it("what another view denied since is not met again: the denial keeps its time", () => {
    const denied = merged(public_, { proof: undefined, deniedAt: first });
    expect(met(denied, "denial", first + MINUTE)).toEqual({ state: denied, consequence: "none" });
  });

  it("of a repository that nobody proved nothing is noted", () => {
    expect(met(UNKNOWN, "denial", first)).toEqual({ state: UNKNOWN, consequence: "none" });
  });
});

describe("S18: witnesses", () => {
  const three = [ONE, TWO, THREE].reduce(
    (state, one, index) => proved(state, START + index, witness(one)),
    UNKNOWN,
  );
  const digestsOf = ({ proof }: State): unknown => proof?.witnesses.map((one) => one.digest);

  it("are the last three different digests of tags, newest first", () => {
    expect(digestsOf(three)).toEqual([THREE, TWO, ONE]);
    expect(digestsOf(proved(three, START + 9, witness(ONE)))).toEqual([ONE, THREE, TWO]);
    expect(digestsOf(proved(three, START + 9, witness(FOUR)))).toEqual([FOUR, THREE, TWO]);
    expect(digestsOf(proved(three, START + 9)), "asked by digest").toEqual([THREE, TWO, ONE]);
  });

  it("keep the method that showed them last", () => {
    const again = proved(three, START + 9, witness(TWO, "GET"));
    expect(again.proof?.witnesses[0]).toEqual(witness(TWO, "GET"));
  });

  it("the last one that is missing takes the proof along, and no denial comes of it", () => {
    const none = [ONE, TWO, THREE].reduce(dropped, three);
    expect(none).toEqual({ proof: undefined, deniedAt: 0 });
    expect(isPublic([ONE, TWO].reduce(dropped, three))).toBe(true);
    expect(dropped(three, FOUR)).toBe(three);
  });
});

/** Views of isolates that heard different things of one repository; the second and third go on from the first. */
const views = fc.tuple(logs(4), logs(5), logs(5)).map(([common, ...others]) => {
  const shift = (event: Happening): Happening => {
    const by = common.now - START;
    if (event.kind === "answer") return { ...event, askedAt: event.askedAt + by };
    return event.kind === "gone" ? event : { ...event, at: event.at + by };
  };
  const [one = [], other = []] = others.map(({ log }) => [...common.log, ...log.map(shift)]);
  return [stateOf(common.log), stateOf(one), stateOf(other)] as const;
});

describe("S9: two views of one repository become one", () => {
  /** All but the witnesses, of which there are two lists where both were proved at one time. */
  const timesOf = ({ proof, deniedAt }: State): unknown => [
    proof?.provenAt,
    proof?.refusedAt,
    proof?.refusedAs,
    deniedAt,
  ];

  it("whichever is looked at first", () => {
    const check = (one: State, other: State): void => {
      const [there, back] = [merged(one, other), merged(other, one)];
      expect(timesOf(there)).toEqual(timesOf(back));
      if (one.proof?.provenAt !== other.proof?.provenAt) expect(there).toEqual(back);
      else expect(there.proof?.witnesses).toEqual(one.proof?.witnesses);
    };
    fc.assert(
      fc.property(views, ([, one, other]) => {
        check(one, other);
      }),
      RUNS,
    );
  });

  it("however three of them are brought together, and a view is nothing new to itself", () => {
    fc.assert(
      fc.property(views, ([one, two, three]) => {
        expect(merged(merged(one, two), three)).toEqual(merged(one, merged(two, three)));
        expect(merged(one, one)).toEqual(one);
        expect(merged(one, UNKNOWN)).toEqual(one);
      }),
      RUNS,
    );
  });

  it("no denial is lost, and none is lifted but by a question that was sent after it", () => {
    fc.assert(
      fc.property(views, ([, one, other]) => {
        const both = merged(one, other);
        expect(both.deniedAt).toBe(Math.max(one.deniedAt, other.deniedAt));
        const proofs = [one, other].map(({ proof }) => proof?.provenAt ?? 0);
        expect(isPublic(both)).toBe(Math.max(...proofs) > both.deniedAt);
      }),
      RUNS,
    );
  });

  it.each<[number, boolean]>([
    [-1, false],
    [0, false],
    [1, true],
  ])("a proof %i ms after a denial that another view has is later: %s", (later, isLater) => {
    const one = proved(UNKNOWN, START + later, witness(ONE));
    const other: State = { proof: undefined, deniedAt: START };
    expect([isPublic(merged(one, other)), isPublic(merged(other, one))]).toEqual([isLater, isLater]);
  });
});
