// A repository's record: kept in the isolate and in the store, looked up once for a request (S9). What answers make of it
// is in record.ts.

import type { Digest, RepositoryName } from "../../distribution/reference.ts";
import { remember } from "../../isolate.ts";
import type { Defer } from "../../routing/inbound.ts";
import type { Entry } from "../../store/entry.ts";
import type { Store } from "../../store/store.ts";
import {
  dropped,
  holds,
  HOLDS_MS,
  isFresh,
  isPublic,
  merged,
  met,
  proved,
  UNKNOWN,
  type Consequence,
  type State,
  type Verdict,
  type Witness,
} from "./record.ts";
import { parseDenial, parseProof, wordsOfDenial, wordsOfProof } from "./record-words.ts";

/** Whose record it is, and where it is kept. */
export interface Subject {
  /** Origin of the registry. */
  readonly upstream: string;
  readonly repository: RepositoryName;
  readonly store: Store;
  readonly defer: Defer;
}

/** A proof is written again only after so long: a pull proves its repository many times a second. */
const REWRITE_MS = 30 * 1000;
const KEEP_PROOF_S = HOLDS_MS / 1000;
/** Longer than any proof holds, so that a denial is not forgotten before what it hides. */
const KEEP_DENIAL_S = (2 * HOLDS_MS) / 1000;
/** Who serves without the registry waits so long for the store, and else serves nothing. */
const STORE_TIMEOUT_MS = 500;

/** Only of repositories that were proved or denied: made-up names flush nothing. */
const memory = remember<string, State>(5000);
/** When this isolate last wrote the proof to the store, by the same name. */
const written = remember<string, number>(5000);

/** A repository's visibility, as one request sees it. */
export class Visibility {
  readonly #subject: Subject;
  readonly #name: string;

  private constructor(subject: Subject) {
    this.#subject = subject;
    this.#name = `${subject.upstream} ${subject.repository}`;
  }

  /** What is known by now, of this isolate and the others of the data centre. */
  static async of(subject: Subject): Promise<Visibility> {
    const visibility = new Visibility(subject);
    const stored = visibility.isFresh ? undefined : await inTime(readStored(subject));
    if (stored !== undefined) visibility.#learn(merged(visibility.#latest(), stored));
    return visibility;
  }

  /** True while stored content may be served without asking. */
  get isFresh(): boolean {
    return isFresh(this.#latest(), Date.now());
  }

  /** True while the last proof holds. Who serves by it although the registry cannot answer asks `mayServeStale`. */
  get holds(): boolean {
    return holds(this.#latest(), Date.now());
  }

  /** True of a repository that was proved and not denied since: only of those anything is written. */
  get isProven(): boolean {
    return isPublic(this.#latest());
  }

  /** True of a repository that was proved or denied: there may be something to end. */
  get isKnown(): boolean {
    const { proof, deniedAt } = this.#latest();
    return proof !== undefined || deniedAt > 0;
  }

  /** What is asked again before the repository is given up, newest first. */
  get witnesses(): readonly Witness[] {
    return this.#latest().proof?.witnesses ?? [];
  }

  /** True while a denial hides it: then nothing proves it but an answer to a question that was sent later. */
  isDeniedAt(askedAt: number): boolean {
    return askedAt <= this.#latest().deniedAt;
  }

  /**
   * True where stored content may be served although the registry cannot answer: the proof is read again where every
   * isolate sees it, and with it a denial that another may have written.
   */
  async mayServeStale(): Promise<boolean> {
    const stored = await inTime(readStored(this.#subject));
    if (stored === undefined) return false;
    // Where the proof is gone, a denial may say why: mirrors are not asked then either.
    this.#learn(merged(this.#latest(), stored));
    return stored.proof !== undefined && this.holds;
  }

  /**
   * The registry answered with the thing itself.
   * @param askedAt when the question was sent
   * @param witness what a tag resolved to, and by which method
   */
  async prove(askedAt: number, witness?: Witness): Promise<void> {
    const known = this.#latest();
    const state = proved(known, askedAt, witness);
    if (state === known) return;
    const isNews = witness !== undefined && !this.witnesses.some(({ digest }) => digest === witness.digest);
    this.#learn(state);
    const isRecent = askedAt - (written.get(this.#name) ?? 0) <= REWRITE_MS;
    if (isPublic(known) && !isNews && isRecent) return;
    written.set(this.#name, askedAt);
    const write = this.#writeProof({ isNew: true });
    this.#subject.defer(write);
    // What lifts a denial stands for everybody at once; else the client need not wait for it.
    if (known.deniedAt > 0 && !isPublic(known)) await write;
  }

  /** A manifest is there no longer. */
  async drop(digest: Digest): Promise<void> {
    const known = this.#latest();
    const state = dropped(known, digest);
    if (state === known) return;
    this.#learn(state);
    await (state.proof === undefined ? this.#removeProof() : this.#writeProof({ isNew: false }));
  }

  /** A verdict on the repository. Not deferred: a denial must stand before anybody else is answered from the store. */
  async meet(verdict: Verdict, now: number): Promise<Consequence> {
    const { state, consequence } = met(this.#latest(), verdict, now);
    if (consequence === "none") return consequence;
    this.#learn(state);
    const { store } = this.#subject;
    if (consequence === "noted") await this.#writeProof({ isNew: false });
    else if (consequence === "lost") await this.#removeProof();
    else {
      const words = wordsOfDenial(state.deniedAt);
      await store.writeRecord(this.#entry("denial"), words, KEEP_DENIAL_S);
      await this.#removeProof();
    }
    return consequence;
  }

  /** A request has no view of its own: what another one of this isolate ended meanwhile is not brought back. */
  #latest(): State {
    return memory.get(this.#name) ?? UNKNOWN;
  }

  #learn(state: State): void {
    if (state.proof === undefined && state.deniedAt === 0) memory.delete(this.#name);
    else memory.set(this.#name, state);
  }

  /**
   * With what others wrote, and not at all where the proof was given up meanwhile.
   * @param isNew true of the registry's own yes: nothing else may bring a proof back that is not in the store any more
   */
  async #writeProof({ isNew }: { readonly isNew: boolean }): Promise<void> {
    const stored = await readStored(this.#subject);
    const known = memory.get(this.#name);
    const state = merged(known ?? UNKNOWN, stored);
    // Where another isolate met a denial, no proof may outlast it in the store.
    if (known?.proof === undefined || state.proof === undefined || !isPublic(state)) return;
    if (!isNew && stored.proof === undefined) return;
    await this.#subject.store.writeRecord(this.#entry("proof"), wordsOfProof(state.proof), KEEP_PROOF_S);
  }

  async #removeProof(): Promise<void> {
    written.delete(this.#name);
    await this.#subject.store.delete(this.#entry("proof"));
  }

  #entry(kind: "proof" | "denial"): Entry {
    return entryOf(this.#subject, kind);
  }
}

/** True of a repository that this isolate knows to have been proved. */
export function isRemembered({ repository, upstream }: Pick<Subject, "repository" | "upstream">): boolean {
  return memory.get(`${upstream} ${repository}`)?.proof !== undefined;
}

async function readStored(subject: Subject): Promise<State> {
  const now = Date.now();
  const [proof, denial] = await Promise.all([
    subject.store.describe(entryOf(subject, "proof")),
    subject.store.describe(entryOf(subject, "denial")),
  ]);
  return { proof: parseProof(proof?.words, now), deniedAt: parseDenial(denial?.words, now) };
}

function entryOf({ repository, upstream }: Subject, kind: "proof" | "denial"): Entry {
  return { kind, upstream, repository };
}

async function inTime<T>(reading: Promise<T>): Promise<T | undefined> {
  let timer: number | null = null;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => {
      resolve(undefined);
    }, STORE_TIMEOUT_MS);
  });
  try {
    return await Promise.race([reading, late]);
  } finally {
    clearTimeout(timer);
  }
}
