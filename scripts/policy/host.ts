// The host that a policy names: one of the table's universal ones, with its port where it has one.

import { readFullName } from "../../src/config/addresses.ts";
import type { Config } from "../../src/config/config.ts";
import { isKeyRoute } from "../../src/config/registry.ts";
import { findRoute } from "../../src/routing/hosts.ts";

/** A host as image names have it, or why it cannot be one that a policy names. */
export type PolicyHost =
  { readonly ok: true; readonly host: string } | { readonly ok: false; readonly reason: string };

/**
 * Reads a host: a full name by the grammar of the configuration, and a port as the names of images have it.
 * @param text as it was written; no reason shows that of a row with `key`, which is a secret (S16)
 */
export function readPolicyHost(text: string, config: Config): PolicyHost {
  const [, name = text, port = ""] = /^(.*?)(:\d{1,5})?$/s.exec(text) ?? [];
  let reason = "";
  const host = readFullName(name, "the host is", (why) => (reason = why));
  if (host === undefined) return { ok: false, reason };
  const number = Number(port.slice(1));
  if (port !== "" && (number === 0 || number > 65535))
    return { ok: false, reason: `the host's port is ${port.slice(1)}: ports are 1 to 65535` };
  const route = findRoute(config, host);
  if (route === undefined)
    return {
      ok: false,
      reason: `no row of wrangler.toml is for ${host}: write a host of your proxy, and give it the row \`${host.split(".", 1)[0] ?? ""} = "*"\``,
    };
  if (isKeyRoute(route))
    return {
      ok: false,
      reason: `the host is that of row ${route.row}, a key that lets in: whoever may read Pods would read it in their images; take another host of all registries`,
    };
  if (route.kind === "registry")
    return {
      ok: false,
      reason: `${host} is a host of ${route.registry.name} alone: write one of all registries, which has a row such as \`mirror = "*"\``,
    };
  return { ok: true, host: host + port };
}
