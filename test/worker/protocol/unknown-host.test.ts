// A host that is in no row: the hosts that there are, on the asked host's own domain, for clients and for browsers.
import { describe, expect, it } from "vitest";
import { Ferry } from "../ferry.ts";

const TABLE = {
  docker: "https://registry-1.docker.io",
  ghcr: "https://ghcr.io",
  mirror: "*",
  "hub.example.org": "https://registry-1.docker.io",
};
const BROWSER = { Accept: "text/html,application/xhtml+xml,*/*;q=0.8" };

function ask(url: string, headers: Record<string, string> = {}): Promise<Response> {
  return new Ferry(TABLE).fetch(url, { headers });
}

describe("a client is told the hosts, each as it would be written", () => {
  it.each([
    [
      "http://nobody.example.com",
      "docker.example.com, ghcr.example.com, mirror.example.com, hub.example.org",
    ],
    [
      "http://a.b.example.com",
      "docker.b.example.com, ghcr.b.example.com, mirror.b.example.com, hub.example.org",
    ],
    ["http://example.com", "docker.example.com, ghcr.example.com, mirror.example.com, hub.example.org"],
    [
      "http://nobody.example.com:8443",
      "docker.example.com:8443, ghcr.example.com:8443, mirror.example.com:8443, hub.example.org",
    ],
    ["http://203.0.113.7", "docker.<your domain>, ghcr.<your domain>, mirror.<your domain>, hub.example.org"],
    ["http://intranet", "docker.<your domain>, ghcr.<your domain>, mirror.<your domain>, hub.example.org"],
  ])("%s", async (host, hosts) => {
    for (const path of ["/v2/", "/v2/a/b/manifests/x", "/v1/search?q=x", "/", "/x"]) {
      const headers: Record<string, string> = path.startsWith("/v") ? BROWSER : {};
      const response = await ask(host + path, headers);
      expect(response.status).toBe(404);
      const { errors } = await response.json<{
        errors: { message: string; detail: { hosts: string[] } }[];
      }>();
      const named = errors[0]?.detail.hosts ?? [];
      expect(errors[0]?.message).toContain(`There are: ${named.join(", ")}.`);
      expect([...named].sort()).toEqual(hosts.split(", ").sort());
    }
  });
});

describe("a browser gets a page", () => {
  it.each(["/", "/some/path", "/V2/", "/v2x"])(
    "at %s, with links to the hosts that exist for sure",
    async (path) => {
      const response = await ask(`https://nobody.example.com${path}`, BROWSER);
      expect(response.status).toBe(404);
      expect(response.headers.get("Content-Type")).toBe("text/html; charset=utf-8");
      expect(response.headers.get("Content-Security-Policy")).toContain("default-src 'none'");
      expect(response.headers.get("X-Robots-Tag")).toBe("noindex");
      const page = await response.text();
      // Of a label nobody knows whether it was ever set up.
      expect(page).not.toContain("docker.example.com");
      expect(page).toContain('href="https://hub.example.org/"');
      expect(page).toContain("nobody.example.com");
    },
  );

  it("also of a HEAD, and not of a write", async () => {
    const head = await new Ferry(TABLE).fetch("https://nobody.example.com/", {
      method: "HEAD",
      headers: BROWSER,
    });
    expect([head.status, head.body]).toEqual([404, null]);
    const posted = await new Ferry(TABLE).fetch("https://nobody.example.com/", {
      method: "POST",
      headers: BROWSER,
    });
    expect(posted.headers.get("Content-Type")).toBe("application/json");
  });

  it("with the hosts of HOSTS that the table serves", async () => {
    const HOSTS = "ghcr.example.com, nowhere.example.com";
    const response = await new Ferry(TABLE, { HOSTS }).fetch("https://nobody.example.com/", {
      headers: BROWSER,
    });
    const page = await response.text();
    expect(page).toContain('href="https://ghcr.example.com/"');
    expect(page).not.toContain("nowhere.example.com");
  });

  it("that says what a visitor can do, and what the owner", async () => {
    const page = await (await ask("https://203.0.113.7/", BROWSER)).text();
    expect(page).toContain("203.0.113.7 reaches this proxy");
    expect(page).toContain("<code>[vars.ROUTES]</code>");
    expect(page).toContain("ask them for the right one");
  });
});
