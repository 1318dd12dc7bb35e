// Guests of a closed proxy: what is public is had by nobody's tokens, as in an open one; what is not, by the account that
// the owner has at the registry, if there is one (S10).

import { discardBody } from "../../distribution/body.ts";
import { RegistryError } from "../../distribution/errors.ts";
import { remember } from "../../isolate.ts";
import { ownerOf } from "../../upstream/owner.ts";
import { ofOwner, type Lane } from "./lane.ts";
import { servePublicly } from "./serve.ts";

/** Repositories that only the account could read, and until when that is believed: what is public then is asked anew. */
const privates = remember<string, number>(5000);
const PRIVATE_MS = 5 * 60 * 1000;

/**
 * Serves a read of a guest's. @throws RegistryError as `servePublicly` does; and 429 or 503 where the account is in trouble
 */
export async function serveGuest(lane: Lane): Promise<Response> {
  const { errand, config } = lane;
  const account = config.access.accounts.get(errand.registry.name);
  // Of a ping nothing is asked, and a catalog would show what nobody named.
  if (account === undefined || errand.place === undefined) return servePublicly(lane);
  const owner = await ownerOf(account, config.access.tokenKey);
  const name = `${owner.identity} ${errand.registry.upstream} ${errand.place.repository}`;
  const owned = ofOwner(lane, owner);
  const isPrivate = (privates.get(name) ?? 0) > Date.now();
  const [likely, other] = isPrivate ? [owned, lane] : [lane, owned];
  const first = await attempt(likely);
  if (!isNo(first)) return settle(first, likely);
  const second = await attempt(other);
  // Of two refusals the owner's counts: it is in our own words, and a 404 there is the registry's to somebody who may read.
  if (isPrivate && isNo(second)) {
    await letGo(second);
    return settle(first, likely);
  }
  await letGo(first);
  if (isPrivate) privates.delete(name);
  // Trouble says nothing: what is public would be the account's to ask for then.
  else if ("response" in second && second.response.status < 400) privates.set(name, Date.now() + PRIVATE_MS);
  return settle(second, other);
}

type Attempt = { readonly response: Response } | { readonly error: RegistryError };

async function attempt(lane: Lane): Promise<Attempt> {
  try {
    return { response: await servePublicly(lane) };
  } catch (error) {
    if (error instanceof RegistryError) return { error };
    throw error;
  }
}

/** True of a refusal or an absence: what is not for one may be for the other. */
function isNo(attempt: Attempt): boolean {
  const { status } = "error" in attempt ? attempt.error : attempt.response;
  return status === 401 || status === 403 || status === 404;
}

function settle(attempt: Attempt, lane: Lane): Response {
  lane.context.trace.lane = lane.owner === undefined ? "public" : "owner";
  if ("error" in attempt) throw attempt.error;
  return attempt.response;
}

async function letGo(attempt: Attempt): Promise<void> {
  if ("response" in attempt) await discardBody(attempt.response);
}
