// Asks this proxy, as any client does: without credentials, with the token that everybody gets.

import { MANIFEST_TYPES } from "../../distribution/media-types.ts";

/** An answer, of which the body has been read as far as it may be long. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Undefined where it is not JSON, or too long. */
  readonly json: unknown;
}

/** Manifests have 4 MiB at the most (distribution-spec), lists of tags more: what is longer is not read. */
const MOST_BYTES = 4 * 1024 * 1024;

const ACCEPT = MANIFEST_TYPES.join(", ");

/** Asks about one repository. The token is kept for as long as this is. */
export class RepositoryClient {
  readonly #name: string;
  readonly #signal: AbortSignal;
  #token: string | undefined;

  /** @param name of the repository at this host @param signal ends every question */
  constructor(name: string, signal: AbortSignal) {
    this.#name = name;
    this.#signal = signal;
  }

  /** @throws TypeError where nothing answers */
  async get(path: string): Promise<Answer> {
    // Not first without: a browser writes each 401 into its console as an error.
    if (this.#token === undefined) {
      const granted = await ask(`/v2/auth?scope=repository:${this.#name}:pull`, this.#signal);
      this.#token = stringOf(granted.json, "token");
      if (this.#token === undefined) return granted;
    }
    const headers = { Accept: ACCEPT, Authorization: `Bearer ${this.#token}` };
    return ask(`/v2/${this.#name}/${path}`, this.#signal, headers);
  }
}

/** `omit`: nothing that the browser knows is sent, and no answer makes it ask somebody for a password (Fetch, 4.6). */
async function ask(
  address: string,
  signal: AbortSignal,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const options = { headers, signal, credentials: "omit", redirect: "error", cache: "no-store" } as const;
  const response = await fetch(address, options);
  return { status: response.status, headers: response.headers, json: await jsonOf(response) };
}

async function jsonOf(response: Response): Promise<unknown> {
  const reader = response.body?.getReader();
  if (reader === undefined) return undefined;
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    bytes += chunk.value.byteLength;
    if (bytes > MOST_BYTES) {
      await reader.cancel();
      return undefined;
    }
    text += decoder.decode(chunk.value, { stream: true });
  }
  try {
    return JSON.parse(text + decoder.decode()) as unknown;
  } catch {
    return undefined;
  }
}

/** A member of what may be an object. */
export function memberOf(json: unknown, name: string): unknown {
  return typeof json === "object" && json !== null ? (json as Record<string, unknown>)[name] : undefined;
}

export function stringOf(json: unknown, name: string): string | undefined {
  const value = memberOf(json, name);
  return typeof value === "string" ? value : undefined;
}

export function listOf(json: unknown, name: string): readonly unknown[] {
  const value = memberOf(json, name);
  return Array.isArray(value) ? (value as unknown[]) : [];
}
