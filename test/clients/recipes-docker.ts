// The recipes for docker, run by a daemon of their own.

import { deepStrictEqual, ok } from "node:assert/strict";
import { join } from "node:path";
import { startDockerWith } from "./docker.ts";
import { expectStored } from "./recipe-menu.ts";
import type { Cook, Menu } from "./recipe-menu.ts";
import type { Seeded } from "./upstreams.ts";

export const DOCKER: Menu = {
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

async function expectInDocker(cook: Cook, name: string, { image }: Seeded): Promise<void> {
  const id = await cook.shell(`docker image inspect --format '{{.Id}}' ${name}`);
  deepStrictEqual(id.trim(), image.config);
}
