// A token service with signed tokens (RS256, x5c), as the real registry program wants them: GET, POST, refresh tokens.

import { createPrivateKey, randomUUID, sign, X509Certificate } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { IncomingMessage } from "node:http";
import { join } from "node:path";
import { listen, readBody } from "../tools/http.ts";
import { must } from "../tools/processes.ts";

export const ISSUER = "ferry-test-issuer";
export const SERVICE = "ferry-test-registry";

export interface TokenServer {
  /** The realm: the whole address of the token endpoint. */
  realm: string;
  /** The certificate that the registry checks tokens with. */
  certificate: string;
  close(): Promise<void>;
}

interface Account {
  /** Undefined for the anonymous. */
  name: string | undefined;
}

/** Everybody may pull what is not private; who has a password may pull and push all. */
export async function startTokenServer(
  folder: string,
  users: Record<string, string>,
  isPrivate: (repository: string) => boolean,
): Promise<TokenServer> {
  const key = join(folder, "token.key");
  const certificate = join(folder, "token.crt");
  await must(
    [
      "openssl",
      "req",
      "-x509",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-days",
      "2",
      "-subj",
      "/CN=ferry-test",
    ].concat(["-keyout", key, "-out", certificate]),
  );
  const privateKey = createPrivateKey(readFileSync(key));
  const chain = [new X509Certificate(readFileSync(certificate)).raw.toString("base64")];
  /** Refresh tokens given out, and whose they are. */
  const refreshTokens = new Map<string, string>();

  const server = createServer((request, response) => {
    void (async () => {
      const form = await parameters(request);
      const account = authenticate(request, form, users, refreshTokens);
      response.setHeader("Content-Type", "application/json");
      if (account === undefined) {
        response.statusCode = 401;
        response.end(errors("UNAUTHORIZED", "incorrect username or password"));
        return;
      }
      const access = form.getAll("scope").flatMap((scope) => grant(scope, account, isPrivate));
      const token = signToken(privateKey, chain, account.name ?? "", access);
      const answer: Record<string, unknown> = { token, access_token: token, expires_in: 300 };
      const wantsRefresh = form.get("offline_token") === "true" || form.get("access_type") === "offline";
      if (wantsRefresh && account.name !== undefined) {
        const refresh = randomUUID();
        refreshTokens.set(refresh, account.name);
        answer["refresh_token"] = refresh;
      }
      response.end(JSON.stringify(answer));
    })();
  });
  const { url, close } = await listen(server);
  return { realm: `${url}/token`, certificate, close };
}

async function parameters(request: IncomingMessage): Promise<URLSearchParams> {
  const query = new URL(request.url ?? "/", "http://localhost").searchParams;
  if (request.method !== "POST") return query;
  const form = new URLSearchParams((await readBody(request)).toString());
  for (const [name, value] of query) form.append(name, value);
  return form;
}

/** Who asks; undefined if the credentials are wrong. */
function authenticate(
  request: IncomingMessage,
  form: URLSearchParams,
  users: Record<string, string>,
  refreshTokens: Map<string, string>,
): Account | undefined {
  const known = (name: string, password: string) => (users[name] === password ? { name } : undefined);
  if (request.method === "POST" && form.get("grant_type") === "refresh_token") {
    const name = refreshTokens.get(form.get("refresh_token") ?? "");
    return name === undefined ? undefined : { name };
  }
  if (request.method === "POST" && form.get("grant_type") === "password") {
    return known(form.get("username") ?? "", form.get("password") ?? "");
  }
  const basic = /^Basic (.+)$/i.exec(request.headers.authorization ?? "")?.[1];
  if (basic === undefined) return { name: undefined };
  const [name = "", ...password] = Buffer.from(basic, "base64").toString().split(":");
  return known(name, password.join(":"));
}

/** The access entries for one `scope` parameter, which may hold several scopes separated by spaces. */
function grant(scopes: string, account: Account, isPrivate: (repository: string) => boolean): object[] {
  return scopes.split(" ").flatMap((scope) => {
    const [, type, name, actions] = /^([a-z]+):(.+):([a-z,*]+)$/.exec(scope) ?? [];
    if (type !== "repository" || name === undefined || actions === undefined) return [];
    const allowed = account.name !== undefined ? ["pull", "push"] : isPrivate(name) ? [] : ["pull"];
    return [{ type, name, actions: actions.split(",").filter((action) => allowed.includes(action)) }];
  });
}

function signToken(key: KeyObject, x5c: string[], subject: string, access: object[]): string {
  const now = Math.floor(Date.now() / 1000);
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = { iss: ISSUER, sub: subject, aud: SERVICE, exp: now + 300, nbf: now - 10, iat: now, access };
  const content = `${part({ typ: "JWT", alg: "RS256", x5c })}.${part({ ...claims, jti: randomUUID() })}`;
  return `${content}.${sign("sha256", Buffer.from(content), key).toString("base64url")}`;
}

function errors(code: string, message: string): string {
  return JSON.stringify({ errors: [{ code, message }] });
}
