// The page's recipes and docs/recipes.md say the same, and a host shows what it can do and nothing else.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readConfig } from "../../src/config/config.ts";
import { findRoute } from "../../src/routing/hosts.ts";
import { tabsOf, type Tab } from "../../src/page/recipes.ts";
import { siteOf, type Site } from "../../src/page/site.ts";
import { ROOT } from "./repository.ts";

const HUB = "https://registry-1.docker.io";
const TABLE = { docker: HUB, ghcr: "https://ghcr.io", mirror: "*" };
const USERS = "alice:alices-long-password";

/** The site of a host, as somebody sees it who may use it. */
function siteAt(name: string, variables: Record<string, unknown> = {}): Site {
  const result = readConfig({ ROUTES: TABLE, ...variables });
  if (!result.ok) throw new Error(JSON.stringify(result.faults));
  const { config } = result;
  const route = findRoute(config, name);
  if (route === undefined) throw new Error(`${name} is in no row`);
  const caller = config.access.isClosed
    ? { kind: "guest", by: "address", user: undefined }
    : { kind: "open", presented: undefined };
  const host = { name, authority: name };
  return siteOf({ config, route, caller, host, url: new URL(`https://${name}/`) } as never);
}

function idsOf(tabs: readonly Tab[]): string[] {
  return tabs.flatMap(({ steps }) => steps.flatMap(({ block }) => (block === undefined ? [] : [block.id])));
}

function tabIds(site: Site): string[] {
  return tabsOf(site).map(({ id }) => id);
}

describe("docs/recipes.md", () => {
  const text = readFileSync(join(ROOT, "docs/recipes.md"), "utf8");
  const fences = [...text.matchAll(/^```\w+\n(.*?)\n```$/gms)].map(([, block = ""]) => block);
  const blocks = tabsOf(siteAt("mirror.example.com")).flatMap(({ steps }) => steps.map(({ block }) => block));

  it.each(blocks.filter((block) => block !== undefined))(
    "has the page's $id, word for word",
    ({ file, text: block }) => {
      // The page has a box for each registry where the document has lines of one block.
      const found = fences.filter((fence) => `${fence}\n`.includes(`${block}\n`) || fence === block);
      expect(found, block).not.toEqual([]);
      if (file?.startsWith("/etc/") === true) expect(text).toContain(`\`${file}\``);
    },
  );

  it("has the page's own login of a closed proxy", () => {
    const tabs = tabsOf(siteAt("mirror.example.com", { ACCESS_USERS: USERS }));
    const login = tabs.flatMap(({ steps }) => steps).find(({ block }) => block?.id === "own-login");
    expect(fences.some((fence) => fence.split("\n").includes(login?.block?.text ?? "none"))).toBe(true);
  });
});

describe("ollama's models", () => {
  const ROUTES = {
    mirror: "*",
    docker: "https://registry-1.docker.io",
    ollama: "https://registry.ollama.ai",
  };
  const commands = (site: Site): (string | undefined)[] =>
    tabsOf(site).flatMap(({ steps }) => steps.map(({ block }) => block?.text));

  it("are pulled by ollama at their own host, which has no recipe for container clients", () => {
    const site = siteAt("ollama.example.com", { ROUTES });
    expect(tabsOf(site).map(({ title }) => title)).toEqual(["tabOllama"]);
    expect(commands(site)).toEqual(["ollama pull ollama.example.com/library/llama3.2:1b"]);
  });

  it("are in no recipe of a host of all registries, unless their own host is known", () => {
    expect(commands(siteAt("mirror.example.com", { ROUTES })).join("\n")).not.toMatch(/ollama|llama/);
    const known = commands(siteAt("mirror.example.com", { ROUTES, HOSTS: "ollama.example.com" }));
    const ollama = known.filter((text) => text?.includes("llama"));
    expect(ollama).toEqual(["ollama pull ollama.example.com/library/llama3.2:1b"]);
  });
});

describe("the recipes of a host", () => {
  const ALL = [
    "docker",
    "mirror",
    "containerd",
    "k3s",
    "podman",
    "buildkit",
    "files",
    "helm",
    "login",
    "copy",
  ];

  it("of all registries have both forms of login, and a mirror of Docker Hub", () => {
    const tabs = tabsOf(siteAt("mirror.example.com"));
    expect(tabs.map(({ id }) => id)).toEqual(ALL);
    expect(idsOf(tabs)).toEqual(
      expect.arrayContaining(["docker-login-hub", "docker-login-other", "docker-push", "containerd-default"]),
    );
  });

  it("of Docker Hub have its own names", () => {
    const site = siteAt("docker.example.com");
    expect(tabIds(site)).toEqual(ALL);
    expect(JSON.stringify(tabsOf(site))).not.toMatch(/ghcr|mirror\.example|docker\.io\/alice/);
    expect(idsOf(tabsOf(site))).toContain("docker-login-one");
  });

  it("of another registry are no mirror of Docker's", () => {
    expect(tabIds(siteAt("ghcr.example.com"))).toEqual(ALL.filter((id) => id !== "mirror"));
    expect(
      tabIds(siteAt("mirror.example.com", { ROUTES: { ghcr: "https://ghcr.io", mirror: "*" } })),
    ).toEqual(ALL.filter((id) => id !== "mirror"));
  });

  it.each(["mirror.example.com", "docker.example.com"])("push nothing where it is forbidden: %s", (host) => {
    for (const variables of [{ READ_ONLY: true }, { ALLOWED_IPS: "192.0.2.1" }, { ACCESS_USERS: USERS }]) {
      const ids = idsOf(tabsOf(siteAt(host, variables)));
      expect(ids).not.toContain("docker-push");
    }
    expect(idsOf(tabsOf(siteAt(host, { READ_ONLY: true })))).toEqual(
      expect.arrayContaining([expect.stringContaining("docker-login-")]),
    );
  });

  it("of a closed proxy have its own login where it has users, and none of a registry's", () => {
    const withUsers = idsOf(tabsOf(siteAt("mirror.example.com", { ACCESS_USERS: USERS })));
    expect(withUsers.filter((id) => id.includes("login"))).toEqual(["own-login"]);
    const byAddress = tabsOf(siteAt("mirror.example.com", { ALLOWED_IPS: "192.0.2.1" }));
    expect(byAddress.map(({ id }) => id)).not.toContain("login");
  });
});
