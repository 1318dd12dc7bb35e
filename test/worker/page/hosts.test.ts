// Which hosts the page names: those that exist as far as the configuration tells, and to whom.
import { describe, expect, it } from "vitest";
import { Ferry } from "../ferry.ts";
import { LISTED } from "../access/closed.ts";
import { dataOf, pageAt, TABLE, textsOf, wordsOf } from "./pages.ts";

const HUB = "https://registry-1.docker.io";
const OWN = "https://registry.corp.example";
/** The registries of the table that are publicly known and have images: ollama's models are none. */
const IMAGES = 13;

async function pulls(
  url: string,
  variables: Record<string, unknown> = {},
  init?: RequestInit,
): Promise<string[]> {
  return textsOf(await pageAt(url, variables, init), "docker-pull");
}

describe("the page names", () => {
  it.each([
    ["https://docker.example.com/", {}, "docker.example.com"],
    ["https://docker.example.com.cn/", {}, "docker.example.com.cn"],
    ["http://docker.localhost/", { headers: { Host: "docker.localhost:8787" } }, "docker.localhost:8787"],
  ])("the visited host, and no other that a label could make: %s", async (url, init, host) => {
    expect(await pulls(url, {}, init)).toEqual([`docker pull ${host}/nginx`]);
    expect(wordsOf(await pageAt(url, {}, init))).not.toContain("ghcr.");
  });

  it.each([
    ["https://mirror.example.com/", {}, "mirror.example.com"],
    ["https://registry-ferry.someone.workers.dev/", {}, "registry-ferry.someone.workers.dev"],
    ["http://localhost/", { headers: { Host: "localhost:8787" } }, "localhost:8787"],
    ["http://[::1]/", { headers: { Host: "[::1]:8787" } }, "[::1]:8787"],
  ])(
    "at a host of all registries every one by its prefix, Docker Hub without: %s",
    async (url, init, host) => {
      const commands = await pulls(url, {}, init);
      expect(commands).toHaveLength(IMAGES);
      expect(commands.slice(0, 2)).toEqual([
        `docker pull ${host}/nginx`,
        `docker pull ${host}/quay.io/coreos/etcd:v3.5.17`,
      ]);
    },
  );

  it("hosts of the table's full names, and of HOSTS, with the port of the visited one", async () => {
    const ROUTES = { ...TABLE, "hub.example.com": HUB, "g.example.org": "https://ghcr.io" };
    const HOSTS = "quay.example.com, nobody.example.com, k8s.example.com";
    expect(await pulls("https://hub.example.com/", { ROUTES, HOSTS })).toEqual([
      "docker pull hub.example.com/nginx",
      "docker pull quay.example.com/coreos/etcd:v3.5.17",
      "docker pull k8s.example.com/pause:3.10",
      "docker pull g.example.org/github/super-linter",
    ]);
    const init = { headers: { Host: "docker.example.com:8443" } };
    expect(await pulls("https://docker.example.com/", { HOSTS: "quay.example.com" }, init)).toEqual([
      "docker pull docker.example.com:8443/nginx",
      "docker pull quay.example.com:8443/coreos/etcd:v3.5.17",
    ]);
  });

  it("a host of all registries of HOSTS for those that have none of their own", async () => {
    const commands = await pulls("https://docker.example.com/", {
      HOSTS: "mirror.example.com ghcr.example.com",
    });
    expect(commands).toHaveLength(IMAGES);
    expect(commands).toContain("docker pull ghcr.example.com/github/super-linter");
    expect(commands).toContain("docker pull mirror.example.com/quay.io/coreos/etcd:v3.5.17");
  });

  it("no registry by prefix whose name a path cannot have", async () => {
    const ROUTES = { docker: HUB, own: `${OWN}:8443`, mirror: "*" };
    const commands = await pulls(
      "https://mirror.example.com/",
      { ROUTES, ALLOWED_IPS: "192.0.2.0/24" },
      { headers: LISTED },
    );
    expect(commands).toEqual(["docker pull mirror.example.com/nginx"]);
  });

  it("in its data the same, and every alias", async () => {
    const page = await pageAt("https://ghcr.example.com/", { HOSTS: "mirror.example.com" });
    const { offer, host } = dataOf(page) as {
      host: string;
      offer: { hosts: string[]; served: { name: string; aliases: string[]; prefix: string }[] };
    };
    expect([host, offer.hosts]).toEqual(["ghcr.example.com", ["ghcr.example.com", "mirror.example.com"]]);
    expect(offer.served).toHaveLength(IMAGES);
    expect(offer.served.slice(0, 2)).toEqual([
      { name: "ghcr.io", aliases: ["lscr.io"], prefix: "ghcr.example.com/" },
      {
        name: "docker.io",
        aliases: ["index.docker.io", "registry-1.docker.io", "docker.n8n.io"],
        prefix: "mirror.example.com/",
      },
    ]);
  });
});

describe("a registry of the owner's own", () => {
  const init = { headers: LISTED };
  const closed = { ALLOWED_IPS: "192.0.2.0/24" };

  it("is named to nobody who was not let in", async () => {
    for (const host of ["docker", "mirror", "own"]) {
      const page = await pageAt(`https://${host}.example.com/`, {
        HOSTS: "own.example.com mirror.example.com",
      });
      expect(page).not.toContain("corp.example");
      if (host !== "own") expect(page).not.toContain("own.example.com");
    }
    const ferry = new Ferry(TABLE, { HOSTS: "own.example.com" });
    const headers = { Accept: "text/html" };
    const unknown = await (await ferry.fetch("https://nobody.example.com/", { headers })).text();
    expect(unknown).not.toContain("own.example.com");
    const refused = await (await ferry.fetch("https://nobody.example.com/v2/")).text();
    expect(refused).toContain("docker.example.com");
    expect(refused).not.toContain("own.");
  });

  it("has the visited host's name, and a form to fill in", async () => {
    const page = await pageAt("https://own.example.com/");
    expect(textsOf(page, "docker-pull")).toEqual(["docker pull own.example.com/owner/image:tag"]);
    expect(page).not.toContain("registry-mirrors");
    expect(page).not.toContain('id="check"');
  });

  it("is named to who was let in", async () => {
    const page = await pageAt("https://mirror.example.com/", { ...closed, HOSTS: "own.example.com" }, init);
    expect(textsOf(page, "docker-pull")).toContain(
      "docker pull mirror.example.com/registry.corp.example/owner/image:tag",
    );
  });

  it("and one of a known name, wherever it is fetched from, is not a secret", async () => {
    const ROUTES = { docker: { upstream: OWN, registry: "docker.io" } };
    const page = await pageAt("https://docker.example.com/", { ROUTES });
    expect(textsOf(page, "docker-pull")).toEqual(["docker pull docker.example.com/nginx"]);
    expect(page).not.toContain("corp.example");
  });
});
