// What is known of a repository's visibility, and what each answer makes of it (S9, S18): a small state machine without
// clock, store or network. test/unit/record.test.ts holds it against a model that can be read beside the two rules.

import type { Digest } from "../../distribution/reference.ts";

/** A digest that a tag resolved to, and the method that showed it: what is asked again before a repository is given up. */
export interface Witness {
  readonly digest: Digest;
  readonly method: "GET" | "HEAD";
}

/** The registry's word that a repository is public. Times in milliseconds since the epoch. */
export interface Proof {
  /** When the question was sent that was last answered by the thing itself. */
  readonly provenAt: number;
  /** The last three, newest first. */
  readonly witnesses: readonly Witness[];
  /** When everything was refused that speaks for the repository, the first of the two times that this takes; 0 for never. */
  readonly refusedAt: number;
  /** What that was held for. */
  readonly refusedAs: End;
}

/** The end of a proof: nobody may read the repository any more, or too few speak for it. */
export type End = "denial" | "loss";

/** A repository: its proof, if it has one, and when it was last denied (0 for never). */
export interface State {
  readonly proof: Proof | undefined;
  readonly deniedAt: number;
}

export const UNKNOWN: State = { proof: undefined, deniedAt: 0 };

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** A proof is good for serving what is stored for so long. */
export const FRESH_MS = 5 * MINUTE;
/** While the registry cannot answer, its last positive answer holds for so long. */
export const HOLDS_MS = 24 * HOUR;
const MAX_WITNESSES = 3;
/** A refusal of everything counts when it is met a second time, not sooner and not later than this. */
const AGAIN_AFTER_MS = 10 * SECOND;
const AGAIN_WITHIN_MS = HOUR;

/** True of a repository that was proved public, and not denied since. */
export function isPublic({ proof, deniedAt }: State): boolean {
  return proof !== undefined && proof.provenAt > deniedAt;
}

/** True while stored content may be served without asking. */
export function isFresh(state: State, now: number): boolean {
  return isProvenWithin(state, FRESH_MS, now);
}

/** True while stored content may be served although the registry cannot answer. */
export function holds(state: State, now: number): boolean {
  return isProvenWithin(state, HOLDS_MS, now);
}

function isProvenWithin(state: State, milliseconds: number, now: number): boolean {
  return isPublic(state) && now - (state.proof?.provenAt ?? 0) <= milliseconds;
}

/**
 * The registry answered with the thing itself.
 * @param askedAt when the question was sent: a denial that came after it is the later word
 * @param witness what a tag resolved to; nothing that was asked by digest is one
 */
export function proved(state: State, askedAt: number, witness?: Witness): State {
  if (askedAt <= state.deniedAt) return state;
  const known = state.proof ?? { provenAt: 0, witnesses: [], refusedAt: 0, refusedAs: "loss" };
  const others = known.witnesses.filter(({ digest }) => digest !== witness?.digest);
  const witnesses = witness === undefined ? known.witnesses : [witness, ...others].slice(0, MAX_WITNESSES);
  return { ...state, proof: { ...known, provenAt: Math.max(known.provenAt, askedAt), witnesses } };
}

/** The registry has a manifest no longer (404 to its digest). With its last witness a proof is gone too. */
export function dropped(state: State, gone: Digest): State {
  if (state.proof?.witnesses.some(({ digest }) => digest === gone) !== true) return state;
  const witnesses = state.proof.witnesses.filter(({ digest }) => digest !== gone);
  return { ...state, proof: witnesses.length === 0 ? undefined : { ...state.proof, witnesses } };
}

/** What a witness that was asked again said. */
export type Testimony = "positive" | "refused" | "missing" | "trouble";

/** What the refusal of one reference means for its repository. */
export type Verdict =
  /** Nothing: only the reference is ended. */
  | "reference"
  /** Nothing that can be told now. */
  | "undecided"
  /** Its proof has ended. */
  | End;

/** Judges by the witnesses, in the order in which they were asked; the first that is positive or in trouble ends it. */
export function judge(testimonies: readonly Testimony[]): Verdict {
  if (testimonies.includes("positive")) return "reference";
  if (testimonies.includes("trouble")) return "undecided";
  const refusals = testimonies.filter((testimony) => testimony === "refused").length;
  return refusals >= 2 ? "denial" : "loss";
}

export function isEnd(verdict: Verdict): verdict is End {
  return verdict === "denial" || verdict === "loss";
}

/** What became of a verdict. */
export type Consequence = "none" | "noted" | "denied" | "lost";

/**
 * Meets a verdict of denial or loss. It takes two of them, ten seconds to an hour apart, with no proof between. A denial is
 * what both held for one: what a refused tag stands for is known the first time only.
 * @param now when the refusing answer came
 */
export function met(
  state: State,
  verdict: End,
  now: number,
): { readonly state: State; readonly consequence: Consequence } {
  const { proof } = state;
  if (proof === undefined || !isPublic(state)) return { state, consequence: "none" };
  const since = now - proof.refusedAt;
  const isFirst = proof.refusedAt <= proof.provenAt || since > AGAIN_WITHIN_MS;
  if (isFirst) {
    return {
      state: { ...state, proof: { ...proof, refusedAt: now, refusedAs: verdict } },
      consequence: "noted",
    };
  }
  if (since < AGAIN_AFTER_MS) return { state, consequence: "none" };
  return verdict === "loss" || proof.refusedAs === "loss"
    ? { state: { ...state, proof: undefined }, consequence: "lost" }
    : { state: { proof: undefined, deniedAt: now }, consequence: "denied" };
}

/**
 * Two views of one repository as one: the later proof with its witnesses, the later refusal, the later denial. Of two proofs
 * of one time the first one's witnesses are kept: it is the nearer view, which may have dropped some.
 */
export function merged(one: State, other: State): State {
  return { proof: mergedProof(one.proof, other.proof), deniedAt: Math.max(one.deniedAt, other.deniedAt) };
}

function mergedProof(one: Proof | undefined, other: Proof | undefined): Proof | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  const later = other.provenAt > one.provenAt ? other : one;
  if (one.refusedAt === other.refusedAt)
    return { ...later, refusedAs: weaker(one.refusedAs, other.refusedAs) };
  const { refusedAt, refusedAs } = one.refusedAt > other.refusedAt ? one : other;
  return { ...later, refusedAt, refusedAs };
}

function weaker(one: End, other: End): End {
  return one === "loss" ? one : other;
}
