// What a person reads who wrote a name or a login as one might: what is wrong with it, and what to write.
import { describe, expect, it } from "vitest";
import { parseChallenges } from "../../../src/distribution/challenge.ts";
import { basic, Ferry } from "../ferry.ts";
import {
  CANARY,
  GHCR,
  HUB,
  HUB_AUTH,
  publicRegistries,
  TABLE,
  unauthorized,
  type Answer,
} from "../internet.ts";

const MIRROR = "https://mirror.example.com";
const LOGIN = { Authorization: basic("alice", CANARY.hubPassword) };

function messageOf(answer: Answer): string {
  const { errors } = JSON.parse(answer.body) as { errors: { code: string; message: string }[] };
  return `${answer.status} ${errors[0]?.code}: ${errors[0]?.message}`;
}

function tokenOf(answer: Answer): string {
  return (JSON.parse(answer.body) as { token: string }).token;
}

describe("a registry that is not served here", () => {
  it.each([{}, LOGIN])(
    "gets our anonymous bearer, and the resource says what is wrong (%j)",
    async (headers) => {
      for (const scope of ["evil.example/a/b:pull", "ghcr.oi/a/b:pull,push", "ghcr.io:pull"]) {
        const internet = publicRegistries();
        const ferry = new Ferry(TABLE);
        const url = `${MIRROR}/v2/auth?scope=repository:${scope}`;
        expect(tokenOf(await internet.ask(ferry, url, { headers }))).toBe("ferry.anonymous");
        const [name = ""] = scope.split(":", 1);
        const bearer = { Authorization: "Bearer ferry.anonymous" };
        const answer = await internet.ask(ferry, `${MIRROR}/v2/${name}/manifests/x`, { headers: bearer });
        expect(messageOf(answer)).toMatch(/^404 NAME_UNKNOWN: /);
        expect(internet.requests).toEqual([]);
      }
    },
  );

  it("beside one that is served: the token is that one's", async () => {
    const internet = publicRegistries();
    const url = `${MIRROR}/v2/auth?scope=repository:evil.example/a:pull&scope=repository:me/app:pull`;
    expect((await internet.ask(new Ferry(TABLE), url, { headers: LOGIN })).status).toBe(200);
    expect(internet.to(HUB_AUTH)[0]?.url.searchParams.getAll("scope")).toEqual(["repository:me/app:pull"]);
  });
});

describe("a registry where an image is meant", () => {
  it.each([
    [`${MIRROR}/v2/ghcr.io/manifests/latest`, "ghcr.io/<owner>"],
    ["https://docker.example.com/v2/docker.io/manifests/latest", "<owner>"],
  ])("%s", async (url, form) => {
    // Their paths have a name of one part.
    const name = url.includes("mirror") ? "ghcr.io" : "docker.io";
    const internet = publicRegistries();
    for (const path of [`${new URL(url).origin}/v2/${name}/tags/list`, url]) {
      const said = messageOf(await internet.ask(new Ferry(TABLE), path));
      expect(said).toContain("404 NAME_UNKNOWN");
      expect(said).toContain(`"${name}" is a registry, not an image`);
      expect(said).toContain(form);
    }
    expect(internet.requests).toEqual([]);
  });

  it("is a repository like any other where ns= says the registry, or its name stands before it", async () => {
    const internet = publicRegistries();
    const headers = { Authorization: "Bearer a.token" };
    const url = "https://docker.example.com/v2/docker.io/ghcr.io/tags/list";
    expect((await internet.ask(new Ferry(TABLE), url, { headers })).status).toBe(200);
    expect(internet.to(HUB)[0]?.url.pathname).toBe("/v2/library/ghcr.io/tags/list");
  });
});

describe("a registry's name on a host of another", () => {
  it.each([
    ["docker", "ghcr.io/owner/image", "docker.io", "ghcr.example.com/owner/image"],
    ["ghcr", "docker.io/library/nginx", "ghcr.io", "docker.example.com/library/nginx"],
    ["ghcr", "index.docker.io/library/nginx", "ghcr.io", "docker.example.com/library/nginx"],
  ])("%s.example.com/%s", async (label, name, only, instead) => {
    const internet = publicRegistries();
    for (const headers of [{}, LOGIN, { Authorization: "Bearer ferry.anonymous" }]) {
      const url = `https://${label}.example.com/v2/${name}/manifests/x`;
      const said = messageOf(await internet.ask(new Ferry(TABLE), url, { headers }));
      expect(said.toLowerCase()).toContain("404 name_unknown");
      expect(said.toLowerCase()).toContain(`this host serves ${only} only`);
      expect(said).toContain(`Write ${instead} instead.`);
    }
    expect(internet.requests).toEqual([]);
  });

  it.each([
    ["docker.example.org:8443", "ghcr.example.org:8443/owner/image"],
    ["docker", "ghcr.<your domain>/owner/image"],
  ])("on %s", async (host, instead) => {
    const said = messageOf(
      await publicRegistries().ask(new Ferry(TABLE), "https://docker/v2/ghcr.io/owner/image/tags/list", {
        headers: { Host: host },
      }),
    );
    expect(said).toContain(`Write ${instead} instead.`);
  });

  it("that has a full name", async () => {
    const { ghcr, ...others } = TABLE;
    const ferry = new Ferry({ ...others, "packages.example.net": ghcr });
    const url = "https://docker.example.com/v2/ghcr.io/owner/image/tags/list";
    const said = messageOf(await publicRegistries().ask(ferry, url));
    expect(said).toContain("Write packages.example.net/owner/image instead.");
  });

  it("but an owner's registry may have a repository that is called so", async () => {
    const upstream = "https://harbor.example";
    const internet = publicRegistries().host(upstream, () => Response.json({}));
    const ferry = new Ferry({ ...TABLE, harbor: upstream });
    const url = "https://harbor.example.com/v2/docker.io/library/nginx/tags/list";
    expect((await internet.ask(ferry, url)).status).toBe(200);
    expect(internet.to(upstream).at(-1)?.url.pathname).toBe("/v2/docker.io/library/nginx/tags/list");
  });
});

describe("a wrong password on a universal host", () => {
  it.each<[string, Record<string, unknown> | undefined]>([
    ["in the Hub's words", { details: "incorrect username or password" }],
    ["in words of the protocol", { errors: [{ code: "UNAUTHORIZED", message: "no" }] }],
    ["without words", undefined],
  ])("of a plain user name, %s: it was taken as a login to Docker Hub", async (_, said) => {
    const internet = publicRegistries().host(HUB_AUTH, () =>
      said === undefined ? new Response(null, { status: 401 }) : Response.json(said, { status: 401 }),
    );
    const answer = await internet.ask(new Ferry(TABLE), `${MIRROR}/v2/auth?account=alice`, {
      headers: LOGIN,
    });
    expect(messageOf(answer)).toContain(
      "taken as a login to Docker Hub; for ghcr.io log in as ghcr.io/alice",
    );
    // docker shows `details` where they are.
    if (said?.["details"] !== undefined) {
      expect(JSON.parse(answer.body)).toMatchObject({
        details: expect.stringContaining("incorrect username or password") as string,
      });
      expect((JSON.parse(answer.body) as { details: string }).details).toContain("ghcr.io/alice");
    }
  });

  it("of a user name with its registry: the registry's own words", async () => {
    const challenge = `Bearer realm="${GHCR}/token"`;
    const internet = publicRegistries().host(GHCR, ({ url }) =>
      url.pathname === "/token" ? Response.json({ message: "no" }, { status: 401 }) : unauthorized(challenge),
    );
    const headers = { Authorization: basic("ghcr.io/alice", "x") };
    const answer = await internet.ask(new Ferry(TABLE), `${MIRROR}/v2/auth`, { headers });
    expect(messageOf(answer)).toBe("401 UNAUTHORIZED: no");
  });
});

describe("a login that was left aside", () => {
  it("is spoken of in the resource's 401", async () => {
    const internet = publicRegistries().host(GHCR, ({ url }) =>
      url.pathname === "/token"
        ? new Response(null, { status: 403 })
        : unauthorized(`Bearer realm="${GHCR}/token",service="ghcr.io"`),
    );
    const ferry = new Ferry(TABLE);
    const url = `${MIRROR}/v2/auth?account=alice&scope=repository:ghcr.io/owner/image:pull`;
    const token = tokenOf(await internet.ask(ferry, url, { headers: LOGIN }));
    const ask = (bearer: string): Promise<Answer> =>
      internet.ask(ferry, `${MIRROR}/v2/ghcr.io/owner/image/manifests/x`, {
        headers: { Authorization: `Bearer ${bearer}` },
      });
    const refused = await ask(token);
    expect(refused.headers.get("WWW-Authenticate")).toContain('error="insufficient_scope"');
    expect(messageOf(refused)).toMatch(/left aside.*as ghcr\.io\/alice for alice of ghcr\.io/);
    // docker shows this in place of the body, which it shows nothing of.
    expect(
      parseChallenges(refused.headers.get("WWW-Authenticate"))[0]?.parameters.get("error_description"),
    ).toMatch(/^Your login .*left aside.*as ghcr\.io\/alice for alice of ghcr\.io/);
    const nobody = await ask("ferry.anonymous");
    expect(messageOf(nobody)).not.toContain("left aside");
    expect(nobody.headers.get("WWW-Authenticate")).not.toContain("error_description");
    internet.expectCanaryOnlyAt(CANARY.hubPassword, []);
  });

  it("is served like nobody's where everybody may read", async () => {
    const internet = publicRegistries();
    const ferry = new Ferry(TABLE);
    const headers = { Authorization: "Bearer ferry.aside" };
    expect((await internet.ask(ferry, `${MIRROR}/v2/`, { headers })).status).toBe(200);
    expect((await internet.ask(ferry, `${MIRROR}/v2/ghcr.io/a/b/tags/list`, { headers })).status).toBe(200);
    for (const { headers: sent } of internet.requests) {
      expect(sent.get("Authorization") ?? "").not.toContain("ferry.");
    }
  });
});
