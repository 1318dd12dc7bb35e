// Lists of tags whose repository the client knows under another name.

import { readHead } from "../distribution/body-head.ts";
import { RegistryError } from "../distribution/errors.ts";
import { parseObject } from "../distribution/json.ts";
import type { RepositoryName } from "../distribution/reference.ts";
import { readWithRoom } from "./reading-room.ts";

/** How much of a list is looked at for its name: registries write it first, and names have 255 characters at most. */
const HEAD_BYTES = 1024;
/** Lists that say it later are read whole. */
const MAX_TAG_LIST = 4 * 1024 * 1024;
/** In Latin 1 each byte is a character. */
const NAME_FIRST = /^\s*\{\s*"name"\s*:\s*"[^"\\]*"/;

/**
 * A list with the client's name of the repository. It passes as it comes, however long, where the name stands first.
 * @throws RegistryError UNAVAILABLE (503) for one that breaks off at its beginning; of a list that must be read whole,
 *   SIZE_INVALID (502) for more than 4 MiB too
 */
export async function nameTagList(
  { body, headers, status }: Response,
  name: RepositoryName,
): Promise<Response> {
  headers.delete("Content-Length");
  if (body === null) return new Response(null, { status, headers });
  const begun = await readHead(body, HEAD_BYTES);
  const { head } = begun;
  const said = NAME_FIRST.exec(new TextDecoder("latin1").decode(head))?.[0];
  if (said === undefined) {
    return new Response(await nameWhole(begun.continueWith(head), name), { status, headers });
  }
  const own = new TextEncoder().encode(`{"name":${JSON.stringify(name)}`);
  const list = begun.continueWith(new Uint8Array([...own, ...head.subarray(said.length)]));
  return new Response(list, { status, headers });
}

async function nameWhole(list: ReadableStream, name: RepositoryName): Promise<string> {
  const bytes = await readWithRoom(list, MAX_TAG_LIST);
  if (bytes === undefined) {
    throw new RegistryError(
      "SIZE_INVALID",
      "The tag list is larger than 4 MiB: ask for it in pages, with ?n=1000.",
      { status: 502 },
    );
  }
  const text = new TextDecoder().decode(bytes);
  const parsed = parseObject(text);
  return parsed?.["name"] === undefined ? text : JSON.stringify({ ...parsed, name });
}
