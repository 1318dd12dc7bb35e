// What a client's recipes are made of: a menu of them, and a cook who runs the blocks of a document or page in a folder.

import { deepStrictEqual, ok } from "node:assert/strict";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { OFFLINE } from "./client.ts";
import { makeImage } from "./images.ts";
import { CommandFailed, must } from "../tools/processes.ts";
import type { Daemon } from "../tools/processes.ts";
import type { Block, Source } from "./recipe-blocks.ts";
import { readBack } from "./seed.ts";
import type { Target } from "./targets.ts";
import type { GuardedUpstream, Seeded, Upstream } from "./upstreams.ts";

/** Hosts of the proxy, and the registries behind them. */
export interface Kitchen {
  /** The host of all registries. */
  host: string;
  /** The host of docker.io alone. */
  hubHost: string;
  /** The host of a registry that nobody knows. */
  openHost: string;
  hub: GuardedUpstream;
  github: GuardedUpstream;
  /** Also the registry of the reader's own. */
  open: Upstream;
  /** A closed proxy with users, which is started when it is asked for. */
  closed: () => Promise<Target>;
}

/** One client's recipes: prepared once for each source, then run one after the other. */
export interface Menu {
  client: string;
  prepare: (cook: Cook) => Promise<Daemon | undefined>;
  dishes: readonly Dish[];
}

export interface Dish {
  title: string;
  /**
   * Ids of the blocks that it is made of: it is run for every source that has them all. None for what docs/recipes.md only says, and
   * which is no block anywhere.
   */
  recipes: readonly string[];
  /** Blocks that it runs as well where they are there. */
  optional?: readonly string[];
  /** True where it is made of what a page offers to its converter. */
  converts?: boolean;
  run: (cook: Cook) => Promise<void>;
}

/** A folder for one client and one source, and that source's blocks. */
export class Cook {
  readonly kitchen: Kitchen;
  readonly folder: string;
  readonly source: Source;
  readonly env: Record<string, string> = { ...OFFLINE };

  constructor(kitchen: Kitchen, folder: string, source: Source) {
    this.kitchen = kitchen;
    this.folder = folder;
    this.source = source;
    this.write("hub-token.txt", kitchen.hub.login.password);
    this.write("ghcr-token.txt", kitchen.github.login.password);
    // The name that the page of a single registry has for it, and docker.io is the one that is tried.
    this.write("token.txt", kitchen.hub.login.password);
  }

  get host(): string {
    return this.source.host;
  }

  has(id: string): boolean {
    return this.source.blocks.has(id);
  }

  block(id: string): string {
    return this.#find(id).text;
  }

  /** Writes a block to the file that it is said to be. */
  place(id: string): void {
    const { file, text } = this.#find(id);
    if (file === undefined) throw new Error(`nothing says which file ${id} is`);
    this.write(file, text);
  }

  #find(id: string): Block {
    const block = this.source.blocks.get(id);
    if (block === undefined) throw new Error(`there is no block ${id}`);
    return block;
  }

  /** Runs a block, or another script, in the client's folder; /etc is below it. */
  async shell(script: string): Promise<string> {
    // skopeo 1.9 does not read the variable that podman and buildah have for this file.
    const skopeo = 'skopeo() { command skopeo --registries-conf registries.conf "$@"; }';
    const command = `cd ${this.folder}\n${skopeo}\n${script.replaceAll(" /etc/", ` ${this.folder}/etc/`)}`;
    const { stdout } = await must(["sh", "-eu", "-c", command], { env: this.env });
    return stdout.toString();
  }

  write(name: string, text: string): string {
    const file = join(this.folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  }

  remove(name: string): void {
    rmSync(join(this.folder, name), { recursive: true, force: true });
  }

  /** What an image's name stands for, in full or through the source's host. @throws Error where nobody put it there */
  seeded(name: string): Seeded {
    const { hub, github } = this.kitchen;
    const full = name.startsWith(`${this.host}/`) ? name.slice(this.host.length + 1) : name;
    const below = full.replace(/^index\.docker\.io\//, "docker.io/");
    const named = [hub, github].find(({ registry }) => below.startsWith(`${registry}/`));
    const path = named === undefined ? below : below.slice(named.registry.length + 1);
    const [repository = "", tag = "latest"] = path.split(":");
    const { popular, own, form } = named ?? this.source.registry;
    const found = [popular, own, form].find(
      (one) => [repository, `library/${repository}`].includes(one.repository) && one.tags.includes(tag),
    );
    if (found === undefined) throw new Error(`nobody put ${name} there`);
    return found;
  }
}

/** The images that a block's commands pull. */
export function pulledBy(block: string): string[] {
  return some(
    block
      .split("\n")
      .filter((line) => line.includes(" pull "))
      .map((line) => line.split(" ").at(-1)),
  );
}

/** The images that a block of YAML names. */
export function namedIn(block: string): string[] {
  return some([...block.matchAll(/image: (\S+)$/gm)].map(([, name]) => name));
}

function some(names: readonly (string | undefined)[]): string[] {
  ok(names.length > 0, "the block has no image");
  return names.map((name = "") => name);
}

/** Puts another image there, so that what is pushed later is not what an earlier recipe pushed. */
export function occupy(upstream: Upstream, repository: string): Promise<void> {
  return upstream.put(repository, makeImage({ layers: [500], types: "oci", index: false }), ["latest"]);
}

/** The registry has the image that the other one was given. */
export async function expectStored(upstream: Upstream, repository: string, { image }: Seeded): Promise<void> {
  deepStrictEqual((await readBack(upstream, repository, "latest")).config, image.config);
}

export async function expectFailure(command: () => Promise<unknown>): Promise<void> {
  const failed = await command().then(
    () => false,
    (error: unknown) => {
      if (error instanceof CommandFailed) return true;
      throw error;
    },
  );
  ok(failed, "the command went through");
}
