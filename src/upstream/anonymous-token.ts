// The Worker's own anonymous tokens: asked with nothing but a scope that reads.

import type { Registry } from "../config/registry.ts";
import { discardBody } from "../distribution/body.ts";
import { codeOfStatus, RegistryError } from "../distribution/errors.ts";
import type { Trace } from "../log.ts";
import { limitHeaders, speaksOfLimits } from "./headers.ts";
import type { BearerRealm } from "./realm-question.ts";
import { grantOf, requestToken, type Grant } from "./token.ts";

/**
 * Asks a token service without credentials.
 * @param scope empty for none
 * @param deadline of what the token is for; undefined where it may take its own time
 * @returns undefined where anonymity is refused a token (401, 403)
 * @throws RegistryError the service's own 429 or 5xx, with what it says about its limits; and a 401 or 403 that is not its
 *   no: a page, or one that speaks of limits (S18)
 */
export async function requestAnonymousToken(
  registry: Registry,
  service: BearerRealm,
  scope: string,
  trace: Trace,
  deadline?: number,
): Promise<Grant | undefined> {
  const parameters = new URLSearchParams(scope === "" ? {} : { scope });
  const question = { method: "GET", parameters, authorization: undefined, deadline } as const;
  const answer = await requestToken(registry, service, question, trace);
  if ("token" in answer) return grantOf(answer.token);
  const { isPage, response } = answer.refusal;
  const { headers, status } = response;
  await discardBody(response);
  if ((status === 401 || status === 403) && !isPage && !speaksOfLimits(headers)) return undefined;
  throw new RegistryError(
    codeOfStatus(status),
    `The token service of ${registry.name} answered ${status}. Try again later.`,
    { status, headers: limitHeaders(headers) },
  );
}
