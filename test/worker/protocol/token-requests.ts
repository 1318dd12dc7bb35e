// Token requests of clients at one host, and the registry behind it: what the tests of `/v2/auth` share.
import type { RemoteRegistry } from "../../registry/client.ts";
import { lastSeenBy } from "../client-ferry.ts";
import { basic, Ferry, row, startRegistry } from "../ferry.ts";

export const HOST = "http://docker.example.com";
const AUTH = `${HOST}/v2/auth`;
export const ALICE = basic("alice", "alice-password");
export const PUBLIC = "repository:hello:pull";

/** Those of the last `serve`, which every test begins with. */
export let registry: RemoteRegistry;
export let ferry: Ferry;

/** A new registry with an open repository and a private one, and a new Worker in front of it. */
export async function serve(): Promise<void> {
  registry = await startRegistry({ library: true, private: ["library/secret"] });
  await registry.seedImage({ repository: "library/hello" });
  await registry.seedImage({ repository: "library/secret" });
  ferry = new Ferry({ docker: row(registry, { library: true }) });
}

/** From now on another Worker is asked than the one that `serve` made. */
export function askOther(other: Ferry): void {
  ferry = other;
}

export interface Token {
  readonly token: string;
  readonly access_token: string;
  readonly refresh_token?: string;
  readonly expires_in: number;
}

/** @param authorization null for nobody */
export function get(query: string, authorization: string | null = ALICE): Promise<Response> {
  return ferry.fetch(
    `${AUTH}${query}`,
    authorization === null ? {} : { headers: { Authorization: authorization } },
  );
}

export function post(
  form: Record<string, string> | string,
  type = "application/x-www-form-urlencoded",
): Promise<Response> {
  const body = typeof form === "string" ? form : new URLSearchParams(form).toString();
  return ferry.fetch(AUTH, { method: "POST", headers: { "Content-Type": type }, body });
}

/** Whether a token opens a repository. */
export async function opens(token: string, name: string, method = "GET"): Promise<boolean> {
  const headers = { Authorization: `Bearer ${token}` };
  return (await ferry.fetch(`${HOST}/v2/${name}/manifests/latest`, { method, headers })).status < 400;
}

/** What the token service was asked last, from query or form. */
export async function asked(): Promise<[string, string][]> {
  const { query, body } = await lastSeenBy(registry, "token");
  return [...new URLSearchParams(body ?? query)];
}
