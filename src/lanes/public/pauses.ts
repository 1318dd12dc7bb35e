// Registries that limit us. Docker Hub counts each GET of a manifest, and neither HEAD nor blobs: while it has none left for
// our address, nothing is asked of it that a mirror has. Whoever finds it nowhere else is asked for all the same.

import { remember } from "../../isolate.ts";
import type { Answer } from "../../upstream/answer.ts";
import type { Question } from "./asked.ts";
import type { RepositoryLane } from "./lane.ts";

/** A limit is believed for so long at the most: it may be another address of ours tomorrow, and another's budget. */
const MAX_PAUSE_MS = 60 * 1000;

/** Until when, by registry. Of requests of our own in our own words only, by the method that is counted (S18). */
const pauses = remember<string, number>(64);

/** Notes what an answer of the registry itself says of its limit. */
export function noteLimit({ upstream }: RepositoryLane, question: Question, answer: Answer): void {
  if (answer.followed.elsewhere) return;
  if (answer.response.status === 429) limited.set(upstream, Date.now());
  if (!question.concludes || question.about.kind === "blob") return;
  const { registryHeaders, response } = answer.followed;
  const isRefused = response.status === 429 && question.method === "GET";
  if (!isRefused && !isSpent(registryHeaders)) return;
  const pause = isRefused ? retryAfter(registryHeaders) : MAX_PAUSE_MS;
  pauses.set(upstream, Date.now() + Math.min(pause, MAX_PAUSE_MS));
}

/** When nobody's tokens last met a limit, by registry. */
const limited = remember<string, number>(64);
const LIMITED_MS = 15 * 60 * 1000;

/** True where nobody's tokens met a limit within the last quarter of an hour: then an account may be of use (S12). */
export function wasLimited({ upstream }: RepositoryLane): boolean {
  return Date.now() - (limited.get(upstream) ?? -Infinity) <= LIMITED_MS;
}

/** True while a request would be one too many. */
export function isPaused({ upstream }: RepositoryLane): boolean {
  return (pauses.get(upstream) ?? 0) > Date.now();
}

/** `RateLimit-Remaining: 0;w=21600`, as Docker Hub says it with each manifest. */
function isSpent(headers: Headers): boolean {
  return ["RateLimit-Remaining", "X-RateLimit-Remaining"].some((name) =>
    /^\s*0\b/.test(headers.get(name) ?? ""),
  );
}

/** Milliseconds (RFC 9110, section 10.2.3: seconds or a date); a minute where it does not say. */
function retryAfter(headers: Headers): number {
  const text = headers.get("Retry-After")?.trim() ?? "";
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? MAX_PAUSE_MS : Math.max(0, date - Date.now());
}
