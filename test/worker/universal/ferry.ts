// A universal host in front of embedded registries, as the tests of universal hosts share it.
import type { RemoteRegistry } from "../../registry/client.ts";
import type { RegistryOptions } from "../../registry/types.ts";
import { Ferry, row, startRegistry } from "../ferry.ts";

export const MIRROR = "http://mirror.example.com";

/** Host names that serve every registry of the table: a row of it, and those that always do. */
export const UNIVERSAL_HOSTS = [
  "mirror.example.com",
  "ferry.someone.workers.dev",
  "localhost:8787",
  "127.0.0.1:8787",
  "[::1]:8787",
] as const;

export interface Universal {
  readonly hub: RemoteRegistry;
  readonly ghcr: RemoteRegistry;
  readonly quay: RemoteRegistry;
  /** A registry that its row gives no name: it goes by its host and port, which only `ns=` can say. */
  readonly own: RemoteRegistry;
  readonly ferry: Ferry;
  /** The control server has room for so many registries only. */
  readonly close: () => Promise<void>;
}

/** The same options for each registry; Docker Hub alone completes one-part names. */
export async function startUniversal(options: RegistryOptions = {}): Promise<Universal> {
  const [hub, ghcr, quay, own] = await Promise.all([
    startRegistry({ library: true, ...options }),
    startRegistry(options),
    startRegistry(options),
    startRegistry(options),
  ]);
  const upload_paths = ["/artifacts-uploads/"];
  const ferry = new Ferry({
    docker: row(hub, { registry: "docker.io", library: true, upload_paths }),
    ghcr: row(ghcr, { registry: "ghcr.io", upload_paths }),
    quay: row(quay, { registry: "quay.io" }),
    own: row(own),
    mirror: "*",
  });
  const close = async (): Promise<void> => {
    await Promise.all([hub, ghcr, quay, own].map((registry) => registry.close()));
  };
  return { hub, ghcr, quay, own, ferry, close };
}
