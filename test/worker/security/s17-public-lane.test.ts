// S17: bounds of the public lane. What a registry makes large or breaks off is an error that clients know.
import { afterEach, describe, expect, it, vi } from "vitest";
import { AnonymousFerry, codeOf } from "../client-ferry.ts";
import { forgetIsolate } from "../ferry.ts";
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

  it("F2: a manifest of more than 256 KiB is passed as it comes, and not held", async () => {
    const { ferry } = play("wants tokens", (request) => {
      // It never ends: whoever reads all of it before he answers does not answer.
      const stalled = new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array(9)) });
      const headers = {
        "Content-Type": "application/vnd.oci.image.manifest.v1+json",
        "Content-Length": String(256 * 1024 + 1),
        "Docker-Content-Digest": DIGEST,
      };
      return new Response(request.method === "HEAD" ? null : stalled, { headers });
    });
    for (const [, path] of READS.slice(0, 2)) {
      const response = await ferry.fetch(HOST + path);
      expect([response.status, response.headers.get("X-Cache")]).toEqual([200, "bypass"]);
      expect(response.headers.get("Docker-Content-Digest")).toBe(DIGEST);
      await response.body?.cancel();
    }
  });

  it("large documents without a length: a few at once, the others are told to come back, small ones are not", async () => {
    const half = new Uint8Array(2 * 1024 * 1024);
    const { ferry } = play("wants tokens", ({ method, url }) => {
      const headers = { "Content-Type": "application/vnd.oci.image.manifest.v1+json" };
      if (method === "HEAD") return new Response(null, { headers });
      const isSmall = url.pathname.endsWith("/small");
      const body = new ReadableStream({
        start(controller) {
          controller.enqueue(isSmall ? new TextEncoder().encode("{}") : half);
          if (isSmall) controller.close();
        },
      });
      return new Response(body, { headers });
    });
    const ask = (tag: string): Promise<Response> => ferry.fetch(`${HOST}/v2/team/app/manifests/${tag}`);
    const answers: Response[] = [];
    for (let index = 0; index < 12; index += 1)
      void ask(`large-${String(index)}`).then((one) => answers.push(one));
    await vi.waitFor(() => expect(answers).toHaveLength(3));
    for (const answer of answers) {
      expect([answer.status, answer.headers.get("Retry-After")]).toEqual([503, "2"]);
      expect(await codeOf(answer)).toBe("UNAVAILABLE");
    }
    expect((await ask("small")).status).toBe(200);
    forgetIsolate();
  });

  it("a tag list that names its repository first passes as it comes, under the client's name", async () => {
    const tags = `["${"0123456789abcdef".repeat(64)}"`;
    const { upstream } = play("wants tokens", () => {
      const first = new TextEncoder().encode(`{ "name" : "library/hello","tags":${tags}`);
      let sent = 0;
      const body = new ReadableStream({
        pull(controller) {
          sent += 1;
          // More than is ever read whole.
          if (sent === 1) controller.enqueue(first);
          else if (sent <= 80) controller.enqueue(new Uint8Array(64 * 1024).fill(32));
          else if (sent === 81) controller.enqueue(new TextEncoder().encode("]}"));
          else controller.close();
        },
      });
      return new Response(body, { headers: { "Content-Type": "application/json" } });
    });
    const ferry = new AnonymousFerry({ harbor: { upstream, mirrors: [], library: true } });
    const response = await ferry.fetch(`${HOST}/v2/hello/tags/list`);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ name: "hello", tags: ["0123456789abcdef".repeat(64)] });
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
