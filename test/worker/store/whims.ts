// What a registry may answer, or whatever stands before it.
import { located, type Outgoing } from "../internet.ts";
import { time } from "./data-centre.ts";

/** Nothing of the reference can be told from these. */
export const TROUBLE = [
  "429",
  "500",
  "503",
  "401 html",
  "403 html",
  "403 retry",
  "404 html",
  "page",
  "page as json",
  "400",
  "405",
  "break",
  "drop",
  "stall",
  "elsewhere",
] as const;

/** A registry's no, in its ways. */
export const REFUSALS = ["401", "403", "401 empty"] as const;

export const WHIMS = ["honest", ...REFUSALS, "404", "202 page", "lie", ...TROUBLE] as const;

/** "wall" answers everything with a page, `/v2/` as well. */
export type Whim = (typeof WHIMS)[number] | "wall";

export function isRefusing(whim: Whim): boolean {
  return REFUSALS.some((refusing) => refusing === whim);
}

const HTML = { "Content-Type": "text/html" };
const PAGE = "<!doctype html><title>Who are you?</title>";

export function answerBy(whim: Whim, request: Outgoing, honest: Response): Response | Promise<Response> {
  const isRead = ["GET", "HEAD"].includes(request.method);
  const say = (status: number, body: string, headers: Record<string, string>): Response =>
    new Response(request.method === "HEAD" ? null : body, { status, headers });
  const errors = (status: number, code: string, headers: Record<string, string> = {}): Response =>
    say(status, JSON.stringify({ errors: [{ code, message: "no" }] }), {
      "Content-Type": "application/json",
      ...headers,
    });
  switch (whim) {
    case "honest":
      return honest;
    case "401":
    case "403":
      return errors(Number(whim), "DENIED");
    case "401 empty":
      return new Response(null, { status: 401 });
    case "404":
      return errors(404, "MANIFEST_UNKNOWN");
    case "400":
    case "405":
    case "500":
    case "503":
      return errors(Number(whim), "UNKNOWN");
    case "429":
      return errors(429, "TOOMANYREQUESTS", { "RateLimit-Remaining": "0;w=21600" });
    case "403 retry":
      return errors(403, "DENIED", { "Retry-After": "60" });
    case "401 html":
    case "403 html":
    case "404 html":
      return say(Number(whim.slice(0, 3)), PAGE, HTML);
    case "wall":
      return say(403, PAGE, HTML);
    case "page":
      return say(200, PAGE, HTML);
    case "202 page":
      return say(request.method === "PUT" ? 201 : 202, PAGE, HTML);
    case "page as json":
      return say(200, PAGE, { "Content-Type": "application/json" });
    case "lie":
      return isRead && honest.ok ? lying(honest) : honest;
    case "break":
      return isRead && honest.ok && honest.body !== null ? broken(honest) : errors(503, "UNKNOWN");
    case "drop":
      return Promise.reject(new TypeError("connection lost"));
    case "stall":
      // Nobody waits for an upload with a bound.
      return isRead ? time.stall() : Promise.reject(new TypeError("connection lost"));
    case "elsewhere":
      return isRead ? located("https://login.example/") : errors(403, "DENIED");
  }
}

/** Its headers, and half of its bytes. */
function broken({ headers, status }: Response): Response {
  const body = new ReadableStream({
    start: (controller) => controller.enqueue(new TextEncoder().encode("{")),
    pull: (controller) => controller.error(new Error("connection lost")),
  });
  return new Response(body, { headers, status });
}

/** Its headers, and other bytes of the same length. */
function lying({ body, headers, status }: Response): Response {
  const length = Number(headers.get("Content-Length") ?? "2");
  const other = `{${" ".repeat(Math.max(0, length - 2))}}`.slice(0, length);
  return new Response(body === null ? null : other, { headers, status });
}

export function refusal(): Response {
  return Response.json({ errors: [{ code: "DENIED", message: "no" }] }, { status: 401 });
}

export function nothing(): Response {
  return new Response(null, { status: 404 });
}
