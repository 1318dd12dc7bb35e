// More rows of the table: what only a registry without authentication lets anybody do, for its writes take another way
// through the Worker than those of people who are logged in.

import { deepStrictEqual } from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { CommandFailed } from "../tools/processes.ts";
import { makeImage, sha256 } from "./images.ts";
import type { Image } from "./images.ts";
import { expectPulled, expectStored, type Operation, type Trial } from "./operations.ts";
import { readBack } from "./seed.ts";
import { slug } from "./targets.ts";

/** Layers that the store takes: none is over `CACHE_MAX_BLOB`. */
const LAYERS = [900_000, 2_000];
const BYTES = { "Content-Type": "application/octet-stream" };

const asksNobody = ({ target }: Trial): boolean => target.upstream.login === undefined;

export const OPEN_OPERATIONS: readonly Operation[] = [
  {
    name: "F31: an upload resumed, push, pull",
    exists: asksNobody,
    async run(trial) {
      const repository = repositoryOf(trial, "resumed");
      const image = newImage();
      await resumeUpload(new URL(`${addressOf(trial, repository)}blobs/uploads/`), largestBlob(image));
      await pushAndPull(trial, repository, image);
    },
  },
  {
    name: "F30: a blob deleted, pushed again, pulled",
    exists: asksNobody,
    async run(trial) {
      const { client, target } = trial;
      const repository = repositoryOf(trial, "deleted");
      const image = newImage();
      await pushAndPull(trial, repository, image);
      // Clients may compress layers anew: the digest is the one that the registry was given.
      const [digest] = (await readBack(target.upstream, repository, "latest")).layers;
      const blob = new URL(`${addressOf(trial, repository)}blobs/${digest ?? ""}`);
      if (!target.label.startsWith("direct")) await waitUntilKept(blob);

      await expectAnswer(blob, { method: "DELETE" }, 202);
      await expectAnswer(blob, {}, 404);
      await expectAnswer(blob, { method: "HEAD" }, 404);
      await client.forget();
      await expectFailure(() => client.pull(referenceOf(trial, repository)));

      await client.forget();
      await pushAndPull(trial, repository, image);
      await expectAnswer(blob, {}, 200);
    },
  },
];

function newImage(): Image {
  return makeImage({ layers: LAYERS, types: "oci", index: false });
}

/** Of this cell's own, so that nobody else deletes or brings a blob there. */
function repositoryOf({ name, target }: Trial, word: string): string {
  return `owner/${word}-${name}-${slug(target)}`;
}

function referenceOf({ target }: Trial, repository: string): string {
  return `${target.registry}/${target.namePrefix}${repository}:latest`;
}

function addressOf({ target }: Trial, repository: string): string {
  return `http://${target.registry}/v2/${target.namePrefix}${repository}/`;
}

async function pushAndPull(trial: Trial, repository: string, image: Image): Promise<void> {
  const { client, target } = trial;
  await client.push(image, referenceOf(trial, repository));
  await expectStored(target, repository, image);
  await client.forget();
  const pulled = await client.pull(referenceOf(trial, repository));
  expectPulled(pulled, { ...image, root: image.native }, "any digest");
}

function largestBlob({ blobs }: Image): Buffer {
  const [largest] = [...blobs.values()].sort((one, other) => other.length - one.length);
  return largest ?? Buffer.alloc(0);
}

/**
 * Sends half of a blob, asks how much has arrived as a client does that has lost its connection, and sends the rest. None
 * of the programs of this test does so.
 */
async function resumeUpload(uploads: URL, blob: Buffer): Promise<void> {
  const middle = Math.floor(blob.length / 2);
  const chunk = (from: number, to: number): RequestInit => ({
    method: "PATCH",
    headers: { ...BYTES, "Content-Range": `${from}-${to - 1}` },
    body: new Uint8Array(blob.subarray(from, to)),
  });
  const opened = await expectAnswer(uploads, { method: "POST" }, 202);
  const begun = await expectAnswer(locationOf(opened), chunk(0, middle), 202);
  const asked = await expectAnswer(locationOf(begun), {}, 204);
  deepStrictEqual(asked.headers.get("Range"), `0-${middle - 1}`);
  const sent = await expectAnswer(locationOf(asked), chunk(middle, blob.length), 202);
  const end = locationOf(sent);
  end.searchParams.append("digest", sha256(blob));
  await expectAnswer(end, { method: "PUT", headers: BYTES }, 201);
}

function locationOf(answer: Response): URL {
  return new URL(answer.headers.get("Location") ?? "", answer.url);
}

/** Only what was in the store can be served from there by mistake. What it takes is written after the answer. */
async function waitUntilKept(blob: URL): Promise<void> {
  for (let attempt = 0; attempt < 10; attempt += 1) {
    const answer = await expectAnswer(blob, {}, 200);
    if (answer.headers.get("X-Cache") === "hit") return;
    await sleep(300);
  }
  throw new Error(`${blob.href} is never served from the store`);
}

/** The answer, its body read to the end. */
async function expectAnswer(url: URL, init: RequestInit, status: number): Promise<Response> {
  const answer = await fetch(url, init);
  const body = await answer.text();
  if (answer.status === status) return answer;
  // What is not an error's text is a layer.
  const said = answer.ok ? `X-Cache: ${answer.headers.get("X-Cache") ?? "none"}` : body.slice(0, 300);
  throw new Error(
    `${init.method ?? "GET"} ${url.href}\nanswers ${answer.status}, expected ${status}: ${said}`,
  );
}

async function expectFailure(command: () => Promise<unknown>): Promise<void> {
  try {
    await command();
  } catch (error) {
    if (error instanceof CommandFailed) return;
    throw error;
  }
  throw new Error("an image was pulled whose layer is gone");
}
