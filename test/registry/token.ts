// The token service: GET with Basic or without, POST with password or refresh token.
import { randomBytes } from "node:crypto";
import { isUser, parseBasic } from "./basic.ts";
import { SERVICE } from "./challenge.ts";
import type { Exchange } from "./exchange.ts";
import { remember } from "./fixture.ts";
import type { Fixture } from "./fixture.ts";
import { granted, needsUser, parseScopes } from "./scope.ts";

const MOST_TOKENS = 10_000;
const RECORDED_BODY = 4096;

interface TokenRequest {
  user: string | undefined;
  parameters: URLSearchParams;
  offline: boolean;
}

/** Serves `/token`. */
export async function serveToken(fixture: Fixture, exchange: Exchange): Promise<void> {
  if (exchange.method === "POST") return post(fixture, exchange);
  exchange.allow("GET");
  const header = exchange.header("authorization");
  const basic = parseBasic(header);
  // Empty Basic is what clients with an empty configuration send; services take it as anonymous.
  const anonymous = header === undefined || (basic?.user === "" && basic.password === "");
  if (!anonymous && (basic === undefined || !isUser(fixture.settings.users, basic))) {
    refuse(exchange);
    return;
  }
  const parameters = exchange.query;
  const offline = parameters.get("offline_token") === "true" || parameters.get("access_type") === "offline";
  issue(fixture, exchange, { user: anonymous ? undefined : basic?.user, parameters, offline });
}

async function post(fixture: Fixture, exchange: Exchange): Promise<void> {
  const body = (await exchange.body(65_536)).toString("utf8");
  exchange.record.body = body.slice(0, RECORDED_BODY);
  if (!fixture.settings.postToken) {
    exchange.allow("GET");
    return;
  }
  const parameters = new URLSearchParams(body);
  const offline = parameters.get("access_type") === "offline";

  if (parameters.get("grant_type") === "refresh_token") {
    const user = fixture.refreshTokens.get(parameters.get("refresh_token") ?? "");
    if (user === undefined || !Object.hasOwn(fixture.settings.users, user)) {
      refuse(exchange);
      return;
    }
    issue(fixture, exchange, { user, parameters, offline });
    return;
  }
  if (parameters.get("grant_type") !== "password") {
    exchange.sendJson(400, { error: "unsupported_grant_type", details: "unsupported grant type" });
    return;
  }
  const basic = { user: parameters.get("username") ?? "", password: parameters.get("password") ?? "" };
  if (!isUser(fixture.settings.users, basic)) {
    refuse(exchange);
    return;
  }
  issue(fixture, exchange, { user: basic.user, parameters, offline });
}

function issue(fixture: Fixture, exchange: Exchange, { user, parameters, offline }: TokenRequest): void {
  const { settings } = fixture;
  const service = parameters.get("service") ?? "";
  // A real service would sign a token for that audience, which the registry then refuses.
  if (service !== "" && service !== SERVICE) {
    return exchange.sendJson(400, {
      details: "unknown service",
      errors: [{ code: "UNSUPPORTED", message: service }],
    });
  }
  const asked = parseScopes(parameters.getAll("scope"));
  const denied = settings.anonymousPrivate;
  if (user === undefined && denied !== "reduced" && asked.some((scope) => needsUser(settings, scope.name))) {
    const code = denied === 401 ? "UNAUTHORIZED" : "DENIED";
    return exchange.sendJson(denied, {
      errors: [{ code, message: "requested access to the resource is denied" }],
    });
  }
  const scopes = granted(settings, user, asked);
  const token = `registry_${randomBytes(24).toString("base64url")}`;
  const lifetime = settings.maxTokenAge ?? settings.expiresIn ?? 300;
  remember(fixture.tokens, token, { user, scopes, expires: Date.now() + lifetime * 1000 }, MOST_TOKENS);
  exchange.sendJson(200, {
    ...(settings.tokenJson !== "access_token" && { token }),
    ...(settings.tokenJson !== "token" && { access_token: token }),
    ...(settings.expiresIn !== null && {
      expires_in: settings.expiresIn,
      issued_at: new Date().toISOString(),
    }),
    ...(settings.refreshTokens &&
      offline &&
      user !== undefined && { refresh_token: refreshToken(fixture, user) }),
  });
}

function refreshToken(fixture: Fixture, user: string): string {
  const token = `refresh_${randomBytes(24).toString("base64url")}`;
  remember(fixture.refreshTokens, token, user, MOST_TOKENS);
  return token;
}

function refuse(exchange: Exchange): void {
  exchange.sendJson(401, {
    details: "incorrect username or password",
    errors: [{ code: "UNAUTHORIZED", message: "incorrect username or password" }],
  });
}
