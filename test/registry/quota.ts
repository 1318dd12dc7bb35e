// The pull limit: manifest GETs count, HEADs never do, as on Docker Hub.
import { OciError } from "./errors.ts";
import type { Exchange } from "./exchange.ts";
import type { Fixture } from "./fixture.ts";

/**
 * Spends one GET and answers the RateLimit headers; throws 429 when nothing is left.
 * @param user who has a limit of their own, where `userQuota` says so
 */
export function spendQuota(
  fixture: Fixture,
  exchange: Exchange,
  user: string | undefined,
): Record<string, string> {
  const { quota: everybodys, retryAfter, userQuota } = fixture.settings;
  const isOwn = user !== undefined && userQuota !== null;
  const quota = isOwn ? userQuota : everybodys;
  if (quota === null) return {};
  const counter = isOwn ? "userQuotaLeft" : "quotaLeft";
  const spends = exchange.method === "GET";
  const left = fixture[counter];
  if (spends && left > 0) fixture[counter] -= 1;
  const headers = {
    "RateLimit-Limit": `${quota};w=21600`,
    "RateLimit-Remaining": `${fixture[counter]};w=21600`,
  };
  if (!spends || left > 0) return headers;
  throw new OciError("TOOMANYREQUESTS", "You have reached your pull rate limit.", {
    headers: { ...headers, "Retry-After": String(retryAfter) },
  });
}
