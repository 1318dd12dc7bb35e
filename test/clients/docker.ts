// docker, with a daemon of its own: sockets and data in the test's folder, the target as an insecure registry and mirror. It
// keeps images in a store of its own or in containerd's, and pulls with other code then.

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { OFFLINE } from "./client.ts";
import type { Client, Pulled } from "./client.ts";
import { ctrOf, inspectImage, SOCKET, startContainerd } from "./containerd.ts";
import { archive } from "./images.ts";
import { must, start } from "../tools/processes.ts";
import type { CommandOptions, Daemon } from "../tools/processes.ts";
import { loginAt } from "./targets.ts";
import type { Target } from "./targets.ts";
import type { Login } from "./upstreams.ts";

/** The key under which docker keeps the login to docker.io, which it also uses at the mirrors of docker.io. */
const HUB_KEY = "https://index.docker.io/v1/";

/** In the folder that docker keeps its logins in, and in the daemon's. */
const CONFIG = "config.json";
const LOG = "dockerd.log";

const NAMESPACE = "ferry-docker";
const CONTAINERD_FOLDER = "containerd";
/** The first that can keep its images in containerd. */
const CONTAINERD_SINCE = 24;

/** With its own store, which newer daemons have to be told. */
export function startDocker(target: Target, folder: string): Promise<Client> {
  return startClient(target, folder, {});
}

/** With containerd's. */
export async function startDockerOnContainerd(target: Target, folder: string): Promise<Client> {
  const client = await startClient(target, folder, CONTAINERD_STORE);
  const containerd = join(folder, CONTAINERD_FOLDER);
  const ctr = ctrOf(join(containerd, SOCKET), NAMESPACE);
  const pull = async (reference: string, limit?: number): Promise<Pulled> => {
    await client.pull(reference, limit);
    // docker's id of an image is the index's digest here.
    return inspectImage(ctr, containerd, reference);
  };
  // It does not send docker.io's login to mirrors of docker.io.
  const rest = { ...client };
  delete rest.signInMirrored;
  return {
    ...rest,
    async forget() {
      await client.forget();
      // What no image needs any more is removed some time later, or with the next lease that is ended and waited for.
      await ctr("content", "prune", "references");
    },
    pull,
    ...(client.pullMirrored === undefined ? {} : { pullMirrored: pull }),
  };
}

/** Whether the daemon of this machine can keep its images in containerd. */
export async function hasContainerdStore(): Promise<boolean> {
  const { output } = await must(["dockerd", "--version"]);
  return Number(/version (\d+)/.exec(output)?.[1] ?? 0) >= CONTAINERD_SINCE;
}

const CONTAINERD_STORE = { features: { "containerd-snapshotter": true }, "storage-driver": "native" };

async function startClient(target: Target, folder: string, store: Record<string, unknown>): Promise<Client> {
  const mirrors = [`http://${target.registry}`];
  const daemon = await startDockerWith(
    { "insecure-registries": [target.registry], "registry-mirrors": mirrors, ...store },
    folder,
  );
  const config = join(folder, "config");
  const docker = (command: string[], options: CommandOptions = {}) =>
    must(["docker", "--host", daemon.host, "--config", config, ...command], { env: OFFLINE, ...options });

  const pull = async (reference: string, limit?: number): Promise<Pulled> => {
    await docker(["pull", reference], limit === undefined ? {} : { limit });
    const { stdout } = await docker(["image", "inspect", reference]);
    const [image] = JSON.parse(stdout.toString()) as [
      { Id: string; RepoDigests: string[]; RootFS: { Layers: string[] } },
    ];
    const digests = image.RepoDigests.map((name) => name.replace(/^.*@/, ""));
    return { config: image.Id, diffIds: image.RootFS.Layers, digests };
  };

  return {
    async forget() {
      rmSync(config, { recursive: true, force: true });
      await docker(["image", "prune", "--all", "--force"]);
    },
    async signIn(registry, { name, password }) {
      await docker(["login", "--username", name, "--password-stdin", registry], {
        input: password,
      });
    },
    async signOut(registry) {
      await docker(["logout", registry]);
    },
    identityToken: (registry) => readAuths(config)[registry]?.identitytoken,
    pull,
    async push(image, reference) {
      const file = join(folder, "push.tar");
      writeFileSync(file, archive(image, reference));
      await docker(["load", "--input", file]);
      await docker(["push", reference]);
    },
    async search(registry, word) {
      const { stdout } = await docker(["search", "--format", "{{.Name}}", `${registry}/${word}`]);
      return stdout.toString().split("\n").filter(Boolean);
    },
    // Only docker.io has mirrors in docker.
    ...(target.upstream.registry === "docker.io"
      ? {
          pullMirrored: pull,
          // `docker login` would ask the real Docker Hub. The user name is the Hub's, whatever the mirror is.
          signInMirrored() {
            writeHubLogin(config, loginAt({ ...target, userPrefix: "" }));
            return Promise.resolve();
          },
        }
      : {}),
    log: () => readFileSync(join(folder, LOG), "utf8"),
    stop: daemon.stop,
  };
}

function writeHubLogin(config: string, { name, password }: Login): void {
  const auth = Buffer.from(`${name}:${password}`).toString("base64");
  mkdirSync(config, { recursive: true });
  writeFileSync(join(config, CONFIG), JSON.stringify({ auths: { [HUB_KEY]: { auth } } }));
}

/** The logins that docker keeps, by registry. */
function readAuths(config: string): Record<string, { identitytoken?: string }> {
  const file = join(config, CONFIG);
  const text = existsSync(file) ? readFileSync(file, "utf8") : "{}";
  return (JSON.parse(text) as { auths?: Record<string, { identitytoken?: string }> }).auths ?? {};
}

/** A daemon and a containerd of its own, with these settings in its daemon.json. */
export async function startDockerWith(
  settings: Record<string, unknown>,
  folder: string,
): Promise<Daemon & { host: string }> {
  const containerd = await startContainerd(join(folder, CONTAINERD_FOLDER));
  const daemon = await startDaemon(settings, folder, containerd.socket);
  const stop = async () => {
    await daemon.stop();
    await containerd.stop();
  };
  return { host: `unix://${join(folder, "docker.sock")}`, stop };
}

function startDaemon(own: Record<string, unknown>, folder: string, containerdSocket: string) {
  const socket = join(folder, "docker.sock");
  const settings = {
    hosts: [`unix://${socket}`],
    "data-root": join(folder, "data"),
    "exec-root": join(folder, "exec"),
    pidfile: join(folder, "docker.pid"),
    containerd: containerdSocket,
    "containerd-namespace": NAMESPACE,
    "containerd-plugins-namespace": "ferry-docker-plugins",
    bridge: "none",
    iptables: false,
    ip6tables: false,
    "storage-driver": "vfs",
    // Newer daemons keep images in containerd by default, whose client side is another row of the table.
    features: { "containerd-snapshotter": false },
    ...own,
  };
  const file = join(folder, "daemon.json");
  writeFileSync(file, JSON.stringify(settings, null, 2));
  const check = ["docker", "--host", `unix://${socket}`, "version"];
  return start(["dockerd", "--config-file", file], {
    env: OFFLINE,
    logFile: join(folder, LOG),
    ready: () => must(check, { limit: 5 }).then(() => true),
  });
}
