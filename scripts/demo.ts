// `npm run demo`: an image pulled through the Worker step by step, with no network: the registry is the embedded one. With
// `-- --keep` it stays up afterwards, and `--port N` says where.

import { createHash, randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { ACCEPT } from "../test/registry/accept.ts";
import { stopAll } from "../test/tools/processes.ts";
import { startRegistry, type EmbeddedRegistry } from "../test/registry/index.ts";
import { ROOT } from "../test/tools/configuration.ts";
import { startDevServer } from "../test/tools/dev-server.ts";
import { objectionToPort } from "../test/tools/http.ts";
import { endNow } from "./terminal/end.ts";
import { takeOptions } from "./terminal/ports.ts";
import { printable } from "./terminal/printable.ts";
import { askedToEnd } from "./terminal/signals.ts";
import { DEMO_HELP, whatToTry } from "./terminal/start-words.ts";

const SCRIPT = { command: "npm run demo", flags: ["--keep"] };
const USUAL_PORT = 8787;

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

/** One step of a pull: printed with its status and time, checked, and fatal if it is not as it must be. */
class Pull {
  readonly #port: number;
  readonly #host: string;
  token = "";

  constructor(port: number, label: string) {
    this.#port = port;
    this.#host = `${label}:${port}`;
  }

  async step(title: string, path: string, expected: number, digest?: string): Promise<Answer> {
    const started = performance.now();
    const answer = await this.#get(path);
    const milliseconds = (performance.now() - started).toFixed(0).padStart(4);
    const verified = digest === undefined ? "" : verify(answer.body, digest);
    const size = answer.body.length > 0 ? `${answer.body.length} bytes` : "";
    console.log(
      `  ${title.padEnd(10)} ${answer.status}  ${milliseconds} ms  ${size.padStart(13)}  ${verified}`,
    );
    if (answer.status !== expected) {
      throw new Error(
        `${title}: expected ${expected}, got ${answer.status}: ${answer.body.toString().slice(0, 500)}`,
      );
    }
    return answer;
  }

  async #get(path: string): Promise<Answer> {
    const headers: Record<string, string> = { Host: this.#host, Accept: ACCEPT };
    if (this.token !== "") headers["Authorization"] = `Bearer ${this.token}`;
    return new Promise((resolve, reject) => {
      request({ host: "127.0.0.1", port: this.#port, path, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks),
          });
        });
      })
        .on("error", reject)
        .end();
    });
  }
}

function verify(body: Buffer, digest: string): string {
  const actual = `sha256:${createHash("sha256").update(body).digest("hex")}`;
  if (actual !== digest) throw new Error(`the digest does not fit: expected ${digest}, got ${actual}`);
  return `digest verified (${digest.slice(0, 19)}…)`;
}

/** The realm, service and scope of a challenge, as a client reads them. */
function challengeOf(answer: Answer): { realm: string; service: string } {
  const header = String(answer.headers["www-authenticate"]);
  const read = (name: string): string => new RegExp(`${name}="([^"]*)"`).exec(header)?.[1] ?? "";
  if (read("realm") === "") throw new Error(`no challenge in: ${header}`);
  return { realm: read("realm"), service: read("service") };
}

interface Manifest {
  manifests?: { digest: string; platform: { os: string; architecture: string } }[];
  config: { digest: string };
  layers: { digest: string }[];
}

/** A whole pull: ping, challenge, token, index, manifest, config, layers. */
async function pull(
  port: number,
  how: { title: string; label: string; name: string; scope: string; query?: string },
): Promise<void> {
  console.log(`\n${how.title}`);
  const { name, query = "" } = how;
  const client = new Pull(port, how.label);
  const { realm, service } = challengeOf(await client.step("ping", "/v2/", 401));
  console.log(`  challenge       realm ${realm}`);
  const scope = encodeURIComponent(`repository:${how.scope}:pull`);
  const answer = await client.step(
    "token",
    `${new URL(realm).pathname}?service=${service}&scope=${scope}`,
    200,
  );
  client.token = (JSON.parse(answer.body.toString()) as { token: string }).token;

  const head = await client.step("index", `/v2/${name}/manifests/latest${query}`, 200);
  verify(head.body, String(head.headers["docker-content-digest"]));
  const index = JSON.parse(head.body.toString()) as Manifest;
  const platform = index.manifests?.find((one) => one.platform.architecture === "amd64");
  if (platform === undefined) throw new Error("the index has no image for amd64");
  const document = await client.step(
    "manifest",
    `/v2/${name}/manifests/${platform.digest}${query}`,
    200,
    platform.digest,
  );
  const manifest = JSON.parse(document.body.toString()) as Manifest;
  await client.step(
    "config",
    `/v2/${name}/blobs/${manifest.config.digest}${query}`,
    200,
    manifest.config.digest,
  );
  for (const [position, layer] of manifest.layers.entries()) {
    await client.step(
      `layer ${position + 1}`,
      `/v2/${name}/blobs/${layer.digest}${query}`,
      200,
      layer.digest,
    );
  }
}

/** The same image through each way in; `ghcr.io` is a second registry with another image. */
const PULLS = [
  {
    title: "By host name: docker.localhost is Docker Hub, and `hello` is library/hello",
    label: "docker.localhost",
    name: "hello",
    scope: "hello",
  },
  {
    title: "By prefix, one address for every registry: ghcr.io/team/app",
    label: "localhost",
    name: "ghcr.io/team/app",
    scope: "ghcr.io/team/app",
  },
  {
    title: "By ns=, as containerd does: library/hello of docker.io",
    label: "localhost",
    name: "library/hello",
    scope: "docker.io/library/hello",
    query: "?ns=docker.io",
  },
  {
    title: "By ns=, as containerd does: team/app of ghcr.io",
    label: "localhost",
    name: "team/app",
    scope: "ghcr.io/team/app",
    query: "?ns=ghcr.io",
  },
];

/** One run of the demo. */
interface Run {
  /** Its folder below `.wrangler/`: in a common one, another demo of this clone would write its registries into the configuration. */
  readonly folder: string;
  /** Resolves when somebody asks it to end. */
  readonly end: Promise<number>;
  /** True as soon as that is how it is to end. */
  isKept: boolean;
}

async function demo(run: Run): Promise<void> {
  if (process.argv.slice(2).includes("--help")) {
    for (const line of DEMO_HELP) console.log(line);
    return;
  }
  const { port, rest } = takeOptions(SCRIPT, process.argv.slice(2), process.env);
  const keep = rest.includes("--keep");
  const wanted = port ?? (keep ? USUAL_PORT : undefined);
  const objection = wanted === undefined ? undefined : await objectionToPort(wanted);
  if (objection !== undefined) {
    throw new Error(`port ${wanted} ${objection}, as in npm run demo -- --keep --port 9000`);
  }
  console.log("Starting two embedded registries (a test fixture) and the Worker …");
  const hub = await startRegistry({ library: true });
  const github = await startRegistry();
  hub.seedImage({ repository: "library/hello", layers: [4096, 300_000, 1_000_000] });
  github.seedImage({ repository: "team/app", layers: [4096, 500_000] });
  const worker = await startDevServer(run.folder, {
    vars: {
      ROUTES: { docker: rowOf(hub, "docker.io"), ghcr: rowOf(github, "ghcr.io") },
    },
    ...(wanted !== undefined && { port: wanted }),
  });
  for (const how of PULLS) await pull(worker.port, how);
  console.log("\nEvery byte is what the registries have.");
  if (!keep) return;
  for (const line of whatToTry(worker.port)) console.log(line);
  run.isKept = true;
  await run.end;
}

function rowOf(registry: EmbeddedRegistry, name: string): Record<string, unknown> {
  const { url: upstream, tokenUrl: realm } = registry;
  return { upstream, registry: name, realm, library: name === "docker.io", mirrors: [] };
}

const run: Run = { folder: `demo-${randomBytes(4).toString("hex")}`, end: askedToEnd(), isKept: false };
try {
  const code = await Promise.race([run.end, demo(run)]);
  if (code !== undefined && !run.isKept) process.exitCode = code;
} catch (error) {
  // Wrangler's own log may be a part of it.
  const lines = (error instanceof Error ? error.message : String(error)).split("\n").map(printable);
  console.error(`\nThe demo failed: ${lines.join("\n")}`);
  process.exitCode = 1;
} finally {
  await stopAll();
  rmSync(join(ROOT, ".wrangler", run.folder), { recursive: true, force: true });
}
// The registries listen until the process ends, wherever it was interrupted.
endNow();
