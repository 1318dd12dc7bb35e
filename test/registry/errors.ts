// The protocol's error codes, their statuses and bodies.

const STATUS = {
  BLOB_UNKNOWN: 404,
  BLOB_UPLOAD_INVALID: 400,
  BLOB_UPLOAD_UNKNOWN: 404,
  DIGEST_INVALID: 400,
  SIZE_INVALID: 400,
  NAME_INVALID: 400,
  NAME_UNKNOWN: 404,
  MANIFEST_INVALID: 400,
  MANIFEST_BLOB_UNKNOWN: 400,
  MANIFEST_UNKNOWN: 404,
  TAG_INVALID: 400,
  PAGINATION_NUMBER_INVALID: 400,
  UNAUTHORIZED: 401,
  DENIED: 403,
  UNSUPPORTED: 405,
  TOOMANYREQUESTS: 429,
  RANGE_INVALID: 416,
  UNAVAILABLE: 503,
  UNKNOWN: 500,
} as const;

export type ErrorCode = keyof typeof STATUS;

/** Thrown by handlers; the server turns it into the answer. */
export class OciError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly detail: unknown;

  constructor(
    code: ErrorCode,
    message: string,
    more: { status?: number; headers?: Record<string, string>; detail?: unknown } = {},
  ) {
    super(message);
    this.code = code;
    this.status = more.status ?? STATUS[code];
    this.headers = more.headers ?? {};
    this.detail = more.detail ?? null;
  }
}

export interface ErrorBody {
  type: string;
  body: string;
}

/** The specification's JSON body. */
export function errorJson(code: string, message: string, detail: unknown = null): ErrorBody {
  return { type: "application/json", body: JSON.stringify({ errors: [{ code, message, detail }] }) };
}

/** A page as some CDNs and load balancers put in front of the registry's own errors. */
export function errorHtml(status: number): ErrorBody {
  return { type: "text/html; charset=utf-8", body: `<html><body><h1>Error ${status}</h1></body></html>\n` };
}

/** An object store's error. */
export function errorXml(code: string, message: string): ErrorBody {
  return {
    type: "application/xml",
    body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`,
  };
}

/** The code that fits a bare status, for injected failures. */
export function codeOf(status: number): ErrorCode {
  const row = Object.entries(STATUS).find(([code, value]) => value === status && !code.endsWith("_INVALID"));
  if (status === 404) return "NAME_UNKNOWN";
  return (row?.[0] as ErrorCode | undefined) ?? "UNKNOWN";
}
