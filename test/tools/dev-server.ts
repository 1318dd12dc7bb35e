// Runs the Worker in `wrangler dev` on a generated configuration: the demo, the client tests, the benchmarks.

import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { answers, freePort } from "./http.ts";
import { start, type Daemon } from "./processes.ts";
import { readWranglerToml, ROOT } from "./configuration.ts";

export interface DevServer {
  readonly port: number;
  /** Ends it, and all that wrangler started. */
  stop(): Promise<void>;
}

export interface DevServerOptions {
  /** The Worker's variables, and only those: the owner's are left out. */
  readonly vars: Record<string, unknown>;
  /** Another entry point than the Worker's. */
  readonly main?: string;
  /** Any free one by default. */
  readonly port?: number;
  /** The folder of its stores. */
  readonly state?: string;
  /** True where an R2 bucket of this machine is bound as `BLOBS`. */
  readonly bucket?: boolean;
  /** How often a minute `RATE_LIMITER` lets each caller through; none is bound without. */
  readonly limit?: number;
  /** The log's name in the folder. */
  readonly log?: string;
}

/**
 * Starts the Worker and waits until it answers.
 * @param name of the folder below `.wrangler/` that holds configuration, log and state
 * @throws Error with wrangler's own words if it does not come up
 */
export async function startDevServer(name: string, options: DevServerOptions): Promise<DevServer> {
  const folder = join(ROOT, ".wrangler", name);
  mkdirSync(folder, { recursive: true });
  const owner = readWranglerToml();
  const config = join(folder, "wrangler.json");
  writeFileSync(
    config,
    JSON.stringify({
      name: `registry-ferry-${name}`,
      main: options.main ?? join(ROOT, "src/index.ts"),
      compatibility_date: owner["compatibility_date"],
      compatibility_flags: owner["compatibility_flags"],
      vars: options.vars,
      ...(options.bucket === true ? { r2_buckets: [{ binding: "BLOBS", bucket_name: BUCKET }] } : {}),
      ...(options.limit === undefined ? {} : { ratelimits: [limiterOf(options.limit)] }),
    }),
  );
  const logFile = join(folder, options.log ?? "worker.log");
  // Whoever has the port would answer in our place.
  if (options.port !== undefined && (await answers(`http://127.0.0.1:${options.port}/`).catch(() => false))) {
    throw new Error(`Port ${options.port} is in use: end what listens there first.`);
  }
  for (let attempt = 1; ; attempt += 1) {
    writeFileSync(logFile, "");
    try {
      return await startOnce(folder, config, logFile, options);
    } catch (error) {
      // Wrangler must be told its ports, and another program may take one that was free a moment ago.
      const taken = error instanceof Error && error.message.includes(PORT_TAKEN);
      if (!taken || options.port !== undefined || attempt === ATTEMPTS) throw error;
    }
  }
}

function limiterOf(limit: number): Record<string, unknown> {
  return { name: "RATE_LIMITER", namespace_id: "1001", simple: { limit, period: 60 } };
}

const BUCKET = "blobs";
/** Where miniflare keeps the Cache API and the bucket, below the folder of state. */
const CACHE_FOLDER = "v3/cache";
const BUCKET_FOLDER = `v3/r2/${BUCKET}/blobs`;

/**
 * Makes the state of a server that was stopped that of another data centre: a cache with nothing in it, over the same bucket.
 * @throws Error where the cache is not where it is looked for, since nothing would be emptied then
 */
export function emptyCache(state: string): void {
  rmSync(join(state, CACHE_FOLDER), { recursive: true });
}

/** How many objects the bucket has. */
export function objectsIn(state: string): number {
  return filesIn(join(state, BUCKET_FOLDER));
}

/** How many things the Cache API has, those without a body too. */
export function cachedIn(state: string): number {
  const folder = join(state, CACHE_FOLDER);
  const caches = existsSync(folder) ? readdirSync(folder) : [];
  return caches.reduce((sum, name) => sum + filesIn(join(folder, name, "blobs")), 0);
}

function filesIn(folder: string): number {
  return existsSync(folder) ? readdirSync(folder).length : 0;
}

const PORT_TAKEN = "Address already in use";
const ATTEMPTS = 5;

async function startOnce(
  folder: string,
  config: string,
  logFile: string,
  options: DevServerOptions,
): Promise<DevServer> {
  const port = options.port ?? (await freePort());
  const daemon: Daemon = await start(
    [
      process.execPath,
      join(ROOT, "node_modules/wrangler/bin/wrangler.js"),
      "dev",
      "--config",
      config,
      "--ip",
      "127.0.0.1",
      "--port",
      String(port),
      "--inspector-port",
      String(await freePort()),
      "--persist-to",
      options.state ?? join(folder, "state"),
      "--show-interactive-dev-session=false",
    ],
    {
      cwd: folder,
      env: { WRANGLER_SEND_METRICS: "false", DO_NOT_TRACK: "1", CI: "1" },
      logFile,
      ready: () => answers(`http://127.0.0.1:${port}/robots.txt`),
      hopeless: PORT_TAKEN,
    },
  );
  return { port, stop: () => daemon.stop() };
}
