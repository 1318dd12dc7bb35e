// The host that a policy names: one of the table's universal ones, with its port where it has one.

import { readFullName } from "../../src/config/addresses.ts";
import type { Config } from "../../src/config/config.ts";
import { quote } from "../../src/config/quote.ts";
import { isKeyRoute } from "../../src/config/registry.ts";
import { findRoute } from "../../src/routing/hosts.ts";

/** The label of the row that `npm run setup -- example.com --mirror` writes. */
const MIRROR = "mirror";

/** A host as image names have it, or why it cannot be one that a policy names. */
export type PolicyHost =
  { readonly ok: true; readonly host: string } | { readonly ok: false; readonly reason: string };

/**
 * Reads a host: a full name by the grammar of the configuration, and a port as the names of images have it.
 * @param text as it was written; no reason shows that of a row with `key`, which is a secret (S16)
 */
export function readPolicyHost(text: string, config: Config): PolicyHost {
  const [, scheme = "", bare = "", path = ""] = /^(https?:\/\/)?([^/]*)(.*)$/is.exec(text) ?? [];
  const read = readHost(bare, config);
  if (!read.ok || bare === text) return read;
  const how = path === "" ? `without ${scheme.toLowerCase()}` : "alone";
  return refused(`write the host ${how}: ${read.host}`);
}

function readHost(text: string, config: Config): PolicyHost {
  const [, name = text, port = ""] = /^(.*?)(:\d{1,5})?$/s.exec(text) ?? [];
  const host = readFullName(name, "", () => undefined);
  if (host === undefined) {
    return refused(
      `the host is ${quote(text)}, which is not a full host name: write one of all registries, such as mirror.example.com`,
    );
  }
  const number = Number(port.slice(1));
  if (port !== "" && (number === 0 || number > 65535))
    return refused(`the host's port is ${port.slice(1)}: ports are 1 to 65535`);
  const route = findRoute(config, host);
  if (route === undefined) return refused(`no row of wrangler.toml is for ${host}: ${rowFor(host, config)}`);
  if (isKeyRoute(route))
    return refused(
      `the host is that of row ${route.row}, a key that lets in: whoever may read Pods would read it in their images; take another host of all registries`,
    );
  if (route.kind === "registry")
    return refused(
      `${host} is a host of ${route.registry.name} alone: write one of all registries, which has a row such as \`mirror = "*"\``,
    );
  return { ok: true, host: host + port };
}

function refused(reason: string): PolicyHost {
  return { ok: false, reason };
}

/** How a host comes to a row of all registries: by setup, by hand, or by another name where there is such a row. */
function rowFor(host: string, { routes }: Config): string {
  const [label = "", ...rest] = host.split(".");
  const isWhole = rest.length < 2;
  const domain = isWhole ? host : rest.join(".");
  const line = `the line \`${isWhole ? JSON.stringify(host) : label} = "*"\` below [vars.ROUTES]`;
  const [there] = [...routes].find(([, route]) => route.kind === "universal" && !isKeyRoute(route)) ?? [];
  if (there !== undefined)
    return `take the host of row ${there}, such as ${there.includes(".") ? there : `${there}.${domain}`}, or write ${line}`;
  const made = label === MIRROR && !isWhole ? "it and its host" : `one and its host ${MIRROR}.${domain}`;
  return `\`npm run setup -- ${domain} --mirror\` writes ${made}, or write ${line}`;
}
