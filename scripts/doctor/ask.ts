// Questions to the proxy, as a client puts them. They leave by the one door of src/upstream (S1, S22).

import { readCapped } from "../../src/distribution/body.ts";
import { RegistryError } from "../../src/distribution/errors.ts";
import { Trace } from "../../src/log.ts";
import { deadlineIn, LONG_TIMEOUT_MS, send } from "../../src/upstream/fetch.ts";
import type { Answer } from "./answers.ts";

/** Manifests of registries are at most 4 MiB. */
const MOST = 4 * 1024 * 1024;

/** No answer, or none that could be read. */
export class Silence extends Error {}

/** Puts questions to one host. */
export class Asker {
  readonly origin: URL;
  /** Longer than any step may take. */
  readonly #timeoutMs: number;

  constructor(origin: URL, timeoutMs = LONG_TIMEOUT_MS) {
    this.origin = origin;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * @param path with its query
   * @param how.authorization a header's value for this host: what it gave out, or a login of its own
   * @throws Silence where there is no answer in time, or a body that is too long
   */
  async ask(
    path: string,
    how: { method?: string; accept?: string; authorization?: string | undefined } = {},
  ): Promise<Answer> {
    const { accept = "*/*", authorization, method = "GET" } = how;
    const headers = new Headers({
      Accept: accept,
      "Accept-Encoding": "identity",
      "User-Agent": "registry-ferry-doctor",
    });
    if (authorization !== undefined) headers.set("Authorization", authorization);
    const url = new URL(path, this.origin);
    try {
      const response = await send(
        { url, method, headers, deadline: deadlineIn(this.#timeoutMs) },
        new Trace(new Request(this.origin)),
      );
      const body = await readCapped(response.body as ReadableStream | null, MOST, {
        timeoutMs: this.#timeoutMs,
      });
      if (body === undefined) throw new Silence(`an answer of more than ${MOST} bytes`);
      return { status: response.status, headers: response.headers, body };
    } catch (error) {
      if (error instanceof RegistryError) throw new Silence(error.problem ?? error.message);
      throw error;
    }
  }
}
