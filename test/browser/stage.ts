// Starts what all tests share: Chromium, the registries, and the Worker in `wrangler dev` before them, open and closed.

import { chromium } from "playwright-core";
import type { TestProject } from "vitest/node";
import { controlClient, type RemoteRegistry } from "../registry/client.ts";
import { startControl, type Control } from "../registry/control.ts";
import { CHROMIUM, CHROMIUM_ARGUMENTS, installChromium } from "../tools/chromium.ts";
import { startDevServer, type DevServer } from "../tools/dev-server.ts";
import { freePort } from "../tools/http.ts";
import { stopAll } from "../tools/processes.ts";
import type { Stage } from "./provided.ts";

const CONFIG = "application/vnd.oci.image.config.v1+json";
const MANIFEST = "application/vnd.oci.image.manifest.v1+json";

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await installChromium();
  const control = await startControl();
  const browser = await chromium.launchServer({
    executablePath: CHROMIUM,
    args: [...CHROMIUM_ARGUMENTS],
    headless: true,
  });
  const close = async (): Promise<void> => {
    await browser.close();
    await stopAll();
    await control.close();
  };
  try {
    project.provide("stage", { browser: browser.wsEndpoint(), ...(await raise(control)) });
  } catch (error) {
    await close();
    throw error;
  }
  return close;
}

async function raise(control: Control): Promise<Omit<Stage, "browser">> {
  const client = controlClient(control.url);
  const hub = await client.registry({
    library: true,
    private: ["owner/closed"],
    users: { alice: "alice-password" },
    hideUnknown: false,
  });
  const ghcr = await client.registry();
  const limited = await client.registry({ quota: 0, retryAfter: 77 });
  const down = await client.registry({ fail: 503 });
  const basic = await client.registry({ auth: "basic", users: { alice: "alice-password" } });
  const nginx = await seedHub(hub);
  await ghcr.seedImage({ repository: "github/super-linter" });
  await limited.seedImage({ repository: "owner/image" });
  const hostilePort = await freePort();
  const few = {
    mirror: "*",
    docker: { ...rowOf(hub, "docker.io"), library: true },
    ghcr: rowOf(ghcr, "ghcr.io"),
  };
  // Names that everybody knows: an open proxy's page has no others.
  const table = {
    ...few,
    quay: rowOf(limited, "quay.io"),
    gcr: rowOf(down, "gcr.io"),
    k8s: rowOf(basic, "registry.k8s.io"),
    mcr: { upstream: `http://127.0.0.1:${hostilePort}`, registry: "mcr.microsoft.com", mirrors: [] },
  };
  const [open, login, address] = await startWorkers(few, table);
  return {
    ports: { open: open.port, login: login.port, address: address.port },
    hub: { control: `${control.url}/registries/${hub.id}`, url: hub.url },
    hostilePort,
    nginx,
  };
}

/** One that everybody may use, one that people log in to, and one that knows its people by their address. */
async function startWorkers(
  few: Record<string, unknown>,
  table: Record<string, unknown>,
): Promise<[DevServer, DevServer, DevServer]> {
  return Promise.all([
    startDevServer("browser-open", {
      vars: {
        ROUTES: table,
        // A tag is asked for each time, so that no test sees what another left behind.
        TAG_TTL: 0,
        OPERATOR: 'The "Ferry" <b>Company</b> & Sons',
        OPERATOR_URL: "https://operator.example/contact?a=1&b=2",
      },
    }),
    startDevServer("browser-login", {
      vars: {
        ROUTES: few,
        ACCESS_USERS: "friend:friends-own-long-password",
        TOKEN_KEY: "a-key-of-these-tests-alone",
      },
    }),
    startDevServer("browser-address", { vars: { ROUTES: few, ALLOWED_IPS: ["192.0.2.1"] } }),
  ]);
}

function rowOf(
  { tokenUrl: realm, url: upstream }: RemoteRegistry,
  registry: string,
): Record<string, unknown> {
  return { upstream, registry, realm, mirrors: [] };
}

/** An image for two platforms with a date and with layers whose sizes are known, and one that needs a login. */
async function seedHub(hub: RemoteRegistry): Promise<Stage["nginx"]> {
  const image = await hub.seedImage({ repository: "library/nginx", tag: "1.27" });
  await hub.seedImage({ repository: "library/nginx", tag: "1.26", platforms: ["linux/arm/v7"] });
  await hub.seedImage({ repository: "owner/closed" });
  const config = await hub.seedBlob({
    repository: "library/nginx",
    content: JSON.stringify({ created: "2026-03-04T05:06:07.89Z", os: "linux", architecture: "amd64" }),
  });
  const layer = await hub.seedBlob({ repository: "library/nginx", content: "a layer" });
  const manifest = {
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: { ...config, mediaType: CONFIG },
    layers: [layer, layer, layer].map((one) => ({ ...one, size: 41_500_000 })),
  };
  await hub.seedManifest({
    repository: "library/nginx",
    reference: "dated",
    mediaType: MANIFEST,
    body: JSON.stringify(manifest),
    unchecked: true,
  });
  const [amd64] = image.manifests;
  return { index: image.digest, amd64: amd64?.digest ?? "" };
}
