// The recipes for docker, run by a daemon of their own.

import { deepStrictEqual, ok } from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { newAddress } from "./closed-targets.ts";
import { startDockerWith } from "./docker.ts";
import { expectFailure, expectStored, namedIn, occupy, pulledBy } from "./recipe-menu.ts";
import type { Cook, Menu } from "./recipe-menu.ts";
import type { Seeded } from "./upstreams.ts";

/** The recipe of a closed proxy's door. */
export const OWN_LOGIN = "login of a closed proxy, typed at a terminal";

const MIRROR_FILE = "etc/docker/daemon.json";
/** What systemctl was told. */
const RESTARTS = "systemctl.txt";

export const DOCKER: Menu = {
  client: "docker",
  async prepare(cook) {
    const settings = cook.has("docker-mirror") ? await configureMirror(cook) : {};
    const daemon = await startDockerWith({ ...settings, "insecure-registries": [cook.host] }, cook.folder);
    cook.env["DOCKER_HOST"] = daemon.host;
    cook.env["DOCKER_CONFIG"] = join(cook.folder, "config");
    return daemon;
  },
  dishes: [
    {
      title: "a mirror of Docker Hub",
      recipes: ["docker-mirror", "docker-mirror-pull"],
      run: (cook) => pullAll(cook, "docker-mirror-pull"),
    },
    {
      title: "by name",
      recipes: ["docker-pull"],
      run: (cook) => pullAll(cook, "docker-pull"),
    },
    {
      title: "compose.yaml: its images",
      recipes: ["compose"],
      async run(cook) {
        await forget(cook);
        for (const name of namedIn(cook.block("compose"))) {
          await cook.shell(`docker pull ${name}`);
          await expectInDocker(cook, name, cook.seeded(name));
        }
      },
    },
    {
      title: "login at Docker Hub",
      recipes: ["docker-login-hub"],
      run: (cook) => pullAll(cook, "docker-login-hub"),
    },
    {
      title: "login at another registry, push there",
      recipes: ["docker-login-other", "docker-push"],
      async run(cook) {
        const { github } = cook.kitchen;
        await pullAll(cook, "docker-login-other");
        await occupy(github, "alice/copy");
        await cook.shell(cook.block("docker-push"));
        await expectStored(github, "alice/copy", github.own);
      },
    },
    {
      title: "login at a registry on its own host, push there",
      recipes: ["docker-login-one", "docker-push"],
      async run(cook) {
        const { hub } = cook.kitchen;
        await pullAll(cook, "docker-login-one");
        await occupy(hub, "alice/copy");
        await cook.shell(cook.block("docker-push"));
        await expectStored(hub, "alice/copy", hub.own);
      },
    },
    {
      title: "a copy in a registry of one's own",
      recipes: ["copy"],
      async run(cook) {
        const { hub, open } = cook.kitchen;
        await forget(cook);
        await occupy(open, "nginx");
        await cook.shell(cook.block("copy"));
        await expectStored(open, "nginx", hub.popular);
      },
    },
    {
      title: OWN_LOGIN,
      recipes: ["own-login"],
      async run(cook) {
        const { closed } = await cook.kitchen.closed();
        // From where nobody has failed to log in before.
        closed?.front.comeFrom(newAddress());
        const { name = "", password = "" } = closed?.user ?? {};
        cook.write("typed.txt", `${name}\n${password}\n`);
        const image = `${cook.host}/nginx`;
        await expectFailure(() => cook.shell(`docker pull ${image}`));
        // docker asks only at a terminal, and takes the password from nothing else: script(1) is one.
        await cook.shell(`script -qec '${cook.block("own-login").trim()}' /dev/null < typed.txt`);
        await cook.shell(`docker pull ${image}`);
        await expectInDocker(cook, image, cook.seeded(image));
      },
    },
    {
      title: "push what was pulled from another registry",
      recipes: [],
      async run(cook) {
        const { host, kitchen } = cook;
        const { hub, github } = kitchen;
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
        const { host, kitchen } = cook;
        const [other = ""] = cook.block("docker-login-other").split("\n", 1);
        await cook.shell(`docker image prune --all --force\n${other}\ndocker pull ${host}/nginx`);
        await expectInDocker(cook, `${host}/nginx`, kitchen.hub.popular);
        const [hubLogin = ""] = cook.block("docker-login-hub").split("\n", 1);
        const name = `${host}/ghcr.io/github/super-linter`;
        await cook.shell(`docker image prune --all --force\n${hubLogin}\ndocker pull ${name}`);
        await expectInDocker(cook, name, kitchen.github.popular);
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

/** Runs the script: what it wrote is what the daemon is then started with, as by the restart that it asks for. */
async function configureMirror(cook: Cook): Promise<Record<string, unknown>> {
  const root = 'sudo() { "$@"; }\n';
  const systemctl = `systemctl() { echo "$@" >> ${RESTARTS}; }\n`;
  await cook.shell(root + systemctl + cook.block("docker-mirror"));
  const [restarts, settings] = [RESTARTS, MIRROR_FILE].map((file) => join(cook.folder, file));
  deepStrictEqual(existsSync(restarts ?? "") && readFileSync(restarts ?? "", "utf8"), "restart docker\n");
  return JSON.parse(readFileSync(settings ?? "", "utf8")) as Record<string, unknown>;
}

async function forget(cook: Cook): Promise<void> {
  await cook.shell("docker image prune --all --force");
}

/** Runs a block, and expects what its commands pull. */
async function pullAll(cook: Cook, id: string): Promise<void> {
  await forget(cook);
  await cook.shell(cook.block(id));
  for (const name of pulledBy(cook.block(id))) await expectInDocker(cook, name, cook.seeded(name));
}

async function expectInDocker(cook: Cook, name: string, { image }: Seeded): Promise<void> {
  const id = await cook.shell(`docker image inspect --format '{{.Id}}' ${name}`);
  deepStrictEqual(id.trim(), image.config);
}
