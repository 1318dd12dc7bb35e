// A registry at which the owner has an account, and what the Worker asked of it as the owner.
import type { RecordedRequest, RegistryOptions, SeededImage } from "../../registry/types.ts";
import type { RemoteRegistry } from "../../registry/client.ts";
import { Ferry, row, startRegistry } from "../ferry.ts";
import { HOST } from "./closed.ts";

export const OWNER = { user: "owner", password: "owners-canary-password" } as const;

export interface Owned {
  readonly ferry: Ferry;
  readonly registry: RemoteRegistry;
  readonly image: SeededImage;
}

/** A public image, `acme/open`, and a private one, `acme/secret`. */
export async function openOwned(
  variables: Record<string, unknown>,
  options: RegistryOptions = {},
): Promise<Owned> {
  const registry = await startRegistry({ users: { [OWNER.user]: OWNER.password }, ...options });
  const image = await registry.seedImage({ repository: "acme/open", layers: [1000] });
  await registry.seedImage({ repository: "acme/secret", layers: [1000] });
  await registry.setPrivate(["acme/secret"]);
  const credentials = JSON.stringify({ "docker.io": `${OWNER.user}:${OWNER.password}` });
  const routes = { docker: row(registry, { registry: "docker.io" }), all: "*" };
  return { ferry: new Ferry(routes, { UPSTREAM_CREDENTIALS: credentials, ...variables }), registry, image };
}

/** The tokens that the token service gave to the owner: by what they were asked for with. */
export function isOwners(request: RecordedRequest): boolean {
  const basic = `Basic ${btoa(`${OWNER.user}:${OWNER.password}`)}`;
  return request.headers["authorization"] === basic || (request.body ?? "").includes(OWNER.password);
}

/** A request's answer, read to its end. */
export async function get(
  ferry: Ferry,
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; headers: Headers; text: string }> {
  const response = await ferry.fetch(`http://${HOST}/v2/${path}`, { headers });
  return { status: response.status, headers: response.headers, text: await response.text() };
}
