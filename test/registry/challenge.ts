// WWW-Authenticate, plain and in the odd forms of real registries.
import type { Fixture } from "./fixture.ts";

export const SERVICE = "registry.test";

export interface ChallengeReason {
  /** The scope that a resource needs; absent on the ping. */
  scope?: string;
  error?: "invalid_token" | "insufficient_scope";
}

/** The header for a 401, or none where the registry forgets it. */
export function challengeHeader(fixture: Fixture, reason: ChallengeReason): Record<string, string> {
  const odd = fixture.settings.challenge;
  const ping = reason.scope === undefined;
  if (odd.omitHeader === true || (odd.omitHeader === "resources" && !ping)) return {};
  if (fixture.settings.auth === "basic") return { "WWW-Authenticate": basicChallenge(fixture) };

  const parameters = [`realm="${realm(fixture)}"`];
  if (odd.omitService !== true) {
    parameters.push(odd.unquotedService === true ? `service=${SERVICE}` : `service="${SERVICE}"`);
  }
  const scope = ping ? pingScope(fixture) : odd.omitScope === true ? undefined : reason.scope;
  if (scope !== undefined) parameters.push(`scope="${scope}"`);
  if (reason.error !== undefined) parameters.push(`error="${reason.error}"`);
  const bearer = `Bearer ${parameters.join(",")}`;
  return { "WWW-Authenticate": odd.extraBasic === true ? `${basicChallenge(fixture)}, ${bearer}` : bearer };
}

function basicChallenge(fixture: Fixture): string {
  return `Basic realm="${fixture.addresses.url}/",service="${SERVICE}"`;
}

function pingScope(fixture: Fixture): string | undefined {
  if (fixture.settings.challenge.literalPingScope === true) return "repository:user/image:pull";
  return fixture.settings.challenge.emptyScopeOnPing === true ? "" : undefined;
}

function realm({ settings: { challenge }, addresses }: Fixture): string {
  const url =
    challenge.realm ?? (challenge.sameOriginRealm === true ? `${addresses.url}/token` : addresses.tokenUrl);
  return challenge.realmQuery === undefined ? url : `${url}?${challenge.realmQuery}`;
}
