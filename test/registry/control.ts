// A control server over HTTP and JSON, so that tests inside workerd can make and steer registries.
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { startRegistry } from "./index.ts";
import type { EmbeddedRegistry } from "./index.ts";
import type * as Types from "./types.ts";

export interface Control {
  url: string;
  /** Closes the control server and every registry made by it. */
  close(): Promise<void>;
}

const LARGEST_BODY = 128 * 1024 * 1024;
const MOST_REGISTRIES = 1000;

type Action = (registry: EmbeddedRegistry, argument: never) => unknown;

/** `POST /registries/:id/<name>` (and `GET …/state`). Each answers JSON. */
const ACTIONS: Record<string, Action> = {
  configure: (registry, partial: Types.RegistryOptions) => registry.configure(partial),
  state: (registry) => ({ counters: registry.counters, requests: registry.requests }),
  reset: (registry) => registry.resetCounters(),
  images: (registry, image: Types.SeedImage) => registry.seedImage(image),
  blobs: (
    registry,
    { repository, base64, digest }: { repository: string; base64: string; digest?: string },
  ) => {
    const content = Buffer.from(base64, "base64");
    return registry.seedBlob({ repository, content, ...(digest !== undefined && { digest }) });
  },
  manifests: (registry, manifest: Types.SeedManifest) => registry.seedManifest(manifest),
  referrers: (registry, referrer: Types.SeedReferrer) => registry.seedReferrer(referrer),
  deletions: (registry, { repository, tag, manifest, blob }: Record<string, string>) => ({
    tag: tag !== undefined && registry.deleteTag(repository ?? "", tag),
    manifest: manifest !== undefined && registry.deleteManifest(repository ?? "", manifest),
    blob: blob !== undefined && registry.deleteBlob(repository ?? "", blob),
  }),
  revocations: (registry) => registry.revokeTokens(),
};

/** Starts a control server on loopback. */
export async function startControl({ port = 0 }: { port?: number } = {}): Promise<Control> {
  const registries = new Map<string, EmbeddedRegistry>();
  const server = createServer((request, response) => {
    answer(registries, request).then(
      (value) => reply(response, 200, value ?? {}),
      (error: unknown) => reply(response, 400, { error: String(error) }),
    );
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      await Promise.all([...registries.values()].map((registry) => registry.close()));
      registries.clear();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

let made = 0;

async function answer(registries: Map<string, EmbeddedRegistry>, request: IncomingMessage): Promise<unknown> {
  const [, root, id, action] = (request.url ?? "").split("/");
  if (root !== "registries") throw new Error(`no such path: ${request.url ?? ""}`);
  if (id === undefined) {
    if (registries.size >= MOST_REGISTRIES) throw new Error("too many registries: close them");
    const registry = await startRegistry(await body(request));
    made += 1;
    registries.set(String(made), registry);
    const { url, host, tokenUrl, cdnUrl } = registry;
    return { id: String(made), url, host, tokenUrl, cdnUrl };
  }
  const registry = registries.get(id);
  if (registry === undefined) throw new Error(`no such registry: ${id}`);
  if (action === undefined && request.method === "DELETE") {
    registries.delete(id);
    return registry.close();
  }
  const perform = Object.hasOwn(ACTIONS, action ?? "") ? ACTIONS[action ?? ""] : undefined;
  if (perform === undefined) throw new Error(`no such action: ${action ?? ""}`);
  return perform(registry, (await body(request)) as never);
}

async function body(request: IncomingMessage): Promise<object> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST_BODY) throw new Error("body too large");
    chunks.push(chunk);
  }
  return size === 0 ? {} : (JSON.parse(Buffer.concat(chunks).toString("utf8")) as object);
}

function reply(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { "Content-Type": "application/json" });
  response.end(JSON.stringify(value));
}
