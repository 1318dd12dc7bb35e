// What the tests of the protocol share: an upstream played by hand, and readers of answers.
import { expect, vi } from "vitest";
import type { Descriptor, RecordedRequest, SeededImage } from "../registry/types.ts";
import type { RemoteRegistry } from "../registry/client.ts";
import { basic, Ferry, fromNetwork } from "./ferry.ts";

/** A request that left the Worker. */
export interface Departed {
  readonly method: string;
  readonly url: URL;
  /** As the Worker made them, before the runtime adds its own. */
  readonly headers: Headers;
  readonly body: BodyInit | null | undefined;
}

/**
 * Plays upstreams that the embedded registry cannot play. Undo with `vi.restoreAllMocks()`.
 * @param answer makes the response to one request
 * @returns what left the Worker, in order
 */
export function fakeUpstream(answer: (request: Departed) => Response | Promise<Response>): Departed[] {
  const departed: Departed[] = [];
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const request: Departed = {
      method: init?.method ?? "GET",
      url: new URL(input instanceof Request ? input.url : input),
      headers: new Headers(init?.headers),
      body: init?.body,
    };
    departed.push(request);
    return fromNetwork(await answer(request));
  });
  return departed;
}

/** A bearer that no proxy handed out: the registry's to judge. */
export const CLIENT_BEARER = "Bearer of-the-client";
/** Our own bearer for whoever has no credentials. */
export const ANONYMOUS_BEARER = "Bearer ferry.anonymous";

/**
 * The Worker asked by a client with credentials of its own, which nothing but the client lane serves: where a test
 * presents none, it presents a password at the token service and a bearer everywhere else.
 */
export class ClientFerry extends Ferry {
  override fetch(url: string, init: RequestInit = {}): Promise<Response> {
    const { pathname } = new URL(url);
    const headers = new Headers(init.headers);
    const isToken = pathname === "/v2/auth";
    if (!headers.has("Authorization") && !(isToken && init.method === "POST")) {
      headers.set("Authorization", isToken ? basic("alice", "alice-password") : CLIENT_BEARER);
    }
    return super.fetch(url, { ...init, headers });
  }
}

/** The Worker asked with its own anonymous bearer: the public lane. */
export class AnonymousFerry extends Ferry {
  override fetch(url: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (!headers.has("Authorization") && new URL(url).pathname !== "/v2/auth") {
      headers.set("Authorization", ANONYMOUS_BEARER);
    }
    return super.fetch(url, { ...init, headers });
  }
}

export interface OciErrors {
  readonly errors: readonly { readonly code: string; readonly message: string; readonly detail?: unknown }[];
}

/** The code of an OCI error; fails for any other body. */
export async function codeOf(response: Response): Promise<string> {
  expect(response.headers.get("Content-Type")).toBe("application/json");
  const { errors } = await response.json<OciErrors>();
  expect(errors).toHaveLength(1);
  expect(errors[0]?.message).not.toBe("");
  return errors[0]?.code ?? "";
}

/** Header names in alphabetical order. */
export function namesOf(headers: Headers | Record<string, string>): string[] {
  return [...new Headers(headers).keys()].sort();
}

/** `sha256:` and the hash of some bytes. */
export async function digestOf(bytes: ArrayBuffer | Uint8Array<ArrayBuffer> | string): Promise<string> {
  const content = typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes;
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", content));
  return `sha256:${[...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/** The last layer of an image's first platform. */
export function layerOf(image: SeededImage): Descriptor {
  const layer = image.manifests[0]?.layers.at(-1);
  if (layer === undefined) throw new TypeError("the image has no layer");
  return layer;
}

/** What one of the fixture's servers saw, oldest first. */
export async function seenBy(
  registry: RemoteRegistry,
  server: RecordedRequest["server"] = "registry",
): Promise<RecordedRequest[]> {
  const { requests } = await registry.state();
  return requests.filter((request) => request.server === server);
}

/** The last request that one of the fixture's servers saw. */
export async function lastSeenBy(
  registry: RemoteRegistry,
  server: RecordedRequest["server"] = "registry",
): Promise<RecordedRequest> {
  const last = (await seenBy(registry, server)).at(-1);
  if (last === undefined) throw new TypeError(`the ${server} saw nothing`);
  return last;
}
