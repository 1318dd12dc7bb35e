// A registry, the Worker before it, a client that pulls, and another one that may do what he likes: the tests of the
// adversary share it. Every answer of the registry is a whim that a generator chose, or honest.
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { expect, vi } from "vitest";
import { ALL_KNOWN_WORDS } from "../../../src/distribution/accept.ts";
import { Ferry, FIRST_ISOLATE, type Isolate } from "../ferry.ts";
import { Internet, unauthorized, type Outgoing } from "../internet.ts";
import { DataCentre, time } from "./data-centre.ts";
import { PATHS, type House } from "./house.ts";
import { ANONYMOUS } from "./stage.ts";
import { answerBy, isRefusing, nothing, type Whim } from "./whims.ts";

export const REPOSITORY = "team/app";
export const ORIGIN = "https://registry.example";
/** What the owner's client presents. */
export const OWNER = "Bearer of-the-owner";
const PAGE_HOST = "https://login.example";

/** A question of a client. */
export interface Ask {
  readonly method: string;
  /** Below `/v2/`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** After so many bytes he is gone. */
  readonly leave?: number | undefined;
}

/** What he was answered. */
export interface Heard {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly source: string | null;
  /** False where he left before the end, or the answer broke off. */
  readonly isWhole: boolean;
}

/** A question that reached the registry, and what became of it. */
export interface Said {
  readonly request: Outgoing;
  readonly whim: Whim;
  readonly response: Response;
}

/** What is used up: every GET of a manifest, HEAD as well, or whatever the registry could say. */
export const QUOTAS = ["gets", "heads", "everything"] as const;
export type Quota = (typeof QUOTAS)[number];

export class World {
  readonly internet = new Internet();
  readonly house: House;
  readonly #ferry: Ferry;
  centre = new DataCentre();
  /** False of a registry that challenges nobody. */
  wantsTokens = true;
  quota: Quota | undefined;
  /** What comes of questions that the pulling client does not ask in the same words. */
  odd: Whim = "honest";
  /** What comes of all questions, where it is not honest. */
  every: Whim = "honest";
  /** What the token service says to anonymity about this repository. */
  token: Whim = "honest";
  /** What is given to whoever has the owner's token, and to nobody else. */
  secret: House | undefined;
  tags = new Map<string, string>();
  /** Digests that the registry has no longer. */
  readonly removed = new Set<string>();
  hear: (said: Said) => void = () => undefined;
  /** What happened, for whoever reads a failure. */
  readonly diary: string[] = [];
  /** The questions of a pull as they reach the registry. */
  readonly #ownWords = new Set<string>();

  constructor(house: House, variables: Record<string, unknown> = {}) {
    this.house = house;
    this.#ferry = new Ferry({ reg: { upstream: ORIGIN, mirrors: [] } }, variables);
    time.install();
    this.internet.host(ORIGIN, (request) => this.#answer(request));
    this.internet.host(PAGE_HOST, (request) => answerBy("page", request, nothing()));
  }

  /** Everything as on the first day. */
  restart(isolates: readonly Isolate[] = [FIRST_ISOLATE]): void {
    time.restart();
    for (const { forget } of isolates) forget();
    this.centre = new DataCentre();
    this.enter(this.centre);
    Object.assign(this, {
      secret: undefined,
      wantsTokens: true,
      quota: undefined,
      odd: "honest",
      every: "honest",
      token: "honest",
    });
    this.tags = new Map(this.house.tags);
    this.removed.clear();
    this.#ownWords.clear();
    for (const list of [this.diary, this.internet.requests, this.internet.log as string[]]) list.length = 0;
  }

  /** The next questions are asked in this data centre. */
  enter(centre: DataCentre): void {
    this.centre = centre;
    vi.stubGlobal("caches", centre.caches);
  }

  async ask({ headers, leave, method, path }: Ask, isolate = FIRST_ISOLATE): Promise<Heard> {
    const context = createExecutionContext();
    const body = ["PUT", "POST", "PATCH"].includes(method) ? "{}" : null;
    const init = { method, headers, body, redirect: "manual" } as const;
    const request = new Request(`https://reg.example.com/v2/${path}`, init);
    const response = await isolate.fetch(request as never, this.#ferry.env as never, context);
    const { isWhole, text } = await readUpTo(response.body, leave ?? Infinity);
    await waitOnExecutionContext(context);
    const source = response.headers.get("X-Cache");
    this.note(`${method} ${path.slice(0, 120)}: ${response.status} ${source ?? ""}`);
    return { status: response.status, headers: response.headers, text, source, isWhole };
  }

  /** A whole pull in docker's words. Each answer is right, byte by byte, or the test fails. */
  async pull(isolate = FIRST_ISOLATE): Promise<void> {
    for (const question of this.pullQuestions()) await this.askRightly(question, isolate);
  }

  /** The same, and from now on the registry knows these words. */
  async pullFirst(isolate = FIRST_ISOLATE): Promise<void> {
    this.note("the second client pulls for the first time");
    const { hear } = this;
    this.hear = (said) => {
      this.#learn(said.request);
      hear(said);
    };
    await this.pull(isolate);
    this.hear = hear;
    this.note("everything is warm");
    this.wait(1);
  }

  pullQuestions(): Ask[] {
    const { fallback, referrers } = this.house;
    const tags = ["v3", "v2", fallback, "v1"].map((tag) => `manifests/${tag}`);
    const paths = [
      ...tags,
      ...PATHS.digests(this.house),
      ...(this.quota === "everything" ? [] : [referrers]),
    ];
    const heads = tags.map((path) => ({ method: "HEAD", path }));
    const all = [...heads, ...paths.map((path) => ({ method: "GET", path }))];
    return all.map(({ method, path }) => ({ method, path: `${REPOSITORY}/${path}`, headers: ANONYMOUS }));
  }

  async askRightly(question: Ask, isolate = FIRST_ISOLATE): Promise<void> {
    const { headers, source, status, text } = await this.ask(question, isolate);
    const path = question.path.slice(REPOSITORY.length + 1);
    const right = this.house.bytesOf(path, this.tags);
    const said = { status, digest: headers.get("Docker-Content-Digest"), text };
    const digest = right.digest ?? said.digest;
    const body = question.method === "HEAD" ? "" : right.text;
    expect(said, `${question.method} ${path} by the second client`).toEqual({
      status: 200,
      digest,
      text: body,
    });
    const isAnswered = this.quota === undefined || this.quota === "gets";
    if (isAnswered) expect(source, "where it is from, of what the registry answers").not.toBe("stale");
  }

  use(quota: Quota): void {
    this.note(`the quota is used up: ${quota}`);
    this.quota = quota;
  }

  wait(seconds: number): void {
    this.note(`${seconds} s go by`);
    time.pass(seconds * 1000);
  }

  note(line: string): void {
    this.diary.push(line);
  }

  #learn({ headers, method, url }: Outgoing): void {
    const other = method === "HEAD" ? "GET" : "HEAD";
    const isList = url.pathname.includes("/referrers/");
    for (const each of isList ? [method] : [method, other]) {
      this.#ownWords.add(wordsOf({ headers, method: each, url }));
    }
  }

  #answer(request: Outgoing): Response | Promise<Response> {
    const { headers, method, url } = request;
    const isToken = url.pathname === "/token";
    const isBare = this.wantsTokens && !headers.has("Authorization");
    const isPing = url.pathname === "/v2/";
    if (headers.get("Authorization") === OWNER) return this.#answerOwner(request);
    const whim = this.#whimFor(request);
    const honest = (): Response => {
      if (isToken) return Response.json({ token: "of-the-worker", expires_in: 3600 });
      if (isBare) return unauthorized(`Bearer realm="${ORIGIN}/token",service="played"`);
      if (isPing) return Response.json({});
      return this.house.answer(request, this);
    };
    const isCounted = this.#isCounted(request);
    const answer = isCounted ? answerBy("429", request, nothing()) : answerBy(whim, request, honest());
    const words = headers.get("Accept")?.slice(0, 60) ?? "";
    this.note(`    registry: ${method} ${url.pathname} ${words}: ${isCounted ? "quota" : whim}`);
    if (answer instanceof Response) {
      this.hear({ request, whim: isCounted ? "429" : whim, response: answer });
      return answer;
    }
    return answer;
  }

  /** He may write, too. */
  #answerOwner(request: Outgoing): Response {
    const written = { PUT: 201, DELETE: 202 }[request.method];
    if (written !== undefined) return new Response(null, { status: written });
    const { removed, secret } = this;
    const isWalled = (): boolean => false;
    return secret?.answer(request, { isWalled, removed, tags: secret.tags }) ?? nothing();
  }

  #whimFor(request: Outgoing): Whim {
    const { headers, method, url } = request;
    if (url.pathname === "/token") {
      const isOurs = url.searchParams.get("scope") === `repository:${REPOSITORY}:pull`;
      return isOurs ? this.token : this.odd === "honest" || isRefusing(this.odd) ? this.odd : "429";
    }
    // Ours, and nothing that a client composed; without a token only challenges are given.
    if (url.pathname === "/v2/" || (this.wantsTokens && !headers.has("Authorization"))) {
      return this.every === "wall" ? "403 html" : "honest";
    }
    if (this.every !== "honest") return this.every === "wall" ? "403 html" : this.every;
    const isOwn = this.#ownWords.has(wordsOf(request)) || this.#ownWords.size === 0;
    // A word of the Worker's own, of what the registry has for everybody: the pulling client might have asked it too.
    const digest = url.pathname.split("/manifests/")[1] ?? "";
    const isOfOld = headers.get("Accept") === ALL_KNOWN_WORDS && this.house.documents.has(digest);
    const isLearning = method === "HEAD" && headers.get("Accept") === "*/*" && !headers.has("Authorization");
    return isOwn || isOfOld || isLearning ? "honest" : this.odd;
  }

  #isCounted({ method, url }: Outgoing): boolean {
    if (this.quota === "everything") return true;
    const isManifest = url.pathname.includes("/manifests/");
    return isManifest && (this.quota === "heads" || (this.quota === "gets" && method === "GET"));
  }

  /** What the registry refuses for ever. */
  readonly isWalled = (reference: string): boolean =>
    reference === "walled" || reference === this.house.tags.get("walled");
}

/** All that makes two questions one for a registry. */
function wordsOf({ headers, method, url }: Pick<Outgoing, "headers" | "method" | "url">): string {
  const said = ["Accept", "Range", "If-Range", "If-None-Match"].map((name) => headers.get(name));
  return JSON.stringify([method, url.pathname, url.search, ...said]);
}

async function readUpTo(
  body: ReadableStream<Uint8Array> | null,
  bound: number,
): Promise<{ isWhole: boolean; text: string }> {
  const decoder = new TextDecoder();
  let text = "";
  if (body === null) return { isWhole: true, text };
  const reader = body.getReader();
  try {
    for (let length = 0; length < bound;) {
      const { done, value } = await reader.read();
      if (done) return { isWhole: true, text };
      length += value.byteLength;
      text += decoder.decode(value, { stream: true });
    }
    await reader.cancel();
  } catch {
    // Broken off.
  }
  return { isWhole: false, text };
}
