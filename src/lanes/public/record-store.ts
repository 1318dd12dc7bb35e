// A repository's record as it is kept (S9): in the isolate, in the store of the data centre, and in the one that lasts.

import type { RepositoryName } from "../../distribution/reference.ts";
import { remember } from "../../isolate.ts";
import type { Defer } from "../../routing/inbound.ts";
import type { Entry } from "../../store/entry.ts";
import type { Store } from "../../store/store.ts";
import { nameOf } from "./names.ts";
import { HOLDS_MS, isPublic, merged, UNKNOWN, type State } from "./record.ts";
import { parseDenial, parseProof, wordsOfDenial, wordsOfProof } from "./record-words.ts";

/** Whose record it is, and where it is kept. */
export interface Subject {
  /** Origin of the registry. */
  readonly upstream: string;
  readonly repository: RepositoryName;
  /** The store of this data centre. */
  readonly store: Store;
  /** The store that lasts, of a repository that is kept there. */
  readonly lasting: Store | undefined;
  /** The same, whether or not this repository is kept there. */
  readonly bucket?: Store | undefined;
  readonly defer: Defer;
  /** Whose account proves it, of a private class. */
  readonly owner?: unknown;
}

/** A proof is written again only after so long: a pull proves its repository many times a second. */
const REWRITE_MS = 30 * 1000;
/** Where each write is on the owner's bill, a proof that is newer and says nothing else waits for so long. */
const RENEW_MS = 60 * 60 * 1000;
/** Whether what was written arrived there is looked at after so long. */
const LOOK_MS = 10 * 60 * 1000;
const KEEP_PROOF_S = HOLDS_MS / 1000;
/** Longer than any proof holds, so that a denial is not forgotten before what it hides. */
const KEEP_DENIAL_S = (2 * HOLDS_MS) / 1000;

/** A denial that is not where it should be is written so often at the most. */
const REPAIR_MS = 10 * 1000;
const repaired = remember<string, number>(1000);

/** Only of repositories that were proved or denied: made-up names flush nothing. */
const memory = remember<string, State>(5000);
/** When this isolate last wrote the proof to the store of the data centre, by the same name. */
const written = remember<string, number>(5000);
/** How late the proof is that the store that lasts is known to have. */
const lastingProofs = remember<string, number>(5000);

/** The record of one repository, as one request finds it. */
export class RecordStore {
  readonly #subject: Subject;
  readonly #name: string;
  /** What the levels were found to have for this request, until something is written over it. */
  readonly #found = new Map<Store, State>();

  constructor(subject: Subject) {
    this.#subject = subject;
    this.#name = nameOf(subject);
  }

  /** A request has no view of its own: what another one of this isolate ended meanwhile is not brought back. */
  get latest(): State {
    return memory.get(this.#name) ?? UNKNOWN;
  }

  learn(state: State): void {
    if (state.proof === undefined && state.deniedAt === 0) memory.delete(this.#name);
    else memory.set(this.#name, state);
  }

  /** From the nearest down. */
  get levels(): readonly Store[] {
    const { lasting, store } = this.#subject;
    return lasting === undefined ? [store] : [store, lasting];
  }

  /** True of a repository that the bucket keeps. */
  get isLasting(): boolean {
    return this.#subject.lasting !== undefined;
  }

  /** The lowest level that keeps this repository: what every isolate that keeps it sees. */
  get lowest(): Store {
    return this.#subject.lasting ?? this.#subject.store;
  }

  /** What a level has, which is known from then on; undefined where it cannot be read in time. */
  async read(level: Store): Promise<State | undefined> {
    const stored = await readState(this.#subject, level).catch(() => undefined);
    if (stored === undefined) return undefined;
    this.#found.set(level, stored);
    this.learn(merged(this.latest, stored));
    if (level === this.#subject.lasting) this.#repair(level, stored);
    return stored;
  }

  /**
   * Keeps a proof that the registry gave just now.
   * @param askedAt when it was asked
   * @param change what it says: that it is newer and no more, something new, or the first yes after a denial
   * @returns when it is kept; deferred
   */
  keepProof(askedAt: number, change: "lifting" | "newer" | "news"): Promise<unknown> {
    const { defer, lasting, store } = this.#subject;
    const writes: Promise<void>[] = [];
    if (change !== "newer" || askedAt - (written.get(this.#name) ?? 0) > REWRITE_MS) {
      written.set(this.#name, askedAt);
      writes.push(this.#writeProof(store, { isNew: true }));
    }
    if (lasting !== undefined) writes.push(this.#renew(lasting, askedAt, change === "lifting"));
    const kept = Promise.all(writes);
    defer(kept);
    return kept;
  }

  /** The proof says less than before: where it is kept, it is to say so. */
  async rewriteProof(): Promise<void> {
    await this.#writeProof(this.#subject.store, { isNew: false });
  }

  async writeDenial(deniedAt: number): Promise<void> {
    const words = wordsOfDenial(deniedAt);
    await this.#atEachLevel((level) => level.writeRecord(this.#entry("denial"), words, KEEP_DENIAL_S));
  }

  async removeProof(): Promise<void> {
    written.delete(this.#name);
    lastingProofs.delete(this.#name);
    const { bucket, lasting } = this.#subject;
    // It may be there from a time when the bucket kept this repository, and keep it again.
    const isBeside = lasting === undefined && bucket !== undefined;
    await Promise.all([
      this.#atEachLevel((level) => level.delete(this.#entry("proof"))),
      isBeside ? bucket.delete(this.#entry("proof")) : undefined,
    ]);
  }

  /** A denial that the bucket did not take when it was met, over a proof that is still there, is written again. */
  #repair(lasting: Store, stored: State): void {
    const { deniedAt } = this.latest;
    if (isPublic(this.latest) || deniedAt <= stored.deniedAt || stored.proof === undefined) return;
    if (Date.now() - (repaired.get(this.#name) ?? 0) < REPAIR_MS) return;
    repaired.set(this.#name, Date.now());
    const repair = async (): Promise<void> => {
      await lasting.writeRecord(this.#entry("denial"), wordsOfDenial(deniedAt), KEEP_DENIAL_S);
      await lasting.delete(this.#entry("proof"));
    };
    this.#subject.defer(repair());
  }

  /** At once where no proof is there, or a denial, else after an hour. */
  async #renew(lasting: Store, askedAt: number, lifts: boolean): Promise<void> {
    const found = this.#found.get(lasting);
    const isGone = found !== undefined && !isPublic(found);
    const known = lastingProofs.get(this.#name) ?? 0;
    if (!lifts && !isGone && askedAt - known < RENEW_MS) return;
    // Before anything is waited for: those who prove it at the same time have nothing to do then.
    lastingProofs.set(this.#name, askedAt - RENEW_MS + LOOK_MS);
    const stored = found ?? (await this.read(lasting)) ?? UNKNOWN;
    const keptAt = stored.proof?.provenAt ?? 0;
    if (isPublic(stored) && askedAt - keptAt < RENEW_MS) lastingProofs.set(this.#name, keptAt);
    else await this.#writeProof(lasting, { isNew: true });
  }

  /**
   * With what others wrote, and not at all where the proof was given up meanwhile.
   * @param isNew true of the registry's own yes: nothing else may bring a proof back that is not in the store any more
   */
  async #writeProof(level: Store, { isNew }: { readonly isNew: boolean }): Promise<void> {
    // Of a new one what was found for this request will do: a denial that came since has a key of its own, and is later.
    const found = isNew ? this.#found.get(level) : undefined;
    const stored = found ?? (await this.read(level)) ?? UNKNOWN;
    this.#found.delete(level);
    const known = memory.get(this.#name);
    const state = merged(known ?? UNKNOWN, stored);
    // Where another isolate met a denial, no proof may outlast it in the store.
    if (known?.proof === undefined || state.proof === undefined || !isPublic(state)) return;
    if (!isNew && stored.proof === undefined) return;
    await level.writeRecord(this.#entry("proof"), wordsOfProof(state.proof), KEEP_PROOF_S);
  }

  async #atEachLevel(change: (level: Store) => Promise<void>): Promise<void> {
    this.#found.clear();
    await Promise.all(this.levels.map(change));
  }

  #entry(kind: "proof" | "denial"): Entry {
    return entryOf(this.#subject, kind);
  }
}

/** True of a repository that was proved and not denied since, as far as this isolate knows. */
export function isProven(subject: Pick<Subject, "repository" | "upstream">): boolean {
  return isPublic(memory.get(nameOf(subject)) ?? UNKNOWN);
}

/** True of a repository that this isolate knows to have been proved. */
export function isRemembered(subject: Pick<Subject, "repository" | "upstream">): boolean {
  return memory.get(nameOf(subject))?.proof !== undefined;
}

/** @throws Error where one of the two cannot be read: a denial that is not seen is not to be taken for none */
async function readState(subject: Subject, level: Store): Promise<State> {
  const now = Date.now();
  const [proof, denial] = await Promise.all([
    level.readRecord(entryOf(subject, "proof")),
    level.readRecord(entryOf(subject, "denial")),
  ]);
  return { proof: parseProof(proof, now), deniedAt: parseDenial(denial, now) };
}

function entryOf({ repository, upstream }: Subject, kind: "proof" | "denial"): Entry {
  return { kind, upstream, repository };
}
