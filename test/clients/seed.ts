// Puts images into an upstream and reads them back, straight and without any of the clients that are tested.

import { sha256 } from "./images.ts";
import type { Image, Manifest } from "./images.ts";
import type { Login } from "./upstreams.ts";

interface Registry {
  url: string;
  login?: Login;
}

/** Pushes all blobs and manifests of the image, and points the tags at its root. */
export async function seed(
  registry: Registry,
  repository: string,
  image: Image,
  tags: string[],
): Promise<void> {
  const send = await authorised(registry, repository, "pull,push");
  for (const [digest, bytes] of image.blobs) {
    const opened = await expectStatus(await send("blobs/uploads/", { method: "POST" }), 202);
    const location = new URL(opened.headers.get("location") ?? "", opened.url);
    location.searchParams.append("digest", digest);
    const headers = { "Content-Type": "application/octet-stream" };
    await expectStatus(
      await send(location.href, { method: "PUT", headers, body: new Uint8Array(bytes) }),
      201,
    );
  }
  const put = async (reference: string, { mediaType, body }: Manifest) => {
    const headers = { "Content-Type": mediaType };
    await expectStatus(
      await send(`manifests/${reference}`, { method: "PUT", headers, body: new Uint8Array(body) }),
      201,
    );
  };
  for (const manifest of image.manifests) await put(manifest.digest, manifest);
  for (const tag of tags) await put(tag, image.root);
}

/** Reads a tag with everything that its manifest names, and checks each digest. */
export async function readBack(
  registry: Registry,
  repository: string,
  tag: string,
): Promise<{ config: string; layers: string[]; blobs: Map<string, Buffer> }> {
  const send = await authorised(registry, repository, "pull");
  const accept = [
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
  ].join(", ");
  const answer = await expectStatus(await send(`manifests/${tag}`, { headers: { Accept: accept } }), 200);
  const manifest = (await answer.json()) as { config: { digest: string }; layers: { digest: string }[] };
  const layers = manifest.layers.map(({ digest }) => digest);
  const blobs = new Map<string, Buffer>();
  for (const digest of [manifest.config.digest, ...layers]) {
    const blob = await expectStatus(await send(`blobs/${digest}`), 200);
    const bytes = Buffer.from(await blob.arrayBuffer());
    if (sha256(bytes) !== digest) throw new Error(`the upstream keeps other bytes under ${digest}`);
    blobs.set(digest, bytes);
  }
  return { config: manifest.config.digest, layers, blobs };
}

type Send = (path: string, init?: RequestInit) => Promise<Response>;

async function authorised(registry: Registry, repository: string, actions: string): Promise<Send> {
  const base = new URL(`/v2/${repository}/`, registry.url);
  if (registry.login === undefined) return (path, init) => fetch(new URL(path, base), init);
  const ping = await fetch(`${registry.url}/v2/`);
  const challenge = ping.headers.get("www-authenticate") ?? "";
  const parameter = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(challenge)?.[1] ?? "";
  const realm = new URL(parameter("realm"));
  realm.searchParams.set("service", parameter("service"));
  realm.searchParams.set("scope", `repository:${repository}:${actions}`);
  const { name, password } = registry.login;
  const basic = Buffer.from(`${name}:${password}`).toString("base64");
  const answer = await expectStatus(
    await fetch(realm, { headers: { Authorization: `Basic ${basic}` } }),
    200,
  );
  const { token } = (await answer.json()) as { token: string };
  return (path, init = {}) => {
    const headers = {
      ...(init.headers as Record<string, string> | undefined),
      Authorization: `Bearer ${token}`,
    };
    return fetch(new URL(path, base), { ...init, headers });
  };
}

async function expectStatus(answer: Response, status: number): Promise<Response> {
  if (answer.status === status) return answer;
  throw new Error(`${answer.url} answers ${answer.status}, expected ${status}: ${await answer.text()}`);
}
