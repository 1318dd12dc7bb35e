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

/** Public knowledge: anybody gets such a token for the asking. Keyed by registry and scope. */
const memory = remember<string, Kept>(1000);

/** The tokens of this lane; those of the isolate first. */
export class TokenStore implements TokenMemory {
  readonly #store: Store;
  readonly #defer: Defer;

  constructor(store: Store, defer: Defer) {
    this.#store = store;
    this.#defer = defer;
  }

  async get(name: TokenName): Promise<string | undefined> {
    const kept = memory.get(keyOf(name));
    if (kept !== undefined && kept.until > Date.now()) return kept.token;
    const words = (await this.#store.describe(entryOf(name)))?.words;
    const until = Number(words?.["until"]);
    const token = words?.["token"];
    if (token === undefined || !(until > Date.now())) return undefined;
    memory.set(keyOf(name), { token, until });
    return token;
  }

  set(name: TokenName, token: string, seconds: number): void {
    const until = Date.now() + seconds * 1000;
    memory.set(keyOf(name), { token, until });
    const words = { token, until: String(until) };
    this.#defer(this.#store.writeRecord(entryOf(name), words, Math.max(1, Math.floor(seconds))));
  }

  forget(name: TokenName, token: string): void {
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
