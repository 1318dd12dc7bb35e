// A brake on what callers can spend, by the platform's rate limiter: for each location, and no accounting. It counts what
// costs a registry's quota or is a guess at a password, and nothing that the store answers.

import type { Config } from "../config/config.ts";
import { RegistryError } from "../distribution/errors.ts";
import { callerNetworks, SITE_SHARES } from "./addresses.ts";

/** The longest period that a limiter may have; which of the two (10 or 60) it has, it does not say. */
const PERIOD_S = 60;

/** Who is counted. */
export interface Counted {
  readonly config: Config;
  readonly headers: Headers;
  /** A name of `ACCESS_USERS`, who is counted by that. */
  readonly user: string | undefined;
}

/**
 * Counts one that is not for free.
 * @throws RegistryError TOOMANYREQUESTS with `Retry-After` where there were too many
 */
export async function brake(counted: Counted): Promise<void> {
  if (await isWithin(counted)) return;
  throw new RegistryError(
    "TOOMANYREQUESTS",
    "There were too many requests of this kind from you, and this proxy has a brake. Try again in a minute.",
    { headers: { "Retry-After": String(PERIOD_S) } },
  );
}

async function isWithin({ config, headers, user }: Counted): Promise<boolean> {
  const { limiter } = config;
  if (limiter === undefined) return true;
  const keys = user === undefined ? networkKeys(headers) : [`user ${user}`];
  try {
    const answers = await Promise.all(keys.map((key) => limiter.limit({ key })));
    return answers.every(({ success }) => success);
  } catch {
    // A brake that fails is none: nobody is to be kept from an image by it.
    return true;
  }
}

/** An address, or a /64; and of IPv6 the /48 that it is in, which has as many counts as are let at once. */
function networkKeys(headers: Headers): string[] {
  const { own, site } = callerNetworks(headers);
  const share = Math.floor(Math.random() * SITE_SHARES);
  return [`network ${own}`, ...(site === undefined ? [] : [`network ${site} ${share}`])];
}
