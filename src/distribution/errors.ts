// The protocol's errors: codes, their usual status, and the JSON body that every client can show.

/**
 * Error codes of the OCI distribution specification, with those that registries and clients use beside them,
 * and the status each usually travels with (distribution's registry/api/errcode and v2/errors).
 */
export const STATUS_OF = {
  BLOB_UNKNOWN: 404,
  BLOB_UPLOAD_INVALID: 400,
  BLOB_UPLOAD_UNKNOWN: 404,
  DENIED: 403,
  DIGEST_INVALID: 400,
  MANIFEST_BLOB_UNKNOWN: 404,
  MANIFEST_INVALID: 400,
  MANIFEST_UNKNOWN: 404,
  NAME_INVALID: 400,
  NAME_UNKNOWN: 404,
  RANGE_INVALID: 416,
  SIZE_INVALID: 400,
  TOOMANYREQUESTS: 429,
  UNAUTHORIZED: 401,
  UNAVAILABLE: 503,
  UNKNOWN: 500,
  UNSUPPORTED: 405,
} as const;

export type ErrorCode = keyof typeof STATUS_OF;

/** What an error may carry beside its message. */
export interface ErrorOptions {
  /** Defaults to the usual status of the code. */
  readonly status?: number;
  readonly detail?: unknown;
  readonly headers?: HeadersInit;
  /** What the log says of it beside the status, for the owner; without anything that a client sent in confidence. */
  readonly problem?: string | undefined;
}

/** An answer that says no: thrown anywhere on a request's way, turned into a response in one place. */
export class RegistryError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly detail: unknown;
  readonly headers: Headers;
  /** Its line for the log; undefined for what is the client's own mistake. */
  readonly problem: string | undefined;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message);
    this.name = "RegistryError";
    this.code = code;
    this.status = options.status ?? STATUS_OF[code];
    this.detail = options.detail;
    this.headers = new Headers(options.headers);
    this.problem = options.problem;
  }

  /** The OCI error response (distribution-spec, "Error Codes"). */
  toResponse(): Response {
    return errorResponse(this.code, this.message, this);
  }
}

/**
 * Makes an OCI error response.
 * @param code one of the protocol's codes
 * @param message a sentence that says what was wrong and what to do
 */
export function errorResponse(code: ErrorCode, message: string, options: ErrorOptions = {}): Response {
  const headers = new Headers(options.headers);
  headers.set("Content-Type", "application/json");
  headers.set("Cache-Control", "no-store, no-transform");
  headers.set("Docker-Distribution-Api-Version", "registry/2.0");
  const error = options.detail === undefined ? { code, message } : { code, message, detail: options.detail };
  return new Response(JSON.stringify({ errors: [error] }), {
    status: options.status ?? STATUS_OF[code],
    headers,
  });
}

/** True of the statuses by which Cloudflare says that a host behind it gave no answer; no client knows them. */
export function isEdgeStatus(status: number): boolean {
  return status >= 520 && status <= 530;
}

/** An upstream's status as a client gets it. */
export function statusForClient(status: number): number {
  return isEdgeStatus(status) ? 503 : status;
}

/** The code that fits a status best, where an upstream gave a status and no usable body. */
export function codeOfStatus(status: number): ErrorCode {
  switch (status) {
    case 401:
      return "UNAUTHORIZED";
    case 403:
      return "DENIED";
    case 404:
      return "NAME_UNKNOWN";
    case 405:
      return "UNSUPPORTED";
    case 416:
      return "RANGE_INVALID";
    case 429:
      return "TOOMANYREQUESTS";
    default:
      return status >= 500 ? "UNAVAILABLE" : "UNKNOWN";
  }
}
