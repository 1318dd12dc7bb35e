// The page at the root: what this host is, and the commands that use it, made from the routes table.

import type { Registry } from "../config/config.ts";
import { requireRead, type Inbound } from "../routing/inbound.ts";
import { domainOf } from "../routing/names.ts";
import { DOCKER_HUB } from "../registries.ts";
import { html, type Html } from "./html.ts";

/** An image that each registry is known for. */
const EXAMPLES: Readonly<Record<string, string>> = {
  "docker.io": "library/nginx:latest",
  "ghcr.io": "github/super-linter:latest",
  "quay.io": "coreos/etcd:v3.5.17",
  "gcr.io": "distroless/static:latest",
  "registry.k8s.io": "pause:3.10",
  "docker.cloudsmith.io": "<owner>/<repository>/<image>:<tag>",
  "public.ecr.aws": "docker/library/alpine:latest",
  "mcr.microsoft.com": "dotnet/runtime:9.0",
  "nvcr.io": "nvidia/cuda:12.6.3-base-ubuntu24.04",
  "registry.gitlab.com": "gitlab-org/cli:latest",
  "docker.elastic.co": "elasticsearch/elasticsearch:8.17.0",
};

/** A line of the table: a registry, and what to write for one of its images here. */
interface Row {
  readonly registry: Registry;
  readonly image: string;
}

/** The page of this request's host. @throws RegistryError UNSUPPORTED for another method than GET and HEAD */
export function servePage(inbound: Inbound): Response {
  const { method } = inbound.request;
  inbound.trace.endpoint = "page";
  requireRead(inbound.request);
  const body = page(inbound).text;
  return new Response(method === "HEAD" ? null : body, {
    headers: {
      "Content-Type": "text/html; charset=utf-8",
      "Cache-Control": "no-store",
      "Content-Security-Policy":
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      "Referrer-Policy": "no-referrer",
      "X-Content-Type-Options": "nosniff",
      "X-Frame-Options": "DENY",
      "X-Robots-Tag": "noindex",
    },
  });
}

function page(inbound: Inbound): Html {
  const { authority } = inbound.host;
  const mirror = mirrorHost(inbound);
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>Container registry proxy · ${authority}</title>
        <style>
          :root {
            color-scheme: light dark;
          }
          body {
            font:
              16px/1.5 system-ui,
              sans-serif;
            max-width: 52rem;
            margin: 2rem auto;
            padding: 0 1rem;
          }
          pre {
            overflow-x: auto;
            padding: 0.75rem 1rem;
            border: 1px solid #8886;
            border-radius: 0.5rem;
          }
          h2 {
            margin-top: 2rem;
          }
        </style>
      </head>
      <body>
        <h1>Container registry proxy</h1>
        <p>
          This is <a href="https://github.com/registry-ferry/registry-ferry">Registry Ferry</a>, a proxy in
          front of public container registries. It is run by the owner of this host name and by none of the
          registries.
        </p>
        <h2>Pull an image</h2>
        ${rows(inbound).map(
          ({ registry, image }) =>
            html`<h3>${registry.name}</h3>
              <pre><code>docker pull ${image}</code></pre>`,
        )}
        ${mirror === undefined ? "" : mirrorSnippet(inbound, mirror)}
      </body>
    </html>`;
}

/** Every registry of the table, under the host of its row on this domain, or by prefix on a universal host. */
function rows(inbound: Inbound): Row[] {
  const { config, route, host } = inbound;
  if (route.kind === "universal") {
    return [...new Set(config.registries.values())].map((registry) => ({
      registry,
      image: `${host.authority}/${registry.name}/${exampleOf(registry)}`,
    }));
  }
  return hostsOfDomain(inbound).map(({ registry, authority }) => ({
    registry,
    image: `${authority}/${exampleOf(registry)}`,
  }));
}

/** The hosts of this table's rows: labels on this host's domain, and full names as they stand. */
function hostsOfDomain(inbound: Inbound): { registry: Registry; authority: string }[] {
  const { config, host } = inbound;
  const port = host.authority.slice(host.name.length);
  return [...config.routes].flatMap(([key, route]) => {
    if (route.kind !== "registry") return [];
    if (key.includes(".")) return [{ registry: route.registry, authority: key }];
    if (config.routes.has(host.name)) return [];
    return [{ registry: route.registry, authority: `${key}.${domainOf(host.name)}${port}` }];
  });
}

function exampleOf(registry: Registry): string {
  return EXAMPLES[registry.name] ?? "<image>:<tag>";
}

/** The host to name in `registry-mirrors`, which is for Docker Hub only. */
function mirrorHost(inbound: Inbound): string | undefined {
  const hub = inbound.config.registries.get(DOCKER_HUB);
  if (hub === undefined) return undefined;
  if (inbound.route.kind === "universal" || inbound.route.registry === hub) return inbound.host.authority;
  return hostsOfDomain(inbound).find(({ registry }) => registry === hub)?.authority;
}

function mirrorSnippet(inbound: Inbound, host: string): Html {
  const daemon = JSON.stringify({ "registry-mirrors": [`${inbound.url.protocol}//${host}`] }, null, 2);
  return html`<h2>Or make it Docker Hub's mirror</h2>
    <p>In <code>/etc/docker/daemon.json</code>, then restart Docker:</p>
    <pre><code>${daemon}</code></pre>`;
}
