// Asking anonymously, without drawing conclusions about the repository: the registry, its mirrors, a witness.

import type { Registry } from "../../config/registry.ts";
import { discardBody, readCapped } from "../../distribution/body.ts";
import { codeOfStatus, RegistryError } from "../../distribution/errors.ts";
import { parseObject } from "../../distribution/json.ts";
import { isHtml } from "../../distribution/media-types.ts";
import { PublicResponse, type Refuser } from "../../upstream/anonymous.ts";
import type { Answer } from "../../upstream/answer.ts";
import { limitHeaders, speaksOfLimits } from "../../upstream/headers.ts";
import type { Asked, Inquiry } from "./asked.ts";
import type { RepositoryLane } from "./lane.ts";

/** What came of asking, with who refused. */
export type Answered =
  Exclude<Asked, { kind: "refused" }> | { readonly kind: "refused"; readonly by: Refuser };

/** Longer refusals are not a registry's. */
const MAX_REFUSAL = 64 * 1024;

/** Asks, and tells yes, no and trouble apart. @param registry the lane's own, or a mirror of it */
export async function inquire(
  lane: RepositoryLane,
  inquiry: Inquiry,
  registry: Registry = lane.errand.registry,
): Promise<Answered> {
  let answer: Answer;
  try {
    const request = { ...inquiry, registry, repository: lane.repository };
    // A mirror is nobody's account's.
    answer =
      registry === lane.errand.registry
        ? await lane.ask(request)
        : await PublicResponse.fetch(request, lane.context);
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    // Whoever asked may be served all the same; the log says why the registry was not heard.
    lane.context.trace.problem = error.problem;
    return { kind: "failing", error };
  }
  const { response, followed, refusedBy } = answer;
  const { status } = response;
  if (refusedBy !== undefined) {
    if (await isRefusal(answer)) return { kind: "refused", by: refusedBy };
    await discardBody(response);
    return { kind: "failing", error: notARefusal(registry, answer) };
  }
  if (status === 429 || status === 408 || status >= 500 || (followed.elsewhere && status >= 400)) {
    return { kind: "failing", answer };
  }
  const isPage = isHtml(response.headers.get("Content-Type"));
  if (status === 404) return isPage ? { kind: "failing", answer } : { kind: "missing", answer };
  const found = status >= 200 && status < 300;
  return { kind: found ? (isPage ? "page" : "found") : "other", answer };
}

/**
 * True of a registry's own no: not a page, and nothing of limits, which are about us and not about the reference (S18).
 * Reads the body of a GET, which nobody is shown.
 */
async function isRefusal({ method, refusedBy, response }: Answer): Promise<boolean> {
  if (refusedBy === "token-service") return true;
  const { headers } = response;
  if (speaksOfLimits(headers)) return false;
  if (isHtml(headers.get("Content-Type"))) return false;
  if (method === "HEAD" || response.body === null) {
    await discardBody(response);
    return true;
  }
  const bytes = await readCapped(response.body, MAX_REFUSAL).catch(() => undefined);
  return bytes?.byteLength === 0 || (bytes !== undefined && isObject(bytes));
}

function isObject(bytes: Uint8Array): boolean {
  return parseObject(new TextDecoder().decode(bytes)) !== undefined;
}

/** A 401 or 403 that is not the registry's no, in words of our own: its body has been read, or is a page. */
function notARefusal({ name }: Registry, { response }: Answer): RegistryError {
  const { headers, status } = response;
  const problem = `${name} answered ${status}, and not as a registry refuses`;
  return new RegistryError(codeOfStatus(status), `${name} answered ${status}. Try again later.`, {
    status,
    headers: limitHeaders(headers),
    problem,
  });
}
