// A registry that limits us, another that does not, and their mirror: what tests of pauses begin with.
import { expect } from "vitest";
import { Ferry } from "../ferry.ts";
import { Internet, type Answer, type Handler, type Outgoing } from "../internet.ts";
import {
  ANONYMOUS,
  answerWith,
  imageDocument,
  notFound,
  passTime,
  restoreClock,
  SECOND,
  type Document,
} from "./stage.ts";

export const CDN = "https://cdn.example";
export const BLOB = `blobs/sha256:${"5".repeat(64)}`;

export const tooMany = (headers: Record<string, string> = {}): Response =>
  new Response(null, { status: 429, headers });

/** Two registries and a mirror that have the same, of which the first limits whom a test says. */
export class Limited {
  static #count = 0;
  /** Each has origins of its own, and so an empty store. */
  readonly registry: string;
  readonly other: string;
  readonly mirrorAt: string;
  readonly internet = new Internet();
  readonly ferry: Ferry;
  readonly documents: readonly Document[];
  /** What the registry says instead of what is asked for. */
  limit: (request: Outgoing) => Response | undefined = () => undefined;
  mirror: Handler;
  #next = 0;

  private constructor(documents: readonly Document[], hasMirror: boolean) {
    restoreClock();
    Limited.#count += 1;
    const [registry, other, mirror] = ["limited", "other", "mirror"].map(
      (name) => `https://${name}-${Limited.#count}.example`,
    ) as [string, string, string];
    this.registry = registry;
    this.other = other;
    this.mirrorAt = mirror;
    this.documents = documents;
    this.mirror = (request) => this.#answer(request);
    const mirrors = hasMirror ? [mirror] : [];
    this.ferry = new Ferry({ limited: { upstream: registry, mirrors }, other: { upstream: other, mirrors } });
    const open =
      (serve: Handler): Handler =>
      (request) =>
        request.url.pathname === "/v2/" ? Response.json({}) : serve(request);
    this.internet.host(
      registry,
      open((request) => this.limit(request) ?? this.#answer(request)),
    );
    this.internet.host(
      other,
      open((request) => this.#answer(request)),
    );
    this.internet.host(
      mirror,
      open((request) => this.mirror(request)),
    );
    this.internet.host(CDN, () => tooMany({ "Retry-After": "30", "RateLimit-Remaining": "0" }));
    // A date of HTTP has no milliseconds.
    passTime(SECOND - (Date.now() % SECOND));
  }

  /** Its repositories `team/app` and, of the other registry, too, are proved. */
  static async open(hasMirror = true): Promise<Limited> {
    const documents = await Promise.all(
      Array.from({ length: 12 }, (_, index) => imageDocument(`${Limited.#count} ${index}`)),
    );
    const scene = new Limited(documents, hasMirror);
    await scene.get("manifests/latest");
    await scene.get("manifests/latest", {}, "other");
    scene.#next = 1;
    return scene;
  }

  readonly #answer: Handler = (request) => {
    const reference = request.url.pathname.split("/").at(-1);
    if (request.url.pathname.includes("/blobs/")) {
      return new Response(request.method === "HEAD" ? null : "0123", { headers: { "Content-Length": "4" } });
    }
    const found = this.documents.find(
      ({ digest }, index) => digest === reference || `v${index}` === reference,
    );
    const latest = reference === "latest" ? this.documents[0] : undefined;
    const document = found ?? latest;
    return document === undefined ? notFound() : answerWith(document, request);
  };

  get(path: string, init: RequestInit = {}, host = "limited", repository = "team/app"): Promise<Answer> {
    const headers = { ...ANONYMOUS, ...(init.headers as Record<string, string>) };
    return this.internet.ask(this.ferry, `https://${host}.example.com/v2/${repository}/${path}`, {
      ...init,
      headers,
    });
  }

  /** The path of a manifest that nobody asked for yet. */
  unseen(): string {
    const document = this.documents[this.#next];
    if (document === undefined) throw new TypeError("more documents are needed");
    this.#next += 1;
    return `manifests/${document.digest}`;
  }

  /** How often a host was asked for a manifest. */
  asked(origin: string, method = "GET"): number {
    const isIt = (request: Outgoing): boolean =>
      request.method === method && request.url.pathname.includes("/manifests/");
    return this.internet.to(origin).filter(isIt).length;
  }

  /** True if the next manifest is asked of the mirror and not of the registry. */
  async isPaused(host = "limited"): Promise<boolean> {
    const origin = host === "limited" ? this.registry : this.other;
    const [own, mirrors] = [this.asked(origin), this.asked(this.mirrorAt)];
    const { headers, status } = await this.get(this.unseen(), {}, host);
    const isPaused = this.asked(this.mirrorAt) > mirrors;
    expect([status, headers.get("X-Cache")]).toEqual([200, isPaused ? "mirror" : "miss"]);
    expect(this.asked(origin) - own).toBe(isPaused ? 0 : 1);
    return isPaused;
  }

  /** The next manifest is limited, and no other. */
  async meetLimit(headers: Record<string, string>): Promise<Answer> {
    this.limit = ({ method, url }) =>
      method === "GET" && url.pathname.includes("/manifests/") ? tooMany(headers) : undefined;
    const answer = await this.get(this.unseen());
    this.limit = () => undefined;
    return answer;
  }
}
