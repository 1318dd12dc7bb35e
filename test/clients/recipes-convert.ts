// What the page's converter makes of files, given to the programs that read them: the converter is the module that runs in the
// reader's browser, with what the Worker's page offers it.

import { deepStrictEqual } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { convert } from "../../src/page/convert/convert.ts";
import type { Image } from "./images.ts";
import type { Cook, Menu } from "./recipe-menu.ts";
import { expectInPodman, forget, prepareStorage, writeRegistries } from "./recipes-podman.ts";

/** Stages that are built of images, and files that are taken from a stage and from an image. The images have no shell to run. */
const DOCKERFILE = `# syntax=docker/dockerfile:1
ARG TAG=latest
FROM nginx AS base
FROM --platform=$TARGETPLATFORM ghcr.io/github/super-linter:\${TAG}
COPY --from=base /layer-0 /from-stage
COPY --from=docker.io/library/nginx /layer-0 /from-image
`;

/** A registry that the page of an open proxy does not name, and the converter has to leave. */
const UNNAMED = "open.example/owner/image:tag";

const COMPOSE = `services:
  web:
    image: nginx # the shortest name
    ports: ["8080:80"]
  lint:
    image: "ghcr.io/github/super-linter:latest"
  other:
    image: ${UNNAMED}
`;

const MANIFEST = `apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  initContainers:
    - name: lint
      image: ghcr.io/github/super-linter
  containers:
    - image: docker.io/library/nginx:latest
      name: web
---
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: other }
spec:
  template:
    spec:
      containers: [{ name: other, image: "${UNNAMED}" }, { name: web, image: index.docker.io/library/nginx }]
`;

export const CONVERTER: Menu = {
  client: "converter",
  prepare(cook) {
    // Without mirrors, so that a name which was left as it was leads nowhere.
    prepareStorage(cook);
    writeRegistries(cook);
    return Promise.resolve(undefined);
  },
  dishes: [
    {
      title: "a Dockerfile of several stages, converted, built by buildah",
      recipes: [],
      converts: true,
      async run(cook) {
        const { hub, github } = cook.kitchen;
        await forget(cook);
        cook.write("converted/Dockerfile", converted(cook, DOCKERFILE));
        const names = "/from-stage /from-image /layer-0".split(" ");
        await cook.shell("buildah build --tag converted converted");
        // Nothing of it can run: its files are read where they are mounted.
        const copies = names.map((name) => `cp "$(buildah mount "$made")${name}" built${name}`);
        await cook.shell(
          ["mkdir built", 'made="$(buildah from --pull-never converted)"', ...copies].join("\n"),
        );
        const [fromStage, fromImage, own] = names.map((name) =>
          readFileSync(join(cook.folder, "built", name)),
        );
        const [nginx, linter] = [hub.popular, github.popular].map(({ image }) => fileOf(image));
        deepStrictEqual({ fromStage, fromImage, own }, { fromStage: nginx, fromImage: nginx, own: linter });
      },
    },
    {
      title: "a compose file, converted: its images",
      recipes: [],
      converts: true,
      run: (cook) => pullConverted(cook, COMPOSE),
    },
    {
      title: "manifests, converted: their images",
      recipes: [],
      converts: true,
      run: (cook) => pullConverted(cook, MANIFEST),
    },
  ],
};

function converted(cook: Cook, text: string): string {
  const { offer } = cook.source;
  if (offer === undefined) throw new Error("the page offers nothing to its converter");
  return convert(text, offer).text;
}

/** Each image is the one that its name was before. */
async function pullConverted(cook: Cook, text: string): Promise<void> {
  await forget(cook);
  const before = imagesOf(text);
  const after = imagesOf(converted(cook, text));
  deepStrictEqual(after.length, before.length);
  for (const [at, name] of after.entries()) {
    const was = before[at] ?? "";
    deepStrictEqual(name.startsWith(`${cook.host}/`), was !== UNNAMED, `${was} has become ${name}`);
    if (was === UNNAMED) continue;
    await cook.shell(`podman pull ${name}`);
    await expectInPodman(cook, name, cook.seeded(was));
  }
}

function imagesOf(yaml: string): string[] {
  return [...yaml.matchAll(/\bimage: "?([^\s"}]+)/g)].map(([, name = ""]) => name);
}

/** The content of the file in the image's only layer: an archive with a head of 512 bytes, which has the file's length. */
function fileOf({ blobs, layers: [layer = ""] }: Image): Buffer {
  const archive = gunzipSync(blobs.get(layer) ?? "");
  const length = Number.parseInt(archive.toString("latin1", 124, 135), 8);
  return archive.subarray(512, 512 + length);
}
