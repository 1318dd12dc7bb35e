// What the registry just said it does not have: Docker asks for referrers, and for their fallback tag, at every pull.

import { errorResponse } from "../../distribution/errors.ts";
import { BoundedMap, remember } from "../../isolate.ts";
import { mark } from "./content.ts";
import { isEnded, noteEnding } from "./endings.ts";
import type { RepositoryLane } from "./lane.ts";
import { nameOf } from "./names.ts";
import { isRemembered } from "./record-store.ts";

/** At most so long is a 404 believed. */
const ABSENT_MS = 60 * 1000;
/**
 * The tag under which referrers are found where there is no endpoint for them (distribution-spec), for a class of Accept.
 */
const FALLBACK_TAG = /^sha(?:256|384|512)-[a-f0-9]{64,128} \S+$/;

/** What is absent until when. */
type Absent = BoundedMap<string, number>;

/** For each repository what is absent until when; in the isolate only, since the next minute asks again anyhow. */
const memory = remember<string, Absent>({ entries: 1000, bytes: 2 * 1024 * 1024, sizeOf });
/** The same of repositories that nobody proved: made-up names push out each other only. */
const unproven = remember<string, Absent>({ entries: 100, bytes: 256 * 1024, sizeOf });
const OF_REPOSITORY = {
  entries: 50,
  bytes: 16 * 1024,
  sizeOf: (_: number, what: string): number => what.length + 8,
};
const MAX_NAME = 256;

/** The 404 of a moment ago, or undefined. @param what a tag and a class of Accept, or the path and query of referrers */
export function recallAbsence(lane: RepositoryLane, what: string): Response | undefined {
  // A registry that judges each client by itself (S14): what one was told is nothing to the next.
  if (!lane.errand.registry.store) return undefined;
  const name = nameOf(lane);
  const until = [memory, unproven].map((map) => map.get(name)?.get(what) ?? 0);
  if (Math.max(...until) <= Date.now()) return undefined;
  const message = "The registry said a moment ago that it does not have this.";
  return mark(lane, errorResponse("MANIFEST_UNKNOWN", message), "hit");
}

/**
 * Remembers a 404 on an anonymous token, if it is of the kind that clients ask for again and again.
 * @param askedAt when the question was sent: after a push since then it says nothing
 */
export function rememberAbsence(lane: RepositoryLane, what: string, askedAt: number): void {
  if (isEnded(lane, { kind: "absences" }, askedAt)) return;
  if (what.length > MAX_NAME || (!what.startsWith("referrers/") && !FALLBACK_TAG.test(what))) return;
  const name = nameOf(lane);
  const map = isRemembered(lane) ? memory : unproven;
  const absent: Absent = map.get(name) ?? new BoundedMap(OF_REPOSITORY);
  absent.set(what, Date.now() + ABSENT_MS);
  map.set(name, absent);
}

/** After a push through here: what was pushed may be a referrer. */
export function dropAbsences(lane: RepositoryLane): void {
  noteEnding(lane, { kind: "absences" }, "changed");
  for (const map of [memory, unproven]) map.delete(nameOf(lane));
}

function sizeOf({ bytes }: Absent, name: string): number {
  return bytes + name.length;
}
