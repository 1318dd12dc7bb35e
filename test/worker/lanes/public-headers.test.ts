// The headers of an answer of the public lane: those on the lists, and the proxy's own.
import { afterEach, describe, expect, it, vi } from "vitest";
import { DIGEST, HOST, JSON_TYPE, LIMITS, play, READS, say } from "../played-registry.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

describe("the answer's own headers", () => {
  const KEPT = {
    "Set-Cookie": "a=b",
    Server: "nginx",
    Via: "1.1 varnish",
    "X-Amz-Request-Id": "1",
    "Docker-RateLimit-Source": "192.0.2.1",
    "Content-Disposition": "attachment",
    Refresh: "0; url=http://evil.example.com",
    "Access-Control-Allow-Origin": "*",
    Vary: "Cookie",
    "X-Cache": "of-the-registry",
    "Server-Timing": "of-the-registry",
  };
  it.each(READS)("%s has none that is on no list", async (_, path) => {
    const { ferry } = play("wants tokens", (request) =>
      say(request, "{}", 200, { ...KEPT, ...JSON_TYPE, "Docker-Content-Digest": DIGEST, ...LIMITS }),
    );
    for (const method of ["GET", "HEAD"]) {
      const response = await ferry.fetch(HOST + path, { method });
      expect(response.status).toBe(200);
      const names = [...response.headers.keys()];
      const strange = Object.keys(KEPT).slice(0, 9);
      expect(strange.filter((name) => names.includes(name.toLowerCase()))).toEqual([]);
      expect(response.headers.get("X-Cache")).toMatch(/^(hit|miss|bypass)$/);
      expect(response.headers.get("Server-Timing")).toMatch(/^upstream;dur=\d+$/);
      expect(response.headers.get("Cache-Control")).toBe("no-transform");
      // Of a tag that was asked a moment ago there is nothing new to say.
      const limit = response.headers.get("X-Cache") === "hit" ? null : "0;w=60";
      expect(response.headers.get("RateLimit-Remaining")).toBe(limit);
      await response.text();
    }
  });
});
