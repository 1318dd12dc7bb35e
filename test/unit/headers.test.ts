// Which headers pass, in both directions: what is on no list stops here.
import { describe, expect, it } from "vitest";
import {
  forbidTransform,
  requestHeaders,
  responseHeaders,
  withoutCredentials,
} from "../../src/upstream/headers.ts";

const names = (headers: Headers): string[] => [...headers.keys()];

const NEVER_UP = [
  "Host",
  "Cookie",
  "Referer",
  "Origin",
  "CF-Connecting-IP",
  "CF-Ray",
  "CF-IPCountry",
  "CF-Worker",
  "X-Forwarded-For",
  "X-Forwarded-Proto",
  "X-Real-IP",
  "True-Client-IP",
  "Forwarded",
  "Via",
  "Connection",
  "Proxy-Authorization",
  "Transfer-Encoding",
  "TE",
  "Upgrade",
  "Sec-Fetch-Site",
  "X-Api-Key",
  "X-Auth-Token",
];
const UP = [
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
const NEVER_DOWN = [
  "Set-Cookie",
  "Set-Cookie2",
  "Alt-Svc",
  "Strict-Transport-Security",
  "Report-To",
  "NEL",
  "Server",
  "Via",
  "CF-Ray",
  "CF-Cache-Status",
  "X-Amz-Request-Id",
  "X-Goog-Hash",
  "X-MS-Request-Id",
  "X-GitHub-Request-Id",
  "Docker-RateLimit-Source",
  "Content-Encoding",
  "Transfer-Encoding",
  "Connection",
  "Access-Control-Allow-Origin",
  "Refresh",
  "Authorization",
  "Proxy-Authenticate",
  "X-OCI-Thing",
];
const MAPPED = ["Location", "Link", "WWW-Authenticate"];
const DOWN = [
  "Content-Type",
  "Content-Length",
  "Content-Range",
  "Accept-Ranges",
  "Range",
  "ETag",
  "Last-Modified",
  "Age",
  "Date",
  "Retry-After",
  "Allow",
  "Warning",
  "Docker-Content-Digest",
  "Docker-Distribution-Api-Version",
  "Docker-Upload-UUID",
  "RateLimit-Limit",
  "RateLimit-Remaining",
  "X-RateLimit-Reset",
  "OCI-Subject",
  "OCI-Tag",
  "OCI-Filters-Applied",
  "OCI-Chunk-Min-Length",
];

describe("to the registry", () => {
  it.each(UP)("%s passes", (name) => {
    expect(requestHeaders(new Headers({ [name]: "value" }), undefined).get(name)).toBe("value");
  });

  it.each(NEVER_UP)("%s stays here", (name) => {
    expect(requestHeaders(new Headers({ [name]: "canary" }), undefined).get(name)).toBeNull();
  });

  it("goes no Authorization but the one that was decided on (S3)", () => {
    const client = new Headers({ Authorization: "Bearer canary" });
    expect(requestHeaders(client, undefined).get("Authorization")).toBeNull();
    expect(requestHeaders(client, "Bearer other").get("Authorization")).toBe("Bearer other");
    expect(requestHeaders(new Headers(), "Bearer other").get("Authorization")).toBe("Bearer other");
  });

  it("goes no X-Docker-Token but the caller's own", () => {
    expect(requestHeaders(new Headers({ "X-Docker-Token": "canary" })).get("X-Docker-Token")).toBeNull();
    expect(requestHeaders(new Headers(), undefined, "own").get("X-Docker-Token")).toBe("own");
  });

  it("is asked for unencoded bodies, whatever the client would take", () => {
    const headers = requestHeaders(new Headers({ "Accept-Encoding": "gzip, br" }), undefined);
    expect(headers.get("Accept-Encoding")).toBe("identity");
    expect(names(requestHeaders(new Headers(), undefined))).toEqual(["accept-encoding"]);
  });

  it("several Accept lines go as one list", () => {
    const client = new Headers();
    client.append("Accept", "a/b");
    client.append("Accept", "c/d");
    expect(requestHeaders(client, undefined).get("Accept")).toBe("a/b, c/d");
  });
});

describe("to another origin", () => {
  it("goes nothing that could be a credential, and all the rest (S5)", () => {
    const headers = new Headers({
      Authorization: "Bearer canary",
      "X-Docker-Token": "canary",
      Range: "bytes=0-1",
      Accept: "a/b",
    });
    expect(names(withoutCredentials(headers))).toEqual(["accept", "range"]);
    expect(headers.get("Authorization")).toBe("Bearer canary");
  });
});

describe("to the client", () => {
  it.each(DOWN)("%s passes", (name) => {
    const headers = new Headers({ [name]: "value" });
    expect(responseHeaders(headers, headers).get(name)).toBe("value");
  });

  it.each([...NEVER_DOWN, ...MAPPED])("%s does not pass as it is", (name) => {
    const headers = new Headers({ [name]: "canary" });
    expect(responseHeaders(headers, headers).get(name)).toBeNull();
  });

  it("the registry says the digest, the last answer says length, range and type (S5)", () => {
    const registry = new Headers({
      "Docker-Content-Digest": "sha256:right",
      "OCI-Subject": "sha256:right",
      "Content-Length": "0",
      "Content-Type": "text/plain",
      ETag: "registry",
    });
    const last = new Headers({
      "Docker-Content-Digest": "sha256:wrong",
      "OCI-Subject": "sha256:wrong",
      "Content-Length": "5",
      "Content-Range": "bytes 0-4/10",
      "Content-Type": "application/octet-stream",
      "Set-Cookie": "canary",
    });
    expect(Object.fromEntries(responseHeaders(registry, last))).toEqual({
      "cache-control": "no-transform",
      "content-length": "5",
      "content-range": "bytes 0-4/10",
      "content-type": "application/octet-stream",
      "docker-content-digest": "sha256:right",
      "oci-subject": "sha256:right",
    });
  });

  it.each([
    ["gzip", null],
    [" GZIP ", null],
    ["identity", "5"],
    ["", "5"],
  ])("a body encoded with %j has the length %j", (encoding, length) => {
    const headers = new Headers({ "Content-Encoding": encoding, "Content-Length": "5" });
    expect(responseHeaders(headers, headers).get("Content-Length")).toBe(length);
    expect(responseHeaders(headers, headers).get("Content-Encoding")).toBeNull();
  });

  it("warnings stay several", () => {
    const headers = new Headers();
    headers.append("Warning", '299 - "one"');
    headers.append("Warning", '299 - "two"');
    expect(responseHeaders(headers, headers).get("Warning")).toBe('299 - "one", 299 - "two"');
  });
});

describe("Cache-Control", () => {
  it.each([
    [null, "no-transform"],
    ["", "no-transform"],
    ["max-age=60, public", "max-age=60, public, no-transform"],
    ["no-transform", "no-transform"],
    ["private, No-Transform", "private, No-Transform"],
  ])("%j becomes %j", (value, expected) => {
    const headers = new Headers(value === null ? {} : { "Cache-Control": value });
    forbidTransform(headers);
    expect(headers.get("Cache-Control")).toBe(expected);
  });
});
