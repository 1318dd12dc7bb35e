// Who may do what: checks a request's credentials and throws the challenge.
import { isUser, parseBasic } from "./basic.ts";
import { challengeHeader } from "./challenge.ts";
import type { ChallengeReason } from "./challenge.ts";
import { OciError } from "./errors.ts";
import type { Exchange } from "./exchange.ts";
import type { Fixture, IssuedToken } from "./fixture.ts";
import { covers, may, needsUser } from "./scope.ts";

/** The caller, once admitted. */
export interface Caller {
  user: string | undefined;
  may: (repository: string, action: string) => boolean;
}

/** `/v2/`: any valid token is enough, as `docker login` expects. */
export function admitPing(fixture: Fixture, exchange: Exchange): void {
  if (fixture.settings.auth === "none" || fixture.settings.challenge.pingOpen === true) return;
  if (fixture.settings.auth === "basic") basicUser(fixture, exchange, {});
  else bearerToken(fixture, exchange, {});
}

/** A repository and the actions that the request needs there. */
export function admit(fixture: Fixture, exchange: Exchange, name: string, actions: string[]): Caller {
  const { settings } = fixture;
  if (settings.auth === "none") return { user: undefined, may: () => true };
  const scope = `repository:${name}:${actions.join(",")}`;
  if (settings.auth === "basic") {
    const user = basicUser(fixture, exchange, { scope });
    const caller: Caller = { user, may: (where, action) => may(settings, user, where, action) };
    if (actions.every((action) => caller.may(name, action))) return caller;
    throw new OciError("DENIED", "requested access to the resource is denied");
  }
  const token = bearerToken(fixture, exchange, { scope });
  const caller: Caller = {
    user: token.user,
    // The rules are asked again, so that a repository made private is so for tokens issued before.
    may: (where, action) => {
      return covers(token.scopes, "repository", where, action) && may(settings, token.user, where, action);
    },
  };
  const hidden = settings.hideUnknown && !fixture.repositories.has(name) && !actions.includes("push");
  if (!hidden && actions.every((action) => caller.may(name, action))) return caller;
  throw unauthorized(fixture, { scope, error: "insufficient_scope" });
}

/** The catalog. Answers which repositories the caller may see in it. */
export function admitCatalog(fixture: Fixture, exchange: Exchange): (repository: string) => boolean {
  const { settings } = fixture;
  if (settings.auth === "none") return () => true;
  const scope = "registry:catalog:*";
  if (settings.auth === "basic") {
    const user = basicUser(fixture, exchange, { scope });
    return (repository) => may(settings, user, repository, "pull");
  }
  const token = bearerToken(fixture, exchange, { scope });
  if (!covers(token.scopes, "registry", "catalog", "*")) {
    throw unauthorized(fixture, { scope, error: "insufficient_scope" });
  }
  return (repository) => !needsUser(settings, repository) || may(settings, token.user, repository, "pull");
}

function bearerToken(fixture: Fixture, exchange: Exchange, reason: ChallengeReason): IssuedToken {
  const header = exchange.header("authorization");
  if (header === undefined || !/^bearer /i.test(header)) throw unauthorized(fixture, reason);
  const token = fixture.tokens.get(header.slice(7).trim());
  if (token === undefined || token.expires <= Date.now()) {
    throw unauthorized(fixture, { ...reason, error: "invalid_token" });
  }
  return token;
}

function basicUser(fixture: Fixture, exchange: Exchange, reason: ChallengeReason): string {
  const basic = parseBasic(exchange.header("authorization"));
  if (basic === undefined || !isUser(fixture.settings.users, basic)) throw unauthorized(fixture, reason);
  return basic.user;
}

function unauthorized(fixture: Fixture, reason: ChallengeReason): OciError {
  const headers = challengeHeader(fixture, reason);
  return new OciError("UNAUTHORIZED", "authentication required", { headers, detail: reason.scope ?? null });
}
