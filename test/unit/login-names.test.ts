// On a universal host the user name says whose credentials they are (S3).
import { describe, expect, it } from "vitest";
import { howToLogIn, qualifyLogin, qualifyUser } from "../../src/access/login-names.ts";
import type { Audience } from "../../src/access/shown.ts";
import { readConfig, type Config } from "../../src/config/config.ts";
import { RegistryError } from "../../src/distribution/errors.ts";

function configOf(ROUTES: Record<string, unknown>): Config {
  const result = readConfig({ ROUTES });
  if (!result.ok) throw new Error("faults");
  return result.config;
}

const ALL = configOf({
  docker: "https://registry-1.docker.io",
  ghcr: "https://ghcr.io",
  own: "https://registry.example.com:5443",
  all: "*",
});

function asked(config: Config): Audience {
  return { config, caller: { kind: "owner" } };
}

function refusal(config: Config, name: string): RegistryError {
  try {
    qualifyUser(asked(config), name);
  } catch (error) {
    if (error instanceof RegistryError) return error;
  }
  throw new Error(`${name} was not refused`);
}

describe("a user name (S3)", () => {
  it.each([
    ["alice", "docker.io", "alice"],
    ["", "docker.io", ""],
    ["docker.io/alice", "docker.io", "alice"],
    ["index.docker.io/alice", "docker.io", "alice"],
    ["ghcr.io/alice", "ghcr.io", "alice"],
    ["GHCR.io/Alice", "ghcr.io", "Alice"],
    ["lscr.io/alice", "ghcr.io", "alice"],
    ["registry.example.com:5443/robot$ci", "registry.example.com:5443", "robot$ci"],
    ["ghcr.io/docker.io/alice", "ghcr.io", "docker.io/alice"],
    ["ghcr.io/", "ghcr.io", ""],
    ["team/alice", "docker.io", "team/alice"],
    ["alice@example.com", "docker.io", "alice@example.com"],
    ["first.last@example.com", "docker.io", "first.last@example.com"],
    ["docker.io/first.last", "docker.io", "first.last"],
    ["oauth2accesstoken", "docker.io", "oauth2accesstoken"],
    ["_json_key", "docker.io", "_json_key"],
    ["00000000-0000-0000-0000-000000000000", "docker.io", "00000000-0000-0000-0000-000000000000"],
    ["robot$ci", "docker.io", "robot$ci"],
    ["constructor/alice", "docker.io", "constructor/alice"],
    ["<token>", "docker.io", "<token>"],
  ])("%j is one of %s: %j", (name, registry, user) => {
    const qualified = qualifyUser(asked(ALL), name);
    expect([qualified.registry.name, qualified.user]).toEqual([registry, user]);
  });

  it.each([
    "quay.io/alice",
    "registry.example.com:8443",
    "evil.example/alice",
    "ghcr.io./alice",
    "ghcr.io:443/alice",
    "localhost:5000/alice",
    "docker.io\0/x",
  ])("%j of a registry that is not served goes nowhere", (name) => {
    const error = refusal(ALL, name);
    expect([error.code, error.status]).toEqual(["DENIED", 400]);
    expect(error.message).toContain("nothing was sent anywhere");
    expect(error.message).not.toContain(name);
  });

  it.each([
    "ghcr.io.",
    "ghcr.io\\alice",
    "ghcr.io\\alice@example.com",
    "ghcr.io%2falice",
    "ghcr%2Eio%2Falice",
    "ghcr\uff0eio",
    "/ghcr.io/alice",
    "quay.io",
    "first.last",
  ])("%j begins like a registry, and is no user of Docker Hub: it goes nowhere", (name) => {
    const error = refusal(ALL, name);
    expect([error.code, error.status]).toEqual(["DENIED", 400]);
    expect(error.message).toContain("write the registry's name, a slash, and the user");
    expect(error.message).toContain("nothing was sent anywhere");
    expect(error.message).not.toContain(name);
  });

  it.each(["ghcr.io", "GHCR.io", "docker.io", "registry.example.com:5443"])(
    "%s is a registry and no user: it goes nowhere (F6)",
    (name) => {
      expect(refusal(ALL, name).message).toContain("a registry's name and no more");
    },
  );

  it.each([
    ["registry.example.com", "5443/alice:secret", "registry.example.com:5443", "alice", "secret"],
    ["registry.example.com", "5443/alice:", "registry.example.com:5443", "alice", ""],
    ["harbor", "5000/alice:a:b/c", "harbor:5000", "alice", "a:b/c"],
    ["harbor", "5001/alice:secret", "docker.io", "harbor", "5001/alice:secret"],
    ["alice", "5443", "docker.io", "alice", "5443"],
    ["alice", "5443:x", "docker.io", "alice", "5443:x"],
    ["ghcr.io/alice", "5443/bob:x", "ghcr.io", "alice", "5443/bob:x"],
  ])("%s with %s is read with its port (F6)", (user, password, registry, name, secret) => {
    const config = configOf({
      docker: "https://registry-1.docker.io",
      ghcr: "https://ghcr.io",
      own: "https://registry.example.com:5443",
      harbor: { upstream: "https://harbor.example.com", registry: "harbor:5000" },
      all: "*",
    });
    const login = qualifyLogin(asked(config), user, password);
    expect([login.registry.name, login.user, login.password]).toEqual([registry, name, secret]);
  });

  it("without a registry is refused where Docker Hub is not served", () => {
    const config = configOf({ ghcr: "https://ghcr.io", all: "*" });
    expect(refusal(config, "alice").status).toBe(400);
    expect(refusal(config, "alice").message).toContain("ghcr.io/alice");
    expect(qualifyUser(asked(config), "ghcr.io/alice").user).toBe("alice");
  });
});

describe("the advice", () => {
  it("names a registry that is served", () => {
    expect(howToLogIn(asked(ALL))).toContain("as ghcr.io/alice for alice of ghcr.io");
    expect(howToLogIn(asked(configOf({ docker: "https://registry-1.docker.io" })))).not.toContain("/alice");
  });
});
