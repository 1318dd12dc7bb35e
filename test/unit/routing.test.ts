// Host, `ns=` and path to a registry and a repository: honest rows and hostile ones.
import { describe, expect, it } from "vitest";
import { readConfig, type Config } from "../../src/config/config.ts";
import { RegistryError } from "../../src/distribution/errors.ts";
import { nameOf, parsePath } from "../../src/distribution/path.ts";
import { findRoute, isServedHere } from "../../src/routing/hosts.ts";
import { resolveRegistry, resolveRepository, type Serving } from "../../src/routing/names.ts";

function configOf(ROUTES: Record<string, unknown>): Config {
  const result = readConfig({ ROUTES });
  if (!result.ok) throw new Error("faults");
  return result.config;
}

const CONFIG = configOf({
  docker: "https://registry-1.docker.io",
  ghcr: "https://ghcr.io",
  own: "https://registry.example.com",
  short: { upstream: "https://harbor.example.com", library: true },
  mirror: "*",
  "hub.example.org": "https://registry-1.docker.io",
  "docker.example.net": "*",
});

const OWNER = { kind: "owner" } as const;
const HOST = { name: "mirror.example.com", authority: "mirror.example.com" };
const UNIVERSAL: Serving = { config: CONFIG, route: { kind: "universal" }, host: HOST, caller: OWNER };

/** `registry repository` for a tag list's path, or the error's code and status. */
function resolved(config: Config, host: string, name: string, ns?: string): string {
  const route = findRoute(config, host);
  if (route === undefined) return "no route";
  try {
    const repository = nameOf(parsePath(new URL(`https://${host}/v2/${name}/tags/list`).pathname));
    if (repository === undefined) return "no repository";
    const place = resolveRepository(
      { config, route, host: { name: host, authority: host }, caller: OWNER },
      repository,
      ns,
    );
    return `${place.registry.name} ${place.repository}`;
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    return `${error.code} ${error.status}`;
  }
}

describe("a host", () => {
  it.each([
    ["docker.example.com", "docker.io"],
    ["docker.example.com.cn", "docker.io"],
    ["docker.localhost", "docker.io"],
    ["docker", "docker.io"],
    ["ghcr.a.b.c", "ghcr.io"],
    ["hub.example.org", "docker.io"],
    ["docker.example.net", "universal"],
    ["mirror.example.com", "universal"],
    ["docker.workers.dev", "universal"],
    ["registry-ferry.someone.workers.dev", "universal"],
    ["localhost", "universal"],
    ["127.0.0.1", "universal"],
    ["[::1]", "universal"],
    ["hub.example.com", "none"],
    ["www.docker.example.com", "none"],
    ["example.org", "none"],
    ["docker.io.evil.example", "docker.io"],
    ["workers.dev", "none"],
    ["127.0.0.1.example.com", "none"],
    ["localhost.example.com", "none"],
    ["10.0.0.1", "none"],
    ["", "none"],
    ["__proto__", "none"],
    [".docker", "none"],
  ])("%s leads to %s", (host, expected) => {
    const route = findRoute(CONFIG, host);
    expect(route?.kind === "registry" ? route.registry.name : (route?.kind ?? "none")).toBe(expected);
  });

  it.each([
    ["docker.example.com", "docker.example.com", true],
    ["docker.example.com", "ghcr.example.com", true],
    ["docker.example.com", "mirror.example.com", true],
    ["docker.example.com", "hub.example.org", true],
    ["docker.localhost", "ghcr.localhost", true],
    ["docker.example.com", "ghcr.example.com.", true],
    ["docker.example.com", "docker.example.com.", true],
    ["docker.example.com", "hub.example.org.", true],
    ["docker.example.com", "www.example.com", false],
    ["docker.example.com", "docker.elastic.co", false],
    ["docker.example.com", "docker.io", false],
    ["docker.example.com", "ghcr.io", false],
    ["docker.example.com", "ghcr.sub.example.com", false],
    ["x.workers.dev", "x.workers.dev", true],
    ["docker.example.com", "", false],
  ])("%s serves a redirect to %s itself: %s (S5)", (own, name, expected) => {
    expect(isServedHere(CONFIG, own, name)).toBe(expected);
  });

  it("and a redirect to a host of HOSTS, on whatever domain (S5)", () => {
    const config = { ...CONFIG, hosts: ["docker.example.dev"] };
    expect(isServedHere(CONFIG, "docker.example.com", "docker.example.dev")).toBe(false);
    expect(isServedHere(config, "docker.example.com", "docker.example.dev")).toBe(true);
    expect(isServedHere(config, "docker.example.com", "docker.example.dev.")).toBe(true);
    expect(isServedHere(config, "docker.example.com", "ghcr.example.dev")).toBe(false);
  });
});

describe("on a universal host", () => {
  it.each<[string, string | undefined, string]>([
    ["nginx", undefined, "docker.io library/nginx"],
    ["library/nginx", undefined, "docker.io library/nginx"],
    ["bitnami/nginx", undefined, "docker.io bitnami/nginx"],
    ["docker.io/nginx", undefined, "docker.io library/nginx"],
    ["index.docker.io/nginx", undefined, "docker.io library/nginx"],
    ["registry-1.docker.io/a/b", undefined, "docker.io a/b"],
    ["ghcr.io/owner/image", undefined, "ghcr.io owner/image"],
    ["ghcr.io/image", undefined, "ghcr.io image"],
    ["lscr.io/linuxserver/x", undefined, "ghcr.io linuxserver/x"],
    ["harbor.example.com/x", undefined, "harbor.example.com library/x"],
    ["ghcr.io/docker.io/x", undefined, "ghcr.io docker.io/x"],
    ["nginx", "docker.io", "docker.io library/nginx"],
    ["nginx", "index.docker.io", "docker.io library/nginx"],
    ["owner/image", "ghcr.io", "ghcr.io owner/image"],
    ["image", "ghcr.io", "ghcr.io image"],
    ["owner/image", "GHCR.IO", "ghcr.io owner/image"],
    ["linuxserver/x", "lscr.io", "ghcr.io linuxserver/x"],
    ["ghcr.io/owner/image", "ghcr.io", "ghcr.io owner/image"],
    ["lscr.io/owner/image", "ghcr.io", "ghcr.io owner/image"],
    ["example.com/x", "ghcr.io", "ghcr.io example.com/x"],
  ])("%s with ns=%s is %s", (name, ns, expected) => {
    expect(resolved(CONFIG, "mirror.example.com", name, ns)).toBe(expected);
  });

  it.each<[string, string | undefined, string]>([
    ["a/b", "evil.example", "NAME_UNKNOWN 404"],
    ["a/b", "docker.io\0", "NAME_UNKNOWN 404"],
    ["a/b", "docker.io%00", "NAME_UNKNOWN 404"],
    ["a/b", "docker.io.", "NAME_UNKNOWN 404"],
    ["a/b", "docker.io:443", "NAME_UNKNOWN 404"],
    ["a/b", " docker.io", "NAME_UNKNOWN 404"],
    ["a/b", "https://docker.io", "NAME_UNKNOWN 404"],
    ["a/b", "docker.io/evil", "NAME_UNKNOWN 404"],
    ["a/b", "docker.io,ghcr.io", "NAME_UNKNOWN 404"],
    ["a/b", "docker", "NAME_UNKNOWN 404"],
    ["a/b", "", "NAME_UNKNOWN 404"],
    ["a/b", "quay.io", "NAME_UNKNOWN 404"],
    ["a/b", "__proto__", "NAME_UNKNOWN 404"],
    ["ghcr.io/a", "docker.io", "NAME_INVALID 400"],
    ["docker.io/a", "ghcr.io", "NAME_INVALID 400"],
    ["index.docker.io/a", "lscr.io", "NAME_INVALID 400"],
    ["ghcr.io/a", "evil.example", "NAME_UNKNOWN 404"],
    ["evil.example/a", undefined, "NAME_UNKNOWN 404"],
    ["quay.io/a", undefined, "NAME_UNKNOWN 404"],
    ["evil.example", undefined, "NAME_UNKNOWN 404"],
    ["docker.io.evil/a", undefined, "NAME_UNKNOWN 404"],
    ["GHCR.IO/x", undefined, "NAME_INVALID 400"],
    ["ghcr.io%2fx", undefined, "NAME_INVALID 400"],
    ["ghcr%2eio/x", undefined, "NAME_INVALID 400"],
    ["ghcr.io//x", undefined, "NAME_INVALID 400"],
    ["/ghcr.io/x", undefined, "NAME_INVALID 400"],
    ["ghcr.io/", undefined, "NAME_INVALID 400"],
    ["ghcr.io./x", undefined, "NAME_INVALID 400"],
    ["ghcr.io:443/x", undefined, "NAME_INVALID 400"],
    ["ghcr.io%00/x", undefined, "NAME_INVALID 400"],
    ["user@ghcr.io/x", undefined, "NAME_INVALID 400"],
  ])("%s with ns=%j is refused: %s (S3, S8)", (name, ns, expected) => {
    expect(resolved(CONFIG, "mirror.example.com", name, ns)).toBe(expected);
  });

  it.each([
    ["ghcr.io/../docker.io/x", "docker.io library/x"],
    ["ghcr.io/./x", "ghcr.io x"],
    ["ghcr.io/%2e%2e/x", "docker.io library/x"],
    ["ghcr.io\\x", "ghcr.io x"],
    ["auth", "docker.io library/auth"],
    ["auth/auth", "docker.io auth/auth"],
    ["tags", "docker.io library/tags"],
    ["tags/list", "docker.io tags/list"],
    ["a/manifests/b", "docker.io a/manifests/b"],
    ["ghcr.io/manifests", "ghcr.io manifests"],
    ["ghcr.io/blobs/uploads", "ghcr.io blobs/uploads"],
    ["v2/v2", "docker.io v2/v2"],
    ["constructor/x", "docker.io constructor/x"],
    ["docker/x", "docker.io docker/x"],
    ["ghcr/x", "docker.io ghcr/x"],
  ])("%s, folded as URLs are and read by the grammar, is %s", (name, expected) => {
    expect(resolved(CONFIG, "mirror.example.com", name)).toBe(expected);
  });

  it("without Docker Hub in the table a plain name is nobody's", () => {
    const config = configOf({ ghcr: "https://ghcr.io", all: "*" });
    expect(resolved(config, "all.example.com", "nginx")).toBe("NAME_UNKNOWN 404");
    expect(resolved(config, "all.example.com", "docker.io/nginx")).toBe("NAME_UNKNOWN 404");
    expect(resolved(config, "all.example.com", "a", "ghcr.io")).toBe("ghcr.io a");
  });

  it.each<[string | undefined, string]>([
    [undefined, "docker.io"],
    ["ghcr.io", "ghcr.io"],
    ["LSCR.IO", "ghcr.io"],
  ])("/v2/ with ns=%s is %s's", (ns, expected) => {
    expect(resolveRegistry(UNIVERSAL, ns).name).toBe(expected);
  });

  it("an ns that is one only after folding letters beyond ASCII is none", () => {
    expect(() => resolveRegistry(UNIVERSAL, "doc\u212aer.io")).toThrow(RegistryError);
  });
});

describe("on a host of one registry", () => {
  it.each<[string, string, string | undefined, string]>([
    ["docker.example.com", "nginx", undefined, "docker.io library/nginx"],
    ["docker.example.com", "docker.io/nginx", undefined, "docker.io library/nginx"],
    ["docker.example.com", "index.docker.io/a/b", undefined, "docker.io a/b"],
    ["docker.example.com", "nginx", "docker.io", "docker.io library/nginx"],
    ["docker.example.com", "nginx", "Registry-1.docker.io", "docker.io library/nginx"],
    ["docker.example.com", "ghcr.io/a", undefined, "NAME_UNKNOWN 404"],
    ["docker.example.com", "evil.example/a", undefined, "docker.io evil.example/a"],
    ["docker.example.com", "docker.io", undefined, "NAME_UNKNOWN 404"],
    ["docker.example.com", "docker.io/docker.io", undefined, "docker.io library/docker.io"],
    ["docker.example.com", "docker.io/ghcr.io/a", undefined, "docker.io ghcr.io/a"],
    ["docker.example.com", "nginx", "ghcr.io", "NAME_UNKNOWN 404"],
    ["docker.example.com", "nginx", "evil.example", "NAME_UNKNOWN 404"],
    ["docker.example.com", "nginx", "docker.io\0", "NAME_UNKNOWN 404"],
    ["docker.example.com", "ghcr.io/a", "ghcr.io", "NAME_UNKNOWN 404"],
    ["ghcr.example.com", "a", undefined, "ghcr.io a"],
    ["ghcr.example.com", "library/a", undefined, "ghcr.io library/a"],
    ["ghcr.example.com", "ghcr.io/a", undefined, "ghcr.io a"],
    ["ghcr.example.com", "ghcr.io/ghcr.io/a", undefined, "ghcr.io ghcr.io/a"],
    ["ghcr.example.com", "lscr.io/a", "lscr.io", "ghcr.io a"],
    ["ghcr.example.com", "docker.io/a", undefined, "NAME_UNKNOWN 404"],
    ["own.example.com", "docker.io/a", undefined, "registry.example.com docker.io/a"],
    ["own.example.com", "a", undefined, "registry.example.com a"],
    ["short.example.com", "a", undefined, "harbor.example.com library/a"],
    ["hub.example.org", "nginx", undefined, "docker.io library/nginx"],
    ["docker.example.com", "DOCKER.IO/nginx", undefined, "NAME_INVALID 400"],
    ["docker.example.com", "docker.io//nginx", undefined, "NAME_INVALID 400"],
  ])("%s: %s with ns=%j is %s", (host, name, ns, expected) => {
    expect(resolved(CONFIG, host, name, ns)).toBe(expected);
  });
});
