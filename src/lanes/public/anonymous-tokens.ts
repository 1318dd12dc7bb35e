// Anonymous tokens of registries, kept for as long as they are good: in the isolate, and in the store for the others.

import { remember } from "../../isolate.ts";
import type { Defer } from "../../routing/inbound.ts";
import type { Entry } from "../../store/entry.ts";
import type { Store } from "../../store/store.ts";
import type { TokenMemory, TokenName } from "../../upstream/anonymous.ts";

interface Kept {
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

/** Longer ones are used once: a bound on what an upstream can make us keep (S17). */
const MAX_TOKEN = 16 * 1024;
const BOUNDS = {
  bytes: 4 * 1024 * 1024,
  sizeOf: ({ token }: Kept, key: string) => token.length + key.length,
};

/** Public knowledge: anybody gets such a token for the asking. Keyed by registry and scope. */
const memory = remember<string, Kept>({ entries: 1000, ...BOUNDS });
/**
 * Those of names that nobody proved yet: apart, never in the store, and not used again, so that made-up names cost nothing.
 */
const waiting = remember<string, Kept>({ entries: 200, ...BOUNDS });

/** The tokens of a request; those of the isolate first. */
export class TokenStore implements TokenMemory {
  readonly #store: Store;
  readonly #defer: Defer;
  readonly #isProven: () => boolean;
  /** Those that were got for this request: its next question may use them, whatever they are for. */
  readonly #own = new Map<string, string>();

  /** @param isProven true while what the tokens are for is known to be public */
  constructor(store: Store, defer: Defer, isProven: () => boolean) {
    this.#store = store;
    this.#defer = defer;
    this.#isProven = isProven;
  }

  async get(name: TokenName): Promise<string | undefined> {
    const own = this.#own.get(keyOf(name));
    if (own !== undefined || !this.#isProven()) return own;
    const kept = memory.get(keyOf(name));
    if (kept !== undefined && kept.until > Date.now()) return kept.token;
    const words = await this.#store.readRecord(entryOf(name)).catch(() => undefined);
    const until = Number(words?.["until"]);
    const token = words?.["token"];
    if (token === undefined || !(until > Date.now())) return undefined;
    memory.set(keyOf(name), { token, until });
    return token;
  }

  set(name: TokenName, token: string, seconds: number): void {
    this.#own.set(keyOf(name), token);
    if (token.length > MAX_TOKEN) return;
    waiting.set(keyOf(name), { token, until: Date.now() + seconds * 1000 });
    this.share(name);
  }

  /** Where what it is for was proved to be public, the token is anybody's from now on. */
  share(name: TokenName): void {
    if (!this.#isProven()) return;
    const kept = waiting.get(keyOf(name));
    if (kept === undefined) return;
    waiting.delete(keyOf(name));
    memory.set(keyOf(name), kept);
    const words = { token: kept.token, until: String(kept.until) };
    const seconds = Math.max(1, Math.floor((kept.until - Date.now()) / 1000));
    this.#defer(this.#store.writeRecord(entryOf(name), words, seconds));
  }

  forget(name: TokenName, token: string): void {
    this.#own.delete(keyOf(name));
    // Another request may have fetched a fresh one meanwhile.
    if (memory.get(keyOf(name))?.token !== token) return;
    memory.delete(keyOf(name));
    this.#defer(this.#store.delete(entryOf(name)));
  }
}

function keyOf({ scope, upstream }: TokenName): string {
  return `${upstream} ${scope}`;
}

function entryOf(name: TokenName): Entry {
  return { kind: "token", ...name };
}
