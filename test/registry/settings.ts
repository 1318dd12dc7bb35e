// Defaults of the options, and the live switches.
import type { RegistryOptions } from "./types.ts";

/** Every option with a value. */
export type Settings = Required<RegistryOptions>;

const DEFAULTS: Settings = {
  port: 0,
  auth: "token",
  users: { alice: "alice-password" },
  private: ["private"],
  readers: {},
  writers: "anyone",
  anonymousPrivate: "reduced",
  hideUnknown: false,
  library: false,
  redirectBlobs: true,
  redirectStatus: 307,
  linkSeconds: 300,
  challenge: {},
  latencyMs: 0,
  quota: null,
  userQuota: null,
  retryAfter: 1,
  fail: null,
  failPath: null,
  failToken: null,
  failCdn: null,
  breakBlobAfter: null,
  breakBlobTimes: null,
  gzipEncode: false,
  htmlErrors: false,
  headManifest: "ok",
  refreshTokens: false,
  tokenJson: "both",
  expiresIn: 300,
  maxTokenAge: null,
  postToken: true,
  uploadLocation: "path",
  pageSize: 100,
  referrers: true,
  ollama: false,
};

/**
 * Defaults overlaid with options. An unknown name is an error: a mistyped switch would make a test pass for the
 * wrong reason.
 */
export function settingsFrom(options: RegistryOptions, base: Settings = DEFAULTS): Settings {
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(DEFAULTS, name)) throw new TypeError(`unknown registry option: ${name}`);
  }
  return { ...base, ...options };
}

/** Whether a repository lies under one of the prefixes, by whole path segments. */
export function isUnder(repository: string, prefixes: readonly string[]): boolean {
  return prefixes.some((prefix) => repository === prefix || repository.startsWith(`${prefix}/`));
}
