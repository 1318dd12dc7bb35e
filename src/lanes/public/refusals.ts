// What the refusal of one reference means for its repository (S18): before anything is hidden from anybody else, witnesses
// are asked, and whether it is we who are refused.

import type { Digest } from "../../distribution/reference.ts";
import { remember } from "../../isolate.ts";
import type { Refuser } from "../../upstream/anonymous.ts";
import { deadlineIn } from "../../upstream/fetch.ts";
import { answersAsLearned } from "../../upstream/self-check.ts";
import { questionOf, type About } from "./asked.ts";
import { endReference } from "./ending.ts";
import { inquire } from "./inquire.ts";
import { proveRepository, type ContentLane } from "./lane.ts";
import { showsManifest } from "./manifest-answer.ts";
import { nameOf } from "./names.ts";
import { isEnd, judge, type Testimony, type Witness } from "./record.ts";
import { digestsOfTag } from "./tags.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** Witnesses of a repository are asked so often at the most. */
const EXAMINE_EVERY_MS = 10 * SECOND;

/** What a refusal turned out to be. */
export type Meaning =
  /** The registry's no to this reference. */
  | "refused"
  /** Nothing about the reference: the registry is in trouble, or we are. */
  | "trouble";

/** A witness that takes longer is in trouble: all of them together have less time than what is deferred. */
const WITNESS_MS = 5 * SECOND;

/** When witnesses were last asked, and what came of it. */
interface Examination {
  readonly at: number;
  /** Undefined while they are asked, and for ever where that was cut off. */
  readonly meaning: Meaning | undefined;
}

/** By repository; only of those that are proved. */
const examined = remember<string, Examination>(5000);

/**
 * Draws the conclusion from a refusal. To be deferred as well as awaited: it must not end with a caller who leaves.
 * @param about the refused reference
 */
export async function concludeRefusal(lane: ContentLane, about: About, by: Refuser): Promise<Meaning> {
  const now = Date.now();
  // Of what nobody proved there is nothing to lose, and nothing is asked or written for it.
  if (!lane.visibility.isProven) return "refused";
  // Of a private class nobody else's is ended, and no witness asked.
  if (lane.owner !== undefined) {
    await lane.visibility.lose();
    return "refused";
  }
  // A registry that judges each client by itself (S14): the refusal of one says nothing of what the next may have.
  if (!lane.errand.registry.store) return "refused";
  if (by === "token-service") return concludeTokenRefusal(lane, now);
  const name = nameOf(lane);
  const last = examined.get(name);
  // While it is not known whether it is we who are refused, nothing of anybody's is ended.
  if (last !== undefined && now - last.at < EXAMINE_EVERY_MS) return last.meaning ?? "trouble";
  // After one that was cut off nobody waits for another's, until one has ended.
  if (last === undefined || last.meaning !== undefined) examined.set(name, { at: now, meaning: undefined });
  const verdict = judge(await hear(lane, await witnessesFor(lane, about)));
  const isOurs = isEnd(verdict) && !(await answersAsLearned(lane.errand.registry, lane.context.trace));
  const meaning = isOurs ? "trouble" : "refused";
  examined.set(name, { at: now, meaning });
  if (isEnd(verdict) && !isOurs) await lane.visibility.meet(verdict, now);
  return meaning;
}

/** Those that speak for the repository: never the refused reference, nor what it stands for. */
async function witnessesFor(lane: ContentLane, about: About): Promise<Witness[]> {
  const own: readonly Digest[] = about.kind === "tag" ? await digestsOfTag(lane, about.tag) : [about.digest];
  return lane.visibility.witnesses.filter(({ digest }) => !own.includes(digest));
}

/** Asks one after the other, newest first, until one ends it. */
async function hear(lane: ContentLane, witnesses: readonly Witness[]): Promise<Testimony[]> {
  const testimonies: Testimony[] = [];
  for (const witness of witnesses) {
    const testimony = await ask(lane, witness);
    testimonies.push(testimony);
    if (testimony === "positive" || testimony === "trouble") break;
  }
  return testimonies;
}

/** Asks a witness by the method that showed it, in our own words, on a token that is got for it. */
async function ask(lane: ContentLane, { digest, method }: Witness): Promise<Testimony> {
  const asked = await inquire(lane, {
    ...questionOf(lane.repository, { kind: "manifest", digest }, method),
    needsFreshToken: true,
    deadline: deadlineIn(WITNESS_MS),
  });
  switch (asked.kind) {
    case "found":
      if (!(await showsManifest(asked.answer, digest))) return "trouble";
      await proveRepository(lane, asked.answer.askedAt);
      return "positive";
    case "refused":
      return "refused";
    case "missing":
      await endReference(lane, { kind: "manifest", digest }, "missing");
      return "missing";
    default:
      return "trouble";
  }
}

/** The last proven repository that a token service refused, and since when it is held to refuse us, by registry. */
interface Suspicion {
  readonly repository: string;
  readonly at: number;
  readonly heldSince: number;
}

const suspicions = remember<string, Suspicion>(64);

/**
 * A token service that gives anonymity no token needs no witness. Once is trouble; and if it refuses two proven repositories
 * within a minute, it is we who are refused, which holds a denial back for an hour at the most.
 */
async function concludeTokenRefusal(lane: ContentLane, now: number): Promise<Meaning> {
  if (areWeRefused(lane, now)) return "trouble";
  if (!(await answersAsLearned(lane.errand.registry, lane.context.trace))) return "trouble";
  return (await lane.visibility.meet("denial", now)) === "denied" ? "refused" : "trouble";
}

/** Notes the refusal, if the repository was proved in the last day: of older ones the registry may have closed any two. */
function areWeRefused({ repository, upstream, visibility }: ContentLane, now: number): boolean {
  const last = suspicions.get(upstream);
  const heldBefore = last?.heldSince ?? 0;
  if (!visibility.holds) return now - heldBefore < HOUR;
  const isSecond = last !== undefined && last.repository !== repository && now - last.at <= MINUTE;
  const heldSince = isSecond && now - heldBefore > 2 * HOUR ? now : heldBefore;
  suspicions.set(upstream, { repository, at: now, heldSince });
  return now - heldSince < HOUR;
}
