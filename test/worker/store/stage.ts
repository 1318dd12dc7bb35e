// What the tests of the store share: a clock, a registry behind the Worker, and one that is played by hand.
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { onTestFinished, vi } from "vitest";
import worker from "../../../src/index.ts";
import { parseDigest, parseRepositoryName, parseTag } from "../../../src/distribution/reference.ts";
import { keyOf, label, type Entry, type Words } from "../../../src/store/entry.ts";
import { ACCEPT, OCI_IMAGE } from "../../registry/accept.ts";
import type { RemoteRegistry } from "../../registry/client.ts";
import type { Descriptor, RegistryOptions, SeededImage } from "../../registry/types.ts";
export { DOCKER_IMAGE, DOCKER_LIST, OCI_IMAGE, OCI_INDEX, ACCEPT } from "../../registry/accept.ts";
import { Ferry, row, startRegistry } from "../ferry.ts";
import { Internet, unauthorized, type Answer, type Handler, type Outgoing } from "../internet.ts";
import { ANONYMOUS_BEARER, digestOf } from "../client-ferry.ts";

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

/** What a client without credentials sends once it has our bearer. */
export const ANONYMOUS: Readonly<Record<string, string>> = {
  Authorization: ANONYMOUS_BEARER,
  Accept: ACCEPT,
};

/** Moves the Worker's clock; timers and the registry's own clock stay. */
export function passTime(milliseconds: number): void {
  const now = Date.now() + milliseconds;
  vi.useFakeTimers({ now, toFake: ["Date"] });
}

/** Undoes `passTime` when the test ends. */
export function restoreClock(): void {
  onTestFinished(() => {
    vi.useRealTimers();
  });
}

/** What is tried again is tried at once, until the test ends. Not for what is late: that is waited for by the same clock. */
export function hurry(): void {
  vi.stubGlobal("scheduler", { wait: () => Promise.resolve() });
  onTestFinished(() => {
    vi.unstubAllGlobals();
  });
}

/** An answer read to its end. */
export interface Read {
  readonly status: number;
  readonly headers: Headers;
  readonly cache: string | null;
  readonly text: string;
}

/** A registry behind the Worker at `docker.example.com`, and at the universal host `mirror.example.com`. */
export class Stage {
  readonly registry: RemoteRegistry;
  readonly ferry: Ferry;
  readonly #base: string;

  constructor(registry: RemoteRegistry, ferry: Ferry, base = "http://docker.example.com/v2/") {
    this.registry = registry;
    this.ferry = ferry;
    this.#base = base;
  }

  static async open(
    options: RegistryOptions = {},
    rowOptions: Record<string, unknown> = {},
    variables: Record<string, unknown> = {},
  ): Promise<Stage> {
    const registry = await startRegistry({ library: true, ...options });
    onTestFinished(() => registry.close());
    restoreClock();
    const docker = row(registry, { library: true, registry: "docker.io", ...rowOptions });
    return new Stage(registry, new Ferry({ docker, mirror: "*" }, variables));
  }

  /** Asks without credentials, with our bearer. @param path below `/v2/` */
  async get(path: string, init: RequestInit = {}): Promise<Read> {
    return this.ask(path, {
      ...init,
      headers: { ...ANONYMOUS, ...(init.headers as Record<string, string>) },
    });
  }

  async head(path: string, headers: Record<string, string> = {}): Promise<Read> {
    return this.get(path, { method: "HEAD", headers });
  }

  /** Asks with these headers and no others. */
  async ask(path: string, init: RequestInit): Promise<Read> {
    return read(await this.ferry.fetch(`${this.#base}${path}`, init));
  }

  /** The header of a user of the registry, for a repository. */
  async login(scope: string, user = "alice"): Promise<Record<string, string>> {
    const password = btoa(`${user}:${user}-password`);
    const token = await this.ferry.token("docker.example.com", `scope=${scope}`, `Basic ${password}`);
    return { Authorization: `Bearer ${String(token["token"])}`, Accept: ACCEPT };
  }

  /** Pulls an image's tag, manifest and blobs, without credentials. @returns what X-Cache said */
  async pull(image: SeededImage): Promise<(string | null)[]> {
    const paths = [`manifests/${image.tag}`, ...pathsOf(image)];
    const caches: (string | null)[] = [];
    for (const path of paths) {
      const { status, cache } = await this.get(`${image.repository}/${path}`);
      caches.push(status === 200 ? cache : String(status));
    }
    return caches;
  }
}

/** What a pull by digest asks for: manifests, then blobs, below the repository. */
export function pathsOf(image: SeededImage): string[] {
  const manifest = firstOf(image);
  return [
    `manifests/${image.digest}`,
    `manifests/${manifest.digest}`,
    ...[manifest.config, ...manifest.layers].map(({ digest }) => `blobs/${digest}`),
  ];
}

/** The image of an index's first platform. */
export function firstOf(image: SeededImage): SeededImage["manifests"][number] {
  const [manifest] = image.manifests;
  if (manifest === undefined) throw new TypeError("the image has no manifest");
  return manifest;
}

export async function read(response: Response): Promise<Read> {
  const { status, headers } = response;
  return {
    status,
    headers,
    cache: headers.get("X-Cache"),
    text: new TextDecoder().decode(await response.arrayBuffer()),
  };
}

/** Sends a request without waiting for what goes on after its answer. */
export async function begin(
  ferry: Ferry,
  path: string,
  init: RequestInit = {},
): Promise<{ response: Response; settled: () => Promise<void> }> {
  const context = createExecutionContext();
  const headers = { ...ANONYMOUS, ...(init.headers as Record<string, string>) };
  const request = new Request(`http://docker.example.com/v2/${path}`, { ...init, headers });
  const response = await worker.fetch(request as never, ferry.env as never, context);
  return { response, settled: () => waitOnExecutionContext(context) };
}

/** A registry that does what a test says, at `reg.example.com`; each has a host of its own, and so an empty store. */
export class Played {
  static #count = 0;
  readonly internet = new Internet();
  readonly origin: string;
  readonly ferry: Ferry;
  serve: Handler;

  constructor(
    serve: Handler,
    rowOptions: Record<string, unknown> = {},
    variables: Record<string, unknown> = {},
  ) {
    restoreClock();
    Played.#count += 1;
    this.origin = `https://played-${Played.#count}.example`;
    this.serve = serve;
    const challenge = `Bearer realm="${this.origin}/token",service="played"`;
    this.internet.host(this.origin, (request) => {
      if (request.url.pathname === "/token") return this.token(request);
      return request.headers.has("Authorization") ? this.serve(request) : unauthorized(challenge);
    });
    this.ferry = new Ferry({ reg: { upstream: this.origin, mirrors: [], ...rowOptions } }, variables);
  }

  token: Handler = () => Response.json({ token: "of-the-worker", expires_in: 3600 });

  /** @param path below `/v2/` */
  get(path: string, headers: Record<string, string> = {}, method = "GET"): Promise<Answer> {
    return this.internet.ask(this.ferry, `https://reg.example.com/v2/${path}`, {
      method,
      headers: { ...ANONYMOUS, ...headers },
    });
  }

  /** How often the registry itself was asked so, with our token. */
  count(method: string, part: string): number {
    return this.asked(method, part).length;
  }

  asked(method: string, part: string): Outgoing[] {
    const isIt = ({ url, headers, ...request }: Outgoing): boolean =>
      request.method === method && url.pathname.includes(part) && headers.has("Authorization");
    return this.internet.to(this.origin).filter(isIt);
  }

  /** Where a thing of this registry's `team/app` is kept. */
  async keyUrl(kind: Kind, reference = ""): Promise<string> {
    return STORE + (await keyOf(this.entry(kind, reference)));
  }

  entry(kind: Kind, reference = ""): Entry {
    const shared = {
      upstream: this.origin,
      repository: valid(parseRepositoryName("team/app")),
    };
    switch (kind) {
      case "proof":
      case "denial":
        return { kind, ...shared };
      case "tag":
        return { kind, ...shared, tag: valid(parseTag(reference)) };
      case "manifest":
      case "blob":
        return { kind, ...shared, digest: valid(parseDigest(reference)) };
    }
  }

  /** What such a thing says of itself in the store, beside these words. */
  labelled(kind: Kind, reference: string, words: Words = {}): Words {
    return label(this.entry(kind, reference), words);
  }
}

type Kind = Exclude<Entry["kind"], "token">;

export function valid<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError("not a valid name");
  return value;
}

/** As in `src/store/cache.ts`: whoever changes it there makes stores that begin empty. */
export const STORE = "https://store.registry-ferry.invalid/";
export const CACHE = "registry-ferry-1";

/** Writes into the store behind the Worker's back. */
export async function plant(url: string, metadata: Words, body: string): Promise<void> {
  const cache = await caches.open(CACHE);
  const size = String(new TextEncoder().encode(body).byteLength);
  const headers = {
    "Cache-Control": "public, max-age=3600",
    "Content-Length": size,
    "X-Ferry-Metadata": encodeURIComponent(JSON.stringify({ size, ...metadata })),
  };
  await cache.put(url, new Response(body, { headers }));
}

/** True if there is something under that address. */
export async function isKept(url: string): Promise<boolean> {
  const cache = await caches.open(CACHE);
  const found = await cache.match(url);
  await found?.body?.cancel();
  return found !== undefined;
}

/** A document as a registry has it. */
export interface Document extends Descriptor {
  readonly body: string;
}

/** An image of no layers; another seed, another digest. */
export async function imageDocument(seed: string, mediaType = OCI_IMAGE): Promise<Document> {
  const config = {
    mediaType: "application/vnd.oci.image.config.v1+json",
    digest: await digestOf(seed),
    size: 2,
  };
  return documentOf(JSON.stringify({ schemaVersion: 2, mediaType, config, layers: [] }), mediaType);
}

export async function documentOf(body: string, mediaType: string): Promise<Document> {
  return { body, mediaType, digest: await digestOf(body), size: new TextEncoder().encode(body).byteLength };
}

/** A registry's answer with a document, to GET or HEAD; `without` leaves headers out, `headers` replaces some. */
export function answerWith(
  document: Document,
  { method }: { method: string },
  headers: Record<string, string> = {},
): Response {
  const all = {
    "Content-Type": document.mediaType,
    "Content-Length": String(document.size),
    "Docker-Content-Digest": document.digest,
    ...headers,
  };
  return new Response(method === "HEAD" ? null : document.body, { headers: all });
}

export function notFound(): Response {
  return Response.json({ errors: [{ code: "MANIFEST_UNKNOWN", message: "unknown" }] }, { status: 404 });
}

/** Lets the network and the store go on while the clock stands. */
export async function realPause(): Promise<void> {
  const cache = await caches.open("pause");
  for (let turn = 0; turn < 20; turn += 1) await cache.match("https://pause.invalid/");
}
