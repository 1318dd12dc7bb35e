// `docker search <host>/nginx`: on hosts that serve Docker Hub, JSON only, and without anybody's login.
import { afterEach, describe, expect, it, vi } from "vitest";
import { basic, Ferry } from "../ferry.ts";
import { codeOf, fakeUpstream, namesOf, type Departed } from "../client-ferry.ts";
import { startUniversal, UNIVERSAL_HOSTS } from "./ferry.ts";

const TABLE = {
  docker: "https://registry-1.docker.io",
  ghcr: "https://ghcr.io",
  mirror: "*",
};
const RESULT = {
  query: "nginx",
  num_results: 1,
  results: [{ name: "nginx", description: "", star_count: 1 }],
};
const SEARCHED = ["docker.example.com", ...UNIVERSAL_HOSTS];

afterEach(() => {
  vi.restoreAllMocks();
});

function answering(make: (request: Departed) => Response = () => Response.json(RESULT)): Departed[] {
  return fakeUpstream(make);
}

describe.each(SEARCHED)("on %s", (host) => {
  it("/v1/_ping is there, and nobody is asked", async () => {
    const departed = answering();
    for (const method of ["GET", "HEAD"]) {
      const response = await new Ferry(TABLE).fetch(`http://${host}/v1/_ping`, { method });
      expect(response.status).toBe(200);
      expect(response.headers.get("Content-Type")).toBe("application/json");
      expect(response.headers.get("X-Docker-Registry-Version")).not.toBeNull();
    }
    expect(departed).toEqual([]);
  });

  it.each([
    ["?q=nginx&n=25", "?q=nginx&n=25"],
    ["?q=a%2Fb%7e+c&page=2&x", "?q=a%2Fb%7e+c&page=2&x"],
    ["?ns=docker.io&q=nginx", "?q=nginx"],
    ["?q=nginx&n%73=index.docker.io&n=1", "?q=nginx&n=1"],
    ["?q=%zz&&", "?q=%zz&&"],
    ["", ""],
  ])("/v1/search%s asks Docker Hub's index %s", async (query, expected) => {
    const departed = answering();
    const response = await new Ferry(TABLE).fetch(`http://${host}/v1/search${query}`);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual(RESULT);
    expect(departed.map(({ url }) => url.origin + url.pathname)).toEqual([
      "https://index.docker.io/v1/search",
    ]);
    expect(departed[0]?.url.search).toBe(expected);
  });

  it("sends no credentials, neither a login nor docker's own token", async () => {
    const departed = answering();
    await new Ferry(TABLE).fetch(`http://${host}/v1/search?q=nginx`, {
      headers: {
        Authorization: basic("alice", "password"),
        "X-Docker-Token": "true",
        Cookie: "a=b",
        Accept: "application/json",
      },
    });
    const names = departed.flatMap(({ headers }) => namesOf(headers));
    expect(names).not.toContain("authorization");
    expect(names).not.toContain("x-docker-token");
    expect(names).not.toContain("cookie");
  });

  it.each([
    ["HTML", 200, "text/html", 502],
    ["nothing said of its type", 200, "", 502],
    ["a page of an error", 503, "text/html", 503],
    ["a refusal in prose", 429, "text/plain", 429],
    ["Cloudflare's own trouble", 525, "text/html", 503],
  ])("an answer that is no JSON is none: %s", async (_, status, type, expected) => {
    const headers: Record<string, string> = type === "" ? {} : { "Content-Type": type };
    answering(() => new Response(new TextEncoder().encode("<html>"), { status, headers }));
    const response = await new Ferry(TABLE).fetch(`http://${host}/v1/search?q=nginx`);
    expect(response.status).toBe(expected);
    expect(await response.clone().text()).not.toContain("<html>");
    await codeOf(response);
  });

  it.each(["POST", "PUT", "DELETE"])("%s is 405", async (method) => {
    const departed = answering();
    const response = await new Ferry(TABLE).fetch(`http://${host}/v1/search?q=x`, { method });
    expect(response.status).toBe(405);
    expect(response.headers.get("Allow")).toBe("GET, HEAD");
    expect(departed).toEqual([]);
  });
});

describe("where there is nothing to search: 404, and nothing leaves", () => {
  it.each([
    ["ghcr.example.com", "/v1/search?q=nginx"],
    ["ghcr.example.com", "/v1/_ping"],
    ["ghcr.example.com", "/v1/search?q=nginx&ns=docker.io"],
    ["mirror.example.com", "/v1/search?q=nginx&ns=ghcr.io"],
    ["mirror.example.com", "/v1/search?q=nginx&ns=evil.example"],
    ["docker.example.com", "/v1/search?q=nginx&ns=ghcr.io"],
    ["other.example.com", "/v1/search?q=nginx"],
    ["docker.example.com", "/v1/users/"],
    ["docker.example.com", "/v1/search/"],
    ["docker.example.com", "/v1/_ping/x"],
    ["docker.example.com", "/v1/"],
    ["mirror.example.com", "/v1/repositories/nginx/images"],
  ])("%s%s", async (host, path) => {
    const departed = answering();
    const response = await new Ferry(TABLE).fetch(`http://${host}${path}`);
    expect(response.status).toBe(404);
    expect(await codeOf(response)).toBe("NAME_UNKNOWN");
    expect(departed).toEqual([]);
  });

  it("a universal host without a row for Docker Hub", async () => {
    const departed = answering();
    const ferry = new Ferry({ ghcr: "https://ghcr.io", mirror: "*" });
    expect((await ferry.fetch("http://mirror.example.com/v1/search?q=x")).status).toBe(404);
    expect((await ferry.fetch("http://mirror.example.com/v1/_ping")).status).toBe(404);
    expect(departed).toEqual([]);
  });

  it("two ns= are 400", async () => {
    const departed = answering();
    const url = "http://mirror.example.com/v1/search?q=x&ns=docker.io&ns=docker.io";
    expect((await new Ferry(TABLE).fetch(url)).status).toBe(400);
    expect(departed).toEqual([]);
  });
});

describe("a search of the embedded registry", () => {
  it("finds what it has", async () => {
    const { hub, ferry, close } = await startUniversal();
    await hub.seedImage({ repository: "library/hello" });
    for (const host of ["docker.example.com", "mirror.example.com"]) {
      const response = await ferry.fetch(`http://${host}/v1/search?q=hel&n=5`);
      const { results } = await response.json<{ results: { name: string }[] }>();
      expect(results.map(({ name }) => name)).toEqual(["hello"]);
    }
    await close();
  });
});
