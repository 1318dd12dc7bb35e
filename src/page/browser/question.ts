// What somebody asks about by an image's name, and whether this page can ask it.

import { hasOddCharacters } from "../../distribution/odd-characters.ts";
import { DOCKER_HUB, parseDigest } from "../../distribution/reference.ts";
import { isOwnHost, looksForeign, parseImageName, servedAs } from "../convert/image.ts";
import type { Served } from "../convert/offer.ts";
import type { PageData } from "../data.ts";

/** An image to look up. */
export interface Question {
  readonly kind: "question";
  readonly served: Served;
  /** Without what stands before it at this proxy. */
  readonly repository: string;
  /** A tag or a digest. */
  readonly reference: string;
}

/** What cannot be asked here, and why. */
export type NoQuestion =
  | { readonly kind: "not-a-name" }
  | { readonly kind: "not-served"; readonly registry: string }
  | { readonly kind: "elsewhere"; readonly host: string };

/** What somebody wrote, as a question. */
export function readQuestion(
  text: string,
  { host, offer }: Pick<PageData, "host" | "offer">,
): Question | NoQuestion {
  const name = hasOddCharacters(text) ? undefined : parseImageName(text);
  if (name === undefined) return { kind: "not-a-name" };
  const { registry, repository, suffix } = name;
  const isOurs = registry !== undefined && isOwnHost(registry, offer);
  const found = isOurs
    ? servedByName(`${registry.toLowerCase()}/${repository}`, offer.served)
    : withRepository(servedAs(registry, offer), repository);
  if (found === undefined || looksForeign(found.served, found.repository, offer)) {
    return { kind: "not-served", registry: isOurs || found !== undefined ? text : (registry ?? DOCKER_HUB) };
  }
  const [at = ""] = found.served.prefix.split("/", 1);
  // Another host's answers are not for this page to read: the browser would not let it, and the proxy neither.
  if (at !== host) return { kind: "elsewhere", host: at };
  const digest = suffix.indexOf("@");
  const reference = digest === -1 ? suffix.slice(1) || "latest" : suffix.slice(digest + 1);
  return { kind: "question", ...found, reference };
}

/** A name as people write it who know no proxy. */
export function nameOf({ served, repository, reference }: Question): string {
  const registry = served.name === DOCKER_HUB ? "" : `${served.name}/`;
  const between = parseDigest(reference) === undefined ? ":" : "@";
  return `${registry}${repository}${between}${reference}`;
}

type Found = Pick<Question, "repository" | "served">;

function withRepository(served: Served | undefined, repository: string): Found | undefined {
  return served && { served, repository };
}

/** A name of this proxy, back to the registry that it is of: the longest prefix is the one that is meant. */
function servedByName(name: string, served: readonly Served[]): Found | undefined {
  const [best] = served
    .filter(({ prefix }) => name.startsWith(prefix))
    .sort((one, other) => other.prefix.length - one.prefix.length);
  return best && { served: best, repository: name.slice(best.prefix.length) };
}
