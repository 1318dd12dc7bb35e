// The Worker: one fetch handler, one try/catch, one line in the log.

import { configOf, describeFault } from "./config/config.ts";
import { discardBody } from "./distribution/body.ts";
import { RegistryError } from "./distribution/errors.ts";
import { handle } from "./handler.ts";
import { Trace } from "./log.ts";
import { writePoint } from "./metrics.ts";
import type { Defer } from "./routing/inbound.ts";

/** The faults of a configuration are logged once in an isolate's life, not by every request. */
let faultsLogged = false;

export default {
  async fetch(request, env, context): Promise<Response> {
    logFaultsOnce(env);
    const trace = new Trace(request);
    const defer = (work: Promise<unknown>): void => {
      context.waitUntil(work.catch((error: unknown) => logDeferred(error, trace)));
    };
    const response = await answer(request, env, trace, defer);
    makeInert(response.headers);
    trace.write(response.status);
    count(env, trace, request, response);
    return response;
  },
} satisfies ExportedHandler<Env>;

/** For an owner who wants to see what is pulled. A point that cannot be written is no client's trouble. */
function count(env: Env, trace: Trace, { method }: Request, { headers, status }: Response): void {
  const result = configOf(env);
  const metrics = result.ok ? result.config.metrics : undefined;
  if (metrics === undefined) return;
  try {
    const bytes = method === "HEAD" ? 0 : Number(headers.get("Content-Length") ?? 0);
    writePoint(metrics, trace, status, bytes);
  } catch (error) {
    logDeferred(error, trace);
  }
}

/**
 * Nothing that we answer acts in a browser or is lent to another site (S19); nothing that an upstream says of it has
 * got here. Our own page, which is to be looked at, has said what it may do.
 */
function makeInert(headers: Headers): void {
  headers.set("X-Content-Type-Options", "nosniff");
  if (headers.has("Content-Security-Policy")) return;
  headers.set("Content-Security-Policy", "default-src 'none'; sandbox");
  headers.set("Cross-Origin-Resource-Policy", "same-origin");
}

/** The answer to the client. The one place that knows that HEAD has no body: everything before it answers as to GET. */
async function answer(request: Request, env: Env, trace: Trace, defer: Defer): Promise<Response> {
  const response = await answerOrRefusal(request, env, trace, defer);
  if (request.method !== "HEAD" || response.body === null) return response;
  defer(discardBody(response));
  return new Response(null, response);
}

async function answerOrRefusal(request: Request, env: Env, trace: Trace, defer: Defer): Promise<Response> {
  try {
    return await handle(request, env, trace, defer);
  } catch (error) {
    const refusal = error instanceof RegistryError ? error : unexpected(error, trace);
    trace.problem = refusal.problem ?? trace.problem;
    return refusal.toResponse();
  }
}

/** What fails after the answer has been given is nobody's error but ours to see. */
function logDeferred(error: unknown, trace: Trace): void {
  console.error(
    JSON.stringify({ message: "deferred work failed", id: trace.id, problem: describeError(error) }),
  );
}

/** A fault of ours. Its message may hold anything, so the client gets none of it, and the log its kind and place. */
function unexpected(error: unknown, trace: Trace): RegistryError {
  return new RegistryError("UNKNOWN", `The proxy failed; its log has the reason under the id ${trace.id}.`, {
    status: 500,
    problem: `unexpected ${describeError(error)}`,
  });
}

function describeError(error: unknown): string {
  return error instanceof Error ? `${error.name} ${placeOf(error)}` : typeof error;
}

/** The first frames of a stack. Its other lines are the message, which may hold anything. */
function placeOf(error: Error): string {
  const frames = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  return frames.slice(0, 3).join(" ").trim();
}

function logFaultsOnce(env: unknown): void {
  if (faultsLogged) return;
  faultsLogged = true;
  const result = configOf(env);
  if (result.ok) return;
  for (const fault of result.faults)
    console.error(JSON.stringify({ message: "configuration", fault: describeFault(fault) }));
}
