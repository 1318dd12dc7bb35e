// S5: where a redirect may lead, and what goes along (CVE-2026-50151, CVE-2026-12566, Go's CVE-2024-45336).
import { describe, expect, it } from "vitest";
import { Ferry } from "../ferry.ts";
import {
  CANARY,
  HUB,
  HUB_AUTH,
  located,
  publicRegistries,
  TABLE,
  unauthorized,
  type Answer,
  type Handler,
  type Internet,
  type Outgoing,
} from "../internet.ts";

const BLOB = `/v2/library/nginx/blobs/sha256:${"a".repeat(64)}`;
const TOKEN = CANARY.hubToken;
const CDN = "https://cdn.example";

type Lane = "client" | "public";
let repositories = 0;

/** A client with a token and everything else that could be a secret asks for a blob. */
async function download(internet: Internet, init: RequestInit = {}, lane: Lane = "client"): Promise<Answer> {
  const headers = new Headers(init.headers);
  headers.set("Authorization", lane === "client" ? `Bearer ${TOKEN}` : "Bearer ferry.anonymous");
  headers.set("X-Docker-Token", CANARY.legacyToken);
  headers.set("Cookie", CANARY.cookie);
  // What the public lane proves and keeps outlives a test: each has a repository of its own.
  const blob = lane === "client" ? BLOB : BLOB.replace("nginx", `nginx${(repositories += 1)}`);
  return internet.ask(new Ferry(TABLE), `https://docker.example.com${blob}`, { ...init, headers });
}

/** Docker Hub, which answers resources so; the public lane asks for its challenge and a token before. */
function hub(answer: Handler): Internet {
  return publicRegistries().host(HUB, (request) =>
    isLearning(request) ? unauthorized(`Bearer realm="${HUB_AUTH}/token"`) : answer(request),
  );
}

function isLearning({ url, headers }: Outgoing): boolean {
  return url.origin === HUB && url.pathname === "/v2/" && !headers.has("Authorization");
}

/** What was asked beside challenge and token. */
function resources(internet: Internet): Outgoing[] {
  return internet.requests.filter((request) => !isLearning(request) && request.url.origin !== HUB_AUTH);
}

const LANES = ["client", "public"] as const;

describe.each(LANES)("S5: redirects that are refused with 502, and nothing asked there (%s lane)", (lane) => {
  it.each([
    ["http", `http://cdn.example/x`],
    ["http of the registry itself", "http://registry-1.docker.io/x"],
    ["ftp", "ftp://cdn.example/x"],
    ["file", "file:///etc/passwd"],
    ["javascript", "javascript:alert(1)"],
    ["an unusual port", "https://cdn.example:8443/x"],
    ["an unusual port of the registry", "https://registry-1.docker.io:8443/x"],
    ["port 80 by https", "https://cdn.example:80/x"],
    ["a user", "https://user@cdn.example/x"],
    ["a user and a password", "https://user:password@cdn.example/x"],
    ["a user at the registry itself", "https://user@registry-1.docker.io/x"],
    ["a host that looks like a user", "https://registry-1.docker.io@169.254.169.254/x"],
    ["loopback", "https://127.0.0.1/x"],
    ["loopback with a dot behind it", "https://127.0.0.1./x"],
    ["loopback, short", "https://127.1/x"],
    ["loopback as a number", "https://2130706433/x"],
    ["loopback in hexadecimal", "https://0x7f.0x1/x"],
    ["loopback in octal", "https://017700000001/x"],
    ["loopback with escapes", "https://%31%32%37.0.0.1/x"],
    ["loopback in circled digits", "https://%E2%91%A0%E2%91%A1%E2%91%A6.0.0.1/x"],
    ["loopback with ideographic dots", "https://127%E3%80%820%E3%80%820%E3%80%821/x"],
    ["IPv6 loopback", "https://[::1]/x"],
    ["IPv4 in IPv6", "https://[::ffff:169.254.169.254]/x"],
    ["the metadata address", "https://169.254.169.254/latest/meta-data/"],
    ["a public address", "https://8.8.8.8/x"],
    ["localhost", "https://localhost/x"],
    ["LOCALHOST.", "https://LOCALHOST./x"],
    ["localhost with two dots", "https://localhost../x"],
    ["a name below localhost", "https://a.localhost/x"],
    ["a .local name", "https://printer.local/x"],
    ["a .local name with a dot behind it", "https://printer.local./x"],
    ["a .internal name", "https://metadata.google.internal/x"],
    [".internal with two dots", "https://metadata.google.internal../x"],
    ["a name of one part", "https://intranet/x"],
    ["our own host", `https://docker.example.com${BLOB}`],
    ["our own host in capitals", `https://DOCKER.EXAMPLE.COM${BLOB}`],
    ["our own host with a dot behind it", `https://docker.example.com.${BLOB}`],
    ["another host of our table", "https://ghcr.example.com/v2/"],
    ["another host of our table with a dot behind it", "https://ghcr.example.com./v2/"],
    ["our universal host", "https://mirror.example.com/v2/"],
    ["a host of our table by its full name", "https://hub.example.net/v2/"],
    ["a host of our table by its full name with a dot behind it", "https://hub.example.net./v2/"],
    ["no valid address", "https://"],
    ["nothing", ""],
    ["a network path to an address", "//169.254.169.254/x"],
    ["backslashes to an address", "\\\\169.254.169.254\\x"],
  ])("%s", async (_, location) => {
    for (const status of [301, 302, 303, 307, 308]) {
      const internet = hub(() => located(location, status));
      const answer = await download(internet, {}, lane);
      if (location === "") {
        expect(answer.status).toBe(502);
        continue;
      }
      expect(answer.status).toBe(502);
      expect(resources(internet)).toHaveLength(1);
      expect(answer.headers.get("Location")).toBeNull();
    }
  });

  it("more than five, or a loop, or none", async () => {
    const circle = hub(({ url }) => located(url.href));
    expect((await download(circle, {}, lane)).status).toBe(502);
    expect(resources(circle)).toHaveLength(6);

    let hops = 0;
    const chain = hub(() => located(`/${(hops += 1)}`));
    expect((await download(chain, {}, lane)).status).toBe(502);

    const nowhere = hub(() => new Response(null, { status: 307 }));
    expect((await download(nowhere, {}, lane)).status).toBe(502);
  });

  it("five are followed", async () => {
    let hops = 0;
    const internet = hub(() => (hops++ < 5 ? located(`/${hops}`) : new Response("blob")));
    expect((await download(internet, {}, lane)).body).toBe("blob");
  });
});

describe("S5: redirects of writes are refused with 502", () => {
  it.each(["PUT", "POST", "PATCH", "DELETE"])("those of a %s", async (method) => {
    const internet = publicRegistries().host(HUB, () => located(`${CDN}/x`));
    const path = method === "POST" || method === "PATCH" ? "/v2/a/b/blobs/uploads/" : "/v2/a/b/manifests/x";
    const url = `https://docker.example.com${path}${method === "PATCH" ? "session" : ""}`;
    const headers = { Authorization: `Bearer ${TOKEN}` };
    const answer = await internet.ask(new Ferry(TABLE), url, {
      method,
      headers,
      ...(method === "DELETE" ? {} : { body: "layer" }),
    });
    expect(answer.status).toBe(502);
    expect(internet.requests).toHaveLength(1);
  });
});

describe("S5: what goes along", () => {
  it("no token of ours to another origin, nor back at the registry", async () => {
    const internet = hub(({ url }) =>
      url.pathname === "/back" ? new Response("blob") : located(`${CDN}/blob`),
    );
    internet.host(CDN, () => located(`${HUB}/back`));
    const answer = await download(internet, { headers: { Range: "bytes=2-5", Accept: "a/b" } }, "public");
    expect(answer.body).toBe("blob");
    const sent = resources(internet).map(({ url, headers }) => [url.origin, headers.get("Authorization")]);
    expect(sent).toEqual([
      [HUB, `Bearer ${TOKEN}`],
      [CDN, null],
      [HUB, null],
    ]);
    for (const { headers } of resources(internet)) {
      expect([headers.get("Range"), headers.get("Accept")]).toEqual(["bytes=2-5", "*/*"]);
    }
    internet.expectCanaryOnlyAt(TOKEN, [HUB]);
    internet.expectCanaryOnlyAt(CANARY.legacyToken, []);
    internet.expectCanaryOnlyAt(CANARY.cookie, []);
  });

  it("no credentials to another origin; Range and Accept stay", async () => {
    const internet = publicRegistries()
      .host(HUB, () => located(`${CDN}/blob?signature=x`))
      .host(CDN, () => new Response("part", { status: 206 }));
    await download(internet, { headers: { Range: "bytes=2-5", Accept: "a/b" } });
    const [hop] = internet.to(CDN);
    expect(hop?.headers.get("Range")).toBe("bytes=2-5");
    expect(hop?.headers.get("Accept")).toBe("a/b");
    internet.expectCanaryOnlyAt(TOKEN, [HUB]);
    internet.expectCanaryOnlyAt(CANARY.legacyToken, [HUB]);
    internet.expectCanaryOnlyAt(CANARY.cookie, []);
  });

  it("dropped once, credentials stay dropped (A to B to A, and A to B to A to A)", async () => {
    const internet = publicRegistries()
      .host(CDN, () => located(`${HUB}/back`))
      .host(HUB, ({ url }) => {
        if (url.pathname === "/back") return located("/again");
        return url.pathname === "/again" ? new Response("blob") : located(`${CDN}/blob`);
      });
    await download(internet);
    const [first, ...later] = internet.to(HUB);
    expect(first?.headers.get("Authorization")).toBe(`Bearer ${TOKEN}`);
    expect(later).toHaveLength(2);
    for (const { headers } of later) {
      expect(headers.has("Authorization")).toBe(false);
      expect(headers.has("X-Docker-Token")).toBe(false);
    }
  });

  it("credentials on the registry's own origin, relative or absolute", async () => {
    for (const location of [
      "/x",
      "x",
      `${HUB}/x`,
      "https://registry-1.docker.io:443/x",
      "//registry-1.docker.io/x",
    ]) {
      const internet = publicRegistries().host(HUB, ({ url }) =>
        url.pathname.endsWith("/x") ? new Response("blob") : located(location),
      );
      expect((await download(internet)).body).toBe("blob");
      expect(internet.to(HUB).at(-1)?.headers.get("Authorization")).toBe(`Bearer ${TOKEN}`);
    }
  });

  it("not to another registry of the table, nor to a sibling of the registry's host", async () => {
    for (const target of ["https://ghcr.io", "https://auth.docker.io", "https://evil.registry-1.docker.io"]) {
      const internet = publicRegistries()
        .host(HUB, () => located(`${target}/x`))
        .host(target, () => new Response("blob"));
      await download(internet);
      internet.expectCanaryOnlyAt(TOKEN, [HUB]);
    }
  });
});
