// The Worker under test, asked as a client would ask it, and the registry behind it.
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { inject, onTestFinished, vi } from "vitest";
import worker from "../../src/index.ts";
import { forgetIsolate } from "../../src/isolate.ts";
import { controlClient, type RemoteRegistry } from "../registry/client.ts";
import type {} from "../registry/provided.ts";
import type { RegistryOptions } from "../registry/types.ts";

export { forgetIsolate };

/** A registry of its own for a test, configured in one line. */
export async function startRegistry(options: RegistryOptions = {}): Promise<RemoteRegistry> {
  return controlClient(inject("controlUrl")).registry(options);
}

/** A row of the routes table for an embedded registry, whose token service is on a port of its own. */
export function row(
  registry: RemoteRegistry,
  options: Record<string, unknown> = {},
): Record<string, unknown> {
  return { upstream: registry.url, realm: registry.tokenUrl, mirrors: [], ...options };
}

/** One of the machines that run the Worker. */
export interface Isolate {
  readonly fetch: typeof worker.fetch;
  readonly forget: () => void;
}

export const FIRST_ISOLATE: Isolate = { fetch: (...all) => worker.fetch(...all), forget: forgetIsolate };

/** Those that no test has: to import the Worker once more takes longer than most tests do. */
const idle: Isolate[] = [];

/** The same Worker once more, with a memory of its own, which is empty. */
export async function anotherIsolate(): Promise<Isolate> {
  const isolate = idle.pop() ?? (await importAgain());
  isolate.forget();
  onTestFinished(() => {
    idle.push(isolate);
  });
  return isolate;
}

async function importAgain(): Promise<Isolate> {
  vi.resetModules();
  const [{ default: other }, isolate] = await Promise.all([
    import("../../src/index.ts"),
    import("../../src/isolate.ts"),
  ]);
  return { fetch: (...all) => other.fetch(...all), forget: isolate.forgetIsolate };
}

/** The Worker with a routes table, and with other variables. */
export class Ferry {
  env: Record<string, unknown>;
  readonly #isolate: Isolate;

  /** @param isolate which remembers nothing then */
  constructor(routes: unknown, variables: Record<string, unknown> = {}, isolate = FIRST_ISOLATE) {
    isolate.forget();
    this.env = { ROUTES: routes, ...variables };
    this.#isolate = isolate;
  }

  /**
   * Sends a request to the Worker.
   * @param url e.g. `http://docker.example.com/v2/`
   */
  async fetch(url: string, init: RequestInit = {}): Promise<Response> {
    const context = createExecutionContext();
    const request = new Request(url, { redirect: "manual", ...init });
    const response = await readAhead(await this.#isolate.fetch(request as never, this.env as never, context));
    await waitOnExecutionContext(context);
    return response;
  }

  /** A token as a client gets one: by the challenge of the response. */
  async token(host: string, parameters: string, authorization?: string): Promise<Record<string, unknown>> {
    const headers: Record<string, string> =
      authorization === undefined ? {} : { Authorization: authorization };
    const response = await this.fetch(`http://${host}/v2/auth?${parameters}`, { headers });
    return response.json();
  }

  /** A request with an anonymous or a user's token for its repository. */
  async pull(url: string, scope: string, authorization?: string, init: RequestInit = {}): Promise<Response> {
    const token = await this.token(new URL(url).host, `scope=${encodeURIComponent(scope)}`, authorization);
    const headers = new Headers(init.headers);
    headers.set("Authorization", `Bearer ${String(token["token"])}`);
    return this.fetch(url, { ...init, headers });
  }
}

/**
 * A played answer, as from the network. The runtime can pipe both halves of a network's stream anywhere, and not those
 * of one that it made itself of a string.
 */
export function fromNetwork(response: Response): Response {
  // Nothing is looked at before it is sure to be there: a test may play an answer that breaks when it is looked at.
  if (!("body" in response) || response.body === null || response.bodyUsed) return response;
  // Nor can an answer be made anew that is not one of HTTP.
  if (response.status < 200 || response.status > 599) return response;
  return new Response(response.body.pipeThrough(new TransformStream()), response);
}

/**
 * Reads a body of the public lane that is being stored, as a client does that stays: what is deferred then may end only
 * when the last byte is read.
 */
async function readAhead(response: Response): Promise<Response> {
  // What the bucket has is stored on its way, too.
  const isStored = ["hit", "miss", "mirror", "stale"].includes(response.headers.get("X-Cache") ?? "");
  if (response.body === null || !isStored) return response;
  const body = await response.arrayBuffer().catch(
    (error: unknown) =>
      new ReadableStream({
        start: (controller) => controller.error(error),
      }),
  );
  return new Response(body, response);
}

/** The header of Basic credentials. */
export function basic(user: string, password: string): string {
  return `Basic ${btoa(`${user}:${password}`)}`;
}
