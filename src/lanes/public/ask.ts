// Asking the registry itself, and the conclusions that are drawn from its answer (S9, S18).

import { RegistryError } from "../../distribution/errors.ts";
import { inTurn, WAIT_MS, type WAITED } from "../../flights.ts";
import { remember } from "../../isolate.ts";
import type { Refuser } from "../../upstream/anonymous.ts";
import { deadlineIn, Unreachable } from "../../upstream/fetch.ts";
import { learnedOfRegistry } from "../../upstream/realm.ts";
import { isSilent } from "../../upstream/self-check.ts";
import type { Asked, Question } from "./asked.ts";
import { doubtConfirmed, noteConfirmed } from "./confirmations.ts";
import { insufficientScope } from "./content.ts";
import { endReference } from "./ending.ts";
import { inquire } from "./inquire.ts";
import { proveRepository, type ContentLane } from "./lane.ts";
import { isConverted, isShownByHead, saidDigest } from "./manifest-answer.ts";
import { noteLimit } from "./pauses.ts";
import { concludeRefusal } from "./refusals.ts";

/**
 * How long a request waits for the registry where something else can serve it: docker gives up before a long timeout ends.
 */
export const IMPATIENT_MS = 5_000;
/** For so long such requests do not ask again what gave no answer. */
const OUTAGE_MS = 30_000;
/** A refusal is believed for so long, of the same question alone. */
const REFUSED_MS = 10_000;
const MAX_KEY = 2048;

/** Origins without an answer, and until when; plain times, the same for every client. */
const outages = remember<string, number>(64);
/** Questions without an answer, and until when. */
const slow = remember<string, number>(1000);
/** Questions that were refused, and until when; of names that nobody proved too, so in a map of their own. */
const refused = remember<string, number>(1000);

/**
 * Asks the registry itself.
 * @param canDoWithout true where something stored or a mirror can stand in if there is no answer
 */
export async function askRegistry(
  lane: ContentLane,
  question: Question,
  canDoWithout: boolean,
): Promise<Asked> {
  const { registry } = lane.errand;
  const key = keyOf(lane, question);
  if (registry.store && question.hasWaited !== true && isPending(refused, key)) return { kind: "refused" };
  if (canDoWithout && (isPending(slow, key) || isOut(lane))) {
    return {
      kind: "failing",
      error: new RegistryError("UNAVAILABLE", `${registry.name} cannot be reached.`),
    };
  }
  const patience = question.hasWaited === true ? IMPATIENT_MS - WAIT_MS : IMPATIENT_MS;
  const deadline = canDoWithout ? deadlineIn(patience) : undefined;
  const asked = await inquire(lane, { ...question, deadline });
  if ("answer" in asked) {
    outages.delete(registry.upstream);
    noteLimit(lane, question, asked.answer);
  } else if (asked.kind === "failing" && canDoWithout) noteSilence(lane, key, asked.error);
  const concluding =
    asked.kind === "refused" ? refuse(lane, question, key, asked.by) : conclude(lane, question, asked);
  // It is about everybody, and a caller who leaves ends all that is not deferred (S18).
  lane.defer(concluding);
  return concluding;
}

/**
 * Asks, unless another request is asking the same: see `inTurn`. A caller who leaves does not take the answer from those who
 * wait for it (S18). Where nothing is kept, or concluded, there is nothing to wait for, and nobody waits twice.
 * @param ask ends when what others may use of the answer is where they find it
 */
export async function askInTurn<T>(
  lane: ContentLane,
  question: Question,
  ask: () => Promise<T>,
): Promise<T | typeof WAITED> {
  if (!lane.errand.registry.store || !question.concludes || question.hasWaited === true) return ask();
  return inTurn(keyOf(lane, question), () => {
    const asking = ask();
    lane.defer(asking.catch(() => undefined));
    return asking;
  });
}

async function conclude(
  lane: ContentLane,
  { about, concludes, method }: Question,
  asked: Exclude<Asked, { kind: "refused" }>,
): Promise<Asked> {
  // A blob may well be a page; its digest says what it is, and it is not shown as one.
  if (asked.kind === "page" && about.kind === "blob") return { ...asked, kind: "found" };
  if (!concludes) return asked;
  if (asked.kind === "missing") await endReference(lane, about, "missing", whereKnown(lane));
  if (asked.kind !== "found" || about.kind === "blob" || method === "GET") return asked;
  const { answer } = asked;
  const digest = saidDigest(answer);
  if (!isShownByHead(answer, about.kind === "manifest" ? about.digest : undefined)) {
    return { kind: "other", answer };
  }
  const shown = about.kind === "manifest" ? about.digest : digest;
  if (shown !== undefined) noteConfirmed(lane, shown, answer.askedAt);
  const isWitness = about.kind === "tag" && digest !== undefined && !isConverted(answer);
  await proveRepository(lane, answer.askedAt, isWitness ? { digest, method } : undefined);
  return asked;
}

async function refuse(
  lane: ContentLane,
  { about, concludes }: Question,
  key: string,
  by: Refuser,
): Promise<Asked> {
  const where = whereKnown(lane);
  doubtConfirmed(lane);
  const meaning = concludes ? await concludeRefusal(lane, about, by) : "refused";
  // What is stored may be served; where nothing is, a login is what can help.
  if (meaning === "trouble") return { kind: "failing", error: insufficientScope(lane.errand) };
  if (key.length <= MAX_KEY) refused.set(key, Date.now() + REFUSED_MS);
  if (concludes) await endReference(lane, about, "refused", where);
  return { kind: "refused" };
}

/** What nobody here knows may well be known elsewhere, and the bucket is everybody's. */
function whereKnown({ visibility }: ContentLane): "everywhere" | "here" {
  return visibility.isKnown ? "everywhere" : "here";
}

/**
 * No answer at all: that counts for the question. Whether it is the registry's silence is asked by ourselves, of what no
 * client named, and not waited for.
 */
function noteSilence(lane: ContentLane, key: string, error: RegistryError): void {
  if (!(error instanceof Unreachable)) return;
  if (key.length <= MAX_KEY) slow.set(key, Date.now() + OUTAGE_MS);
  const { registry } = lane.errand;
  const realm = learnedOfRegistry(registry);
  const own = [new URL("/v2/", registry.upstream), ...(realm?.kind === "bearer" ? [realm.realm] : [])];
  const url = own.find(({ host }) => host === error.host);
  if (url === undefined || isPending(outages, url.origin)) return;
  const check = async (): Promise<void> => {
    if (await isSilent(url, lane.context.trace)) outages.set(url.origin, Date.now() + OUTAGE_MS);
  };
  lane.defer(check());
}

/** True while the registry, or the token service that it sends everybody to, is known to be silent. */
function isOut({ errand: { registry } }: ContentLane): boolean {
  const realm = learnedOfRegistry(registry);
  return (
    isPending(outages, registry.upstream) ||
    (realm?.kind === "bearer" && isPending(outages, realm.realm.origin))
  );
}

function isPending(times: { get(key: string): number | undefined }, key: string): boolean {
  return (times.get(key) ?? 0) > Date.now();
}

/** All that decides the answer: the words that are sent, and what for. */
function keyOf({ repository, upstream }: ContentLane, question: Question): string {
  const { conditions, method, path, search } = question;
  return JSON.stringify([upstream, repository, method, path, search, conditions.accept, conditions.range]);
}
