// The end of one reference: the registry refuses it, or has it no longer. What else it has stays as it is (S18).

import type { Entry } from "../../store/entry.ts";
import type { About } from "./asked.ts";
import { forgetBlobProof } from "./blob-proofs.ts";
import { noteEnding } from "./endings.ts";
import { blobEntry, manifestEntry } from "./entries.ts";
import type { ContentLane } from "./lane.ts";
import { forgetLasting } from "./lasting.ts";
import { forgetManifest } from "./manifest-memory.ts";
import { dropTagClass } from "./tags.ts";

/**
 * Forgets a reference; of a tag, what it was for this class of Accept.
 * @param where at every level, or in this data centre only
 */
export async function endReference(
  lane: ContentLane,
  about: About,
  why: "refused" | "missing" | "deleted",
  where: "everywhere" | "here" = "everywhere",
): Promise<void> {
  // Of a class that is not known nothing is remembered.
  if (about.kind === "tag" && about.accept === undefined) return;
  noteEnding(lane, about, why === "deleted" ? "changed" : "denied");
  switch (about.kind) {
    case "tag":
      if (about.accept !== undefined) await dropTagClass(lane, about.tag, about.accept, where);
      return;
    case "manifest":
      forgetManifest(lane, about.digest);
      await deleteAt(lane, manifestEntry(lane, about.digest), where);
      // What is missing speaks for nothing; what is refused is asked as a witness all the same.
      if (why !== "refused") await lane.visibility.drop(about.digest);
      return;
    case "blob":
      forgetBlobProof(lane, about.digest);
      await deleteAt(lane, blobEntry(lane, about.digest), where);
  }
}

async function deleteAt(lane: ContentLane, entry: Entry, where: "everywhere" | "here"): Promise<void> {
  forgetLasting(entry);
  await Promise.all([
    lane.store.delete(entry),
    where === "everywhere" ? lane.bucket?.delete(entry) : undefined,
  ]);
}
