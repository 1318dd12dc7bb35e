// Requests that reached Cloudflare by plain http: whatever credentials they carry are public by now (S15).

import { RegistryError } from "../distribution/errors.ts";
import type { Host } from "../distribution/hosts.ts";
import { readToken } from "./bearer.ts";
import type { BareRequest, Presented } from "./caller.ts";
import { isProtocol } from "./other-sites.ts";

/** True of a request that Cloudflare took by http. In development there is no Cloudflare, and no `CF-Ray`. */
export function isPlainHttp(request: Request, url: URL): boolean {
  return request.headers.has("CF-Ray") && url.protocol === "http:";
}

/** @throws RegistryError DENIED below `/v2/` and `/v1/`; elsewhere a browser is sent to https */
export function refusePlainHttp(request: BareRequest, url: URL, host: Host, presented: Presented): Response {
  if (isProtocol(url)) {
    const advice =
      isSecret(presented) || asksWithSecret(request, url)
        ? ", and replace that password: it went over the wire unencrypted"
        : "";
    throw new RegistryError("DENIED", `This registry is reached by https only. Use https${advice}.`);
  }
  const headers = { Location: `https://${host.name}${url.pathname}${url.search}` };
  return new Response(null, { status: 308, headers });
}

/** True of what is worth replacing: anybody may have our anonymous bearer. */
function isSecret({ authorization, dockerToken }: Presented): boolean {
  if (dockerToken !== undefined) return true;
  if (authorization.kind === "bearer") return readToken(authorization.token).kind !== "anonymous";
  return authorization.kind !== "none";
}

/** A token request has its secrets in the form, which nobody sends without any, or in the query. */
function asksWithSecret({ method }: BareRequest, { pathname, searchParams }: URL): boolean {
  if (pathname !== "/v2/auth") return false;
  return method === "POST" || searchParams.has("password") || searchParams.has("refresh_token");
}
