// A question of the public lane, and what came of it.

import { discardBody } from "../../distribution/body.ts";
import type { RegistryError } from "../../distribution/errors.ts";
import { ALL_KNOWN_WORDS } from "../../distribution/accept.ts";
import { formatPath } from "../../distribution/path.ts";
import type { Digest, RepositoryName, Tag } from "../../distribution/reference.ts";
import type { Answer } from "../../upstream/answer.ts";
import type { ReadRequest } from "../../upstream/read-request.ts";

/** The reference that a question is about. */
export type About =
  /** @param accept the class of Accept, which tags are remembered by; undefined for one that is not known */
  | { readonly kind: "tag"; readonly tag: Tag; readonly accept: string | undefined }
  | { readonly kind: "manifest" | "blob"; readonly digest: Digest };

/** What is asked about the lane's repository, of its registry or of a mirror. */
export type Inquiry = Omit<ReadRequest, "registry" | "repository">;

/** The same, with what is concluded from the answer. */
export interface Question extends Inquiry {
  readonly about: About;
  /** False where words of the client's travel on: then nothing is concluded from the answer (S18). */
  readonly concludes: boolean;
  /** True of one that waited for another's answer: it is asked, whatever the other was told (S18). */
  readonly hasWaited?: boolean;
}

/**
 * A question about a digest, in our own words: it means one thing, whatever the client accepts (S18). A manifest is asked
 * for with all known types.
 */
export function questionOf(
  name: RepositoryName,
  about: Exclude<About, { kind: "tag" }>,
  method: "GET" | "HEAD",
): Question {
  const { digest, kind } = about;
  const reference = { kind: "digest", digest } as const;
  return {
    about,
    concludes: true,
    path: formatPath(kind === "blob" ? { kind, name, digest } : { kind, name, reference }),
    method,
    conditions: { accept: kind === "blob" ? "*/*" : ALL_KNOWN_WORDS },
  };
}

/** What came of asking. */
export type Asked =
  | { readonly kind: "found"; readonly answer: Answer }
  /** Nobody may read it without credentials. */
  | { readonly kind: "refused" }
  | { readonly kind: "missing"; readonly answer: Answer }
  /** A success that is a page for people: somebody else answers in the registry's place. It proves and fails nothing. */
  | { readonly kind: "page"; readonly answer: Answer }
  /** 429, 5xx, silence: nothing is proved. `error` where there was no answer, or none that is the client's. */
  | { readonly kind: "failing"; readonly answer: Answer }
  | { readonly kind: "failing"; readonly error: RegistryError }
  /** An answer that is neither yes nor no, such as 400 or 405, or a yes that is not the thing. */
  | { readonly kind: "other"; readonly answer: Answer };

/** Lets go of an answer that is not passed on. */
export async function discard(asked: Asked): Promise<void> {
  if ("answer" in asked) await discardBody(asked.answer.response);
}
