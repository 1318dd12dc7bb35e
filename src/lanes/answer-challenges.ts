// The challenges of a registry's answer, made ours: token requests come back here, in the names that the client knows.

import { ourChallenge, realmOf } from "../access/challenge.ts";
import {
  basicChallenge,
  formatChallenge,
  isScheme,
  parseChallenges,
  type Challenge,
} from "../distribution/challenge.ts";
import { formatScope, isRepositoryScope, parseScopes } from "../distribution/scope.ts";
import { clientNameOf } from "../routing/names.ts";
import { learnRealm } from "../upstream/realm.ts";
import { scopeOf, type Errand } from "./errand.ts";

/** Challenges so that token requests come back here, in the client's names, one to a line, Bearer first. */
export async function mapChallenges(errand: Errand, response: Response, headers: Headers): Promise<void> {
  const challenges = parseChallenges(response.headers.get("WWW-Authenticate"));
  const mapped = challenges.map((challenge) => mapChallenge(errand, challenge));
  if (response.status === 401 && challenges.length === 0) {
    // Some of Google's 401s name no challenge; podman and docker have nothing to go by then.
    const learned = await learnRealm(errand.registry, errand.place?.repository, errand.inbound.trace);
    if (learned.kind === "bearer") {
      mapped.push(ourChallenge(errand.inbound, { service: learned.service, scope: scopeOf(errand) }));
    }
  }
  const bearerFirst = (text: string): number => (/^bearer\b/i.test(text) ? 0 : 1);
  mapped.sort((one, other) => bearerFirst(one) - bearerFirst(other));
  for (const text of mapped) headers.append("WWW-Authenticate", text);
}

function mapChallenge(errand: Errand, challenge: Challenge): string {
  if (isScheme(challenge, "bearer")) return mapBearer(errand, challenge);
  const { name } = errand.registry;
  if (isScheme(challenge, "basic")) return basicChallenge(name);
  // A browser shows the text of every scheme that it has a dialogue for (S19).
  const parameters = new Map(challenge.parameters);
  if (parameters.has("realm")) parameters.set("realm", name);
  return formatChallenge({ ...challenge, parameters });
}

function mapBearer(errand: Errand, challenge: Challenge): string {
  const { inbound } = errand;
  const parameters = new Map([["realm", realmOf(inbound)]]);
  for (const [name, value] of challenge.parameters) {
    if (name === "realm") continue;
    if (name === "scope") {
      // ghcr.io's ping names a repository `user/image` that nobody asked for.
      if (errand.endpoint.kind !== "ping") parameters.set(name, mapScopes(errand, value));
    } else if (name === "service" && inbound.route.kind === "universal") {
      parameters.set(name, inbound.host.authority);
    } else {
      parameters.set(name, value);
    }
  }
  if (inbound.route.kind === "universal") parameters.set("service", inbound.host.authority);
  return formatChallenge({ scheme: "Bearer", parameters });
}

function mapScopes(errand: Errand, value: string): string {
  const { inbound, registry, place } = errand;
  return parseScopes(value)
    .map((scope) => {
      if (!isRepositoryScope(scope)) return formatScope(scope);
      const name =
        scope.name === place?.repository ? place.scopeName : clientNameOf(inbound, registry, scope.name);
      return formatScope({ ...scope, name });
    })
    .join(" ");
}
