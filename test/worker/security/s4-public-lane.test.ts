// S4: the public lane asks no token service that is not known to be the registry's own.
import { afterEach, describe, expect, it, vi } from "vitest";
import { AnonymousFerry, fakeUpstream } from "../client-ferry.ts";
import { HOST, newUpstream, READS } from "../played-registry.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

describe("S4: a token service that is not known to be the registry's own", () => {
  it.each(READS)("%s is 502 that names its host, and nothing is asked there", async (_, path) => {
    const upstream = newUpstream();
    const challenge = 'Bearer realm="https://evil.example.org/token?x=secret"';
    const departed = fakeUpstream(
      () => new Response("{}", { status: 401, headers: { "WWW-Authenticate": challenge } }),
    );
    const response = await new AnonymousFerry({ harbor: { upstream, mirrors: [] } }).fetch(HOST + path);
    expect(response.status).toBe(502);
    const body = await response.text();
    expect(body).toContain("evil.example.org");
    expect(body).not.toMatch(/secret|realm =/);
    expect(departed.filter(({ url }) => url.origin !== upstream)).toEqual([]);
  });
});
