// The control server's counterpart: the registry's vocabulary over fetch alone, for tests inside workerd and Node.
import type * as Types from "./types.ts";

/** A registry somewhere else; as `EmbeddedRegistry`, with promises. */
export interface RemoteRegistry extends Types.Addresses {
  readonly id: string;
  configure(partial: Types.RegistryOptions): Promise<void>;
  /** Counters, and the last 2000 requests of the three servers, oldest first. */
  state(): Promise<RegistryState>;
  /** Forgets counters and requests. */
  reset(): Promise<void>;
  seedImage(image: Types.SeedImage): Promise<Types.SeededImage>;
  /** With `digest`: stored under it, right or wrong. */
  seedBlob(blob: {
    repository: string;
    content: Uint8Array | string;
    digest?: string;
  }): Promise<Types.Descriptor>;
  seedManifest(manifest: Types.SeedManifest): Promise<Types.Descriptor>;
  seedReferrer(referrer: Types.SeedReferrer): Promise<Types.Descriptor>;
  setPrivate(repositories: string[]): Promise<void>;
  deleteTag(repository: string, tag: string): Promise<void>;
  deleteManifest(repository: string, digest: string): Promise<void>;
  deleteBlob(repository: string, digest: string): Promise<void>;
  /** Makes every token issued so far invalid. */
  revokeTokens(): Promise<void>;
  close(): Promise<void>;
}

export interface RegistryState {
  counters: Types.Counters;
  requests: Types.RecordedRequest[];
}

export interface ControlClient {
  /** Makes a registry. Close it, or close the control server. */
  registry(options?: Types.RegistryOptions): Promise<RemoteRegistry>;
}

/**
 * A client of a control server.
 * @example
 * const registry = await controlClient(url).registry({ quota: 0 });
 * const image = await registry.seedImage({ repository: "library/hello" });
 */
export function controlClient(controlUrl: string): ControlClient {
  return {
    registry: async (options = {}) => {
      const made = (await call(`${controlUrl}/registries`, "POST", options)) as Types.Addresses & {
        id: string;
      };
      return remote(`${controlUrl}/registries/${made.id}`, made);
    },
  };
}

function remote(base: string, made: Types.Addresses & { id: string }): RemoteRegistry {
  const post = (action: string, argument: object = {}) => call(`${base}/${action}`, "POST", argument);
  return {
    ...made,
    configure: async (partial) => {
      await post("configure", partial);
    },
    state: async () => (await call(`${base}/state`, "GET")) as RegistryState,
    reset: async () => {
      await post("reset");
    },
    seedImage: async (image) => (await post("images", image)) as Types.SeededImage,
    seedBlob: async ({ content, ...blob }) =>
      (await post("blobs", { ...blob, base64: base64(content) })) as Types.Descriptor,
    seedManifest: async (manifest) => (await post("manifests", manifest)) as Types.Descriptor,
    seedReferrer: async (referrer) => (await post("referrers", referrer)) as Types.Descriptor,
    setPrivate: async (repositories) => {
      await post("configure", { private: repositories });
    },
    deleteTag: async (repository, tag) => {
      await post("deletions", { repository, tag });
    },
    deleteManifest: async (repository, manifest) => {
      await post("deletions", { repository, manifest });
    },
    deleteBlob: async (repository, blob) => {
      await post("deletions", { repository, blob });
    },
    revokeTokens: async () => {
      await post("revocations");
    },
    close: async () => {
      await call(base, "DELETE");
    },
  };
}

async function call(url: string, method: string, argument?: object): Promise<unknown> {
  const response = await fetch(url, {
    method,
    ...(argument !== undefined && { body: JSON.stringify(argument) }),
  });
  const answer: unknown = await response.json();
  if (!response.ok)
    throw new Error(`control: ${(answer as { error?: string }).error ?? String(response.status)}`);
  return answer;
}

/** In slices: spreading a large array into one call overflows the stack. */
function base64(content: Uint8Array | string): string {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  let binary = "";
  for (let start = 0; start < bytes.length; start += 8192) {
    binary += String.fromCharCode(...bytes.subarray(start, start + 8192));
  }
  return btoa(binary);
}
