// What the servers saw: counters and the last requests.
import type { IncomingMessage } from "node:http";
import type { Counters, RecordedRequest } from "./types.ts";

const MOST_REQUESTS = 2000;

function zero(): Counters {
  return {
    registry: 0,
    token: 0,
    cdn: 0,
    ping: 0,
    manifestGet: 0,
    manifestHead: 0,
    manifestPut: 0,
    blobGet: 0,
    blobHead: 0,
    upload: 0,
    tags: 0,
    catalog: 0,
    referrers: 0,
  };
}

/** Counters and a bounded list; both objects stay the same for the registry's life. */
export class Journal {
  readonly counters: Counters = zero();
  readonly requests: RecordedRequest[] = [];

  begin(server: RecordedRequest["server"], request: IncomingMessage): RecordedRequest {
    const target = request.url ?? "/";
    const mark = target.indexOf("?");
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(request.headers)) {
      headers[name] = Array.isArray(value) ? value.join(", ") : (value ?? "");
    }
    const record: RecordedRequest = {
      server,
      method: request.method ?? "GET",
      path: mark < 0 ? target : target.slice(0, mark),
      query: mark < 0 ? "" : target.slice(mark + 1),
      headers,
      status: 0,
    };
    this.counters[server] += 1;
    this.requests.push(record);
    if (this.requests.length > MOST_REQUESTS) this.requests.shift();
    return record;
  }

  reset(): void {
    Object.assign(this.counters, zero());
    this.requests.length = 0;
  }
}
