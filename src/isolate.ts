// What an isolate remembers between requests: plain data under full keys, each map with a bound (S17), and one call
// that forgets all of it.

/** How much a map may hold. */
export interface Bounds<K, V> {
  /** The largest number of entries, at least 1. */
  readonly entries: number;
  /** The largest size of all entries together, in bytes or characters; without it entries are of a size that is known. */
  readonly bytes?: number;
  /** The size of one entry, in the same unit. Needed with `bytes`. */
  readonly sizeOf?: (value: V, key: K) => number;
}

/** Keeps the entries that were set last: what exceeds a bound drops the oldest, and a value larger than all is not kept. */
export class BoundedMap<K, V> {
  readonly #entries = new Map<K, { readonly value: V; readonly size: number }>();
  readonly #bounds: Bounds<K, V>;
  #bytes = 0;

  /** @param bounds a number is a bound of entries alone */
  constructor(bounds: number | Bounds<K, V>) {
    this.#bounds = typeof bounds === "number" ? { entries: bounds } : bounds;
  }

  get(key: K): V | undefined {
    return this.#entries.get(key)?.value;
  }

  set(key: K, value: V): void {
    this.delete(key);
    const { entries, bytes = Infinity, sizeOf } = this.#bounds;
    const size = sizeOf?.(value, key) ?? 0;
    if (size > bytes) return;
    this.#entries.set(key, { value, size });
    this.#bytes += size;
    while (this.#entries.size > entries || this.#bytes > bytes) this.#dropOldest();
  }

  delete(key: K): void {
    this.#bytes -= this.#entries.get(key)?.size ?? 0;
    this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
    this.#bytes = 0;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The size of all entries, in the unit of the bound; 0 without one. */
  get bytes(): number {
    return this.#bytes;
  }

  #dropOldest(): void {
    const oldest = this.#entries.keys().next();
    if (oldest.done !== true) this.delete(oldest.value);
  }
}

const remembered: { clear(): void }[] = [];

/** A map that lives as long as the isolate, for the top of a module. Nothing of one request may get into it. */
export function remember<K, V>(bounds: number | Bounds<K, V>): BoundedMap<K, V> {
  const map = new BoundedMap<K, V>(bounds);
  remembered.push(map);
  return map;
}

/** Forgets everything at once: what the isolate is afterwards is a new one, over the same store. */
export function forgetIsolate(): void {
  for (const map of remembered) map.clear();
}
