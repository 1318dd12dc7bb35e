// docker, with a daemon of its own: sockets and data in the test's folder, the target as an insecure registry and mirror.

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { OFFLINE } from "./client.ts";
import type { Client, Pulled } from "./client.ts";
import { startContainerd } from "./containerd.ts";
import { archive } from "./images.ts";
import { must, start } from "../tools/processes.ts";
import type { Daemon } from "../tools/processes.ts";
import { loginAt } from "./targets.ts";
import type { Target } from "./targets.ts";

/** The key under which docker keeps the login to docker.io, which it also uses at the mirrors of docker.io. */
const HUB_KEY = "https://index.docker.io/v1/";

export async function startDocker(target: Target, folder: string): Promise<Client> {
  const daemon = await startDockerWith(
    { "insecure-registries": [target.registry], "registry-mirrors": [`http://${target.registry}`] },
    folder,
  );
  const config = join(folder, "config");
  const docker = (command: string[], input?: string) =>
    must(["docker", "--host", daemon.host, "--config", config, ...command], {
      env: OFFLINE,
      ...(input === undefined ? {} : { input }),
    });

  const pull = async (reference: string): Promise<Pulled> => {
    await docker(["pull", reference]);
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
      await docker(["login", "--username", name, "--password-stdin", registry], password);
    },
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
            const { name, password } = loginAt({ ...target, userPrefix: "" });
            const auth = Buffer.from(`${name}:${password}`).toString("base64");
            mkdirSync(config, { recursive: true });
            writeFileSync(join(config, "config.json"), JSON.stringify({ auths: { [HUB_KEY]: { auth } } }));
            return Promise.resolve();
          },
        }
      : {}),
    stop: daemon.stop,
  };
}

/** A daemon and a containerd of its own, with these settings in its daemon.json. */
export async function startDockerWith(
  settings: Record<string, unknown>,
  folder: string,
): Promise<Daemon & { host: string }> {
  const containerd = await startContainerd(join(folder, "containerd"));
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
    "containerd-namespace": "ferry-docker",
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
    logFile: join(folder, "dockerd.log"),
    ready: () => must(check, { limit: 5 }).then(() => true),
  });
}
