// What the converter is given, and what it gives back.

/** Why an image stays as it is. Each has a text of its own in every language. */
export type Reason =
  /** It goes through this proxy already. */
  | "already"
  /** Its registry is not served here. */
  | "not-served"
  /** It is made of variables of which the text does not say what they are. */
  | "variable"
  /** It is not the name of an image. */
  | "invalid"
  /** It has control or bidirectional characters, or others that look like what they are not. */
  | "odd-characters"
  /** It is written with escapes, or over several lines. */
  | "escapes"
  /** It is the name of what is built there. */
  | "built-here"
  /** It is called `image` in a place that is not known to have one. */
  | "unknown-field"
  /** It stands in text that is a value itself, as a ConfigMap's files do. */
  | "inside-text"
  /** It is an image and something else at once: an anchor or a variable that is used for both. */
  | "shared"
  /** kustomize renames it only where the entry has a `newName`. */
  | "needs-new-name"
  /** From here on the text is not what it seemed to be. */
  | "syntax";

/** A place in a text that gets other words. */
export interface Edit {
  /** Offsets in UTF-16 units, as `String.prototype.slice` takes them. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** An image that was rewritten. */
export interface Rewritten {
  /** From 1. */
  readonly line: number;
  readonly from: string;
  readonly to: string;
}

/** An image, or what looks like one, that was not. */
export interface Left {
  readonly line: number;
  /** As it stands in the text, at most 200 characters of it. */
  readonly image: string;
  readonly reason: Reason;
  /** The registry that is not served. */
  readonly registry?: string | undefined;
}

/** What a text was taken for. */
export type Kind = "image" | "command" | "dockerfile" | "compose" | "kubernetes" | "kustomize" | "values";

/** What becomes of one text: what it is rewritten to, or why it is not. */
export type Plan = { readonly ok: true; readonly to: string } | No;

/** Why something is not rewritten, and the registry that is not served. */
export interface No {
  readonly ok: false;
  readonly reason: Reason;
  readonly registry?: string | undefined;
}
