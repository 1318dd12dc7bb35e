// Upload sessions that clients make up: none of them is a way out, or around the rules about names (S6, S8).
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readConfig } from "../../src/config/config.ts";
import type { Registry } from "../../src/config/registry.ts";
import { encodeBase64Url } from "../../src/distribution/base64url.ts";
import { RegistryError } from "../../src/distribution/errors.ts";
import type { RepositoryName } from "../../src/distribution/reference.ts";
import { decodeUploadSession } from "../../src/upstream/location.ts";

const ORIGIN = "https://registry.example.com";
const REGISTRY = registry();
const NAME = "team/app" as RepositoryName;

function registry(): Registry {
  const row = {
    upstream: ORIGIN,
    upload_hosts: ["other.example.net:8443", "uploads.example.net"],
    upload_paths: ["/a/", "/x/"],
  };
  const result = readConfig({ ROUTES: { row } });
  const route = result.ok ? result.config.routes.get("row") : undefined;
  if (route?.kind !== "registry") throw new Error("faults");
  return route.registry;
}

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

describe("a session that this proxy would not have made (S6)", () => {
  const made = (address: string): string => `~${encodeBase64Url(address)}`;

  it.each<[string, string]>([
    ["nothing", "~"],
    ["no base64", "~!"],
    ["two tildes", "~~eA"],
    ["base64 in another spelling", "~L3h="],
    ["base64 with spare bits", "~L3h"],
    ["a whole URL", made("https://evil.example/x")],
    ["a URL of the registry", made(`${ORIGIN}/x`)],
    ["two slashes", made("//evil.example/x")],
    ["a slash and a backslash", made("/\\evil.example/x")],
    ["a backslash", made("\\x")],
    ["two slashes later", made("/a//b")],
    ["a dot segment", made("/a/../b")],
    ["an escaped dot segment", made("/a/%2e%2e/b")],
    ["a dot", made("/./b")],
    ["a relative path", made("x")],
    ["a user", made("@evil.example/x")],
    ["a port", made(":8443/x")],
    ["a space", made("/a b")],
    ["a tab", made("/a\tb")],
    ["a line feed", made("/a\nb")],
    ["a fragment", made("/a#b")],
    ["a null", made("/a\0b")],
    ["a byte beyond ASCII", made("/caf\xe9")],
    ["a query alone", made("?x=y")],
    ["an index that no host has", "~2.L3g"],
    ["a large index", "~999.L3g"],
    ["a larger index", "~1000.L3g"],
    ["a negative index", "~-1.L3g"],
    ["two indexes", "~0.1.L3g"],
    ["an index and a URL", `~1.${encodeBase64Url("https://evil.example/x")}`],
    ["an index and two slashes", `~1.${encodeBase64Url("//evil.example/x")}`],
  ])("with %s goes nowhere", (_, session) => {
    expect(reached(session)).toBe("BLOB_UPLOAD_UNKNOWN 404");
  });

  it.each([
    "/v2/other/app/manifests/latest",
    "/v2/team/app/manifests/latest",
    "/v2/team/app/blobs/sha256:ab",
    "/v2/team/app2/blobs/uploads/x",
    "/v2/",
    "/v2",
    "/v2/_catalog",
    "/v1/search",
    "/v1",
  ])("leads to no other endpoint or repository: %s (S8)", (address) => {
    expect(reached(made(address))).toBe("BLOB_UPLOAD_UNKNOWN 404");
  });

  it.each([
    "/v2?x=y",
    "/%762/other/app/manifests/latest",
    "/v%32/other/app/manifests/latest",
    "/v2%2Fother/app/manifests/latest",
    "/v2/team/app/blobs/uploads/%2e%2e%2f%2e%2e%2f%2e%2e%2f%2e%2e%2fother/app/manifests/latest",
    "/x/%2e%2e%2fv2/other/app/manifests/latest",
    "/x%2f..%2fv2/other/app/manifests/latest",
    "/%2fv2/other/app/manifests/latest",
    "/x%5c..%5cv2/other/app/manifests/latest",
  ])("leads to none in escapes either, which registries decode: %s (S6, S8)", (address) => {
    expect(reached(made(address))).toBe("BLOB_UPLOAD_UNKNOWN 404");
  });

  it("never leaves the registry's origin and the row's hosts, whatever it is", () => {
    const plain = fc.stringMatching(/^[A-Za-z0-9._~=-]{1,30}$/);
    const hostile = fc
      .array(
        fc.constantFrom(
          "/",
          "\\",
          "..",
          ".",
          "@",
          ":",
          "evil.example",
          "https:",
          "?",
          "#",
          "%2f",
          "a",
          " ",
          "v2",
        ),
      )
      .map((parts) => parts.join(""));
    const session = fc.oneof(
      plain,
      hostile.map(made),
      hostile.map((address) => made(`/${address}`)),
      fc.tuple(fc.nat(3), hostile).map(([index, address]) => `~${index}.${encodeBase64Url(`/${address}`)}`),
    );
    const search = fc.oneof(
      fc.constant(""),
      hostile.map((text) => `?${text}`),
    );
    fc.assert(
      fc.property(session, search, (text, query) => {
        const answer = reached(text, query);
        if (answer.startsWith("BLOB_UPLOAD_UNKNOWN")) return;
        const url = new URL(answer.replace(/ without credentials$/, ""));
        const allowed = answer.endsWith(" without credentials") ? REGISTRY.uploadHosts : [ORIGIN];
        expect(allowed).toContain(url.origin);
        expect([url.username, url.password]).toEqual(["", ""]);
      }),
      { numRuns: 2000 },
    );
  });
});
