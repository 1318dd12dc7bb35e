// Makes small valid images, fresh at every run, so that no client can have a layer of them already.

import { createHash, randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import { tar } from "./tar.ts";
import type { Entry } from "./tar.ts";

export interface Manifest {
  digest: string;
  mediaType: string;
  body: Buffer;
}

export interface Image {
  /** What a tag of this image points at: the index, or the only manifest. */
  root: Manifest;
  /** The manifest of this machine's platform. */
  native: Manifest;
  /** All manifests, children before the index that names them. */
  manifests: Manifest[];
  /** Layers and configs by digest. */
  blobs: Map<string, Buffer>;
  /** Digest of this machine's config: the image id of most clients. */
  config: string;
  /** Digests of the compressed layers, and of what is in them. */
  layers: string[];
  diffIds: string[];
}

/** The two families of media types that clients treat differently. */
const TYPES = {
  oci: {
    index: "application/vnd.oci.image.index.v1+json",
    manifest: "application/vnd.oci.image.manifest.v1+json",
    config: "application/vnd.oci.image.config.v1+json",
    layer: "application/vnd.oci.image.layer.v1.tar+gzip",
  },
  docker: {
    index: "application/vnd.docker.distribution.manifest.list.v2+json",
    manifest: "application/vnd.docker.distribution.manifest.v2+json",
    config: "application/vnd.docker.container.image.v1+json",
    layer: "application/vnd.docker.image.rootfs.diff.tar.gzip",
  },
};

const NATIVE = process.arch === "x64" ? "amd64" : process.arch;

/** An image of random layers of about these sizes in bytes; with `index`, for a second platform too. */
export function makeImage(shape: { layers: number[]; types: keyof typeof TYPES; index: boolean }): Image {
  const types = TYPES[shape.types];
  const blobs = new Map<string, Buffer>();
  const add = (bytes: Buffer) => {
    const digest = sha256(bytes);
    blobs.set(digest, bytes);
    return digest;
  };
  const archives = shape.layers.map((size, at) => tar([{ name: `layer-${at}`, body: randomBytes(size) }]));
  const diffIds = archives.map(sha256);
  const layers = archives.map((archive) => add(gzipSync(archive)));
  const describe = (mediaType: string, digest: string) => ({
    mediaType,
    digest,
    size: blobs.get(digest)?.length,
  });
  const configs = (shape.index ? [NATIVE, "s390x"] : [NATIVE]).map((architecture) => {
    const rootfs = { type: "layers", diff_ids: diffIds };
    const history = shape.layers.map((_, at) => ({
      created: "2026-01-01T00:00:00Z",
      created_by: `layer ${at}`,
    }));
    const config = { Cmd: ["/layer-0"] };
    const created = "2026-01-01T00:00:00Z";
    return {
      architecture,
      digest: add(json({ created, architecture, os: "linux", config, rootfs, history })),
    };
  });
  const children = configs.map(({ digest }) =>
    manifest(types.manifest, {
      config: describe(types.config, digest),
      layers: layers.map((layer) => describe(types.layer, layer)),
    }),
  );
  const platforms = children.map(({ mediaType, digest, body }, at) => {
    const platform = { architecture: configs[at]?.architecture, os: "linux" };
    return { mediaType, digest, size: body.length, platform };
  });
  const manifests = shape.index ? [...children, manifest(types.index, { manifests: platforms })] : children;
  const [native, root, config] = [children[0], manifests.at(-1), configs[0]];
  if (native === undefined || root === undefined || config === undefined)
    throw new Error("an image has a platform");
  return { root, native, manifests, blobs, config: config.digest, layers, diffIds };
}

/**
 * The image as one archive that every client can read: an OCI layout with docker's `manifest.json` beside it.
 * `reference` is the name that docker and containerd give it when they load it.
 */
export function archive(image: Image, reference: string): Buffer {
  return tar([
    ...layout(image, reference),
    { name: "manifest.json", body: dockerManifest(image, reference) },
  ]);
}

/** The files of the image as an OCI layout, tagged `latest`. */
export function layout(image: Image, reference: string): Entry[] {
  const { mediaType, digest, body } = image.native;
  const annotations = {
    "io.containerd.image.name": reference,
    "org.opencontainers.image.ref.name": "latest",
  };
  const index = { schemaVersion: 2, manifests: [{ mediaType, digest, size: body.length, annotations }] };
  return [
    { name: "oci-layout", body: json({ imageLayoutVersion: "1.0.0" }) },
    { name: "index.json", body: json(index) },
    { name: blobPath(digest), body },
    ...[...image.blobs].map(([blob, bytes]) => ({ name: blobPath(blob), body: bytes })),
  ];
}

export function sha256(bytes: Buffer): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

function dockerManifest(image: Image, reference: string): Buffer {
  return json([
    { Config: blobPath(image.config), RepoTags: [reference], Layers: image.layers.map(blobPath) },
  ]);
}

function blobPath(digest: string): string {
  return `blobs/${digest.replace(":", "/")}`;
}

function manifest(mediaType: string, content: object): Manifest {
  const body = json({ schemaVersion: 2, mediaType, ...content });
  return { digest: sha256(body), mediaType, body };
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
