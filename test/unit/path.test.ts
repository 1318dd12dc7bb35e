// Paths of the protocol: what each asks for, back again, and the errors of those that ask for nothing.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RegistryError } from "../../src/distribution/errors.ts";
import {
  formatPath,
  isPlainSession,
  METHODS,
  nameOf,
  parsePath,
  withName,
  type Endpoint,
} from "../../src/distribution/path.ts";
import type { RepositoryName } from "../../src/distribution/reference.ts";

const DIGEST = `sha256:${"0a".repeat(32)}`;
const OTHER = `sha512:${"0a".repeat(64)}`;

/** The endpoint in one line, or the error's code and status. */
function summary(path: string): string {
  try {
    const endpoint = parsePath(path);
    const reference =
      endpoint.kind === "manifest"
        ? endpoint.reference.kind === "tag"
          ? `tag ${endpoint.reference.tag}`
          : `digest ${endpoint.reference.digest}`
        : "digest" in endpoint
          ? endpoint.digest
          : "session" in endpoint
            ? endpoint.session
            : "";
    return [endpoint.kind, nameOf(endpoint) ?? "", reference].filter((part) => part !== "").join(" ");
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    return `${error.code} ${error.status}`;
  }
}

describe("a path", () => {
  it.each([
    ["/v2", "ping"],
    ["/v2/", "ping"],
    ["/v2/_catalog", "catalog"],
    ["/v2/nginx/manifests/latest", "manifest nginx tag latest"],
    [`/v2/library/nginx/manifests/${DIGEST}`, `manifest library/nginx digest ${DIGEST}`],
    ["/v2/a/manifests/sha256-abc.sig", "manifest a tag sha256-abc.sig"],
    [`/v2/a/b/c/blobs/${OTHER}`, `blob a/b/c ${OTHER}`],
    ["/v2/a/blobs/blake3:AB_c-d=", "blob a blake3:AB_c-d="],
    ["/v2/a/b/tags/list", "tags a/b"],
    [`/v2/a/referrers/${DIGEST}`, `referrers a ${DIGEST}`],
    ["/v2/a/b/blobs/uploads/", "upload-start a/b"],
    ["/v2/a/b/blobs/uploads", "upload-start a/b"],
    ["/v2/a/blobs/uploads/d4f1-e_2~3.4=", "upload a d4f1-e_2~3.4="],
  ])("%s asks for %s", (path, expected) => {
    expect(summary(path)).toBe(expected);
  });

  it.each([
    ["/v2/auth/manifests/auth", "manifest auth tag auth"],
    ["/v2/tags/tags/list", "tags tags"],
    ["/v2/tags/list/tags/list", "tags tags/list"],
    ["/v2/manifests/manifests/manifests", "manifest manifests tag manifests"],
    ["/v2/a/manifests/b/manifests/c", "manifest a/manifests/b tag c"],
    [`/v2/a/manifests/b/blobs/${DIGEST}`, `blob a/manifests/b ${DIGEST}`],
    ["/v2/blobs/uploads/manifests/latest", "manifest blobs/uploads tag latest"],
    ["/v2/blobs/uploads/blobs/uploads/", "upload-start blobs/uploads"],
    ["/v2/a/blobs/uploads/blobs/uploads/x", "upload a/blobs/uploads x"],
    ["/v2/a/blobs/uploads/uploads", "upload a uploads"],
    ["/v2/a/blobs/uploads/manifests", "upload a manifests"],
    ["/v2/a/manifests/uploads", "manifest a tag uploads"],
    ["/v2/a/manifests/list", "manifest a tag list"],
    ["/v2/a/manifests/tags/list", "tags a/manifests"],
    [`/v2/referrers/referrers/${DIGEST}`, `referrers referrers ${DIGEST}`],
    ["/v2/v2/manifests/v2", "manifest v2 tag v2"],
  ])("%s, with the protocol's own words in a name, asks for %s", (path, expected) => {
    expect(summary(path)).toBe(expected);
  });

  it.each([
    [`/v2/a/blobs/${DIGEST.replace(":", "%3A")}`, `blob a ${DIGEST}`],
    [`/v2/a/manifests/${DIGEST.replace(":", "%3a")}`, `manifest a digest ${DIGEST}`],
  ])("%s has its colon escaped, as some HTTP libraries write it", (path, expected) => {
    expect(summary(path)).toBe(expected);
  });

  it.each([
    ["/v2/GHCR.IO/x/manifests/latest", "NAME_INVALID 400"],
    ["/v2/a%2fb/manifests/latest", "NAME_INVALID 400"],
    ["/v2/a%2Fb/tags/list", "NAME_INVALID 400"],
    ["/v2/a%00/manifests/latest", "NAME_INVALID 400"],
    ["/v2/%61/manifests/latest", "NAME_INVALID 400"],
    ["/v2/a%3Ab/manifests/latest", "NAME_INVALID 400"],
    ["/v2/a//b/manifests/latest", "NAME_INVALID 400"],
    ["/v2//a/manifests/latest", "NAME_INVALID 400"],
    ["/v2/a//manifests/latest", "NAME_INVALID 400"],
    ["/v2/manifests/latest", "NAME_INVALID 400"],
    ["/v2//manifests/latest", "NAME_INVALID 400"],
    ["/v2/tags/list", "NAME_INVALID 400"],
    ["/v2/blobs/uploads/", "NAME_INVALID 400"],
    ["/v2/a/../b/manifests/latest", "NAME_INVALID 400"],
    ["/v2/localhost:5000/a/manifests/latest", "NAME_INVALID 400"],
    [`/v2/${"a".repeat(256)}/manifests/latest`, "NAME_INVALID 400"],
    ["/v2/a/manifests/", "MANIFEST_UNKNOWN 404"],
    ["/v2/a/manifests/.hidden", "MANIFEST_UNKNOWN 404"],
    ["/v2/a/manifests/a%20b", "MANIFEST_UNKNOWN 404"],
    ["/v2/a/manifests/..", "MANIFEST_UNKNOWN 404"],
    [`/v2/a/manifests/${"t".repeat(129)}`, "MANIFEST_UNKNOWN 404"],
    ["/v2/a/manifests/sha256:abc", "DIGEST_INVALID 400"],
    ["/v2/a/manifests/a%3Ab%3Ac", "DIGEST_INVALID 400"],
    ["/v2/a/blobs/latest", "DIGEST_INVALID 400"],
    [`/v2/a/blobs/${DIGEST.toUpperCase()}`, "DIGEST_INVALID 400"],
    ["/v2/a/blobs/", "DIGEST_INVALID 400"],
    ["/v2/a/referrers/latest", "DIGEST_INVALID 400"],
    ["/v2/a/tags", "NAME_UNKNOWN 404"],
    ["/v2/a/tags/list/", "NAME_UNKNOWN 404"],
    ["/v2/a/tags/lists", "NAME_UNKNOWN 404"],
    ["/v2/a", "NAME_UNKNOWN 404"],
    ["/v2/_catalog/", "NAME_UNKNOWN 404"],
    ["/v2//", "NAME_UNKNOWN 404"],
    ["//v2/", "NAME_UNKNOWN 404"],
    ["/v2/a/manifests/latest/", "NAME_UNKNOWN 404"],
    ["/v2/a/manifests//latest", "NAME_UNKNOWN 404"],
    ["/v2/a/uploads/x", "NAME_UNKNOWN 404"],
    ["/v2/a/blobs/uploads//", "NAME_UNKNOWN 404"],
    ["/v2/a/blobs/uploads/x%2f..", "NAME_UNKNOWN 404"],
    ["/v2/a/blobs/uploads/x\\y", "NAME_UNKNOWN 404"],
    ["/v2x/a/manifests/latest", "NAME_UNKNOWN 404"],
    ["/v1/_ping", "NAME_UNKNOWN 404"],
    ["/", "NAME_UNKNOWN 404"],
    ["", "NAME_UNKNOWN 404"],
    ["/V2/", "NAME_UNKNOWN 404"],
  ])("%s is refused with %s", (path, expected) => {
    expect(summary(path)).toBe(expected);
  });

  it("is told back in the error, cut short", () => {
    const error = (() => {
      try {
        return parsePath(`/v2/${"A".repeat(5000)}/manifests/x`);
      } catch (thrown) {
        return thrown;
      }
    })();
    expect((error as RegistryError).detail).toEqual({ name: "A".repeat(300) });
  });
});

const repository = fc
  .array(
    fc.oneof(
      fc.stringMatching(/^[a-z0-9]{1,8}((\.|_|__|-{1,3})[a-z0-9]{1,4}){0,2}$/),
      fc.constantFrom("manifests", "blobs", "uploads", "tags", "list", "referrers", "auth", "v2", "ghcr.io"),
    ),
    { minLength: 1, maxLength: 6 },
  )
  .map((parts) => parts.join("/") as RepositoryName);
const tag = fc.oneof(
  fc.stringMatching(/^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,20}$/),
  fc.constantFrom("uploads", "list", "manifests", "latest"),
);
const digest = fc.constantFrom(DIGEST, OTHER, "blake3:x=", "a+b:C-_");
const session = fc.stringMatching(/^[A-Za-z0-9._~=-]{1,40}$/).filter((text) => !/^\.{1,2}$/.test(text));

const endpoint = fc.oneof(
  fc.constantFrom({ kind: "ping" }, { kind: "catalog" }),
  fc.record({ kind: fc.constantFrom("tags", "upload-start"), name: repository }),
  fc.record({ kind: fc.constantFrom("blob", "referrers"), name: repository, digest }),
  fc.record({ kind: fc.constant("upload"), name: repository, session }),
  fc.record({
    kind: fc.constant("manifest"),
    name: repository,
    reference: fc.oneof(
      tag.map((text) => ({ kind: "tag", tag: text })),
      digest.map((text) => ({ kind: "digest", digest: text })),
    ),
  }),
) as fc.Arbitrary<Endpoint>;

describe("parsing and formatting", () => {
  it("are inverse for every endpoint, whatever words its name has", () => {
    fc.assert(
      fc.property(endpoint, (each) => {
        expect(parsePath(formatPath(each))).toEqual(each);
      }),
      { numRuns: 1000 },
    );
  });

  it("give a path that URL parsing leaves as it is, but for sessions of dots", () => {
    fc.assert(
      fc.property(endpoint, (each) => {
        fc.pre(each.kind !== "upload" || !/^\.\.?$/.test(each.session));
        expect(new URL(formatPath(each), "https://registry.example").pathname).toBe(formatPath(each));
      }),
    );
  });

  it("throw nothing but RegistryError, for no input whatsoever", () => {
    const words = fc.constantFrom(
      "v2",
      "",
      "a",
      "manifests",
      "blobs",
      "uploads",
      "tags",
      "list",
      "%2f",
      "..",
      "\ud800",
      "x:y",
    );
    const anything = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(words).map((parts) => `/v2/${parts.join("/")}`),
    );
    fc.assert(
      fc.property(anything, (path) => {
        expect(typeof summary(path)).toBe("string");
      }),
      { numRuns: 1000 },
    );
  });

  it.each(["a/", "/", "%3a", "blobs/uploads/", "a-", "manifests/"])(
    "take linear time for a long path (S17): %s",
    (part) => {
      expect(summary(`/v2/${part.repeat(200_000)}`)).toMatch(/ (400|404)$/);
    },
  );
});

describe("an endpoint", () => {
  it("keeps all but its name when it gets another name", () => {
    expect(formatPath(withName(parsePath("/v2/nginx/manifests/1"), "library/nginx" as RepositoryName))).toBe(
      "/v2/library/nginx/manifests/1",
    );
    expect(withName({ kind: "ping" }, "a" as RepositoryName)).toEqual({ kind: "ping" });
  });

  it("that can be read by GET can be read by HEAD", () => {
    for (const methods of Object.values(METHODS)) {
      expect(methods.includes("HEAD")).toBe(methods.includes("GET"));
    }
  });

  it.each(["", "a/b", "a%2f", "a?b", "a#b", "a b", "\\", "\u00e9"])("has no session %j", (text) => {
    expect(isPlainSession(text)).toBe(false);
  });
});
