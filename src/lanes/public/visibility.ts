// Whether a repository's content may be shown, as one request sees it (S9). What answers make of a record is in record.ts,
// and where it is kept in record-store.ts.

import type { Digest } from "../../distribution/reference.ts";
import {
  dropped,
  holds,
  isFresh,
  isPublic,
  met,
  proved,
  UNKNOWN,
  type Consequence,
  type End,
  type Witness,
} from "./record.ts";
import { RecordStore, type Subject } from "./record-store.ts";

export class Visibility {
  readonly #record: RecordStore;
  /** True of a private class: its proof is good while it is fresh, and never when the registry cannot answer (S10). */
  readonly #isPrivate: boolean;

  private constructor(record: RecordStore, isPrivate: boolean) {
    this.#record = record;
    this.#isPrivate = isPrivate;
  }

  /** What is known by now, of this isolate, the others of the data centre, and those of all others where that lasts. */
  static async of(subject: Subject): Promise<Visibility> {
    const record = new RecordStore(subject);
    const visibility = new Visibility(record, subject.owner !== undefined);
    for (const level of record.levels) {
      // A fresh proof will do: what came after it, nobody need know yet.
      if (visibility.isFresh) break;
      await record.read(level);
    }
    return visibility;
  }

  /** True while stored content may be served without asking. */
  get isFresh(): boolean {
    return isFresh(this.#record.latest, Date.now());
  }

  /** True while the last proof holds. Who serves by it although the registry cannot answer asks `mayServeStale`. */
  get holds(): boolean {
    return !this.#isPrivate && holds(this.#record.latest, Date.now());
  }

  /** True of a repository that was proved and not denied since: only of those anything is written. */
  get isProven(): boolean {
    return isPublic(this.#record.latest);
  }

  /** True of a repository that was proved or denied: there may be something to end. */
  get isKnown(): boolean {
    const { proof, deniedAt } = this.#record.latest;
    return proof !== undefined || deniedAt > 0;
  }

  /** What is asked again before the repository is given up, newest first. */
  get witnesses(): readonly Witness[] {
    return this.#record.latest.proof?.witnesses ?? [];
  }

  /** True while a denial hides it: then nothing proves it but an answer to a question that was sent later. */
  isDeniedAt(askedAt: number): boolean {
    return askedAt <= this.#record.latest.deniedAt;
  }

  /**
   * True where stored content may be served although the registry cannot answer: the proof is read again where every
   * isolate sees it, at the lowest level, and with it a denial that another may have written.
   */
  async mayServeStale(): Promise<boolean> {
    // Where the proof is gone, a denial may say why: mirrors are not asked then either.
    const stored = await this.#record.read(this.#record.lowest);
    return stored?.proof !== undefined && this.holds;
  }

  /**
   * True where a mirror may stand in: the registry confirmed the repository within a day. A denial is looked for where every
   * isolate would see it; where the bucket cannot be read that is no leave.
   */
  async mayAskMirrors(): Promise<boolean> {
    const stored = await this.#record.read(this.#record.lowest);
    return (stored !== undefined || !this.#record.isLasting) && this.holds;
  }

  /**
   * The registry answered with the thing itself.
   * @param askedAt when the question was sent
   * @param witness what a tag resolved to, and by which method
   */
  async prove(askedAt: number, witness?: Witness): Promise<void> {
    const known = this.#record.latest;
    const state = proved(known, askedAt, witness);
    if (state === known) return;
    const isNewWitness =
      witness !== undefined && !this.witnesses.some(({ digest }) => digest === witness.digest);
    this.#record.learn(state);
    const lifts = known.deniedAt > 0 && !isPublic(known);
    const isNews = !isPublic(known) || isNewWitness;
    const kept = this.#record.keepProof(askedAt, lifts ? "lifting" : isNews ? "news" : "newer");
    // What lifts a denial stands for everybody at once; else the client need not wait for it.
    if (lifts) await kept;
  }

  /** A manifest is there no longer. */
  async drop(digest: Digest): Promise<void> {
    const known = this.#record.latest;
    const state = dropped(known, digest);
    if (state === known) return;
    this.#record.learn(state);
    await (state.proof === undefined ? this.#record.removeProof() : this.#record.rewriteProof());
  }

  /**
   * The account may not read it any more: nothing that is kept of it is shown until another proof, not by a blob's own
   * either. Written is nothing but the proof's end: the private class has no denials, which are about everybody.
   */
  async lose(): Promise<void> {
    this.#record.learn({ ...UNKNOWN, deniedAt: Date.now() });
    await this.#record.removeProof();
  }

  /** A verdict on the repository. Not deferred: a denial must stand before anybody else is answered from the store. */
  async meet(verdict: End, now: number): Promise<Consequence> {
    const { state, consequence } = met(this.#record.latest, verdict, now);
    if (consequence === "none") return consequence;
    this.#record.learn(state);
    if (consequence === "noted") await this.#record.rewriteProof();
    if (consequence === "denied") await this.#record.writeDenial(state.deniedAt);
    if (consequence === "denied" || consequence === "lost") await this.#record.removeProof();
    return consequence;
  }
}
