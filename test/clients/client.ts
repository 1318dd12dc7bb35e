// What the test asks of a client program, and what differs between them.

import type { Image } from "./images.ts";
import type { Target } from "./targets.ts";
import type { Login } from "./upstreams.ts";

/** What is on the client's disk after a pull. */
export interface Pulled {
  config: string;
  /** Digests of the uncompressed layers. */
  diffIds: string[];
  /** The digests that the client knows the image under: the index, the manifest, or both. */
  digests: string[];
}

/** Every method throws `CommandFailed` when the program refuses. */
export interface Client {
  /** Drops all images and credentials, so that the next pull asks for everything. */
  forget(): Promise<void>;
  /** Logs in, or keeps the credentials for the commands where the program has no login. */
  signIn(registry: string, login: Login): Promise<void>;
  /** Drops the credentials of a registry, as its command for that does. */
  signOut?(registry: string): Promise<void>;
  /** @param limit seconds until the command is ended */
  pull(reference: string, limit?: number): Promise<Pulled>;
  push(image: Image, reference: string): Promise<void>;
  listTags?(repository: string): Promise<string[]>;
  /** The names that the registry finds for a word. */
  search?(registry: string, word: string): Promise<string[]>;
  /** Pulls by the public registry's name; the target is configured as that registry's mirror. */
  pullMirrored?(reference: string): Promise<Pulled>;
  /** Logs in for `pullMirrored`: to the public registry or to its mirror, as the program wants it. */
  signInMirrored?(): Promise<void>;
  /** Has a login sent with every request to a mirror, whether or not it is asked for. */
  sendAlways?(login: Login): void;
  /** The key that it keeps instead of a password. */
  identityToken?(registry: string): string | undefined;
  /** What its daemon has written down: there it says why it took no mirror. */
  log?(): string;
  stop(): Promise<void>;
}

/** `folder` is the client's own; nothing outside of it is written. */
export type StartClient = (target: Target, folder: string) => Promise<Client>;

/** For daemons and commands: nothing may leave the machine, and https is what the public registries speak. */
export const OFFLINE = { HTTPS_PROXY: "http://127.0.0.1:9", NO_PROXY: "127.0.0.1,localhost,.ferry.test" };
