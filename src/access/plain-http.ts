// Requests that reached Cloudflare by plain http: whatever credentials they carry are public by now (S15).

import { RegistryError } from "../distribution/errors.ts";
import type { Host } from "../distribution/hosts.ts";
import { isProtocol } from "./other-sites.ts";

/** True of a request that Cloudflare took by http. In development there is no Cloudflare, and no `CF-Ray`. */
export function isPlainHttp(request: Request, url: URL): boolean {
  return request.headers.has("CF-Ray") && url.protocol === "http:";
}

/** @throws RegistryError DENIED below `/v2/` and `/v1/`; elsewhere a browser is sent to https */
export function refusePlainHttp(url: URL, host: Host): Response {
  if (isProtocol(url)) {
    throw new RegistryError(
      "DENIED",
      "This registry is reached by https only. Use https, and change what was sent.",
    );
  }
  return new Response(null, { status: 308, headers: { Location: `https://${host.name}${url.pathname}` } });
}
