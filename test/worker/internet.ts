// A fake internet for the security tests: every request that leaves the Worker is recorded and answered here, so that
// a test can say where each secret was seen, and that it was seen nowhere else.
import { expect, onTestFinished, vi } from "vitest";
import { fromNetwork, type Ferry } from "./ferry.ts";

/** A request as it left the Worker. */
export interface Outgoing {
  readonly url: URL;
  readonly method: string;
  readonly headers: Headers;
  readonly body: string;
  /** The options of `fetch` that S1 speaks of. */
  readonly options: { readonly redirect: unknown; readonly cache: unknown; readonly cf: unknown };
}

/** What a host of the fake internet does. */
export type Handler = (request: Outgoing) => Response | Promise<Response>;

/** An answer to a client, read to its end. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** Answers to clients, as a place where a secret may be seen. */
export const CLIENT = "client";

/** Every secret is another one, made of letters and digits that no encoding of URLs changes. */
export const CANARY = {
  hubPassword: "canary0hub0password0Zq7",
  ghcrPassword: "canary0ghcr0password0Xw3",
  basicPassword: "canary0basic0password0Lk9",
  hubToken: "canary0hub0token0Bn5",
  ghcrToken: "canary0ghcr0token0Vr8",
  hubRefresh: "canary0hub0refresh0Td2",
  ghcrRefresh: "canary0ghcr0refresh0Ym4",
  legacyToken: "canary0x0docker0token0Pc6",
  cookie: "canary0cookie0Gs1",
  signature: "canary0signature0Hf0",
} as const;

/** Stands in for `fetch` until the test ends; a request to a host that the test did not set up fails the test. */
export class Internet {
  readonly requests: Outgoing[] = [];
  readonly #hosts = new Map<string, Handler>();
  readonly #answers: Answer[] = [];
  readonly #output: string[] = [];
  readonly #strangers: string[] = [];

  constructor() {
    const spies = [
      vi.spyOn(globalThis, "fetch").mockImplementation((input, init) => this.#receive(input, init)),
      ...(["log", "info", "warn", "error", "debug"] as const).map((level) =>
        vi.spyOn(console, level).mockImplementation((...values: unknown[]) => {
          this.#output.push(values.map((value) => asText(value)).join(" "));
        }),
      ),
    ];
    onTestFinished(() => {
      for (const spy of spies) spy.mockRestore();
      expect(this.#strangers, "requests to hosts that the test did not set up").toEqual([]);
    });
  }

  /**
   * Sets up a host, or replaces what it does.
   * @param origin e.g. `https://ghcr.io`
   */
  host(origin: string, handler: Handler): this {
    this.#hosts.set(new URL(origin).origin, handler);
    return this;
  }

  /** Asks the Worker as a client does, and keeps its answer. */
  async ask(ferry: Ferry, url: string, init: RequestInit = {}): Promise<Answer> {
    const response = await ferry.fetch(url, init);
    const answer = { status: response.status, headers: response.headers, body: await response.text() };
    this.#answers.push(answer);
    return answer;
  }

  /** What was asked of a host, in order. */
  to(origin: string): Outgoing[] {
    return this.requests.filter(({ url }) => url.origin === new URL(origin).origin);
  }

  /** The log, line by line. */
  get log(): readonly string[] {
    return this.#output;
  }

  /**
   * The rule of all rules: the secret was seen at these places, at each of them, and nowhere else; never in the log.
   * @param places origins, and `CLIENT` where an answer may hold it
   */
  expectCanaryOnlyAt(canary: string, places: readonly string[]): void {
    expect(this.placesOf(canary), `places where ${canary} was seen`).toEqual([...places].sort());
  }

  /** Where a secret was seen: origins, `CLIENT`, `log`. */
  placesOf(canary: string): string[] {
    const seen = new Set<string>();
    const look = (place: string, text: string): void => {
      if (holds(text, canary)) seen.add(place);
    };
    for (const { url, headers, body } of this.requests) {
      look(url.origin, [decodeURIComponent(url.href), ...headerLines(headers), body].join("\n"));
    }
    for (const { headers, body } of this.#answers) look(CLIENT, [...headerLines(headers), body].join("\n"));
    for (const line of this.#output) look("log", line);
    return [...seen].sort();
  }

  async #receive(input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> {
    const url = new URL(input instanceof Request ? input.url : input);
    const request: Outgoing = {
      url,
      method: init.method ?? "GET",
      headers: new Headers(init.headers),
      body: init.body === undefined || init.body === null ? "" : await new Response(init.body).text(),
      options: { redirect: init.redirect, cache: init.cache, cf: (init as { cf?: unknown }).cf },
    };
    this.requests.push(request);
    const handler = this.#hosts.get(url.origin);
    if (handler === undefined) {
      this.#strangers.push(`${request.method} ${url.href}`);
      throw new TypeError(`no such host: ${url.origin}`);
    }
    return fromNetwork(await handler(request));
  }
}

/** Bearer to whoever comes without credentials, the rest served. */
export function bearerRegistry(challenge: string, serve: Handler = () => Response.json({})): Handler {
  return (request) => (request.headers.has("Authorization") ? serve(request) : unauthorized(challenge));
}

/** A token service that gives everybody the same. */
export function tokenService(answer: Readonly<Record<string, unknown>>): Handler {
  return () => Response.json(answer);
}

/** A 401 with its challenge. */
export function unauthorized(challenge: string): Response {
  const errors = [{ code: "UNAUTHORIZED", message: "authentication required" }];
  return Response.json({ errors }, { status: 401, headers: { "WWW-Authenticate": challenge } });
}

/** A redirect, or an answer with a `Location` of another status. */
export function located(location: string, status = 307, headers: Record<string, string> = {}): Response {
  return new Response(null, { status, headers: { ...headers, Location: location } });
}

export const HUB = "https://registry-1.docker.io";
export const HUB_AUTH = "https://auth.docker.io";
export const GHCR = "https://ghcr.io";
export const QUAY = "https://quay.io";
export const MCR = "https://mcr.microsoft.com";
export const BASIC = "https://basic.example";
/** A registry that somebody put into the table, and that turned out to be an attacker's. */
export const HOSTILE = "https://hostile.example";

/** One host for each of them below example.com, and `mirror.example.com` for all. */
export const TABLE: Readonly<Record<string, unknown>> = {
  docker: HUB,
  ghcr: GHCR,
  quay: QUAY,
  mcr: MCR,
  basic: BASIC,
  hostile: HOSTILE,
  mirror: "*",
  "hub.example.net": HUB,
};

/** The registries of `TABLE`, each as it behaves when nobody attacks. */
export function publicRegistries(): Internet {
  const ours = (service: string): string => `Bearer realm="https://${service}/token",service="${service}"`;
  return new Internet()
    .host(HUB, bearerRegistry(`Bearer realm="${HUB_AUTH}/token",service="registry.docker.io"`))
    .host(HUB_AUTH, tokenService({ token: CANARY.hubToken, refresh_token: CANARY.hubRefresh }))
    .host(
      GHCR,
      bearerOrToken(ours("ghcr.io"), { token: CANARY.ghcrToken, refresh_token: CANARY.ghcrRefresh }),
    )
    .host(QUAY, bearerOrToken(ours("quay.io"), { token: "quay0token" }))
    .host(HOSTILE, bearerOrToken(ours("hostile.example"), { token: "hostile0token" }))
    .host(MCR, () => Response.json({}))
    .host(BASIC, bearerRegistry('Basic realm="basic.example"'));
}

/** A registry whose token service is on its own origin, at `/token`. */
export function bearerOrToken(challenge: string, answer: Readonly<Record<string, unknown>>): Handler {
  const registry = bearerRegistry(challenge);
  return (request) => (request.url.pathname === "/token" ? Response.json(answer) : registry(request));
}

function headerLines(headers: Headers): string[] {
  return [...headers].map(([name, value]) => `${name}: ${value}`);
}

/** True if the text holds the secret as it is, or in Base64 of either alphabet. */
function holds(text: string, canary: string): boolean {
  if (text.includes(canary)) return true;
  return (text.match(/[A-Za-z0-9+/_-]{12,}/g) ?? []).some((run) => decodeRun(run).includes(canary));
}

function decodeRun(run: string): string {
  const usable = run.slice(0, run.length - (run.length % 4 === 1 ? 1 : 0));
  return atob(usable.replaceAll("-", "+").replaceAll("_", "/"));
}

function asText(value: unknown): string {
  if (typeof value === "string") return value;
  return value instanceof Error ? `${value.message} ${value.stack ?? ""}` : JSON.stringify(value);
}
