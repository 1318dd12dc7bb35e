// The Worker's own anonymous tokens: asked with nothing but a scope that reads.

import type { Registry } from "../config/registry.ts";
import { discardBody } from "../distribution/body.ts";
import { codeOfStatus, RegistryError } from "../distribution/errors.ts";
import type { Trace } from "../log.ts";
import { limitHeaders } from "./headers.ts";
import type { Learned } from "./realm-question.ts";
import { requestToken, type TokenJson } from "./token.ts";

/** A token that anybody gets for the asking. */
export interface AnonymousToken {
  readonly token: string;
  /** Seconds for which the service says that it is good. */
  readonly seconds: number;
}

/**
 * Asks a token service without credentials.
 * @param scope empty for none
 * @returns undefined where anonymity is refused a token (401, 403)
 * @throws RegistryError the service's own 429 or 5xx, with what it says about its limits
 */
export async function requestAnonymousToken(
  registry: Registry,
  service: Extract<Learned, { kind: "bearer" }>,
  scope: string,
  trace: Trace,
): Promise<AnonymousToken | undefined> {
  const parameters = new URLSearchParams(scope === "" ? {} : { scope });
  const question = { method: "GET", parameters, authorization: undefined } as const;
  const answer = await requestToken(registry, service, question, trace);
  if (!(answer instanceof Response)) {
    return { token: tokenOf(answer), seconds: Math.min(Number(answer["expires_in"]), 3600) };
  }
  await discardBody(answer);
  if (answer.status === 401 || answer.status === 403) return undefined;
  throw new RegistryError(
    codeOfStatus(answer.status),
    `The token service of ${registry.name} answered ${answer.status}. Try again later.`,
    { status: answer.status, headers: limitHeaders(answer.headers) },
  );
}

/** Some services fill one name, some the other, some both. */
function tokenOf({ token, access_token: accessToken }: TokenJson): string {
  return typeof token === "string" && token !== "" ? token : String(accessToken);
}
