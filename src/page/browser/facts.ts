// What a manifest and a config say of an image. A registry may say anything: what is not of the form is left out.

import { parseDigest, parseTag, type Digest, type Tag } from "../../distribution/reference.ts";
import { listOf, memberOf, stringOf } from "./registry.ts";

/** One image of an index. */
export interface PlatformImage {
  /** `linux/arm64/v8`, or the digest where it says none. For the eye only. */
  readonly platform: string;
  readonly digest: Digest;
}

/** What a reference stands for. */
export type Manifest =
  | { readonly kind: "index"; readonly images: readonly PlatformImage[] }
  | {
      readonly kind: "image";
      readonly layers: number;
      readonly bytes: number;
      readonly config: Digest | undefined;
    }
  | { readonly kind: "artifact" };

/** Nobody reads more, and an index of a strange registry may have any number. */
const MOST_IMAGES = 100;
/** A platform's name is some ten characters long. */
const MOST_CHARACTERS = 80;
const IMAGE_CONFIGS = [
  "application/vnd.oci.image.config.v1+json",
  "application/vnd.docker.container.image.v1+json",
];

/** Reads a manifest (image-spec, "manifest" and "image-index"); undefined for what is none. */
export function manifestOf(json: unknown): Manifest | undefined {
  if (memberOf(json, "manifests") !== undefined) {
    const images = listOf(json, "manifests").filter((one) => !isAttestation(one));
    return { kind: "index", images: images.slice(0, MOST_IMAGES).flatMap(imageOf) };
  }
  const config = memberOf(json, "config");
  if (typeof config !== "object" || !Array.isArray(memberOf(json, "layers"))) return undefined;
  const mediaType = stringOf(config, "mediaType") ?? "";
  if (mediaType !== "" && !IMAGE_CONFIGS.includes(mediaType)) return { kind: "artifact" };
  const layers = listOf(json, "layers");
  const bytes = layers.map((layer) => numberOf(layer, "size")).reduce((sum, size) => sum + size, 0);
  return {
    kind: "image",
    layers: layers.length,
    bytes,
    config: parseDigest(stringOf(config, "digest") ?? ""),
  };
}

/** BuildKit puts what it attests beside the images, under a platform that there is not. */
function isAttestation(entry: unknown): boolean {
  return stringOf(memberOf(entry, "platform"), "os") === "unknown";
}

function imageOf(entry: unknown): PlatformImage[] {
  const digest = parseDigest(stringOf(entry, "digest") ?? "");
  if (digest === undefined) return [];
  const platform = memberOf(entry, "platform");
  const parts = ["os", "architecture", "variant"].map((name) => stringOf(platform, name));
  const version = stringOf(platform, "os.version");
  const name = parts.filter((part) => part !== undefined && part !== "").join("/");
  const text = version === undefined ? name : `${name} ${version}`;
  return [{ platform: text === "" ? digest : text.slice(0, MOST_CHARACTERS), digest }];
}

function numberOf(json: unknown, name: string): number {
  const value = memberOf(json, name);
  return typeof value === "number" && Number.isFinite(value) && value > 0 ? value : 0;
}

/** When a config says its image was made, in UTC, as its publisher wrote it (RFC 3339); undefined where it is no date. */
export function createdOf(config: unknown): string | undefined {
  const text = stringOf(config, "created") ?? "";
  const date = new Date(/^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)$/.test(text) ? text : NaN);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString().slice(0, 16).replace("T", " ");
}

/** A list's tags that are tags, and how many others there were. */
export function tagsOf(json: unknown): { readonly tags: readonly Tag[]; readonly odd: number } {
  const names = listOf(json, "tags");
  const tags = names.flatMap((name) => (typeof name === "string" ? (parseTag(name) ?? []) : []));
  return { tags, odd: names.length - tags.length };
}

/** What an error says, as registries write it (distribution-spec, "Error Codes"). */
export function errorOf(json: unknown): string {
  return (stringOf(listOf(json, "errors")[0], "message") ?? "").slice(0, 300);
}
