// An upload's `Location` is carried to the client and back without becoming a way out (S6).
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readConfig } from "../../src/config/config.ts";
import type { Registry } from "../../src/config/registry.ts";
import { RegistryError } from "../../src/distribution/errors.ts";
import { isPlainSession } from "../../src/distribution/path.ts";
import type { RepositoryName } from "../../src/distribution/reference.ts";
import { decodeUploadSession, encodeUploadLocation } from "../../src/upstream/location.ts";

const ORIGIN = "https://registry.example.com";
const UPLOADS = "https://uploads.example.net";
const REGISTRY = registry();
const NAME = "team/app" as RepositoryName;
const FROM = new URL(`${ORIGIN}/v2/team/app/blobs/uploads/`);

function registry(): Registry {
  const row = {
    upstream: ORIGIN,
    upload_hosts: ["other.example.net:8443", "uploads.example.net"],
    upload_paths: ["/artifacts-uploads/", "/uploads/", "/bucket/"],
  };
  const result = readConfig({ ROUTES: { row } });
  const route = result.ok ? result.config.routes.get("row") : undefined;
  if (route?.kind !== "registry") throw new Error("faults");
  return route.registry;
}

const encoded = (location: string, from = FROM): { session: string; search: string } =>
  encodeUploadLocation(REGISTRY, NAME, location, from);

/** The address a client's next request reaches, or the error's code and status. */
function reached(session: string, search = ""): string {
  try {
    const { url, credentials } = decodeUploadSession(REGISTRY, NAME, session, search);
    return `${url.href}${credentials ? "" : " without credentials"}`;
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    return `${error.code} ${error.status}`;
  }
}

function afterRoundTrip(location: string, more = ""): string {
  const { session, search } = encoded(location);
  expect(isPlainSession(session)).toBe(true);
  return reached(
    session,
    search === "" && more !== "" ? `?${more}` : search + (more === "" ? "" : `&${more}`),
  );
}

describe("the usual Location (S6)", () => {
  it.each([
    ["/v2/team/app/blobs/uploads/abc-1", "abc-1", ""],
    [`${ORIGIN}/v2/team/app/blobs/uploads/abc-1`, "abc-1", ""],
    [`${ORIGIN}:443/v2/team/app/blobs/uploads/abc`, "abc", ""],
    ["http://registry.example.com/v2/team/app/blobs/uploads/abc", "abc", ""],
    ["abc", "abc", ""],
    ["/v2/team/app/blobs/uploads/abc?_state=a+b%2f%2F'~", "abc", "?_state=a+b%2f%2F'~"],
    ["/v2/team/app/blobs/uploads/abc?x=1#fragment", "abc", "?x=1"],
    ["/v2/team/app/blobs/uploads/a/../abc", "abc", ""],
  ])("%s keeps its session", (location, session, search) => {
    expect(encoded(location)).toEqual({ session, search });
  });

  it("is reached again with what the client adds", () => {
    expect(afterRoundTrip("/v2/team/app/blobs/uploads/abc?_state=x%3D", "digest=sha256:ab")).toBe(
      `${ORIGIN}/v2/team/app/blobs/uploads/abc?_state=x%3D&digest=sha256:ab`,
    );
  });
});

describe("another Location of the registry (S6)", () => {
  it.each([
    ["/artifacts-uploads/namespaces/p/repositories/r/uploads/AF-x_1", ""],
    ["/artifacts-uploads/x?upload_id=a%2Fb&y=+", ""],
    ["/artifacts-uploads/x", "digest=sha256:ab"],
    ["/artifacts-uploads/x?y=1", "digest=sha256:ab"],
    ["/v2/team/app/blobs/uploads/a%3Db", "digest=sha256:ab"],
    ["/v2/team/app/blobs/uploads/a/b?_state=x", ""],
    ["/v2/team/app/blobs/uploads/~x", ""],
    ["/uploads/a?u=https://evil.example/", ""],
  ])("%s is carried and reached again (with %j)", (location, more) => {
    expect(encoded(location).session).toMatch(/^~[A-Za-z0-9_-]+$/);
    expect(encoded(location).search).toBe("");
    const joined = more === "" ? location : `${location}${location.includes("?") ? "&" : "?"}${more}`;
    expect(afterRoundTrip(location, more)).toBe(ORIGIN + joined);
  });

  it("has no query of its own where the question mark is in the fragment", () => {
    expect(encoded("/v2/team/app/blobs/uploads/abc#a?b=c")).toEqual({ session: "abc", search: "" });
  });
});

describe("a Location on another host (S6)", () => {
  it("is carried as an index where the row names the host, and goes without credentials", () => {
    expect(encoded(`${UPLOADS}/bucket/x?sig=a%2Bb`).session).toMatch(/^~1\./);
    expect(afterRoundTrip(`${UPLOADS}/bucket/x?sig=a%2Bb`, "digest=sha256:ab")).toBe(
      `${UPLOADS}/bucket/x?sig=a%2Bb&digest=sha256:ab without credentials`,
    );
    expect(afterRoundTrip("https://OTHER.example.net:8443/bucket/x")).toBe(
      "https://other.example.net:8443/bucket/x without credentials",
    );
    expect(encoded("/bucket/next", new URL(`${UPLOADS}/bucket/x`)).session).toMatch(/^~1\./);
  });

  it.each([
    "https://evil.example/x",
    "//evil.example/x",
    "\\\\evil.example\\x",
    "https://registry.example.com.evil.example/x",
    "https://registry.example.com@evil.example/x",
    "https://registry.example.com:8443/x",
    "http://registry.example.com:8080/x",
    "http://uploads.example.net/x",
    "https://uploads.example.net:444/x",
    "https://other.example.net/x",
    "javascript:alert(1)",
    "data:text/plain,x",
    "https://",
    "https://[",
    "https://127.0.0.1/x",
  ])("that no row names is refused: %s", (location) => {
    let thrown: unknown;
    try {
      encoded(location);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(RegistryError);
    expect(thrown).toMatchObject({ code: "BLOB_UPLOAD_INVALID", status: 502 });
  });
});

describe("carrying there and back (S6)", () => {
  it("reaches the registry's address again, whatever is below a known path", () => {
    const part = fc.string({ minLength: 1, maxLength: 8 }).map(encodeURIComponent);
    const path = fc
      .tuple(
        fc.constantFrom("/uploads/", "/bucket/a/", "/v2/team/app/blobs/uploads/"),
        fc.array(part, { minLength: 1, maxLength: 4 }),
      )
      .map(([before, parts]) => before + parts.join("/"))
      // The platform folds dots, and below /v2/ there is the repository's own path only.
      .filter(
        (text) =>
          new URL(text, ORIGIN).pathname === text &&
          !/^\/v[12](\/(?!team\/app\/blobs\/uploads\/)|$)|%2e|%2f|%5c|\.\./i.test(text),
      );
    const query = fc.oneof(
      fc.constant(""),
      fc.array(part).map((parts) => `?${parts.join("&")}`),
    );
    const host = fc.constantFrom("", ORIGIN, UPLOADS);
    fc.assert(
      fc.property(host, path, query, (origin, address, search) => {
        fc.pre(origin !== UPLOADS || !address.startsWith("/v2/"));
        const expected = new URL(address + search, origin || ORIGIN).href;
        const answer = afterRoundTrip(origin + address + search);
        expect(answer).toBe(origin === UPLOADS ? `${expected} without credentials` : expected);
      }),
      { numRuns: 1000 },
    );
  });
});
