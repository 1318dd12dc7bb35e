// S17: bounds of the public lane. What a registry makes large or breaks off is an error that clients know.
import { afterEach, describe, expect, it, vi } from "vitest";
import { AnonymousFerry, codeOf } from "../client-ferry.ts";
import { DIGEST, HOST, play, READS } from "../played-registry.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

describe("S17: what a registry makes large or breaks", () => {
  const endless = (kind: "manifest" | "list"): Response => {
    // Not quite endless, so that a Worker that reads on fails this test and does not hang it.
    let pulled = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled += 1;
        if (pulled > 500) controller.close();
        else controller.enqueue(new Uint8Array(64 * 1024).fill(32));
      },
    });
    const type = kind === "list" ? "application/json" : "application/vnd.oci.image.manifest.v1+json";
    return new Response(body, { headers: { "Content-Type": type } });
  };

  it.each(READS.slice(0, 2))("%s of more than 4 MiB without a length is 502", async (_, path) => {
    const { ferry } = play("wants tokens", (request) =>
      request.method === "HEAD" ? new Response(null) : endless("manifest"),
    );
    const response = await ferry.fetch(HOST + path);
    expect(response.status).toBe(502);
    expect(await codeOf(response)).toBe("SIZE_INVALID");
  });

  it.each(READS.slice(0, 2))("%s that breaks off is 503, never 500", async (_, path) => {
    for (const headers of [{}, { "Docker-Content-Digest": DIGEST, "Content-Length": "9" }]) {
      const { ferry } = play("wants tokens", (request) => {
        if (request.method === "HEAD") return new Response(null, { headers });
        const body = new ReadableStream({ pull: (controller) => controller.error(new Error("lost")) });
        return new Response(body, { headers: { "Content-Type": "application/vnd.oci.image.index.v1+json" } });
      });
      const response = await ferry.fetch(HOST + path);
      expect(response.status).toBe(503);
      expect(await codeOf(response)).toBe("UNAVAILABLE");
    }
  });

  it("a tag list that must be mapped: 502 beyond 4 MiB, 503 where it breaks off", async () => {
    const broken = (): Response =>
      new Response(new ReadableStream({ pull: (controller) => controller.error(new Error("lost")) }));
    for (const [answer, status] of [
      [() => endless("list"), 502],
      [broken, 503],
    ] as const) {
      const { upstream } = play("wants tokens", answer);
      const ferry = new AnonymousFerry({ harbor: { upstream, mirrors: [], library: true } });
      const response = await ferry.fetch(`${HOST}/v2/hello/tags/list`);
      expect(response.status).toBe(status);
      expect(await codeOf(response)).toBe(status === 502 ? "SIZE_INVALID" : "UNAVAILABLE");
    }
  });
});
