// Logins that fail, counted by where they come from: never by the name that is tried, so that nobody can lock out somebody
// else (S13).

import { RegistryError } from "../distribution/errors.ts";
import { remember } from "../isolate.ts";
import { callerNetworks, SITE_SHARES } from "./addresses.ts";

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
 * @param headers of who presents it
 * @throws RegistryError TOOMANYREQUESTS with `Retry-After` where too many have failed
 */
export function refuseGuessing(headers: Headers, now = Date.now()): void {
  for (const [network, most] of boundsOf(headers)) {
    const failed = failures.get(network);
    if (failed === undefined || failed.count < most) continue;
    const left = failed.since + WINDOW_MS - now;
    if (left <= 0) continue;
    const seconds = Math.ceil(left / 1000);
    throw new RegistryError(
      "TOOMANYREQUESTS",
      `${most} logins from your network failed within a minute. Try again in ${seconds} s, with the right password.`,
      { headers: { "Retry-After": String(seconds) } },
    );
  }
}

/**
 * To be told when a password has been looked at, before anybody hears of it: while one is on its way others may have failed,
 * and who sends many at once is not to learn more than who sends one by one.
 * @throws RegistryError as `refuseGuessing` does
 */
export function noteLogin(headers: Headers, isRight: boolean, now = Date.now()): void {
  refuseGuessing(headers, now);
  if (isRight) return;
  for (const [network] of boundsOf(headers)) {
    const failed = failures.get(network);
    const isCurrent = failed !== undefined && now - failed.since < WINDOW_MS;
    failures.set(network, isCurrent ? { ...failed, count: failed.count + 1 } : { since: now, count: 1 });
  }
}

/** The networks that a caller is of, and how many may fail of each. */
function boundsOf(headers: Headers): (readonly [network: string, most: number])[] {
  const { own, site } = callerNetworks(headers);
  return [[own, MOST], ...(site === undefined ? [] : [[site, SITE_SHARES * MOST] as const])];
}
