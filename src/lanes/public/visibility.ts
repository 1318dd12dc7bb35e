// Whether a repository is public: the record without which nothing stored is served (S9).

import type { RepositoryName } from "../../distribution/reference.ts";
import { remember } from "../../isolate.ts";
import type { Defer } from "../../routing/inbound.ts";
import type { Words } from "../../store/entry.ts";
import type { Store } from "../../store/store.ts";

/** What is known of a repository. Times in milliseconds since the epoch, 0 for never. */
interface Record {
  /** Part of the name of all its content: a denial begins a new one, and leaves the old content behind. */
  readonly generation: string;
  /** When an anonymous request to the registry itself was last begun that it answered. */
  readonly provenAt: number;
  /** When it was last refused on a fresh anonymous token. */
  readonly deniedAt: number;
}

/** Whose record it is, and where it is kept. */
export interface Subject {
  /** Origin of the registry. */
  readonly upstream: string;
  readonly repository: RepositoryName;
  readonly store: Store;
  readonly defer: Defer;
}

const UNKNOWN: Record = { generation: "0", provenAt: 0, deniedAt: 0 };
/** A proof is good for serving what is stored for so long. */
const FRESH_MS = 5 * 60 * 1000;
/** While the registry proves nothing (429, 5xx, silence), its last word holds for so long. */
const HOLDS_MS = 24 * 60 * 60 * 1000;
/** A proof is written again only after so long: a pull proves its repository many times a second. */
const REWRITE_MS = 30 * 1000;
/** Longer than any proof holds, so that a denial is not forgotten before the content it hides. */
const KEEP_SECONDS = (8 * HOLDS_MS) / 1000;

const memory = remember<string, Record>(5000);
/** The proof that this isolate last wrote to the store, by the same name. */
const written = remember<string, number>(5000);

/** A repository's visibility: looked up once for a request, and again only where the registry failed. */
export class Visibility {
  readonly #subject: Subject;
  readonly #name: string;
  #record: Record;

  private constructor(subject: Subject, record: Record) {
    this.#subject = subject;
    this.#name = nameOf(subject);
    this.#record = record;
  }

  /** What is known by now, of this isolate and the others of the data centre. */
  static async of(subject: Subject): Promise<Visibility> {
    const visibility = new Visibility(subject, memory.get(nameOf(subject)) ?? UNKNOWN);
    if (!visibility.isFresh) await visibility.lookAgain();
    return visibility;
  }

  get generation(): string {
    return this.#latest().generation;
  }

  /** True while stored content may be served without asking. */
  get isFresh(): boolean {
    return this.#isProvenWithin(FRESH_MS);
  }

  /** True while stored content may be served although the registry cannot answer. */
  get holds(): boolean {
    return this.#isProvenWithin(HOLDS_MS);
  }

  /** True if what was asked then may be kept: nothing is kept of what was closed while an answer was on its way. */
  mayKeep(askedAt: number): boolean {
    return this.holds && askedAt >= this.#latest().deniedAt;
  }

  /** Reads the store again: a denial may have been written since, by another isolate. */
  async lookAgain(): Promise<void> {
    const stored = await readStored(this.#subject);
    this.#learn(merge(this.#latest(), stored));
  }

  /** The registry answered an anonymous request. @param askedAt when that request was begun */
  prove(askedAt: number): void {
    const known = this.#latest();
    // A denial that came while this answer was on its way is the later word.
    if (askedAt <= known.deniedAt || askedAt <= known.provenAt) return;
    this.#learn({ ...known, provenAt: askedAt });
    if (isPublic(known) && askedAt - (written.get(this.#name) ?? 0) <= REWRITE_MS) return;
    written.set(this.#name, askedAt);
    // With what memory knows by then: a denial that came meanwhile must not be written over.
    this.#subject.defer(
      readStored(this.#subject).then((stored) => write(this.#subject, merge(this.#latest(), stored))),
    );
  }

  /** The registry refused on a fresh anonymous token: what was stored is out of reach from here on. */
  async deny(): Promise<void> {
    const known = this.#latest();
    const begun = known.deniedAt > known.provenAt && known.generation !== UNKNOWN.generation;
    const generation = begun ? known.generation : crypto.randomUUID();
    const denied = { ...known, generation, deniedAt: Date.now() };
    this.#learn(denied);
    // Not deferred: the denial must stand before anybody else is answered from the store.
    await write(this.#subject, denied);
  }

  #isProvenWithin(milliseconds: number): boolean {
    const record = this.#latest();
    return isPublic(record) && Date.now() - record.provenAt <= milliseconds;
  }

  /** With what other requests of this isolate learned meanwhile. */
  #latest(): Record {
    return merge(this.#record, memory.get(this.#name) ?? UNKNOWN);
  }

  #learn(record: Record): void {
    this.#record = record;
    memory.set(this.#name, record);
  }
}

function isPublic({ deniedAt, provenAt }: Record): boolean {
  return provenAt > deniedAt;
}

/** The last word of each kind; the generation is that of the last denial. */
function merge(one: Record, other: Record): Record {
  return {
    generation: other.deniedAt > one.deniedAt ? other.generation : one.generation,
    provenAt: Math.max(one.provenAt, other.provenAt),
    deniedAt: Math.max(one.deniedAt, other.deniedAt),
  };
}

async function write(subject: Subject, { deniedAt, generation, provenAt }: Record): Promise<void> {
  const words = { generationOfContent: generation, provenAt: String(provenAt), deniedAt: String(deniedAt) };
  await subject.store.writeRecord(entryOf(subject), words, KEEP_SECONDS);
}

async function readStored(subject: Subject): Promise<Record> {
  return parse((await subject.store.describe(entryOf(subject)))?.words) ?? UNKNOWN;
}

function parse(words: Words | undefined): Record | undefined {
  const provenAt = Number(words?.["provenAt"]);
  const deniedAt = Number(words?.["deniedAt"]);
  const generation = words?.["generationOfContent"];
  if (generation === undefined) return undefined;
  if (!Number.isSafeInteger(provenAt) || !Number.isSafeInteger(deniedAt)) return undefined;
  return { generation, provenAt, deniedAt };
}

function entryOf({ repository, upstream }: Subject): Parameters<Store["describe"]>[0] {
  return { kind: "visibility", upstream, repository };
}

function nameOf({ repository, upstream }: Subject): string {
  return `${upstream} ${repository}`;
}
