// What is known of a request while it is on its way, and the one line that is logged when it is answered.

/** Collects the facts of one request. Never holds a header, a query or a URL: those carry tokens and signatures. */
export class Trace {
  readonly id: string;
  readonly #method: string;
  readonly #started = Date.now();
  host = "";
  registry: string | undefined;
  repository: string | undefined;
  endpoint: string | undefined;
  /** Milliseconds waited for upstream response headers, all requests of this one added up. */
  upstreamMs = 0;
  upstreamRequests = 0;
  /** A name of `ACCESS_USERS`, of somebody who proved that it is theirs, and nothing else (S21). */
  user: string | undefined;
  /** How it was served. */
  lane: "client" | "owner" | "public" | undefined;
  /** The rule of the owner's that refused it. */
  rule: string | undefined;
  /** Where the public lane had the answer from. */
  cache: string | undefined;
  /** Why the proxy itself said no, for the owner; without anything that a client sent in confidence. */
  problem: string | undefined;

  /** @param request only its method and its ray id are kept */
  constructor(request: Request) {
    this.id = request.headers.get("CF-Ray") ?? crypto.randomUUID();
    this.#method = request.method;
  }

  /** The line, as an object that Workers Logs indexes by its fields. */
  line(status: number): Record<string, unknown> {
    return {
      message: `${this.#method} ${this.endpoint ?? "-"} ${status}`,
      id: this.id,
      method: this.#method,
      host: this.host,
      user: this.user,
      registry: this.registry,
      repository: this.repository,
      endpoint: this.endpoint,
      lane: this.lane,
      cache: this.cache,
      rule: this.rule,
      status,
      upstream_ms: this.upstreamMs,
      upstream_requests: this.upstreamRequests,
      total_ms: Date.now() - this.#started,
      problem: this.problem,
    };
  }

  write(status: number): void {
    const line = JSON.stringify(this.line(status));
    if (status >= 500) console.error(line);
    else console.log(line);
  }
}
