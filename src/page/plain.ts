// The small addresses beside the page: what crawlers and monitors ask for.

import { requireRead } from "../routing/inbound.ts";

/** `/robots.txt`: nothing here is for a search engine. */
export function serveRobots(request: Request): Response {
  requireRead(request);
  return new Response("User-agent: *\nDisallow: /\n", {
    headers: { "Content-Type": "text/plain; charset=utf-8", "Cache-Control": "public, max-age=86400" },
  });
}
