// What a client's recipes are made of: a menu of them, and a cook who runs the blocks of docs/recipes.md in a folder.

import { deepStrictEqual } from "node:assert/strict";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { OFFLINE } from "./client.ts";
import { must } from "../tools/processes.ts";
import type { Daemon } from "../tools/processes.ts";
import { localised } from "./recipe-blocks.ts";
import { readBack } from "./seed.ts";
import type { GuardedUpstream, Seeded, Upstream } from "./upstreams.ts";

/** The universal host, and the registries behind it. */
export interface Kitchen {
  host: string;
  hub: GuardedUpstream;
  github: GuardedUpstream;
}

/** One client's recipes: prepared once, then run one after the other. */
export interface Menu {
  client: string;
  prepare: (cook: Cook) => Promise<Daemon | undefined>;
  dishes: readonly Dish[];
}

export interface Dish {
  /** Ids of the blocks that it is made of; more than the page's blocks for what the page only says. */
  title: string;
  recipes: readonly string[];
  run: (cook: Cook) => Promise<void>;
}

/** A folder of one client's own, and the page's blocks. */
export class Cook {
  readonly kitchen: Kitchen;
  readonly folder: string;
  readonly env: Record<string, string> = { ...OFFLINE };
  readonly #blocks: Map<string, string>;

  constructor(kitchen: Kitchen, folder: string, blocks: Map<string, string>) {
    this.kitchen = kitchen;
    this.folder = folder;
    this.#blocks = blocks;
    this.write("hub-token.txt", kitchen.hub.login.password);
    this.write("ghcr-token.txt", kitchen.github.login.password);
  }

  block(id: string): string {
    const block = this.#blocks.get(id);
    if (block === undefined) throw new Error(`docs/recipes.md has no block ${id}`);
    return localised(block, this.kitchen.host);
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
}

/** The registry has the image that the other one was given. */
export async function expectStored(upstream: Upstream, repository: string, { image }: Seeded): Promise<void> {
  deepStrictEqual((await readBack(upstream, repository, "latest")).config, image.config);
}
