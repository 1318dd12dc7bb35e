// Repository names, tags and digests: the grammar of the OCI distribution and image specifications.

declare const brand: unique symbol;

/** A repository name that passed the grammar, e.g. `library/nginx`. */
export type RepositoryName = string & { readonly [brand]: "repository" };
/** A tag that passed the grammar, e.g. `1.27-alpine`. */
export type Tag = string & { readonly [brand]: "tag" };
/** A digest that passed the grammar, e.g. `sha256:…`. */
export type Digest = string & { readonly [brand]: "digest" };

/** What a manifest is asked by. */
export type Reference =
  { readonly kind: "tag"; readonly tag: Tag } | { readonly kind: "digest"; readonly digest: Digest };

/** The registry of a name that says none (distribution/reference, "familiar names"). */
export const DOCKER_HUB = "docker.io";

/** Clients refuse longer names (host and name together); it also bounds the work of the expressions below. */
const MAX_NAME = 255;
const MAX_DIGEST = 255;

// One component at a time: the specification's single expression nests quantifiers.
const COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const TAG = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;
const DIGEST = /^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$/;

/** Length of the encoded part, in hexadecimal digits, of the algorithms that image-spec registers. */
const REGISTERED: ReadonlyMap<string, number> = new Map([
  ["sha256", 64],
  ["sha384", 96],
  ["sha512", 128],
]);

/** A repository name (distribution-spec, "Pulling manifests"), or undefined. */
export function parseRepositoryName(text: string): RepositoryName | undefined {
  if (text.length === 0 || text.length > MAX_NAME) return undefined;
  return text.split("/").every((component) => COMPONENT.test(component))
    ? (text as RepositoryName)
    : undefined;
}

/** A tag, or undefined. */
export function parseTag(text: string): Tag | undefined {
  return TAG.test(text) ? (text as Tag) : undefined;
}

/**
 * A digest, or undefined. Registered algorithms need their exact length in lower-case hexadecimal digits;
 * unknown algorithms pass (image-spec, "Digests": implementations SHOULD allow them).
 */
export function parseDigest(text: string): Digest | undefined {
  if (text.length > MAX_DIGEST || !DIGEST.test(text)) return undefined;
  const colon = text.indexOf(":");
  const length = REGISTERED.get(text.slice(0, colon));
  const encoded = text.slice(colon + 1);
  if (length !== undefined && (encoded.length !== length || !/^[a-f0-9]+$/.test(encoded))) return undefined;
  return text as Digest;
}

/** The algorithm of a digest, e.g. `sha256`. */
export function algorithmOf(digest: Digest): string {
  return digest.slice(0, digest.indexOf(":"));
}

/** What follows the algorithm: hexadecimal digits, of those that are known here. */
export function encodedPart(digest: Digest): string {
  return digest.slice(digest.indexOf(":") + 1);
}

/** The reference as it stands in a path. */
export function formatReference(reference: Reference): string {
  return reference.kind === "tag" ? reference.tag : reference.digest;
}
