// Proofs and denials as words of the store, and back. What does not read as one is none.

import { parseObject } from "../../distribution/json.ts";
import { parseDigest } from "../../distribution/reference.ts";
import type { Words } from "../../store/entry.ts";
import type { Proof, Witness } from "./record.ts";

/** Clocks of machines differ; a time further in the future is nobody's. */
const MAX_AHEAD_MS = 60 * 1000;

export function wordsOfProof({ provenAt, refusedAs, refusedAt, witnesses }: Proof): Words {
  const shown = Object.fromEntries(witnesses.map(({ digest, method }) => [digest, method]));
  return {
    provenAt: String(provenAt),
    refusedAt: String(refusedAt),
    refusedAs,
    witnesses: JSON.stringify(shown),
  };
}

export function parseProof(words: Words | undefined, now: number): Proof | undefined {
  const provenAt = parseTime(words?.["provenAt"], now);
  const refusedAt = parseTime(words?.["refusedAt"], now);
  if (provenAt === undefined || refusedAt === undefined) return undefined;
  const shown = Object.entries(parseObject(words?.["witnesses"] ?? "") ?? {});
  const refusedAs = words?.["refusedAs"] === "denial" ? "denial" : "loss";
  return { provenAt, refusedAt, refusedAs, witnesses: shown.flatMap(parseWitness).slice(0, 3) };
}

function parseWitness([text, method]: [string, unknown]): Witness[] {
  const digest = parseDigest(text);
  return digest !== undefined && (method === "GET" || method === "HEAD") ? [{ digest, method }] : [];
}

export function wordsOfDenial(deniedAt: number): Words {
  return { deniedAt: String(deniedAt) };
}

/** @returns 0 for none */
export function parseDenial(words: Words | undefined, now: number): number {
  return parseTime(words?.["deniedAt"], now) ?? 0;
}

function parseTime(text: string | undefined, now: number): number | undefined {
  if (text === undefined || !/^\d{1,15}$/.test(text)) return undefined;
  const time = Number(text);
  return time <= now + MAX_AHEAD_MS ? time : undefined;
}
