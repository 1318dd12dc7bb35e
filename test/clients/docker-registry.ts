// Starts the real registry program (distribution 2.8, as packaged by Debian) with token authentication.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { answers, freePort } from "../tools/http.ts";
import { start } from "../tools/processes.ts";
import { ISSUER, SERVICE } from "./token-server.ts";

/** Listens on a free loopback port and keeps its data in `folder`. */
export async function startDockerRegistry(
  folder: string,
  tokens: { realm: string; certificate: string },
): Promise<{ url: string; stop: () => Promise<void> }> {
  const port = await freePort();
  // JSON is YAML, so no writer for YAML is needed.
  const config = {
    version: "0.1",
    log: { level: "info", accesslog: { disabled: false } },
    storage: { filesystem: { rootdirectory: join(folder, "data") }, delete: { enabled: true } },
    http: { addr: `127.0.0.1:${port}`, relativeurls: false, secret: "only-for-this-test" },
    auth: {
      token: { realm: tokens.realm, service: SERVICE, issuer: ISSUER, rootcertbundle: tokens.certificate },
    },
  };
  const file = join(folder, "config.yml");
  writeFileSync(file, JSON.stringify(config, null, 2));
  const url = `http://127.0.0.1:${port}`;
  const daemon = await start(["docker-registry", "serve", file], {
    logFile: join(folder, "registry.log"),
    ready: () => answers(`${url}/v2/`),
  });
  return { url, ...daemon };
}
