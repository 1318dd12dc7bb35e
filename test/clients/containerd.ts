// containerd by `ctr`, with an instance of its own. Its mirrors are folders of hosts.toml; it tells them the registry by `ns=`.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { OFFLINE } from "./client.ts";
import type { Client, Pulled } from "./client.ts";
import { archive, sha256 } from "./images.ts";
import { must, start } from "../tools/processes.ts";
import type { CommandOptions, Daemon, Finished } from "../tools/processes.ts";
import { loginAt } from "./targets.ts";
import type { Target } from "./targets.ts";
import type { Login } from "./upstreams.ts";

/** In the daemon's folder. */
export const SOCKET = "containerd.sock";
const ROOT = "root";
/** Where containerd keeps the bytes of all images, below its root. */
const BLOBS = "io.containerd.content.v1.content/blobs";

export async function startContainerd(folder: string): Promise<Daemon & { socket: string }> {
  mkdirSync(folder, { recursive: true });
  const socket = join(folder, SOCKET);
  const config = join(folder, "config.toml");
  const lines = [
    "version = 2",
    `root = "${join(folder, ROOT)}"`,
    `state = "${join(folder, "state")}"`,
    `disabled_plugins = ["io.containerd.grpc.v1.cri"]`,
    "[grpc]",
    `address = "${socket}"`,
  ];
  writeFileSync(config, lines.join("\n"));
  const daemon = await start(["containerd", "--config", config], {
    env: OFFLINE,
    logFile: join(folder, "containerd.log"),
    ready: () => must(["ctr", "--address", socket, "version"], { limit: 5 }).then(() => true),
  });
  return { ...daemon, socket };
}

export async function startCtr(target: Target, folder: string): Promise<Client> {
  const daemon = await startContainerd(folder);
  const hosts = writeHosts(target, folder);
  let login: Login | undefined;
  const ctr = ctrOf(daemon.socket, "ferry");
  const user = () => (login === undefined ? [] : ["--user", `${login.name}:${login.password}`]);

  const pullWith = async (flags: string[], reference: string, limit?: number): Promise<Pulled> => {
    const hurried = limit === undefined ? ctr : ctrOf(daemon.socket, "ferry", { limit });
    await hurried("images", "pull", "--snapshotter", "native", ...flags, ...user(), reference);
    return inspectImage(ctr, folder, reference);
  };

  return {
    async forget() {
      login = undefined;
      writeHosts(target, folder);
      const { stdout } = await ctr("images", "ls", "--quiet");
      const names = stdout.toString().split("\n").filter(Boolean);
      if (names.length > 0) await ctr("images", "rm", "--sync", ...names);
    },
    signIn(_registry, given) {
      login = given;
      return Promise.resolve();
    },
    pull: (reference, limit) => pullWith(["--plain-http"], reference, limit),
    async push(image, reference) {
      const file = join(folder, "push.tar");
      writeFileSync(file, archive(image, reference));
      await ctr("images", "import", "--no-unpack", file);
      await ctr("images", "push", "--plain-http", ...user(), reference);
    },
    pullMirrored: (reference) => pullWith(["--hosts-dir", hosts], reference),
    signInMirrored() {
      login = loginAt(target);
      return Promise.resolve();
    },
    sendAlways({ name, password }) {
      const basic = Buffer.from(`${name}:${password}`).toString("base64");
      writeHosts(target, folder, [
        `[host."http://${target.registry}".header]`,
        `Authorization = "Basic ${basic}"`,
      ]);
    },
    stop: daemon.stop,
  };
}

export type Ctr = (...command: string[]) => Promise<Finished>;

/** `ctr` for the images of one namespace. */
export function ctrOf(socket: string, namespace: string, options: CommandOptions = {}): Ctr {
  return (...command) =>
    must(["ctr", "--address", socket, "--namespace", namespace, ...command], { env: OFFLINE, ...options });
}

/**
 * What containerd has of an image. Read from the daemon's folder: a program for each blob would take longer than the pull.
 * @throws Error where its bytes are not what their digests say
 */
export async function inspectImage(ctr: Ctr, folder: string, reference: string): Promise<Pulled> {
  const content = (digest: string): Buffer => {
    const bytes = readFileSync(join(folder, ROOT, BLOBS, digest.replace(":", "/")));
    if (sha256(bytes) !== digest) throw new Error(`containerd keeps other bytes under ${digest}`);
    return bytes;
  };
  const { stdout } = await ctr("images", "ls");
  const row = stdout
    .toString()
    .split("\n")
    .find((line) => line.startsWith(`${reference} `));
  const root = /sha256:[0-9a-f]{64}/.exec(row ?? "")?.[0];
  if (root === undefined) throw new Error(`containerd has no image ${reference}`);
  const index = JSON.parse(content(root).toString()) as Index;
  const native = index.manifests?.find(({ platform }) => platform.architecture !== "s390x")?.digest ?? root;
  const manifest = JSON.parse(content(native).toString()) as OneManifest;
  for (const { digest } of manifest.layers) content(digest);
  const config = JSON.parse(content(manifest.config.digest).toString()) as Config;
  return { config: manifest.config.digest, diffIds: config.rootfs.diff_ids, digests: [root, native] };
}

interface Index {
  manifests?: { digest: string; platform: { architecture: string } }[];
}

interface OneManifest {
  config: { digest: string };
  layers: { digest: string }[];
}

interface Config {
  rootfs: { diff_ids: string[] };
}

function writeHosts(target: Target, folder: string, more: readonly string[] = []): string {
  const hosts = join(folder, "hosts");
  const mirrored = join(hosts, target.upstream.registry);
  mkdirSync(mirrored, { recursive: true });
  const lines = [`[host."http://${target.registry}"]`, `capabilities = ["pull", "resolve"]`, ...more];
  writeFileSync(join(mirrored, "hosts.toml"), lines.join("\n"));
  return hosts;
}
