// What a tag stands for as words of the store, and back. What does not read as such is nothing.

import { parseDigest, type Digest } from "../../distribution/reference.ts";
import type { Words } from "../../store/entry.ts";

/** A manifest as HEAD describes it, and what a tag stands for. */
export interface DescribedManifest {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly size: number;
  /** When the registry was asked, in milliseconds since the epoch. */
  readonly at: number;
}

/** By class of Accept: a registry may answer another manifest to a client that takes other types. */
export type Classes = Readonly<Record<string, DescribedManifest>>;

/** Clocks of machines differ; a time further in the future is nobody's. */
const MAX_AHEAD_MS = 60 * 1000;

/** Each answer once, however many classes got it: a store's words have a bound. */
export function wordsOfClasses(classes: Classes): Words {
  const answers: string[] = [];
  const shown: Record<string, readonly [answer: number, at: number]> = {};
  for (const [name, { at, digest, mediaType, size }] of Object.entries(classes)) {
    const answer = JSON.stringify([digest, mediaType, size]);
    if (!answers.includes(answer)) answers.push(answer);
    shown[name] = [answers.indexOf(answer), at];
  }
  return { answers: `[${answers.join(",")}]`, classes: JSON.stringify(shown) };
}

/** @param now later times are of no clock, and their classes are left out */
export function parseClasses(words: Words | undefined, now: number): Classes {
  const answers = parse(words?.["answers"] ?? "[]");
  const shown = parse(words?.["classes"] ?? "{}");
  if (!Array.isArray(answers) || typeof shown !== "object" || shown === null) return {};
  const entries = Object.entries(shown).flatMap(([name, value]) => {
    const [index, at] = Array.isArray(value) ? (value as unknown[]) : [];
    const resolved = typeof index === "number" ? resolvedTag(answers[index], at, now) : undefined;
    return resolved === undefined ? [] : [[name, resolved] as const];
  });
  return Object.fromEntries(entries);
}

function resolvedTag(answer: unknown, at: unknown, now: number): DescribedManifest | undefined {
  const [text, mediaType, size] = Array.isArray(answer) ? (answer as unknown[]) : [];
  const digest = typeof text === "string" ? parseDigest(text) : undefined;
  if (digest === undefined || typeof mediaType !== "string" || !isCount(size) || !isCount(at))
    return undefined;
  return at <= now + MAX_AHEAD_MS ? { digest, mediaType, size, at } : undefined;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
