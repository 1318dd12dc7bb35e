// One image's name, as clients write it: its registry, its repository, and what it is called through this proxy.

import { hasOddCharacters } from "../../distribution/odd-characters.ts";
import { DOCKER_HUB, parseDigest, parseRepositoryName } from "../../distribution/reference.ts";
import type { Offer, Served } from "./offer.ts";
import type { Edit, No, Reason } from "./types.ts";

/** An image's name in its parts (distribution/reference, "Grammar"). */
interface ImageName {
  /** As it is written; undefined where the name has none, and Docker Hub is meant. */
  readonly registry: string | undefined;
  readonly repository: string;
  /** `:tag`, `@digest`, both or nothing, as they are written. */
  readonly suffix: string;
}

/** Longer names are nobody's: a repository has 255 characters, a tag 128, a digest not many more than 128. */
const MOST = 1024;
/**
 * The first part of a name is a registry where it looks like one: docker's own rule, by which `nginx/x` is Docker Hub's
 * and `localhost/x` is not.
 */
const NAME = /^(?:((?=[^/@]*[.:A-Z])[^/@]*|localhost)\/)?([^:@]*)((?::\w[\w.-]{0,127})?(?:@(.*))?)$/s;
const REGISTRY = /^(?:[a-z\d]+(?:(?:\.|-+)[a-z\d]+)*|\[[\da-f:]+\])(?::\d{1,5})?$/i;

/** An image's name, or undefined for what is none. */
export function parseImageName(text: string): ImageName | undefined {
  const [, registry, repository = "", suffix = "", digest] = NAME.exec(text.slice(0, MOST + 1)) ?? [];
  const isName =
    text.length <= MOST &&
    (registry === undefined || REGISTRY.test(registry)) &&
    (digest === undefined || parseDigest(digest) !== undefined) &&
    parseRepositoryName(repository) !== undefined;
  return isName ? { registry, repository, suffix } : undefined;
}

/** The registry of the offer that goes by a name; undefined, or an empty text, is Docker Hub. */
export function servedAs(registry: string | undefined, offer: Offer): Served | undefined {
  const name = (registry ?? DOCKER_HUB).toLowerCase();
  return offer.served.find((one) => one.name === name || one.aliases.includes(name));
}

/** True of a registry's name that is a host of this proxy. */
export function isOwnHost(registry: string, offer: Offer): boolean {
  return offer.hosts.includes(registry.toLowerCase());
}

/**
 * True of a repository whose first part is taken for a registry where it is written behind a host of this proxy: it would be
 * another one's. Docker Hub has no such names; `gcr.io/google.com/…` is one that is right.
 */
export function looksForeign({ name }: Served, repository: string, { served }: Offer): boolean {
  const [first = ""] = repository.split("/", 1);
  const isRegistry = served.some((one) => one.name === first || one.aliases.includes(first));
  return isRegistry || (name === DOCKER_HUB && first.includes("."));
}

/** A name with its tag: without one, and without a digest, `latest` is meant. */
export function withTag(name: string): string {
  return name.lastIndexOf(":") > name.lastIndexOf("/") ? name : `${name}:latest`;
}

/** Why something is not rewritten. */
export function no(reason: Reason, registry?: string): No {
  return { ok: false, reason, registry };
}

/**
 * Rewrites an image's name that has no variables: what stands before its repository, and nothing else.
 * @param text the name and nothing around it
 */
export function planName(
  text: string,
  offer: Offer,
): No | { readonly ok: true; readonly edit: Edit; readonly to: string } {
  if (hasOddCharacters(text)) return no("odd-characters");
  const name = parseImageName(text);
  if (name === undefined) return no("invalid");
  const { registry, repository } = name;
  if (registry !== undefined && isOwnHost(registry, offer)) return no("already");
  const served = servedAs(registry, offer);
  if (served === undefined) return no("not-served", registry ?? DOCKER_HUB);
  if (looksForeign(served, repository, offer)) return no("invalid");
  const { prefix } = served;
  const end = registry === undefined ? 0 : registry.length + 1;
  return { ok: true, edit: { start: 0, end, text: prefix }, to: prefix + text.slice(end) };
}
