// S17: bounds of the public lane. What a registry makes large or breaks off is an error that clients know.
import { afterEach, describe, expect, it, vi } from "vitest";
import { AnonymousFerry, codeOf } from "../client-ferry.ts";
import { forgetIsolate } from "../ferry.ts";
import { DIGEST, HOST, play, READS } from "../played-registry.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

describe("S17: what a registry makes large or breaks", () => {
  const endless = (): Response => {
    // Not quite endless, so that a Worker that reads on fails this test and does not hang it.
    let pulled = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled += 1;
        if (pulled > 500) controller.close();
        else controller.enqueue(new Uint8Array(64 * 1024).fill(32));
      },
    });
    return new Response(body, { headers: { "Content-Type": "application/json" } });
  };

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

  it.each([
    ["with its length", { "Content-Length": String(256 * 1024 + 1) }],
    ["without a length", {}],
  ])("F2: a manifest of more than 256 KiB %s is passed as it comes, and not held", async (_, length) => {
    const { ferry } = play("wants tokens", (request) => {
      // It never ends: whoever reads all of it before he answers does not answer.
      const stalled = new ReadableStream({
        start: (controller) => controller.enqueue(new Uint8Array(256 * 1024 + 1).fill(32)),
      });
      const headers = {
        "Content-Type": "application/vnd.oci.image.manifest.v1+json",
        "Docker-Content-Digest": DIGEST,
        ...length,
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

  it("large tag lists that must be read: a few at once, the others are told to come back, small ones are not", async () => {
    const half = new Uint8Array(2 * 1024 * 1024).fill(32);
    const { upstream } = play("wants tokens", ({ url }) => {
      const isSmall = url.pathname.endsWith("/small/tags/list");
      const body = new ReadableStream({
        start(controller) {
          controller.enqueue(isSmall ? new TextEncoder().encode('{"tags":[]}') : half);
          if (isSmall) controller.close();
        },
      });
      return new Response(body, { headers: { "Content-Type": "application/json" } });
    });
    const ferry = new AnonymousFerry({ harbor: { upstream, mirrors: [], library: true } });
    const ask = (name: string): Promise<Response> => ferry.fetch(`${HOST}/v2/${name}/tags/list`);
    const answers: Response[] = [];
    for (let index = 0; index < 12; index += 1) {
      void ask(`large-${String(index)}`).then((one) => answers.push(one));
    }
    await vi.waitFor(() => expect(answers).toHaveLength(10));
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
      [() => endless(), 502],
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
