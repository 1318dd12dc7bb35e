// Who asks: credentials are read here, once, and are no longer in what the rest of the Worker sees of the request.

import { parseAuthorization, type Authorization } from "../distribution/authorization.ts";

/** What a caller presents. Nothing of it is ever logged, and nothing else in the Worker reads it from the request. */
export interface Presented {
  readonly authorization: Authorization;
  /** The Authorization header as it came, for a registry that judges it itself; undefined where it says nothing. */
  readonly header: string | undefined;
  /** `X-Docker-Token`, with which old Docker clients repeat what Docker Hub's index gave them. */
  readonly dockerToken: string | undefined;
}

/** What of a request is left when its credentials are taken off. */
export interface BareRequest {
  readonly method: string;
  readonly headers: Headers;
  readonly body: ReadableStream | null;
}

/** Parts a request from its credentials. To be called at the door, and nowhere else. */
export function takeCredentials(request: Request): { presented: Presented; bare: BareRequest } {
  const headers = new Headers(request.headers);
  const header = headers.get("Authorization");
  const authorization = parseAuthorization(header);
  const presented = {
    authorization,
    header: authorization.kind === "none" || header === null ? undefined : header,
    dockerToken: headers.get("X-Docker-Token") ?? undefined,
  };
  headers.delete("Authorization");
  headers.delete("X-Docker-Token");
  return { presented, bare: { method: request.method, headers, body: request.body } };
}
