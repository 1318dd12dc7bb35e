// Seeding: images that real clients can pull and unpack, blobs, manifests and referrers.
import type { Fixture } from "./fixture.ts";
import { digestOf, isDigest } from "./grammar.ts";
import { checkManifest } from "./manifest-body.ts";
import { storeManifest } from "./manifests.ts";
import { open } from "./repositories.ts";
import { gzip, seededBytes, tar } from "./tar.ts";
import type {
  Descriptor,
  SeededImage,
  SeededManifest,
  SeedImage,
  SeedManifest,
  SeedReferrer,
} from "./types.ts";

interface MediaTypes {
  manifest: string;
  index: string;
  config: string;
  layer: string;
}

const OCI: MediaTypes = {
  manifest: "application/vnd.oci.image.manifest.v1+json",
  index: "application/vnd.oci.image.index.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
  layer: "application/vnd.oci.image.layer.v1.tar+gzip",
};

const DOCKER: MediaTypes = {
  manifest: "application/vnd.docker.distribution.manifest.v2+json",
  index: "application/vnd.docker.distribution.manifest.list.v2+json",
  config: "application/vnd.docker.container.image.v1+json",
  layer: "application/vnd.docker.image.rootfs.diff.tar.gzip",
};

const PLATFORMS = ["linux/amd64", "linux/arm64"];

/** Stores an image under its tag. The same arguments give the same bytes. */
export function seedImage(fixture: Fixture, image: SeedImage): SeededImage {
  const { repository, tag = "latest", platforms = PLATFORMS, index = true } = image;
  const types = image.format === "docker" ? DOCKER : OCI;
  const wanted = index ? platforms : platforms.slice(0, 1);
  const manifests = wanted.map((platform) => seedPlatform(fixture, image, types, platform));
  const top = index ? seedIndex(fixture, image, types, manifests) : manifests[0];
  if (top === undefined) throw new TypeError("an image needs a platform");
  const { mediaType, digest, size } = top;
  open(fixture.repositories, repository).tags.set(tag, digest);
  return {
    repository,
    tag,
    mediaType,
    digest,
    size,
    index: index ? { mediaType, digest, size } : null,
    manifests,
  };
}

function seedPlatform(
  fixture: Fixture,
  image: SeedImage,
  types: MediaTypes,
  platform: string,
): SeededManifest {
  const { repository, tag = "latest", layers: sizes = [2048, 4096], algorithm } = image;
  const seed = image.seed ?? `${repository}:${tag}`;
  const archives = sizes.map((size, number) =>
    tar([
      { path: "data/" },
      { path: `data/layer-${number}.bin`, content: seededBytes(`${seed} ${platform} ${number}`, size) },
    ]),
  );
  const layers = archives.map((archive) => {
    return seedBlob(fixture, { repository, content: gzip(archive), mediaType: types.layer, algorithm });
  });
  const [os = "linux", architecture = "amd64", variant] = platform.split("/");
  const config = seedBlob(fixture, {
    repository,
    mediaType: types.config,
    algorithm,
    content: JSON.stringify({
      created: "1970-01-01T00:00:00Z",
      os,
      architecture,
      ...(variant !== undefined && { variant }),
      config: { Env: ["PATH=/"], Cmd: ["/data"], Labels: { seed } },
      rootfs: { type: "layers", diff_ids: archives.map((archive) => digestOf(archive)) },
      history: sizes.map(() => ({ created: "1970-01-01T00:00:00Z", created_by: "embedded registry" })),
    }),
  });
  const manifest = { schemaVersion: 2, mediaType: types.manifest, config, layers };
  return { platform, config, layers, ...seedJson(fixture, repository, types.manifest, manifest, algorithm) };
}

function seedIndex(
  fixture: Fixture,
  image: SeedImage,
  types: MediaTypes,
  manifests: SeededManifest[],
): Descriptor {
  const entries = manifests.map(({ mediaType, digest, size, platform }) => {
    const [os, architecture, variant] = platform.split("/");
    return {
      mediaType,
      digest,
      size,
      platform: { os, architecture, ...(variant !== undefined && { variant }) },
    };
  });
  const index = { schemaVersion: 2, mediaType: types.index, manifests: entries };
  return seedJson(fixture, image.repository, types.index, index, image.algorithm);
}

function seedJson(
  fixture: Fixture,
  name: string,
  mediaType: string,
  value: unknown,
  algorithm: string | undefined,
): Descriptor {
  const body = Buffer.from(JSON.stringify(value));
  const digest = digestOf(body, algorithm);
  storeManifest(fixture, { name, digest, tags: [], mediaType, body });
  return { mediaType, digest, size: body.length };
}

export interface SeedBlobBytes {
  repository: string;
  content: Buffer | string;
  mediaType?: string;
  algorithm?: string | undefined;
  /** Stores it under this digest, right or wrong. */
  digest?: string;
}

/** Stores a blob. */
export function seedBlob(fixture: Fixture, blob: SeedBlobBytes): Descriptor {
  const content = typeof blob.content === "string" ? Buffer.from(blob.content) : blob.content;
  const digest = blob.digest ?? digestOf(content, blob.algorithm);
  open(fixture.repositories, blob.repository).blobs.set(digest, content);
  return { mediaType: blob.mediaType ?? "application/octet-stream", digest, size: content.length };
}

/** Stores a manifest under a tag or a digest, checked like a push unless `unchecked`. */
export function seedManifest(fixture: Fixture, manifest: SeedManifest): Descriptor {
  const { repository: name, reference, mediaType } = manifest;
  const body = Buffer.from(manifest.body);
  const byDigest = isDigest(reference);
  const digest = byDigest ? reference : digestOf(body);
  if (manifest.unchecked !== true) {
    if (digest !== digestOf(body, digest.slice(0, digest.indexOf(":"))))
      throw new TypeError("digest does not fit");
    checkManifest(body, mediaType, open(fixture.repositories, name));
  }
  storeManifest(fixture, { name, digest, tags: byDigest ? [] : [reference], mediaType, body });
  return { mediaType, digest, size: body.length };
}

/** Stores an artifact that refers to a manifest. */
export function seedReferrer(fixture: Fixture, referrer: SeedReferrer): Descriptor {
  const { repository, subject, artifactType, content = "referrer", annotations } = referrer;
  const config = seedBlob(fixture, {
    repository,
    content: "{}",
    mediaType: "application/vnd.oci.empty.v1+json",
  });
  const layer = seedBlob(fixture, { repository, content });
  const target = open(fixture.repositories, repository).manifests.get(subject);
  const manifest = {
    schemaVersion: 2,
    mediaType: OCI.manifest,
    artifactType,
    config,
    layers: [layer],
    subject: {
      mediaType: target?.mediaType ?? OCI.manifest,
      digest: subject,
      size: target?.body.length ?? 0,
    },
    ...(annotations !== undefined && { annotations }),
  };
  return seedJson(fixture, repository, OCI.manifest, manifest, undefined);
}
