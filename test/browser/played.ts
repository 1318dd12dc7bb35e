// A registry that says whatever a test wants, at the address of mcr.microsoft.com's row.

import { createServer } from "node:http";
import { listen } from "../tools/http.ts";
import { STAGE } from "./visit.ts";

export interface PlayedAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A text as it is; anything else as JSON. */
  readonly body?: unknown;
}

export interface Played {
  close(): Promise<void>;
}

/** Plays the registry; a path below `/v2/` that is not named is 404. */
export async function play(answers: Readonly<Record<string, PlayedAnswer>>): Promise<Played> {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://registry.example").pathname.slice("/v2/".length);
    const {
      status = 200,
      headers = {},
      body,
    } = answers[path] ?? { status: path === "" ? 200 : 404, body: {} };
    response.writeHead(status, { "Content-Type": "application/json", ...headers });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  });
  return listen(server, STAGE.hostilePort);
}
