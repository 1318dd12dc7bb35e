// The state that the three servers of one embedded registry share.
import { createHmac, randomBytes } from "node:crypto";
import { Journal } from "./journal.ts";
import type { Repositories } from "./repositories.ts";
import type { Scope } from "./scope.ts";
import { settingsFrom } from "./settings.ts";
import type { Settings } from "./settings.ts";
import type { Addresses, RegistryOptions } from "./types.ts";
import type { Upload } from "./uploads.ts";

export interface IssuedToken {
  user: string | undefined;
  scopes: Scope[];
  /** Milliseconds since the epoch. */
  expires: number;
}

/** Everything that lives as long as the registry. */
export class Fixture {
  settings: Settings;
  addresses: Addresses = { url: "", host: "", tokenUrl: "", cdnUrl: "" };
  readonly journal = new Journal();
  readonly repositories: Repositories = new Map();
  readonly tokens = new Map<string, IssuedToken>();
  /** Refresh token to user. */
  readonly refreshTokens = new Map<string, string>();
  readonly uploads = new Map<string, Upload>();
  quotaLeft = 0;
  userQuotaLeft = 0;
  breaksLeft = 0;
  readonly #key = randomBytes(32);

  constructor(options: RegistryOptions) {
    this.settings = settingsFrom(options);
    this.#startCounts(this.settings);
  }

  /** Switches options; the counts of `quota` and of breaks start anew when they are named. */
  configure(partial: RegistryOptions): void {
    this.settings = settingsFrom(partial, this.settings);
    this.#startCounts(partial);
  }

  #startCounts(named: RegistryOptions): void {
    if (named.quota !== undefined) this.quotaLeft = named.quota ?? 0;
    if (named.userQuota !== undefined) this.userQuotaLeft = named.userQuota ?? 0;
    if (named.breakBlobAfter !== undefined || named.breakBlobTimes !== undefined) {
      this.breaksLeft = this.settings.breakBlobTimes ?? Infinity;
    }
  }

  /** A signature over some parts, for links and upload states. */
  sign(...parts: string[]): string {
    return createHmac("sha256", this.#key).update(JSON.stringify(parts)).digest("hex");
  }
}

/** Adds to a map that forgets its oldest entry beyond the bound. */
export function remember<Value>(map: Map<string, Value>, key: string, value: Value, most: number): void {
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= most) break;
    map.delete(oldest);
  }
}
