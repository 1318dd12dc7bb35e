// Cloudflare's API as the pinned wrangler meets it, played on this machine: it keeps what it is sent, and no account is needed.

import { createServer, type ServerResponse } from "node:http";
import { listen, readBody } from "../tools/http.ts";

const ACCOUNT = "0".repeat(32);
const OF_ACCOUNT = `/client/v4/accounts/${ACCOUNT}`;

/** An account, and what was put into it. */
export interface PlayedAccount {
  /** What wrangler has to have in its environment to ask here. */
  readonly env: Readonly<Record<string, string>>;
  /** Method and path of each request, in order. */
  readonly asked: readonly string[];
  /** Names of Workers, each with its secrets. */
  readonly workers: Map<string, Map<string, string>>;
  readonly buckets: Set<string>;
  /** Custom domains of the last deployment. */
  readonly domains: string[];
  /** Lifecycle rules of the bucket that was last given some. */
  rules: Record<string, unknown>[];
  /** Names of secrets whose answer is to be held back for good. */
  readonly held: Set<string>;
  /** Those whose answer is held back now. */
  readonly waiting: string[];
  stop: () => Promise<void>;
}

export async function playAccount(): Promise<PlayedAccount> {
  const asked: string[] = [];
  const account = {
    asked,
    workers: new Map(),
    buckets: new Set(),
    domains: [],
    rules: [],
    held: new Set(),
    waiting: [],
  };
  const played = account as unknown as PlayedAccount;
  const server = createServer((request, response) => {
    const [path = ""] = (request.url ?? "").split("?", 1);
    const { method = "" } = request;
    asked.push(`${method} ${path}`);
    readBody(request)
      .then((body) => {
        answer(played, { method, path, body: body.toString() }, response);
      })
      // A wrangler that is ended in the middle of a request, or sends what nobody here reads.
      .catch(() => response.destroy());
  });
  const { url, close } = await listen(server);
  const env = {
    CLOUDFLARE_API_BASE_URL: `${url}/client/v4`,
    CLOUDFLARE_ACCOUNT_ID: ACCOUNT,
    // wrangler asks for a token before it asks for anything; this one means nothing to anybody.
    CLOUDFLARE_API_TOKEN: "played",
    WRANGLER_SEND_METRICS: "false",
  };
  return Object.assign(played, { env, stop: close });
}

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

/** What there is no more to say of. */
const FIXED: readonly (readonly [path: RegExp, result: unknown])[] = [
  [/^\/client\/v4\/user\/tokens\/verify$/, { id: "played", status: "active" }],
  [/^\/client\/v4\/user$/, { email: "owner@example.com" }],
  [/^\/client\/v4\/accounts$/, [{ id: ACCOUNT, name: "Played" }]],
  [/^\/client\/v4\/memberships$/, [{ account: { id: ACCOUNT, name: "Played" }, roles: [] }]],
  [/\/workers\/subdomain$/, { subdomain: "played" }],
  [/\/scripts\/[\w-]+\/subdomain$/, { enabled: true, previews_enabled: true }],
  [/\/script-settings$/, {}],
  [/\/domains\/changeset$/, { added: [], removed: [], updated: [], conflicting: [] }],
];

function answer(account: PlayedAccount, asked: Asked, response: ServerResponse): void {
  const { body, method, path } = asked;
  const [, fixed] = FIXED.find(([pattern]) => pattern.test(path)) ?? [];
  if (fixed !== undefined) return tell(response, fixed);
  if (path.startsWith(`${OF_ACCOUNT}/r2/buckets`)) return answerBuckets(account, asked, response);
  const [, worker = "", what = ""] = /\/workers\/(?:scripts|services)\/([\w-]+)(.*)$/.exec(path) ?? [];
  if (what === "/secrets") return answerSecrets(account, worker, asked, response);
  if (what === "/domains/records") {
    const { origins } = JSON.parse(body) as { origins: { hostname: string }[] };
    account.domains.push(...origins.map(({ hostname }) => hostname));
    return tell(response, origins);
  }
  if (method === "POST" && ["/versions", "/deployments"].includes(what))
    return tell(response, { id: "played", resources: { script: {} } });
  if (what === "" && method === "PUT")
    account.workers.set(worker, account.workers.get(worker) ?? new Map<string, string>());
  if (what === "" && account.workers.has(worker))
    return tell(response, {
      id: worker,
      default_environment: { script: { last_deployed_from: "wrangler" } },
    });
  refuse(response, 404, 10090, `not here: ${method} ${path}`);
}

function answerSecrets(
  { held, waiting, workers }: PlayedAccount,
  worker: string,
  asked: Asked,
  response: ServerResponse,
): void {
  const secrets = workers.get(worker);
  if (secrets === undefined)
    return refuse(response, 404, 10007, "This Worker does not exist on your account.");
  if (asked.method !== "PUT")
    return tell(
      response,
      [...secrets.keys()].map((name) => ({ name, type: "secret_text" })),
    );
  const { name, text } = JSON.parse(asked.body) as { name: string; text: string };
  if (held.has(name)) {
    waiting.push(name);
    return;
  }
  secrets.set(name, text);
  tell(response, { name, type: "secret_text" });
}

function answerBuckets(
  account: PlayedAccount,
  { body, method, path }: Asked,
  response: ServerResponse,
): void {
  if (path.endsWith("/lifecycle")) {
    if (method === "PUT")
      ({ rules: account.rules } = JSON.parse(body) as { rules: Record<string, unknown>[] });
    return tell(response, { rules: account.rules });
  }
  if (method !== "POST") return tell(response, { buckets: [...account.buckets].map((name) => ({ name })) });
  const { name } = JSON.parse(body) as { name: string };
  if (account.buckets.has(name))
    return refuse(response, 409, 10004, "The bucket you tried to create already exists, and you own it.");
  account.buckets.add(name);
  tell(response, { name });
}

function tell(response: ServerResponse, result: unknown): void {
  send(response, 200, { success: true, errors: [], messages: [], result });
}

function refuse(response: ServerResponse, status: number, code: number, message: string): void {
  send(response, status, { success: false, errors: [{ code, message }], messages: [], result: null });
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "Content-Type": "application/json" });
  response.end(JSON.stringify(body));
}
