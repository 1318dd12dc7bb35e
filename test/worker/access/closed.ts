// A closed proxy before an embedded registry, and those who come to it.
import type { SeededImage } from "../../registry/types.ts";
import type { RemoteRegistry } from "../../registry/client.ts";
import { basic, Ferry, row, startRegistry } from "../ferry.ts";

export const HOST = "docker.example.com";
export const ALICE = { user: "alice", password: "alices-long-password" } as const;
export const BOB = { user: "bob", password: "bobs-own-long-password" } as const;
export const USERS = `${ALICE.user}:${ALICE.password} ${BOB.user}:${BOB.password}`;
/** The label of a row that lets in. */
export const KEY = "k3y4nobody2guess9xw7";
/** An address of `ALLOWED_IPS`, and one that is not. */
export const LISTED = { "CF-Connecting-IP": "192.0.2.7" } as const;
export const ELSEWHERE = { "CF-Connecting-IP": "198.51.100.9" } as const;

export interface Closed {
  readonly ferry: Ferry;
  readonly registry: RemoteRegistry;
  readonly image: SeededImage;
}

/** A proxy of two hosts, docker.example.com and a universal one, with a public image and a private one. */
export async function openClosed(
  variables: Record<string, unknown> = { ACCESS_USERS: USERS },
  rows: Record<string, unknown> = {},
): Promise<Closed> {
  const registry = await startRegistry({ library: true, users: { owner: "owners-password" } });
  const image = await registry.seedImage({ repository: "library/app", layers: [1000] });
  await registry.seedImage({ repository: "acme/private", layers: [1000] });
  await registry.setPrivate(["acme/private"]);
  const routes = { docker: row(registry, { registry: "docker.io" }), all: "*", ...rows };
  return { ferry: new Ferry(routes, variables), registry, image };
}

/** The `Authorization` of a user who logged in at a host. */
export async function bearerOf(
  ferry: Ferry,
  login: { readonly user: string; readonly password: string } = ALICE,
  host = HOST,
): Promise<string> {
  const { token } = await ferry.token(host, "", basic(login.user, login.password));
  return `Bearer ${String(token)}`;
}
