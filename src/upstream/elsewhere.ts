// registry.k8s.io leads to registries of other origins, which may want a token of their own: one is asked, at a token
// service of that same origin and nowhere else (S5).

import type { Registry } from "../config/registry.ts";
import { discardBody } from "../distribution/body.ts";
import { isScheme, parseChallenges } from "../distribution/challenge.ts";
import { formatScope, isRepositoryScope, parseScopes } from "../distribution/scope.ts";
import { sendRead, type ReadRequest } from "./read-request.ts";
import { requestAnonymousToken } from "./anonymous-token.ts";
import type { Followed, Way } from "./redirects.ts";

/**
 * Asks again where a request was led to and refused for want of a token.
 * @param followed the 401 of another origin; returned as it is where no token can be had, and becomes a 502 that names
 *   the hop
 */
export async function askElsewhere(request: ReadRequest, followed: Followed, way: Way): Promise<Followed> {
  const challenges = parseChallenges(followed.response.headers.get("WWW-Authenticate"));
  const parameters = challenges.find((challenge) => isScheme(challenge, "bearer"))?.parameters;
  const realm = parameters?.get("realm") ?? "";
  if (parameters === undefined || !isOwnRealm(realm, followed.url)) return followed;

  const target: Registry = {
    ...request.registry,
    name: followed.url.host,
    upstream: followed.url.origin,
    realms: [],
  };
  const service = parameters.get("service") || undefined;
  const answer = await requestAnonymousToken(
    target,
    { kind: "bearer", realm: new URL(realm), service },
    readingScope(parameters.get("scope") ?? ""),
    way.trace,
    request.deadline,
  );
  if (answer === undefined) return followed;
  await discardBody(followed.response);
  const again = await sendRead(request, followed.url, `Bearer ${answer.token}`, way);
  return { ...again, registryHeaders: followed.registryHeaders, elsewhere: true, redirected: true };
}

/** The repository that the target wants a token for, to read it: whatever else it names, this lane asks for `pull` (S7). */
function readingScope(text: string): string {
  const scope = parseScopes(text).find(isRepositoryScope);
  return scope === undefined ? "" : formatScope({ ...scope, actions: ["pull"] });
}

function isOwnRealm(realm: string, target: URL): boolean {
  if (!URL.canParse(realm)) return false;
  const { origin, username, password } = new URL(realm);
  return origin === target.origin && username === "" && password === "";
}
