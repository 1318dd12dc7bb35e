// What was ended, and when: an answer to a question that was asked before is not kept any more (S9). Only what this isolate
// ended itself: what another one ends while an answer is on its way here, nobody here hears of.

import type { Digest, Tag } from "../../distribution/reference.ts";
import { remember } from "../../isolate.ts";
import type { ContentEntry } from "../../store/entry.ts";
import type { Store } from "../../store/store.ts";
import type { RepositoryLane } from "./lane.ts";
import { isRemembered } from "./record-store.ts";

/** What can be ended. */
export type Ending =
  | { readonly kind: "manifest" | "blob"; readonly digest: Digest }
  /** @param accept a class of Accept; undefined for all of them */
  | { readonly kind: "tag"; readonly tag: Tag; readonly accept: string | undefined }
  /** What the repository was said not to have. */
  | { readonly kind: "absences" };

/** What the registry deleted or took anew through here: nobody brings that about by asking. */
const changed = remember<string, number>(5000);
/** What it refused or did not have; whoever asks for made-up references pushes out others of these only (S17). */
const denied = remember<string, number>(5000);
/** The same of repositories that nobody proved. */
const unproven = remember<string, number>(1000);

/** @param why whether a client changed it, or the registry said so to a question */
export function noteEnding(lane: RepositoryLane, ending: Ending, why: "changed" | "denied"): void {
  const map = why === "changed" ? changed : isRemembered(lane) ? denied : unproven;
  map.set(nameOf(lane, ending), Date.now());
}

/** True where it was ended after the question was sent, or at that moment. */
export function isEnded(lane: RepositoryLane, ending: Ending, askedAt: number): boolean {
  const name = nameOf(lane, ending);
  const endedAt = Math.max(...[changed, denied, unproven].map((map) => map.get(name) ?? -1));
  if (askedAt <= endedAt) return true;
  // What ends for every client ends for each.
  if (ending.kind !== "tag" || ending.accept === undefined) return false;
  return isEnded(lane, { ...ending, accept: undefined }, askedAt);
}

/**
 * True where it was deleted through here after it was kept: a store that has it still did not take the deletion.
 * @param keptAt undefined where a store does not say so
 */
export function isDeleted(lane: RepositoryLane, ending: Ending, keptAt: number | undefined): boolean {
  return (keptAt ?? Infinity) <= (changed.get(nameOf(lane, ending)) ?? -1);
}

/**
 * Keeps what a question was answered with, unless it was ended since. What is ended while it is being written is deleted
 * again: its deletion may have come first.
 * @param level where it is written
 * @param askedAt when the question was sent
 */
export async function keepUnlessEnded(
  lane: RepositoryLane,
  level: Pick<Store, "delete">,
  entry: ContentEntry,
  { askedAt, write }: { readonly askedAt: number; readonly write: () => Promise<void> },
): Promise<void> {
  if (isEnded(lane, entry, askedAt)) return;
  await write();
  if (isEnded(lane, entry, askedAt)) await level.delete(entry);
}

function nameOf({ repository, upstream }: RepositoryLane, ending: Ending): string {
  const { kind } = ending;
  const about = kind === "tag" ? [ending.tag, ending.accept] : kind === "absences" ? [] : [ending.digest];
  return JSON.stringify([upstream, repository, kind, ...about]);
}
