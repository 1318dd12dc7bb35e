// Lists of tags whose repository the client knows under another name.

import { readHead } from "../distribution/body-head.ts";
import { RegistryError } from "../distribution/errors.ts";
import { scanObject, type ScanBounds } from "../distribution/json-scan.ts";
import type { RepositoryName } from "../distribution/reference.ts";
import type { Errand } from "./errand.ts";
import { Place, readInto, sendFrom } from "./reading-room.ts";

/** How much of a list is looked at for its name: registries write it first, and names have 255 characters at most. */
const HEAD_BYTES = 1024;
/** Lists that say it later are read whole. */
const MAX_TAG_LIST = 4 * 1024 * 1024;
const BOUNDS: ScanBounds = { bytes: MAX_TAG_LIST, keys: 64, values: 500_000, depth: 32 };
/** In Latin 1 each byte is a character. */
const NAME_FIRST = /^\s*\{\s*"name"\s*:\s*"[^"\\]*"/;

/**
 * A list with the client's name of the repository. It passes as it comes, however long, where the name stands first.
 * @throws RegistryError UNAVAILABLE (503) for one that breaks off at its beginning; of a list that must be read whole, where
 *   there is no room for it, and SIZE_INVALID (502) for more than 4 MiB
 */
export async function nameTagList(errand: Errand, answer: Response, name: RepositoryName): Promise<Response> {
  const { body, headers, status } = answer;
  headers.delete("Content-Length");
  if (body === null) return new Response(null, { status, headers });
  const begun = await readHead(body, HEAD_BYTES);
  const { head } = begun;
  const said = NAME_FIRST.exec(new TextDecoder("latin1").decode(head))?.[0];
  const first =
    said === undefined
      ? head
      : new Uint8Array([...bytesOf(`{"name":${JSON.stringify(name)}`), ...head.subarray(said.length)]);
  const { stream } = begun.continueWith(first);
  const list = said === undefined ? await nameWhole(errand, stream, name) : stream;
  return new Response(list, { status, headers });
}

/** Nothing is built of the document: its name is put in the place of the other. */
async function nameWhole(
  { registry }: Errand,
  stream: ReadableStream,
  name: RepositoryName,
): Promise<ReadableStream> {
  const place = new Place(registry.upstream);
  const bytes = await readInto(place, stream, MAX_TAG_LIST);
  if (bytes === undefined) {
    place.end();
    throw new RegistryError(
      "SIZE_INVALID",
      "The tag list is larger than 4 MiB: ask for it in pages, with ?n=1000.",
      { status: 502 },
    );
  }
  const members = scanObject(bytes, BOUNDS);
  const member = typeof members === "string" ? undefined : members.findLast(({ key }) => key === "name");
  const parts =
    member === undefined
      ? [bytes]
      : [bytes.subarray(0, member.start), bytesOf(JSON.stringify(name)), bytes.subarray(member.end)];
  return sendFrom(place, parts);
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
