// Whether a registry still answers us as it did: asked by ourselves, of nothing that any client named.

import type { Registry } from "../config/registry.ts";
import { discardBody } from "../distribution/body.ts";
import { RegistryError } from "../distribution/errors.ts";
import { remember } from "../isolate.ts";
import type { Trace } from "../log.ts";
import { send } from "./fetch.ts";
import { askedAnew, learnedOfRegistry } from "./realm.ts";
import type { Learned } from "./realm-question.ts";

/** Asked so often at the most. */
const EVERY_MS = 10 * 1000;
const SILENCE_MS = 5 * 1000;

const checks = remember<string, { readonly at: number; readonly answer: boolean }>(64);

/**
 * True if `/v2/`, asked without a token, answers as when the registry's realm was learned. Where it does not, it is we who
 * are refused (an address that is blocked, a firewall), and what it says of a repository says nothing of the repository.
 */
export async function answersAsLearned(registry: Registry, trace: Trace): Promise<boolean> {
  const known = checks.get(registry.upstream);
  if (known !== undefined && Date.now() - known.at < EVERY_MS) return known.answer;
  // A promise would be of one request: where that is cancelled, the others would wait for ever.
  const answer = await compare(registry, trace);
  checks.set(registry.upstream, { at: Date.now(), answer });
  return answer;
}

async function compare(registry: Registry, trace: Trace): Promise<boolean> {
  const learned = learnedOfRegistry(registry);
  try {
    const now = await askedAnew(registry, trace);
    // Who is told no without a challenge may have been told so when he learned it, too.
    if (now.kind === "open" && now.saysNo === true) return false;
    return learned === undefined || nameOf(learned) === nameOf(now);
  } catch (error) {
    if (error instanceof RegistryError) return false;
    throw error;
  }
}

function nameOf(learned: Learned): string {
  return learned.kind === "bearer" ? `bearer ${learned.realm.origin}${learned.realm.pathname}` : learned.kind;
}

/** True if an address of a registry's own (its `/v2/`, its token service) gives no answer at all within five seconds. */
export async function isSilent(url: URL, trace: Trace): Promise<boolean> {
  const headers = new Headers({ Accept: "*/*", "Accept-Encoding": "identity" });
  try {
    const response = await send({ url, method: "GET", headers, deadline: Date.now() + SILENCE_MS }, trace);
    await discardBody(response);
    return false;
  } catch (error) {
    if (error instanceof RegistryError) return true;
    throw error;
  }
}
