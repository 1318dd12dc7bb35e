// Asking a registry anonymously, and what its answer proves.

import { RegistryError } from "../../distribution/errors.ts";
import { isHtml } from "../../distribution/media-types.ts";
import { discardBody } from "../../distribution/body.ts";
import { Unreachable } from "../../upstream/fetch.ts";
import { remember } from "../../isolate.ts";
import { PublicResponse } from "../../upstream/anonymous.ts";
import type { PublicRequest } from "../../upstream/anonymous-request.ts";
import type { ContentLane, RepositoryLane } from "./lane.ts";

/** What came of asking. */
export type Asked =
  | { readonly kind: "found"; readonly answer: PublicResponse }
  | { readonly kind: "denied" }
  | { readonly kind: "missing"; readonly answer: PublicResponse }
  /** 429, 5xx, silence: nothing is proved. `error` where there was no answer at all. */
  | { readonly kind: "failing"; readonly answer: PublicResponse }
  | { readonly kind: "failing"; readonly error: RegistryError }
  /** An answer that is neither yes nor no, such as 400 or 405. */
  | { readonly kind: "other"; readonly answer: PublicResponse };

/** A question about the lane's repository. */
export type Inquiry = Omit<PublicRequest, "registry" | "repository">;

/** How long a registry that gave no answer is left alone by those who can be served without it. */
const OUTAGE_MS = 30_000;
/** How long those wait for it who can be served without it: docker gives up before a long timeout ends. */
const IMPATIENT_MS = 5_000;

/** Registries without an answer, and until when; plain times, the same for every client. */
const outages = remember<string, number>(64);

/**
 * Asks the registry itself, and draws the conclusion about the repository's visibility.
 * @param canDoWithout true where something stored can be served if there is no answer
 */
export async function askRegistry(
  lane: ContentLane,
  inquiry: Inquiry,
  canDoWithout: boolean,
): Promise<Asked> {
  const { registry } = lane.errand;
  if (canDoWithout && (outages.get(registry.upstream) ?? 0) > Date.now()) {
    return {
      kind: "failing",
      error: new RegistryError("UNAVAILABLE", `${registry.name} cannot be reached.`),
    };
  }
  const asked = await inquire(lane, {
    ...inquiry,
    registry,
    repository: lane.repository,
    ...(canDoWithout && { timeoutMs: IMPATIENT_MS }),
  });
  if (asked.kind === "found") lane.visibility.prove(asked.answer.askedAt);
  if (asked.kind === "denied") await lane.visibility.deny();
  if (asked.kind === "failing" && canDoWithout) await lane.visibility.lookAgain();
  // Silence of the registry or its token service; what one odd request provokes is no outage for the others.
  const error = asked.kind === "failing" && "error" in asked ? asked.error : undefined;
  const silent =
    error instanceof Unreachable &&
    [registry.upstream, ...registry.realms].some((origin) => new URL(origin).host === error.host);
  if (silent) outages.set(registry.upstream, Date.now() + OUTAGE_MS);
  else if ("answer" in asked) outages.delete(registry.upstream);
  return asked;
}

/** Asks without drawing conclusions; for mirrors too. */
export async function inquire(lane: RepositoryLane, request: PublicRequest): Promise<Asked> {
  let answer: PublicResponse;
  try {
    answer = await PublicResponse.fetch(request, lane.context);
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    // Whoever asked may be served all the same; the log says why the registry was not heard.
    lane.context.trace.problem = error.problem;
    return { kind: "failing", error };
  }
  const { status } = answer.response;
  if (answer.denied) {
    await discardBody(answer.response);
    return { kind: "denied" };
  }
  if (answer.failing) return { kind: "failing", answer };
  if (status === 404) return { kind: "missing", answer };
  const found = status >= 200 && status < 300;
  // A page for people is nobody's manifest or blob: somebody else answers in the registry's place.
  if (found && isHtml(answer.response.headers.get("Content-Type"))) return { kind: "failing", answer };
  return { kind: found ? "found" : "other", answer };
}

/** Lets go of an answer that is not passed on. */
export async function discard(asked: Asked): Promise<void> {
  if ("answer" in asked) await discardBody(asked.answer.response);
}
