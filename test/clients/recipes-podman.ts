// The recipes for podman, buildah and skopeo, which read the same files, and for CRI-O, whose file podman reads here.

import { deepStrictEqual, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expectStored, occupy, pulledBy } from "./recipe-menu.ts";
import type { Cook, Menu } from "./recipe-menu.ts";
import { readBack } from "./seed.ts";
import type { Seeded, Upstream } from "./upstreams.ts";

export const PODMAN: Menu = {
  client: "podman, buildah, skopeo",
  prepare(cook) {
    prepareStorage(cook);
    writeRegistries(cook, cook.has("podman") ? "podman" : "crio");
    return Promise.resolve(undefined);
  },
  dishes: [
    {
      title: "registries.conf",
      recipes: ["podman", "podman-pull"],
      run: (cook) => pullAll(cook, "podman-pull"),
    },
    {
      title: "one host, a login for each registry",
      recipes: ["podman-login"],
      run: (cook) => pullAll(cook, "podman-login"),
    },
    {
      title: "push what was pulled from another registry",
      recipes: [],
      async run(cook) {
        const { host, kitchen } = cook;
        const { hub, github } = kitchen;
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
        writeRegistries(cook, "crio");
        await pullAll(cook, "podman-pull");
      },
    },
    {
      title: "a user's mirrors, in a file beside a registries.conf of the user's own",
      recipes: [],
      async run(cook) {
        await forget(cook);
        const configuration = "home/.config/containers";
        const mirrors = withInsecure(cook.host, cook.block("crio"));
        cook.write(`${configuration}/registries.conf`, 'unqualified-search-registries = ["docker.io"]\n');
        cook.write(`${configuration}/registries.conf.d/mirror.conf`, mirrors);
        const name = "ghcr.io/github/super-linter";
        await cook.shell(
          `unset CONTAINERS_REGISTRIES_CONF\nHOME=${join(cook.folder, "home")} podman pull ${name}`,
        );
        await expectInPodman(cook, name, cook.seeded(name));
      },
    },
    {
      title: "buildah",
      recipes: ["buildah-from"],
      run: (cook) => pullAll(cook, "buildah-from"),
    },
    {
      title: "Dockerfile, built by buildah",
      recipes: ["dockerfile"],
      async run(cook) {
        await forget(cook);
        const [, name = ""] = /^FROM (\S+)\n$/.exec(cook.block("dockerfile")) ?? [];
        cook.write("build/Dockerfile", cook.block("dockerfile"));
        await cook.shell("buildah build --tag built build");
        await expectLayersInPodman(cook, "built", cook.seeded(name));
      },
    },
    {
      title: "Dockerfile with an argument for the registry, built with the proxy and without it",
      recipes: ["dockerfile-argument", "dockerfile-argument-build"],
      async run(cook) {
        await forget(cook);
        cook.write("argument/Dockerfile", cook.block("dockerfile-argument"));
        await cook.shell(`cd argument\n${cook.block("dockerfile-argument-build")}`);
        // Here registries.conf leads to the registry's mirror: there is no registry itself.
        for (const built of ["with-proxy", "without-proxy"])
          await expectLayersInPodman(cook, built, cook.kitchen.hub.popular);
      },
    },
    {
      title: "a copy with every platform in a registry of one's own",
      recipes: ["copy-skopeo"],
      async run(cook) {
        const { hub, open } = cook.kitchen;
        await occupy(open, "nginx");
        await cook.shell(cook.block("copy-skopeo"));
        await expectAllStored(open, "nginx", hub.popular);
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
        const { host, kitchen } = cook;
        const listed = await cook.shell(`skopeo list-tags docker://${host}/docker.io/owner/tagged`);
        deepStrictEqual((JSON.parse(listed) as { Tags: string[] }).Tags, kitchen.hub.tagged.tags);
      },
    },
  ],
};

/** Images and logins in the cook's folder. */
export function prepareStorage(cook: Cook): void {
  const storage = [
    "[storage]",
    'driver = "vfs"',
    `graphroot = "${cook.folder}/root"`,
    `runroot = "${cook.folder}/run"`,
  ];
  cook.env["CONTAINERS_STORAGE_CONF"] = cook.write("storage.conf", storage.join("\n"));
  cook.env["REGISTRY_AUTH_FILE"] = cook.write("auth.json", "{}");
}

/** The block, and what http needs: the mirrors, the host itself and the reader's own registry are insecure. */
export function writeRegistries(cook: Cook, id?: string): void {
  const { host, kitchen } = cook;
  const block = id === undefined ? "" : withInsecure(host, cook.block(id));
  const others = [host, new URL(kitchen.open.url).host].map(
    (location) => `[[registry]]\nlocation = "${location}"\ninsecure = true\n`,
  );
  cook.env["CONTAINERS_REGISTRIES_CONF"] = cook.write("registries.conf", [block, ...others].join("\n"));
}

function withInsecure(host: string, block: string): string {
  const lines = block.split("\n");
  return lines
    .map((line) => (line.startsWith(`location = "${host}`) ? `${line}\ninsecure = true` : line))
    .join("\n");
}

export async function forget(cook: Cook): Promise<void> {
  await cook.shell("podman rmi --all --force");
}

/** Runs a block, and expects what its commands pull. */
async function pullAll(cook: Cook, id: string): Promise<void> {
  await forget(cook);
  await cook.shell(cook.block(id));
  for (const name of pulledBy(cook.block(id))) await expectInPodman(cook, name, cook.seeded(name));
}

export async function expectInPodman(cook: Cook, name: string, { image }: Seeded): Promise<void> {
  const id = await cook.shell(`podman image inspect --format '{{.Id}}' ${name}`);
  deepStrictEqual(`sha256:${id.trim()}`, image.config);
}

/** An image that was built of another one has its layers, and an id of its own. */
async function expectLayersInPodman(cook: Cook, name: string, { image }: Seeded): Promise<void> {
  const layers = await cook.shell(`podman image inspect --format '{{json .RootFS.Layers}}' ${name}`);
  deepStrictEqual(JSON.parse(layers), image.diffIds);
}

/** The index, as it was, and the image of each platform. */
async function expectAllStored(upstream: Upstream, repository: string, { image }: Seeded): Promise<void> {
  const { root, manifests } = image;
  const url = new URL(`/v2/${repository}/manifests/latest`, upstream.url);
  const answer = await fetch(url, { headers: { Accept: root.mediaType } });
  deepStrictEqual(await answer.text(), root.body.toString());
  const platforms = manifests.filter((manifest) => manifest !== root);
  deepStrictEqual(platforms.length, 2);
  for (const { digest } of platforms) await readBack(upstream, repository, digest);
}
