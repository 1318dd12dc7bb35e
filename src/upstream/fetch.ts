// The one door out of the Worker (S1): every request to a registry, a token service or a CDN leaves here.

import { discardBody } from "../distribution/body.ts";
import { RegistryError } from "../distribution/errors.ts";
import type { Trace } from "../log.ts";

/** A request that leaves the Worker. Its headers are made here, never copied whole from a client. */
export interface UpstreamRequest {
  readonly url: URL;
  readonly method: string;
  readonly headers: Headers;
  readonly body?: ReadableStream | string | null;
  /** Time by which response headers must be here, in milliseconds since the epoch; none for uploads. */
  readonly deadline?: number | undefined;
}

/** `/v2/`, tokens and searches: docker gives up on its ping after 15 s. */
export const SHORT_TIMEOUT_MS = 10_000;
/** Manifests, blobs and lists: containerd gives up after 30 s without headers. */
export const LONG_TIMEOUT_MS = 25_000;

/** The time by which an answer must be here: so many milliseconds from now, and no later than what it is a part of. */
export function deadlineIn(milliseconds: number, latest = Infinity): number {
  return Math.min(Date.now() + milliseconds, latest);
}

/**
 * Sends a request; redirects are never followed here.
 *
 * The timeout is a race and not an `AbortSignal`: a signal would sit between the client and every byte of the body.
 * A response that loses the race is cancelled when it comes.
 *
 * `no-store` keeps what a client's token fetched out of a zone-wide "cache everything" rule.
 * @throws Unreachable (503) when there is no answer, or none in time; 503 and not 502, which
 *   containerd never retries
 */
export async function send(request: UpstreamRequest, trace: Trace): Promise<Response> {
  const { url, method, headers, body, deadline } = request;
  const started = Date.now();
  const answer = fetch(url, {
    method,
    headers: withoutAddress(headers),
    body: body ?? null,
    redirect: "manual",
    cache: "no-store",
  });
  trace.upstreamRequests += 1;
  const response = await (deadline === undefined ? answer : inTime(answer, deadline - started))
    .catch((error: unknown) => {
      throw new Unreachable(
        url.host,
        error === TIMED_OUT ? "did not answer in time" : "could not be reached",
      );
    })
    .finally(() => {
      trace.upstreamMs += Date.now() - started;
    });
  await requireHttp(response, url.host);
  return response;
}

/** Reserved for documentation (RFC 5737): it is nobody's. */
const NO_ADDRESS = "198.51.100.1";

/**
 * Cloudflare adds `X-Real-IP` with the client's address towards other origins where it is not set: a registry that
 * admits by it would give content that is not for everybody (S14). Its `CF-Connecting-IP` cannot be set here.
 */
function withoutAddress(headers: Headers): Headers {
  const sent = new Headers(headers);
  sent.set("X-Real-IP", NO_ADDRESS);
  return sent;
}

/**
 * What no HTTP answer is would be a fault of ours further on, or be passed to a client that trips over it (S19).
 * @throws RegistryError UNKNOWN with 502
 */
async function requireHttp(response: Response, host: string): Promise<void> {
  const { headers, status } = response;
  const hasStatus = status >= 200 && status <= 599;
  if (hasStatus && /^\d{1,15}$/.test(headers.get("Content-Length") ?? "0")) return;
  await discardBody(response);
  const what = hasStatus ? "a length that is not a number" : "a status that HTTP does not have";
  throw new RegistryError("UNKNOWN", `${host} answered with ${what}.`, {
    status: 502,
    problem: `${host} answered with ${what}`,
  });
}

/** No answer at all: no connection, or none in time. */
export class Unreachable extends RegistryError {
  readonly host: string;
  readonly why: string;

  constructor(host: string, why: string, problem = `${host} ${why}`) {
    super("UNAVAILABLE", `${host} ${why}. Try again in a moment.`, { problem });
    this.host = host;
    this.why = why;
  }
}

const TIMED_OUT = Symbol("timed out");

async function inTime(answer: Promise<Response>, milliseconds: number): Promise<Response> {
  let late = false;
  const { promise: timeout, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => {
      late = true;
      reject(TIMED_OUT);
    },
    Math.max(0, milliseconds),
  );
  answer.then(
    (response) => (late ? discardBody(response) : undefined),
    () => undefined,
  );
  try {
    return await Promise.race([answer, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
