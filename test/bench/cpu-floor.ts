// The least that a proxy which keeps things must do, for comparison. To fill: one fetch, one native hash, one
// `cache.put`. Warm: one `cache.match`. It checks nothing, and the client says which of the two it wants.

interface Environment {
  UPSTREAM: string;
}

/** What the runtime gives beside the request. */
interface Context {
  waitUntil(work: Promise<unknown>): void;
}

const ORIGIN = "https://floor.invalid";
const HEADERS = { Authorization: "Bearer floor", Accept: "*/*" };

export default {
  async fetch(request: Request, env: Environment, context: Context): Promise<Response> {
    const { pathname } = new URL(request.url);
    const cache = await caches.open("floor");
    if (request.headers.get("X-Floor") === "warm") {
      return (await cache.match(ORIGIN + pathname)) ?? new Response(null, { status: 404 });
    }
    const { body, status, headers } = await fetch(env.UPSTREAM + pathname, { headers: HEADERS });
    if (body === null || status !== 200) return new Response(null, { status: 502 });
    const said = {
      "Content-Type": headers.get("Content-Type") ?? "",
      "Content-Length": headers.get("Content-Length") ?? "",
    };
    const [clients, stores] = body.tee();
    context.waitUntil(keep(cache, ORIGIN + pathname, stores, said));
    return new Response(clients, { headers: { ...said, "X-Cache": "miss" } });
  },
};

async function keep(
  cache: Cache,
  address: string,
  half: ReadableStream,
  said: Record<string, string>,
): Promise<void> {
  const bytes = await new Response(half).arrayBuffer();
  await crypto.subtle.digest("SHA-256", bytes);
  const headers = { ...said, "Cache-Control": "public, max-age=3600", "X-Cache": "hit" };
  await cache.put(address, new Response(bytes, { headers }));
}
