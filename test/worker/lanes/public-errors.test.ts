// Errors in the public lane are those of the client lane: the registry's own words, no page for people, and in time.
import { afterEach, describe, expect, it, vi } from "vitest";
import { codeOf } from "../client-ferry.ts";
import {
  expectAfter,
  failure,
  HOST,
  HTML,
  JSON_TYPE,
  KINDS,
  LIMITS,
  PAGE,
  play,
  READS,
  say,
  SCOPE,
} from "../played-registry.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe.each(KINDS)("errors of a registry that %s", (kind) => {
  describe.each(READS)("%s", (what, path) => {
    it.each([400, 404, 409, 413, 429, 500, 502, 503, 504])("%i passes, with its limits", async (status) => {
      const { ferry } = play(kind, (request) => say(request, failure, status, { ...JSON_TYPE, ...LIMITS }));
      const response = await ferry.fetch(HOST + path);
      expect(response.status).toBe(status);
      for (const [name, value] of Object.entries(LIMITS)) expect(response.headers.get(name)).toBe(value);
      const text = await response.text();
      const { errors } = JSON.parse(text) as { errors: { message: string }[] };
      // A tag is asked by HEAD, whose answer has no words: then they are ours.
      if (what !== "a tag") expect(errors[0]?.message).toBe("of the registry");
      expect(errors).toHaveLength(1);
      const length = response.headers.get("Content-Length");
      if (length !== null) expect(length).toBe(String(text.length));
    });

    it.each([401, 403])("%i is 401 insufficient_scope", async (status) => {
      const { ferry } = play(kind, (request) => say(request, failure, status, JSON_TYPE));
      const response = await ferry.fetch(HOST + path);
      expect(response.status).toBe(401);
      const challenge = response.headers.get("WWW-Authenticate");
      expect(challenge).toContain(`Bearer realm="${HOST}/v2/auth"`);
      expect(challenge).toContain(what === "the catalog" ? 'scope="registry:catalog:*"' : SCOPE);
      expect(challenge).toContain('error="insufficient_scope"');
      expect(await codeOf(response)).toBe("UNAUTHORIZED");
    });

    it.each([404, 429, 500, 503])("a page with %i is replaced, with GET and HEAD", async (status) => {
      for (const method of ["GET", "HEAD"]) {
        const { ferry } = play(kind, (request) => say(request, PAGE, status, { ...HTML, ...LIMITS }));
        const response = await ferry.fetch(HOST + path, { method });
        expect(response.status).toBe(status);
        expect(response.headers.get("Content-Type")).toBe("application/json");
        expect(response.headers.get("Retry-After")).toBe("9");
        expect(response.headers.get("Content-Length")).toBeNull();
        if (method === "HEAD") expect(response.body).toBeNull();
        else expect(await response.text()).not.toContain("<");
      }
    });

    it.each([520, 522, 530])("Cloudflare's own %i is 503", async (status) => {
      const { ferry } = play(kind, (request) => say(request, PAGE, status, HTML));
      const response = await ferry.fetch(HOST + path);
      expect(response.status).toBe(503);
      expect(await codeOf(response)).toBe("UNAVAILABLE");
    });

    it("success with a page is 502, but for a blob, which is not shown as one", async () => {
      for (const method of ["GET", "HEAD"]) {
        const { ferry } = play(kind, (request) => say(request, PAGE, 200, HTML));
        const response = await ferry.fetch(HOST + path, { method });
        expect(response.status).toBe(what === "a blob" ? 200 : 502);
        if (what === "a blob") expect(response.headers.get("Content-Type")).toBe("application/octet-stream");
        else if (method === "GET") expect(await codeOf(response)).toBe("UNKNOWN");
      }
    });

    it.each(["GET", "HEAD"])("a dropped connection is 503 (%s)", async (method) => {
      const { ferry } = play(kind, () => Promise.reject(new TypeError("lost")));
      const response = await ferry.fetch(HOST + path, { method });
      expect(response.status).toBe(503);
      if (method === "HEAD") expect(response.body).toBeNull();
      else expect(await codeOf(response)).toBe("UNAVAILABLE");
    });

    it("silence is 503 after 25 seconds", async () => {
      vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
      const { ferry } = play(kind, () => new Promise(() => undefined));
      await expectAfter(25, ferry.fetch(HOST + path));
    });

    it("a redirect that is refused is 502", async () => {
      for (const target of [
        "http://cdn.example.org/x?sig=secret",
        "https://10.0.0.1/x?sig=secret",
        undefined,
      ]) {
        const { ferry, asked } = play(
          kind,
          () =>
            new Response(null, { status: 307, headers: target === undefined ? {} : { Location: target } }),
        );
        const response = await ferry.fetch(HOST + path);
        expect(response.status).toBe(502);
        expect(await response.text()).not.toContain("secret");
        expect(new Set(asked.map(({ url }) => url.pathname))).toEqual(new Set([path]));
      }
    });
  });
});
