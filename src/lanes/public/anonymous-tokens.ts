// Anonymous tokens of registries, kept for as long as they are good: in the isolate, and in the store for the others.

import { storeKey, type Store } from "../../store/store.ts";
import { BoundedMap } from "../../isolate.ts";
import type { TokenMemory } from "../../upstream/anonymous.ts";
import type { Defer } from "../../routing/inbound.ts";

interface Kept {
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

/** Public knowledge: anybody gets such a token for the asking. Keyed by registry and scope. */
const memory = new BoundedMap<string, Kept>(1000);

/** Forgets what the isolate remembers; a fresh isolate, for tests. */
export function forgetTokens(): void {
  memory.clear();
}

/** The tokens of this lane; those of the isolate first. */
export class TokenStore implements TokenMemory {
  readonly #store: Store;
  readonly #defer: Defer;

  constructor(store: Store, defer: Defer) {
    this.#store = store;
    this.#defer = defer;
  }

  async get(name: string): Promise<string | undefined> {
    const kept = memory.get(name);
    if (kept !== undefined && kept.until > Date.now()) return kept.token;
    const stored = (await this.#store.describe(await keyOf(name)))?.metadata;
    const until = Number(stored?.["until"]);
    const token = stored?.["token"];
    if (stored?.["name"] !== name || token === undefined || !(until > Date.now())) return undefined;
    memory.set(name, { token, until });
    return token;
  }

  set(name: string, token: string, seconds: number): void {
    const until = Date.now() + seconds * 1000;
    memory.set(name, { token, until });
    const write = async (): Promise<void> => {
      const metadata = { name, token, until: String(until) };
      await this.#store.writeRecord(await keyOf(name), metadata, Math.max(1, Math.floor(seconds)));
    };
    this.#defer(write());
  }

  forget(name: string, token: string): void {
    // Another request may have fetched a fresh one meanwhile.
    if (memory.get(name)?.token !== token) return;
    memory.delete(name);
    this.#defer(keyOf(name).then((key) => this.#store.delete(key)));
  }
}

function keyOf(name: string): ReturnType<typeof storeKey> {
  return storeKey("", "", "", "token", name);
}
