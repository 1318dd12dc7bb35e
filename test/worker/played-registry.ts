// A registry that a test plays by hand, and what a client without credentials reads of it: the tests of the public lane
// share it.
import { expect, vi } from "vitest";
import { AnonymousFerry, codeOf, fakeUpstream, type Departed } from "./client-ferry.ts";

export const HOST = "http://harbor.example.com";
export const SCOPE = 'scope="repository:team/app:pull"';
export const DIGEST = `sha256:${"a".repeat(64)}`;
export const HTML = { "Content-Type": "text/html; charset=utf-8" };
export const PAGE = "<html><title>Just a moment...</title></html>";
export const LIMITS = { "Retry-After": "9", "RateLimit-Remaining": "0;w=60", "X-RateLimit-Reset": "60" };
export const JSON_TYPE = { "Content-Type": "application/json" };
export const failure = JSON.stringify({ errors: [{ code: "UNKNOWN", message: "of the registry" }] });
export const KINDS = ["wants tokens", "challenges nobody"] as const;
/** What a client reads: a tag, what has a digest, and lists. */
export const READS: [what: string, path: string][] = [
  ["a tag", "/v2/team/app/manifests/v1"],
  ["a manifest", `/v2/team/app/manifests/${DIGEST}`],
  ["a blob", `/v2/team/app/blobs/${DIGEST}`],
  ["tags", "/v2/team/app/tags/list"],
  ["referrers", `/v2/team/app/referrers/${DIGEST}`],
  ["the catalog", "/v2/_catalog"],
];

let origins = 0;

/** A registry of a test's own, since what is stored outlives a test. */
export function newUpstream(): string {
  return `https://public-${(origins += 1)}.example.net`;
}

export interface Played {
  readonly ferry: AnonymousFerry;
  readonly upstream: string;
  /** What was asked beside the challenge and the token. */
  readonly asked: Departed[];
  readonly departed: Departed[];
}

export type Player = (request: Departed) => Response | Promise<Response>;

/** A new registry, and the Worker in front of it; `token` plays its token service. */
export function play(kind: (typeof KINDS)[number], answer: Player, token?: Player): Played {
  const upstream = newUpstream();
  const asked: Departed[] = [];
  const isLearning = ({ method, url, headers }: Departed): boolean =>
    url.origin === upstream &&
    (url.pathname === "/v2/" || (method === "HEAD" && url.pathname.endsWith("/latest"))) &&
    !headers.has("Authorization");
  const departed = fakeUpstream((request) => {
    if (request.url.origin === upstream && request.url.pathname === "/token") {
      return token?.(request) ?? Response.json({ token: "anonymous0token", expires_in: 300 });
    }
    if (isLearning(request)) {
      if (kind === "challenges nobody") return new Response(null);
      const challenge = `Bearer realm="${upstream}/token",service="s"`;
      return new Response("{}", { status: 401, headers: { "WWW-Authenticate": challenge } });
    }
    asked.push(request);
    return answer(request);
  });
  return { ferry: new AnonymousFerry({ harbor: { upstream, mirrors: [] } }), upstream, asked, departed };
}

/** An answer as a server gives it: none has a body for HEAD. */
export function say(
  request: Departed,
  body: string,
  status: number,
  headers: Record<string, string> = {},
): Response {
  const isHead = request.method === "HEAD";
  return new Response(isHead ? null : body, {
    status,
    headers: { "Content-Length": String(body.length), ...headers },
  });
}

/** Waits for a 503 that comes at that second and not before. */
export async function expectAfter(seconds: number, answer: Promise<Response>): Promise<void> {
  let status: number | undefined;
  const watched = answer.then((response) => {
    status = response.status;
    return response;
  });
  // What a client waits for after HEAD of a tag is one deadline more; none waits for longer than two.
  await vi.advanceTimersByTimeAsync(seconds * 1000 - 1);
  expect(status).toBeUndefined();
  await vi.advanceTimersByTimeAsync(1);
  expect(status).toBe(503);
  expect(await codeOf(await watched)).toBe("UNAVAILABLE");
}
