// The recipes for podman, buildah and skopeo, which read the same files, and for CRI-O, whose file podman reads here.

import { deepStrictEqual, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expectStored } from "./recipe-menu.ts";
import type { Cook, Menu } from "./recipe-menu.ts";
import type { Seeded } from "./upstreams.ts";

export const PODMAN: Menu = {
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

/** The block, and what http needs: the mirrors and the host itself are insecure. */
function writeRegistries(cook: Cook, id: string): void {
  const { host } = cook.kitchen;
  const block = cook
    .block(id)
    .replaceAll(/^location = "(mirror\..*)"$/gm, 'location = "$1"\ninsecure = true');
  const itself = `[[registry]]\nlocation = "${host}"\ninsecure = true\n`;
  cook.env["CONTAINERS_REGISTRIES_CONF"] = cook.write("registries.conf", `${block}\n${itself}`);
}

async function expectInPodman(cook: Cook, name: string, { image }: Seeded): Promise<void> {
  const id = await cook.shell(`podman image inspect --format '{{.Id}}' ${name}`);
  deepStrictEqual(`sha256:${id.trim()}`, image.config);
}
