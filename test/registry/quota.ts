// The pull limit: manifest GETs count, HEADs never do, as on Docker Hub.
import { OciError } from "./errors.ts";
import type { Exchange } from "./exchange.ts";
import type { Fixture } from "./fixture.ts";

/** Spends one GET and answers the RateLimit headers; throws 429 when nothing is left. */
export function spendQuota(fixture: Fixture, exchange: Exchange): Record<string, string> {
  const { quota, retryAfter } = fixture.settings;
  if (quota === null) return {};
  const spends = exchange.method === "GET";
  const left = fixture.quotaLeft;
  if (spends && left > 0) fixture.quotaLeft -= 1;
  const headers = {
    "RateLimit-Limit": `${quota};w=21600`,
    "RateLimit-Remaining": `${fixture.quotaLeft};w=21600`,
  };
  if (!spends || left > 0) return headers;
  throw new OciError("TOOMANYREQUESTS", "You have reached your pull rate limit.", {
    headers: { ...headers, "Retry-After": String(retryAfter) },
  });
}
