// The page at the root: what this host is, and the commands that use it, made from the routes table.

import type { Visitor } from "../access/admission.ts";
import { mayBeShown } from "../access/shown.ts";
import { isKeyRoute, type Registry } from "../config/registry.ts";
import { RegistryError } from "../distribution/errors.ts";
import type { Host } from "../distribution/hosts.ts";
import { requireRead, type Inbound } from "../routing/inbound.ts";
import { domainOf } from "../routing/hosts.ts";
import { DOCKER_HUB, knownRegistry } from "../registries.ts";
import { pageResponse } from "./frame.ts";
import { html, type Html } from "./html.ts";

/** A line of the table: a registry, and what to write for one of its images here. */
interface Row {
  readonly registry: Registry;
  readonly image: string;
}

/** The page of this request's host. @throws RegistryError UNSUPPORTED for another method than GET and HEAD */
export function servePage(inbound: Inbound<Visitor>): Response {
  const { caller, config, host, request, route, trace } = inbound;
  trace.endpoint = "page";
  requireRead(request);
  // The host of a row that lets in by its label is nowhere to be read, and its page would be (S16).
  if (isKeyRoute(route)) throw new RegistryError("NAME_UNKNOWN", "There is nothing at this address.");
  const content = caller.kind === "stranger" ? doorPage(host, config.access.users.size > 0) : page(inbound);
  return pageResponse(host.authority, content);
}

/** What a closed proxy shows to strangers: that it is one, and how its people log in; nothing of what it has. */
function doorPage(host: Host, hasUsers: boolean): Html {
  return html`<h1>Container registry proxy</h1>
    <p>
      This is <a href="https://github.com/registry-ferry/registry-ferry">Registry Ferry</a>, a proxy in front
      of container registries. It is for people and networks that its owner named.
    </p>
    ${
      hasUsers
        ? html`<h2>Log in</h2>
            <pre><code>docker login ${host.authority}</code></pre>`
        : ""
    }`;
}

function page(inbound: Inbound<Visitor>): Html {
  const mirror = mirrorHost(inbound);
  return html`<h1>Container registry proxy</h1>
    <p>
      This is <a href="https://github.com/registry-ferry/registry-ferry">Registry Ferry</a>, a proxy in front
      of public container registries. It is run by the owner of this host name and by none of the registries.
    </p>
    <h2>Pull an image</h2>
    ${rows(inbound).map(
      ({ registry, image }) =>
        html`<h3>${registry.name}</h3>
          <pre><code>docker pull ${image}</code></pre>`,
    )}
    ${mirror === undefined ? "" : mirrorSnippet(inbound, mirror)}`;
}

/** Every registry of the table, under the host of its row on this domain, or by prefix on a universal host. */
function rows(inbound: Inbound<Visitor>): Row[] {
  const { route, host } = inbound;
  if (route.kind === "universal") {
    return mayBeShown(inbound).registries.map((registry) => ({
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
function hostsOfDomain(inbound: Inbound<Visitor>): { registry: Registry; authority: string }[] {
  const { host } = inbound;
  const port = host.authority.slice(host.name.length);
  const { rows } = mayBeShown(inbound);
  // A host that is in the table by its whole name says nothing of a domain on which the labels would be.
  const hasLabels = !rows.some(({ key }) => key === host.name);
  return rows.flatMap(({ key, isFullName, route }) => {
    if (route.kind !== "registry" || !(isFullName || hasLabels)) return [];
    const authority = isFullName ? key : `${key}.${domainOf(host.name)}${port}`;
    return [{ registry: route.registry, authority }];
  });
}

function exampleOf(registry: Registry): string {
  return knownRegistry(registry.name)?.example ?? "<image>:<tag>";
}

/** The host to name in `registry-mirrors`, which is for Docker Hub only. */
function mirrorHost(inbound: Inbound<Visitor>): string | undefined {
  const { host, route } = inbound;
  const isHub = ({ name }: Registry): boolean => name === DOCKER_HUB;
  if (!mayBeShown(inbound).registries.some(isHub)) return undefined;
  if (route.kind === "universal" || isHub(route.registry)) return host.authority;
  return hostsOfDomain(inbound).find(({ registry }) => isHub(registry))?.authority;
}

function mirrorSnippet(inbound: Inbound<Visitor>, host: string): Html {
  const daemon = JSON.stringify({ "registry-mirrors": [`${inbound.url.protocol}//${host}`] }, null, 2);
  return html`<h2>Or make it Docker Hub's mirror</h2>
    <p>In <code>/etc/docker/daemon.json</code>, then restart Docker:</p>
    <pre><code>${daemon}</code></pre>`;
}
