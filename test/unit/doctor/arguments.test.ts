// What the doctor may be asked to look at.
import { describe, expect, it } from "vitest";
import { readArguments } from "../../../scripts/doctor/arguments.ts";
import { exampleFor } from "../../../scripts/doctor/image.ts";
import { ROUTES } from "./stage.ts";

describe("an address", () => {
  it.each<[string, string]>([
    ["docker.example.com", "https://docker.example.com"],
    ["https://docker.example.com/", "https://docker.example.com"],
    ["https://docker.example.com/v2/", "https://docker.example.com"],
    ["HTTPS://Docker.Example.com:8443", "https://docker.example.com:8443"],
    ["http://localhost:8787", "http://localhost:8787"],
    ["http://127.0.0.1:8787", "http://127.0.0.1:8787"],
    ["http://[::1]:8787", "http://[::1]:8787"],
    ["http://docker.localhost:8787", "http://docker.localhost:8787"],
    ["https://192.0.2.1", "https://192.0.2.1"],
  ])("is read: %s", (text, origin) => {
    expect(readArguments([text]).origin.origin).toBe(origin);
  });

  it.each<[string[], string]>([
    [[], "an address is missing: npm run doctor"],
    [["http://docker.example.com"], "is plain http, which the proxy refuses"],
    [["ftp://docker.example.com"], "is neither https nor http"],
    [["https://alice:secret@docker.example.com"], "has a user in it"],
    [["https://docker.example.com/library/nginx"], "has more than a host"],
    [["https://docker.example.com/?x"], "has more than a host"],
    [["https：//docker.example.com"], "has full-width characters in it"],
    [["https://docker"], "is not a full host name"],
    [["https://"], "is not an address"],
    [["https://docker.example.com\n"], "has characters in it"],
    [["https://doc\u202eker.example.com"], "has characters in it"],
    [["docker.example.com", "—user", "alice"], "begins with —, which is a dash of typesetting"],
    [["--verbose", "x"], "there are --user and --password-stdin"],
    [["docker.example.com", "a", "b"], "a word too many behind the image"],
    [["docker.example.com", "--user"], "--user has no name"],
    [["docker.example.com", "--user", "a:b"], "is no user"],
    [["docker.example.com", "--password-stdin"], "write both"],
    [["docker.example.com", "Library/Nginx"], "is not an image"],
    [["docker.example.com", "../x"], "is not an image"],
    [["docker.example.com", "nginx:"], "is not an image"],
    [["docker.example.com", "nginx@sha256:12"], "is not an image"],
  ])("or refused: %j", (words, said) => {
    expect(() => readArguments(words)).toThrow(said);
    expect(() => readArguments(words)).not.toThrow("secret");
  });

  it("stands before an image and a user", () => {
    const digest = `sha256:${"a".repeat(64)}`;
    expect(readArguments(["docker.example.com", "nginx", "--user=alice", "--password-stdin"])).toMatchObject({
      image: { repository: "nginx", reference: "latest" },
      user: "alice",
      isPiped: true,
    });
    expect(readArguments(["docker.example.com", `ghcr.io/a/b:1@${digest}`]).image).toEqual({
      repository: "ghcr.io/a/b",
      reference: digest,
    });
  });
});

describe("an image that nobody named", () => {
  const host = {
    hostname: "docker.example.com",
    routes: ROUTES as unknown,
    isUniversal: false,
    registries: [] as string[],
  };
  it.each<[string, Partial<typeof host>, string | undefined]>([
    ["is of the row of the host", {}, "library/nginx:latest"],
    [
      "is of the row of its full name",
      { routes: { ...ROUTES, "docker.example.com": "https://quay.io" } },
      "coreos/etcd:v3.5.17",
    ],
    [
      "names its registry on a universal row",
      { hostname: "all.example.com", routes: { all: "*", ...ROUTES } },
      "docker.io/library/nginx:latest",
    ],
    [
      "names its registry on workers.dev",
      { hostname: "docker.me.workers.dev", registries: ["ghcr.io"] },
      "ghcr.io/github/super-linter:latest",
    ],
    [
      "names its registry where the challenge says so",
      { hostname: "x.example.com", isUniversal: true },
      "docker.io/library/nginx:latest",
    ],
    [
      "is of the only registry that there is",
      { hostname: "x.example.com", registries: ["quay.io"] },
      "coreos/etcd:v3.5.17",
    ],
    [
      "is none where there are several",
      { hostname: "x.example.com", registries: ["quay.io", "ghcr.io"] },
      undefined,
    ],
    [
      "is none of a registry that is known for none",
      { hostname: "x.example.com", routes: { x: "https://registry.other.dev" } },
      undefined,
    ],
    ["is none where the table cannot be read", { routes: "{" }, undefined],
  ])("%s", (_, more, image) => {
    const found = exampleFor({ ...host, ...more });
    expect(found && `${found.repository}:${found.reference}`).toBe(image);
  });
});
