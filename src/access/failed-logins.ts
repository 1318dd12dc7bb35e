// Logins that fail, counted by where they come from: never by the name that is tried, so that nobody can lock out somebody
// else (S13).

import { RegistryError } from "../distribution/errors.ts";
import { remember } from "../isolate.ts";

const WINDOW_MS = 60_000;
/** In a window, of one network and on one isolate. */
const MOST = 10;

interface Failures {
  readonly since: number;
  readonly count: number;
}

const failures = remember<string, Failures>(5000);

/**
 * To be asked before a password is looked at.
 * @param network as `callerNetwork` names it
 * @throws RegistryError TOOMANYREQUESTS with `Retry-After` where too many have failed
 */
export function refuseGuessing(network: string, now = Date.now()): void {
  const failed = failures.get(network);
  if (failed === undefined || failed.count < MOST) return;
  const left = failed.since + WINDOW_MS - now;
  if (left <= 0) return;
  const seconds = Math.ceil(left / 1000);
  throw new RegistryError(
    "TOOMANYREQUESTS",
    `${MOST} logins from your network failed within a minute. Try again in ${seconds} s, with the right password.`,
    { headers: { "Retry-After": String(seconds) } },
  );
}

/** @param network as `callerNetwork` names it */
export function countFailure(network: string, now = Date.now()): void {
  const failed = failures.get(network);
  const isCurrent = failed !== undefined && now - failed.since < WINDOW_MS;
  failures.set(network, isCurrent ? { ...failed, count: failed.count + 1 } : { since: now, count: 1 });
}
