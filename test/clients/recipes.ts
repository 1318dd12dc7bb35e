// docs/recipes.md, run as written, through the universal host: its files where the clients look for them, its commands in a
// shell. What differs is the host, http, and the folder that stands in for /etc.

import { deepStrictEqual, ok } from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { OFFLINE } from "./client.ts";
import { startContainerd } from "./containerd.ts";
import { startDockerWith } from "./docker.ts";
import { CommandFailed, must } from "../tools/processes.ts";
import type { Daemon } from "../tools/processes.ts";
import { localised, readRecipes } from "./recipe-blocks.ts";
import { readBack } from "./seed.ts";
import type { Seeded, Upstream } from "./upstreams.ts";

/** The universal host, and the registries behind it. */
export interface Kitchen {
  host: string;
  hub: Upstream;
  github: Upstream;
}

/** One client's recipes: prepared once, then run one after the other. */
interface Menu {
  client: string;
  prepare: (cook: Cook) => Promise<Daemon | undefined>;
  dishes: readonly Dish[];
}

interface Dish {
  /** Ids of the blocks that it is made of; more than the page's blocks for what the page only says. */
  title: string;
  recipes: readonly string[];
  run: (cook: Cook) => Promise<void>;
}

/** A folder of one client's own, and the page's blocks. */
class Cook {
  readonly kitchen: Kitchen;
  readonly folder: string;
  readonly env: Record<string, string> = { ...OFFLINE };
  readonly #blocks: Map<string, string>;

  constructor(kitchen: Kitchen, folder: string, blocks: Map<string, string>) {
    this.kitchen = kitchen;
    this.folder = folder;
    this.#blocks = blocks;
    this.write("hub-token.txt", kitchen.hub.login.password);
    this.write("ghcr-token.txt", kitchen.github.login.password);
  }

  block(id: string): string {
    const block = this.#blocks.get(id);
    if (block === undefined) throw new Error(`docs/recipes.md has no block ${id}`);
    return localised(block, this.kitchen.host);
  }

  /** Runs a block, or another script, in the client's folder; /etc is below it. */
  async shell(script: string): Promise<string> {
    // skopeo 1.9 does not read the variable that podman and buildah have for this file.
    const skopeo = 'skopeo() { command skopeo --registries-conf registries.conf "$@"; }';
    const command = `cd ${this.folder}\n${skopeo}\n${script.replaceAll(" /etc/", ` ${this.folder}/etc/`)}`;
    const { stdout } = await must(["sh", "-eu", "-c", command], { env: this.env });
    return stdout.toString();
  }

  write(name: string, text: string): string {
    const file = join(this.folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  }

  remove(name: string): void {
    rmSync(join(this.folder, name), { recursive: true, force: true });
  }
}

const CERTS = "etc/containerd/certs.d";

const DOCKER: Menu = {
  client: "docker",
  async prepare(cook) {
    const settings = JSON.parse(cook.block("docker-mirror")) as Record<string, unknown>;
    const daemon = await startDockerWith(
      { ...settings, "insecure-registries": [cook.kitchen.host] },
      cook.folder,
    );
    cook.env["DOCKER_HOST"] = daemon.host;
    cook.env["DOCKER_CONFIG"] = join(cook.folder, "config");
    return daemon;
  },
  dishes: [
    {
      title: "a mirror of Docker Hub",
      recipes: ["docker-mirror", "docker-mirror-pull"],
      async run(cook) {
        await cook.shell(cook.block("docker-mirror-pull"));
        await expectInDocker(cook, "nginx", cook.kitchen.hub.popular);
      },
    },
    {
      title: "by name",
      recipes: ["docker-pull"],
      async run(cook) {
        const { host, hub, github } = cook.kitchen;
        await cook.shell(cook.block("docker-pull"));
        await expectInDocker(cook, `${host}/nginx`, hub.popular);
        await expectInDocker(cook, `${host}/ghcr.io/github/super-linter`, github.popular);
      },
    },
    {
      title: "login at Docker Hub",
      recipes: ["docker-login-hub"],
      async run(cook) {
        await cook.shell(cook.block("docker-login-hub"));
        await expectInDocker(cook, `${cook.kitchen.host}/alice/private`, cook.kitchen.hub.own);
      },
    },
    {
      title: "login at another registry, push there",
      recipes: ["docker-login-other", "docker-push"],
      async run(cook) {
        const { host, github } = cook.kitchen;
        await cook.shell(cook.block("docker-login-other"));
        await expectInDocker(cook, `${host}/ghcr.io/alice/private`, github.own);
        await cook.shell(cook.block("docker-push"));
        await expectStored(github, "alice/copy", github.own);
      },
    },
    {
      title: "push what was pulled from another registry",
      recipes: [],
      async run(cook) {
        const { host, hub, github } = cook.kitchen;
        const [from, to] = [`${host}/docker.io/owner/open`, `${host}/ghcr.io/alice/from-hub-docker`];
        await cook.shell(`docker logout ${host}\ndocker pull ${from}\ndocker tag ${from} ${to}`);
        await cook.shell(`${cook.block("docker-login-other").split("\n", 1)[0] ?? ""}\ndocker push ${to}`);
        await expectStored(github, "alice/from-hub-docker", hub.open);
      },
    },
    {
      title: "logged in at one registry, public images of another",
      recipes: [],
      async run(cook) {
        const { host, hub, github } = cook.kitchen;
        const [other = ""] = cook.block("docker-login-other").split("\n", 1);
        await cook.shell(`docker image prune --all --force\n${other}\ndocker pull ${host}/nginx`);
        await expectInDocker(cook, `${host}/nginx`, hub.popular);
        const [hubLogin = ""] = cook.block("docker-login-hub").split("\n", 1);
        const name = `${host}/ghcr.io/github/super-linter`;
        await cook.shell(`docker image prune --all --force\n${hubLogin}\ndocker pull ${name}`);
        await expectInDocker(cook, name, github.popular);
      },
    },
    {
      title: "search",
      recipes: ["docker-search"],
      async run(cook) {
        ok((await cook.shell(cook.block("docker-search"))).includes("nginx"), "nginx was not found");
      },
    },
  ],
};

const CONTAINERD: Menu = {
  client: "containerd",
  async prepare(cook) {
    const daemon = await startContainerd(join(cook.folder, "containerd"));
    cook.env["CONTAINERD_ADDRESS"] = daemon.socket;
    cook.env["CONTAINERD_SNAPSHOTTER"] = "native";
    return daemon;
  },
  dishes: [
    {
      title: "hosts.toml of two registries",
      recipes: ["containerd-docker.io", "containerd-ghcr.io", "containerd-pull"],
      async run(cook) {
        writeHosts(cook, {
          "docker.io": cook.block("containerd-docker.io"),
          "ghcr.io": cook.block("containerd-ghcr.io"),
        });
        await pullBoth(cook);
      },
    },
    {
      title: "the same repository of two registries, with the login of each",
      recipes: ["containerd-private"],
      async run(cook) {
        const { hub, github } = cook.kitchen;
        await cook.shell(cook.block("containerd-private"));
        await expectInContainerd(cook, "docker.io/alice/private:latest", hub.own);
        await expectInContainerd(cook, "ghcr.io/alice/private:latest", github.own);
        const [first = ""] = cook.block("containerd-private").split("\n");
        await expectFailure(() => cook.shell(first.replace("hub-token", "ghcr-token")));
      },
    },
    {
      title: "_default/hosts.toml",
      recipes: ["containerd-default", "containerd-pull"],
      async run(cook) {
        writeHosts(cook, { _default: cook.block("containerd-default") });
        await pullBoth(cook);
      },
    },
    {
      title: "logged in at one registry, public images of another",
      recipes: [],
      async run(cook) {
        // What containerd does with the one login that its configuration, or k3s's, has for a mirror's host.
        writeHosts(cook, { _default: cook.block("containerd-default") });
        const pull = `ctr images pull --hosts-dir /etc/containerd/certs.d --user "ghcr.io/alice:$(cat ghcr-token.txt)"`;
        await cook.shell("ctr images ls -q | xargs -r ctr images rm --sync");
        await cook.shell(`${pull} docker.io/library/nginx:latest`);
        await expectInContainerd(cook, "docker.io/library/nginx:latest", cook.kitchen.hub.popular);
      },
    },
    {
      title: "k3s: as hosts.toml",
      recipes: ["k3s"],
      async run(cook) {
        const mirrors = [...cook.block("k3s").matchAll(/^ {2}(\S+):\n {4}endpoint:\n {6}- "(\S+)"$/gm)];
        writeHosts(
          cook,
          Object.fromEntries(mirrors.map(([, registry = "", url = ""]) => [registry, hostsToml(url)])),
        );
        await pullBoth(cook);
      },
    },
    {
      title: "buildkit: as hosts.toml",
      recipes: ["buildkit"],
      async run(cook) {
        const mirrors = [
          ...cook.block("buildkit").matchAll(/^\[registry\."(\S+)"\]\n {2}mirrors = \["(\S+)"\]$/gm),
        ];
        writeHosts(
          cook,
          Object.fromEntries(
            mirrors.map(([, registry = "", host = ""]) => [registry, hostsToml(`http://${host}`)]),
          ),
        );
        await pullBoth(cook);
      },
    },
    {
      title: "Kubernetes: the manifests' names",
      recipes: ["kubernetes"],
      async run(cook) {
        const { hub, github } = cook.kitchen;
        const names = [...cook.block("kubernetes").matchAll(/image: (\S+)/g)].map(([, name = ""]) => name);
        deepStrictEqual(names.length, 2);
        for (const [at, name] of names.entries()) {
          await cook.shell(`ctr images pull --plain-http ${name}`);
          await expectInContainerd(cook, name, at === 0 ? hub.popular : github.popular);
        }
      },
    },
    {
      title: "push what was pulled from another registry",
      recipes: [],
      async run(cook) {
        const { host, hub, github } = cook.kitchen;
        const [from, to] = [
          `${host}/docker.io/owner/tagged:v00`,
          `${host}/ghcr.io/alice/from-hub-ctr:latest`,
        ];
        const user = `--user "ghcr.io/alice:$(cat ghcr-token.txt)"`;
        await cook.shell(
          `ctr images pull --plain-http ${from}\nctr images tag ${from} ${to}\nctr images push --plain-http ${user} ${to}`,
        );
        await expectStored(github, "alice/from-hub-ctr", hub.tagged);
      },
    },
  ],
};

const PODMAN: Menu = {
  client: "podman, buildah, skopeo",
  prepare(cook) {
    const storage = [
      "[storage]",
      'driver = "vfs"',
      `graphroot = "${cook.folder}/root"`,
      `runroot = "${cook.folder}/run"`,
    ];
    cook.env["CONTAINERS_STORAGE_CONF"] = cook.write("storage.conf", storage.join("\n"));
    cook.env["REGISTRY_AUTH_FILE"] = cook.write("auth.json", "{}");
    writeRegistries(cook, "podman");
    return Promise.resolve(undefined);
  },
  dishes: [
    {
      title: "registries.conf",
      recipes: ["podman", "podman-pull"],
      async run(cook) {
        const { hub, github } = cook.kitchen;
        await cook.shell(cook.block("podman-pull"));
        await expectInPodman(cook, "docker.io/library/nginx", hub.popular);
        await expectInPodman(cook, "ghcr.io/github/super-linter", github.popular);
      },
    },
    {
      title: "one host, a login for each registry",
      recipes: ["podman-login"],
      async run(cook) {
        const { hub, github } = cook.kitchen;
        await cook.shell(cook.block("podman-login"));
        await expectInPodman(cook, "docker.io/alice/private", hub.own);
        await expectInPodman(cook, "ghcr.io/alice/private", github.own);
      },
    },
    {
      title: "push what was pulled from another registry",
      recipes: [],
      async run(cook) {
        const { host, hub, github } = cook.kitchen;
        const name = `${host}/ghcr.io/alice/from-hub-podman`;
        await cook.shell(
          `podman pull ${host}/docker.io/library/nginx\npodman push ${host}/docker.io/library/nginx ${name}`,
        );
        await expectStored(github, "alice/from-hub-podman", hub.popular);
      },
    },
    {
      title: "CRI-O's registries.conf",
      recipes: ["crio", "podman-pull"],
      async run(cook) {
        await cook.shell("podman rmi --all --force");
        writeRegistries(cook, "crio");
        await cook.shell(cook.block("podman-pull"));
        await expectInPodman(cook, "ghcr.io/github/super-linter", cook.kitchen.github.popular);
      },
    },
    {
      title: "buildah",
      recipes: ["buildah-from"],
      async run(cook) {
        await cook.shell("podman rmi --all --force");
        await cook.shell(cook.block("buildah-from"));
        await expectInPodman(cook, "ghcr.io/github/super-linter", cook.kitchen.github.popular);
      },
    },
    {
      title: "skopeo",
      recipes: ["skopeo"],
      async run(cook) {
        const listed = await cook.shell(cook.block("skopeo"));
        ok(listed.includes('"latest"'), "skopeo listed no tag");
        const { config } = JSON.parse(readFileSync(join(cook.folder, "nginx/manifest.json"), "utf8")) as {
          config: { digest: string };
        };
        deepStrictEqual(config.digest, cook.kitchen.hub.popular.image.config);
      },
    },
    {
      title: "skopeo list-tags over several pages, by prefix",
      recipes: [],
      async run(cook) {
        const { host, hub } = cook.kitchen;
        const listed = await cook.shell(`skopeo list-tags docker://${host}/docker.io/owner/tagged`);
        deepStrictEqual((JSON.parse(listed) as { Tags: string[] }).Tags, hub.tagged.tags);
      },
    },
  ],
};

const MENUS = [DOCKER, CONTAINERD, PODMAN];

/** Runs what has `filter` in its title or client. Prints as it goes. @returns a title and whether it passed, for each */
export async function tryRecipes(
  kitchen: Kitchen,
  scratch: string,
  filter: (title: string) => boolean,
): Promise<Map<string, boolean>> {
  const blocks = readRecipes();
  const results = new Map<string, boolean>();
  const tried = new Set(MENUS.flatMap(({ dishes }) => dishes.flatMap(({ recipes }) => recipes)));
  for (const id of blocks.keys()) if (!tried.has(id)) throw new Error(`nothing runs the recipe ${id}`);
  for (const [at, { client, prepare, dishes }] of MENUS.entries()) {
    const wanted = dishes.filter(({ title }) => filter(`${client} · ${title}`));
    if (wanted.length === 0) continue;
    const folder = join(scratch, `recipes-${at}`);
    mkdirSync(folder, { recursive: true });
    const cook = new Cook(kitchen, folder, blocks);
    const daemon = await prepare(cook);
    for (const { title, run } of wanted) {
      const failure = await run(cook).then(
        () => undefined,
        (error: unknown) => (error instanceof Error ? error.message : String(error)),
      );
      const name = `recipe · ${client} · ${title}`;
      results.set(name, failure === undefined);
      console.log(`${failure === undefined ? "passed" : "FAILED"} ${name}`);
      if (failure !== undefined) console.log(failure.replace(/^/gm, "    "));
    }
    await daemon?.stop();
  }
  return results;
}

function writeHosts(cook: Cook, files: Record<string, string>): void {
  cook.remove(CERTS);
  for (const [registry, text] of Object.entries(files)) cook.write(join(CERTS, registry, "hosts.toml"), text);
}

function hostsToml(url: string): string {
  return `[host."${url}"]\n  capabilities = ["pull", "resolve"]\n`;
}

/** The block, and what http needs: the mirrors and the host itself are insecure. */
function writeRegistries(cook: Cook, id: string): void {
  const { host } = cook.kitchen;
  const block = cook
    .block(id)
    .replaceAll(/^location = "(mirror\..*)"$/gm, 'location = "$1"\ninsecure = true');
  const itself = `[[registry]]\nlocation = "${host}"\ninsecure = true\n`;
  cook.env["CONTAINERS_REGISTRIES_CONF"] = cook.write("registries.conf", `${block}\n${itself}`);
}

async function pullBoth(cook: Cook): Promise<void> {
  await cook.shell("ctr images ls -q | xargs -r ctr images rm --sync");
  await cook.shell(cook.block("containerd-pull"));
  await expectInContainerd(cook, "docker.io/library/nginx:latest", cook.kitchen.hub.popular);
  await expectInContainerd(cook, "ghcr.io/github/super-linter:latest", cook.kitchen.github.popular);
}

async function expectInDocker(cook: Cook, name: string, { image }: Seeded): Promise<void> {
  const id = await cook.shell(`docker image inspect --format '{{.Id}}' ${name}`);
  deepStrictEqual(id.trim(), image.config);
}

async function expectInPodman(cook: Cook, name: string, { image }: Seeded): Promise<void> {
  const id = await cook.shell(`podman image inspect --format '{{.Id}}' ${name}`);
  deepStrictEqual(`sha256:${id.trim()}`, image.config);
}

async function expectInContainerd(cook: Cook, name: string, { image }: Seeded): Promise<void> {
  const list = await cook.shell("ctr images ls");
  const line = list.split("\n").find((one) => one.startsWith(`${name} `));
  ok(line?.includes(image.root.digest), `containerd has ${line ?? "no such image"}`);
}

/** The registry has the image that the other one was given. */
async function expectStored(upstream: Upstream, repository: string, { image }: Seeded): Promise<void> {
  deepStrictEqual((await readBack(upstream, repository, "latest")).config, image.config);
}

async function expectFailure(command: () => Promise<unknown>): Promise<void> {
  const failed = await command().then(
    () => false,
    (error: unknown) => {
      if (error instanceof CommandFailed) return true;
      throw error;
    },
  );
  ok(failed, "the command went through");
}
