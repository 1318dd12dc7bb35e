// The embedded registry: a real small OCI registry for tests. A fixture, not for production.
import { serveCdn } from "./cdn.ts";
import { Fixture } from "./fixture.ts";
import { removeManifest } from "./repositories.ts";
import { serveRegistry } from "./router.ts";
import { seedBlob, seedImage, seedManifest, seedReferrer } from "./seed.ts";
import type { SeedBlobBytes } from "./seed.ts";
import { listen } from "./server.ts";
import { serveToken } from "./token.ts";
import type * as Types from "./types.ts";

export type * from "./types.ts";
export type { SeedBlobBytes } from "./seed.ts";

/** A running registry with its token service and CDN, all on loopback, plain http, in memory. */
export interface EmbeddedRegistry extends Types.Addresses {
  /** Switches options while it runs; those not named stay. `challenge` is replaced as a whole. */
  configure(partial: Types.RegistryOptions): void;
  readonly counters: Types.Counters;
  /** The last 2000 requests of all three servers, oldest first. */
  readonly requests: Types.RecordedRequest[];
  /** Forgets counters and requests. */
  resetCounters(): void;
  seedImage(image: Types.SeedImage): Types.SeededImage;
  seedBlob(blob: SeedBlobBytes): Types.Descriptor;
  seedManifest(manifest: Types.SeedManifest): Types.Descriptor;
  seedReferrer(referrer: Types.SeedReferrer): Types.Descriptor;
  setPrivate(repositories: string[]): void;
  deleteTag(repository: string, tag: string): boolean;
  deleteManifest(repository: string, digest: string): boolean;
  deleteBlob(repository: string, digest: string): boolean;
  /** Makes every token issued so far invalid. */
  revokeTokens(): void;
  close(): Promise<void>;
}

/**
 * Starts a registry.
 * @example
 * const registry = await startRegistry({ quota: 2 });
 * const image = registry.seedImage({ repository: "library/hello" });
 * await fetch(`${registry.url}/v2/`); // 401 with a Bearer challenge
 */
export async function startRegistry(options: Types.RegistryOptions = {}): Promise<EmbeddedRegistry> {
  const fixture = new Fixture(options);
  const registry = await listen(fixture, "registry", serveRegistry, fixture.settings.port);
  const token = await listen(fixture, "token", serveTokenServer);
  const cdn = await listen(fixture, "cdn", serveCdn);
  fixture.addresses = {
    url: registry.origin,
    host: registry.host,
    tokenUrl: `${token.origin}/token`,
    cdnUrl: cdn.origin,
  };
  const repository = (name: string) => fixture.repositories.get(name);
  return {
    ...fixture.addresses,
    configure: (partial) => fixture.configure(partial),
    counters: fixture.journal.counters,
    requests: fixture.journal.requests,
    resetCounters: () => fixture.journal.reset(),
    seedImage: (image) => seedImage(fixture, image),
    seedBlob: (blob) => seedBlob(fixture, blob),
    seedManifest: (manifest) => seedManifest(fixture, manifest),
    seedReferrer: (referrer) => seedReferrer(fixture, referrer),
    setPrivate: (repositories) => fixture.configure({ private: repositories }),
    deleteTag: (name, tag) => repository(name)?.tags.delete(tag) ?? false,
    deleteManifest: (name, digest) => {
      const found = repository(name);
      return found !== undefined && removeManifest(found, digest);
    },
    deleteBlob: (name, digest) => repository(name)?.blobs.delete(digest) ?? false,
    revokeTokens: () => {
      fixture.tokens.clear();
      fixture.refreshTokens.clear();
    },
    close: async () => {
      await Promise.all([registry.close(), token.close(), cdn.close()]);
    },
  };
}

async function serveTokenServer(...[fixture, exchange]: Parameters<typeof serveToken>): Promise<void> {
  if (exchange.path !== "/token") {
    exchange.send(404, { "Content-Type": "text/plain" }, "not found\n");
    return;
  }
  return serveToken(fixture, exchange);
}
