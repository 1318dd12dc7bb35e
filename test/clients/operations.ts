// The rows of the table: what each client has to be able to do, and how the test knows that it was done right.

import { deepStrictEqual, ok } from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import type { RecordedRequest } from "../registry/index.ts";
import type { Client, Pulled } from "./client.ts";
import { makeImage, sha256 } from "./images.ts";
import type { Image } from "./images.ts";
import { CommandFailed } from "../tools/processes.ts";
import { readBack } from "./seed.ts";
import { loginAt, slug } from "./targets.ts";
import type { Target } from "./targets.ts";
import type { Seeded } from "./upstreams.ts";

export interface Trial {
  /** The client's name, for repositories of its own. */
  name: string;
  client: Client;
  target: Target;
  /** Says more of a cell than that it passed, below the table. */
  note: (text: string) => void;
}

export interface Operation {
  name: string;
  /** True of one after which the Worker needs some seconds with this registry: it is tried last of an address (`settle`). */
  isLast?: boolean;
  /** False where the client or the address does not have it: no cell, rather than a failed one. */
  exists: (trial: Trial) => boolean;
  run: (trial: Trial) => Promise<void>;
}

const always = () => true;
const hasLogins = ({ target }: Trial) => target.upstream.login !== undefined;
const hasMirrors = ({ client }: Trial) => client.pullMirrored !== undefined;

export const OPERATIONS: readonly Operation[] = [
  {
    name: "pull by tag",
    exists: always,
    async run({ client, target }) {
      const { open } = target.upstream;
      expectPulled(await client.pull(named(target, open, ":latest")), open.image);
    },
  },
  {
    name: "pull by digest",
    exists: always,
    async run({ client, target }) {
      const { open } = target.upstream;
      expectPulled(await client.pull(named(target, open, `@${open.image.root.digest}`)), open.image);
    },
  },
  {
    name: "pull a one-part name",
    exists: ({ target }) => target.completesNames,
    async run({ client, target }) {
      const { repository, image } = target.upstream.short;
      const reference = `${target.registry}/${target.namePrefix}${repository.replace("library/", "")}:latest`;
      expectPulled(await client.pull(reference), image);
    },
  },
  {
    name: "login, pull a private image",
    exists: hasLogins,
    async run({ client, target }) {
      const { closed } = target.upstream;
      await client.signIn(target.registry, loginAt(target));
      expectPulled(await client.pull(named(target, closed, ":latest")), closed.image);
    },
  },
  {
    name: "private image without login is refused",
    exists: hasLogins,
    async run({ client, target }) {
      await expectRefusal(() => client.pull(named(target, target.upstream.closed, ":latest")));
    },
  },
  {
    name: "wrong password is refused",
    exists: hasLogins,
    async run({ client, target }) {
      await expectRefusal(async () => {
        // Clients without a login command present the password with the pull.
        await client.signIn(target.registry, { ...loginAt(target), password: "wrong" });
        await client.pull(named(target, target.upstream.closed, ":latest"));
      });
    },
  },
  {
    name: "list tags",
    exists: ({ client }) => client.listTags !== undefined,
    async run({ client, target }) {
      const { tagged } = target.upstream;
      // distribution 2.8 answers in no order.
      deepStrictEqual((await client.listTags?.(named(target, tagged, "")))?.sort(), tagged.tags);
    },
  },
  {
    name: "search",
    // Of the two upstreams, only the one for docker.io has it.
    exists: ({ client, target }) => client.search !== undefined && target.upstream.registry === "docker.io",
    async run({ client, target }) {
      const found = await client.search?.(target.registry, "hello-ferry");
      ok(
        found?.some((name) => name.includes("hello-ferry")),
        `found ${String(found)}`,
      );
    },
  },
  {
    name: "push, pull back",
    exists: always,
    async run(trial) {
      const image = pushed();
      await signIn(trial);
      await pushAndCheck(trial, image, `owner/pushed-${trial.name}-${slug(trial.target)}`);
    },
  },
  {
    name: "push to a second repository",
    exists: always,
    async run(trial) {
      const { name, client, target } = trial;
      // The client finds or mounts the layers that it has just pushed, instead of sending them again.
      const image = pushed();
      await signIn(trial);
      await client.push(
        image,
        `${target.registry}/${target.namePrefix}owner/first-${name}-${slug(target)}:latest`,
      );
      await pushAndCheck(trial, image, `owner/second-${name}-${slug(target)}`);
    },
  },
  {
    name: "mirror: pull by the registry's name",
    exists: hasMirrors,
    async run({ client, target }) {
      const { registry, short, takeRequests } = target.upstream;
      takeRequests?.();
      expectPulled(await client.pullMirrored?.(`${registry}/${short.repository}:latest`), short.image);
      expectRequests(takeRequests?.(), ({ path }) => path === `/v2/${short.repository}/manifests/latest`);
    },
  },
  {
    name: "mirror: pull a private image, logged in",
    exists: (trial) => hasMirrors(trial) && hasLogins(trial) && trial.client.signInMirrored !== undefined,
    async run({ client, target }) {
      const { registry, closed, takeRequests } = target.upstream;
      takeRequests?.();
      await client.signInMirrored?.();
      expectPulled(await client.pullMirrored?.(`${registry}/${closed.repository}:latest`), closed.image);
      expectRequests(takeRequests?.(), ({ path }) => path === `/v2/${closed.repository}/manifests/latest`);
    },
  },
];

export function named(target: Target, { repository }: Seeded, reference: string): string {
  return `${target.registry}/${target.namePrefix}${repository}${reference}`;
}

function pushed(): Image {
  return makeImage({ layers: [3_000_000, 2_000], types: "oci", index: false });
}

/** Where the registry asks nobody there is nothing to log in to. */
async function signIn(trial: Trial): Promise<void> {
  const { client, target } = trial;
  if (hasLogins(trial)) await client.signIn(target.registry, loginAt(target));
}

/** Into a repository of this cell's own, so that the upstream cannot have the layers already. */
async function pushAndCheck(trial: Trial, image: Image, repository: string): Promise<void> {
  const { client, target } = trial;
  const reference = `${target.registry}/${target.namePrefix}${repository}:latest`;
  await client.push(image, reference);
  await expectStored(target, repository, image);
  await client.forget();
  await signIn(trial);
  expectPulled(await client.pull(reference), { ...image, root: image.native }, "any digest");
}

/** The upstream's bytes are the client's: clients may compress layers anew, so what counts is what is in them. */
export async function expectStored({ upstream }: Target, repository: string, image: Image): Promise<void> {
  const { config, layers, blobs } = await readBack(upstream, repository, "latest");
  const contents = layers.map((digest) => sha256(gunzipSync(blobs.get(digest) ?? Buffer.alloc(0))));
  deepStrictEqual({ config, contents }, { config: image.config, contents: image.diffIds });
}

export function expectPulled(
  pulled: Pulled | undefined,
  image: Image,
  digest: "its digest" | "any digest" = "its digest",
): void {
  const { config, diffIds, digests } = pulled ?? { config: "", diffIds: [], digests: [] };
  deepStrictEqual({ config, diffIds }, { config: image.config, diffIds: image.diffIds });
  if (digest === "any digest") return;
  const known = [image.root.digest, image.native.digest];
  ok(
    digests.some((one) => known.includes(one)),
    `pulled ${digests.join(", ")}, expected one of ${known.join(", ")}`,
  );
}

/** The image came from the upstream, and not from some other place that the client knows. */
function expectRequests(
  requests: RecordedRequest[] | undefined,
  expected: (request: RecordedRequest) => boolean,
): void {
  if (requests !== undefined) ok(requests.some(expected), "the upstream was not asked for the image");
}

const UNDERSTANDABLE = /denied|unauthorized|authentication required|incorrect username|invalid username/i;
const RAW = /invalid character|unexpected end of JSON|error parsing|cannot unmarshal|<html/i;

/** The commands fail, with words that a person understands. @returns all that was shown */
export async function expectRefusal(
  commands: () => Promise<unknown>,
  words: RegExp = UNDERSTANDABLE,
): Promise<string> {
  try {
    await commands();
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    const { finished } = error;
    if (!words.test(finished.output)) throw new CommandFailed(finished, `a message as ${words}`);
    if (RAW.test(finished.output)) throw new CommandFailed(finished, `no message as ${RAW}`);
    return finished.output;
  }
  throw new Error("the registry let the client in");
}
