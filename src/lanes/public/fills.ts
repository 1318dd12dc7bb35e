// How much memory the fills of an isolate may hold, and who gets it (S11): numbers only. The clock is passed in, and no
// stream is touched here.

/** Bytes of all fills together. An isolate has 128 MB for everything. */
export const FILLS_BOUND = 16 * 1024 * 1024;
/** Of that for one registry: a slow one must not keep the others out of the store. */
const REGISTRY_SHARE = FILLS_BOUND / 2;
/** And for one caller's network. */
const NETWORK_SHARE = (FILLS_BOUND * 3) / 4;
/** The least that half a fill counts: a stream has buffers of its own. It bounds how many fills there are, too. */
const LEAST = 16 * 1024;
/** A client's half as old as this is in the way where there is no room: its client comes back with a range. */
export const OLD_MS = 60_000;
/**
 * A count ends by itself so long after anybody last spoke for it. The code that should end it need not run:
 * `waitUntil` is cut 30 s after the answer, and then no `finally` comes.
 */
export const COUNTED_MS = 120_000;

/** What is asked for. */
export interface Wish {
  /** Origin of the registry. */
  readonly registry: string;
  /** The caller's network. */
  readonly network: string;
  /** Bytes of the blob. */
  readonly size: number;
}

/** Room that was given: for the store's half and the client's half of a copied stream. */
export interface Fill {
  /** The store's half has ended, and its bytes are let go of. */
  endStore(): void;
  /** The client's half has ended. */
  endClient(): void;
  /**
   * Says that the client's half goes on, which counts it anew: as long as it runs, it holds memory.
   * @returns false if its room is needed: then it is to be broken off
   */
  renewClient(now: number): boolean;
}

/** One half of a fill. */
interface Half {
  readonly registry: string;
  readonly network: string;
  readonly bytes: number;
  readonly isClient: boolean;
  readonly begunAt: number;
  seenAt: number;
  isInTheWay: boolean;
}

/**
 * Who holds how much. Both halves of a copied stream count the whole blob: the store's half is read into a buffer of
 * that size, and the copier keeps for the client what the client has not read yet, which is everything where it reads
 * nothing.
 */
export class FillLedger {
  /** Oldest first: a set keeps the order in which it was filled. */
  readonly #halves = new Set<Half>();

  /** Takes room for a fill; undefined where there is none, and the blob is passed unstored. */
  open({ registry, network, size }: Wish, now: number): Fill | undefined {
    this.#dropEnded(now);
    const bytes = Math.max(size, LEAST);
    const limits: readonly [bound: number, isOf: (half: Half) => boolean][] = [
      [FILLS_BOUND, () => true],
      [REGISTRY_SHARE, (half) => half.registry === registry],
      [NETWORK_SHARE, (half) => half.network === network],
    ];
    // Who finds nobody else may have it all.
    const binding = this.#halves.size === 0 ? limits.slice(0, 1) : limits;
    const missing = binding.map(([bound, isOf]) => this.#sum(isOf) + 2 * bytes - bound);
    if (missing.every((short) => short <= 0)) return this.#give({ registry, network, bytes, now });
    for (const [index, [, isOf]] of binding.entries()) this.#clearWay(isOf, missing[index] ?? 0, now);
    return undefined;
  }

  /** Bytes that count now. */
  held(now: number): number {
    this.#dropEnded(now);
    return this.#sum(() => true);
  }

  #give(room: { registry: string; network: string; bytes: number; now: number }): Fill {
    const { registry, network, bytes, now } = room;
    const half = { registry, network, bytes, begunAt: now, seenAt: now, isInTheWay: false };
    const store: Half = { ...half, isClient: false };
    const client: Half = { ...half, isClient: true };
    this.#halves.add(store).add(client);
    return {
      endStore: () => this.#halves.delete(store),
      endClient: () => this.#halves.delete(client),
      renewClient: (at) => {
        client.seenAt = at;
        return !client.isInTheWay;
      },
    };
  }

  /** Marks old halves of clients, oldest first, until what was missing will be free. */
  #clearWay(isOf: (half: Half) => boolean, missing: number, now: number): void {
    let short = missing;
    for (const half of this.#halves) {
      if (short <= 0) return;
      if (!half.isClient || now - half.begunAt < OLD_MS || !isOf(half)) continue;
      half.isInTheWay = true;
      short -= half.bytes;
    }
  }

  #sum(isOf: (half: Half) => boolean): number {
    return [...this.#halves].filter(isOf).reduce((sum, { bytes }) => sum + bytes, 0);
  }

  #dropEnded(now: number): void {
    for (const half of this.#halves) {
      if (now - half.seenAt >= COUNTED_MS) this.#halves.delete(half);
    }
  }
}
