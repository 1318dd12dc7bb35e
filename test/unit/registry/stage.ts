// A registry that a test starts and that ends with it, and how the tests of the embedded registry ask it.
import { createHash } from "node:crypto";
import { onTestFinished } from "vitest";
import { startRegistry } from "../../registry/index.ts";
import type { EmbeddedRegistry, RegistryOptions } from "../../registry/index.ts";

export const ALICE = `Basic ${Buffer.from("alice:alice-password").toString("base64")}`;

export function closeAfterTest(server: { close(): Promise<void> }): void {
  onTestFinished(() => server.close());
}

export async function registryWith(options: RegistryOptions = {}): Promise<EmbeddedRegistry> {
  const registry = await startRegistry(options);
  closeAfterTest(registry);
  return registry;
}

export const get = (url: string, headers: Record<string, string> = {}, method = "GET") =>
  fetch(url, { method, headers, redirect: "manual" });

export async function bearer(
  registry: EmbeddedRegistry,
  scope: string,
  authorization?: string,
): Promise<string> {
  const url = `${registry.tokenUrl}?service=registry.test&scope=${encodeURIComponent(scope)}`;
  const response = await get(url, authorization === undefined ? {} : { Authorization: authorization });
  return `Bearer ${((await response.json()) as { token: string }).token}`;
}

export async function codeOf(response: Response): Promise<string | undefined> {
  return ((await response.json()) as { errors: { code: string }[] }).errors[0]?.code;
}

export const sha = (bytes: string, algorithm = "sha256") =>
  `${algorithm}:${createHash(algorithm).update(bytes).digest("hex")}`;
