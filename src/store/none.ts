// The store of a registry of which nothing is to be kept (`store = false` in its row): always a miss (S14).

import type { Words } from "./entry.ts";
import type { Description, Store, StoredObject } from "./store.ts";

export class NoStore implements Store {
  read(): Promise<StoredObject | undefined> {
    return Promise.resolve(undefined);
  }

  describe(): Promise<Description | undefined> {
    return Promise.resolve(undefined);
  }

  readRecord(): Promise<Words | undefined> {
    return Promise.resolve(undefined);
  }

  async delete(): Promise<void> {
    // There is nothing.
  }

  async writeRecord(): Promise<void> {
    // Nothing is kept.
  }

  async writeContent(): Promise<void> {
    // Nothing is kept.
  }
}
