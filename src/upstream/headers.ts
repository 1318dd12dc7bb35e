// Which headers pass, in both directions. What is on no list stops here.

/** From the client to the registry; its credentials are not among them, and are set apart. */
const REQUEST_HEADERS = [
  "Accept",
  "Content-Type",
  "Content-Length",
  "Content-Range",
  "Range",
  "If-Range",
  "If-Match",
  "If-None-Match",
  "If-Modified-Since",
  "User-Agent",
  "Docker-Distribution-Api-Version",
];

/** From the last answer of a chain of redirects (a CDN's, where there was one) to the client. */
const RESPONSE_HEADERS = [
  "Content-Type",
  "Content-Length",
  "Content-Range",
  "Accept-Ranges",
  "Range",
  "ETag",
  "Last-Modified",
  "Cache-Control",
  "Age",
  "Date",
  "Retry-After",
  "Allow",
  "Warning",
];

/** What only the registry itself can say; a CDN's word counts where the registry said nothing. */
const REGISTRY_HEADERS = ["Docker-Content-Digest", "Docker-Distribution-Api-Version", "Docker-Upload-UUID"];

/**
 * The headers of a request to the registry. Bodies are asked for as they are: digests and lengths are defined on
 * the unencoded bytes, and a Worker's fetch would ask for gzip by itself.
 */
export function requestHeaders(client: Headers, authorization?: string, dockerToken?: string): Headers {
  const headers = new Headers();
  for (const name of REQUEST_HEADERS) {
    const value = client.get(name);
    if (value !== null) headers.set(name, value);
  }
  if (authorization !== undefined) headers.set("Authorization", authorization);
  if (dockerToken !== undefined) headers.set("X-Docker-Token", dockerToken);
  headers.set("Accept-Encoding", "identity");
  return headers;
}

/** The headers for a hop on another origin: whatever could be a credential stays behind. */
export function withoutCredentials(headers: Headers): Headers {
  const stripped = new Headers(headers);
  stripped.delete("Authorization");
  stripped.delete("X-Docker-Token");
  return stripped;
}

/**
 * The headers of the answer to the client, but for those that need mapping (`Location`, `Link`, `WWW-Authenticate`).
 * @param registry headers of the registry's own answer
 * @param last headers of the last answer, the same where nothing was redirected
 */
export function responseHeaders(registry: Headers, last: Headers): Headers {
  const headers = new Headers();
  for (const name of RESPONSE_HEADERS) {
    const value = last.get(name);
    if (value !== null) headers.set(name, value);
  }
  for (const source of [last, registry]) {
    for (const [name, value] of source) {
      if (isLimit(name) || name.startsWith("oci-")) headers.set(name, value);
    }
    for (const name of REGISTRY_HEADERS) {
      const value = source.get(name);
      if (value !== null) headers.set(name, value);
    }
  }
  if (isEncoded(last)) {
    // The runtime decodes the body, since our answer names no encoding; its length is then another.
    headers.delete("Content-Length");
  }
  forbidTransform(headers);
  return headers;
}

/** What a service says about its limits, of a refusal that is given on in our own words. */
export function limitHeaders(said: Headers): Headers {
  const headers = new Headers();
  for (const [name, value] of said) {
    if (name === "retry-after" || isLimit(name)) headers.set(name, value);
  }
  return headers;
}

/** True of an answer that speaks of limits: it is about us, and not about what was asked for (S18). */
export function speaksOfLimits(said: Headers): boolean {
  return said.has("Retry-After") || [...said.keys()].some(isLimit);
}

/** True of what a service says about its limits; takes a name in lower case. */
export function isLimit(name: string): boolean {
  return name.startsWith("ratelimit-") || name.startsWith("x-ratelimit-");
}

/** `Content-Length` is lost where Cloudflare compresses an answer; Go clients refuse a manifest without it. */
export function forbidTransform(headers: Headers): void {
  const value = headers.get("Cache-Control") ?? "";
  if (/\bno-transform\b/i.test(value)) return;
  headers.set("Cache-Control", value === "" ? "no-transform" : `${value}, no-transform`);
}

/** What somebody's credentials fetched must not stay in a cache on its way. */
export function forbidSharing(headers: Headers): void {
  headers.set("Cache-Control", "private, no-transform");
}

function isEncoded(headers: Headers): boolean {
  const encoding = headers.get("Content-Encoding")?.trim().toLowerCase() ?? "";
  return encoding !== "" && encoding !== "identity";
}
