// What setup acts on: handed in, so that its conversation can be held with stand-ins.

import type { Terminal } from "../terminal/terminal.ts";
import type { OwnersFile } from "./file.ts";

/** A program that has ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  /** Both streams. */
  readonly output: string;
}

export interface World {
  readonly terminal: Terminal;
  /** wrangler.toml. */
  readonly file: OwnersFile;
  /** What `.dev.vars` has. */
  readonly secrets: Readonly<Record<string, string>>;
  /** True where the environment says which account is meant. */
  readonly hasAccountId: boolean;
  /** True where the environment has a token for wrangler, CLOUDFLARE_API_TOKEN. */
  readonly hasToken: boolean;
  /** Runs the pinned wrangler; secrets go by its standard input (S22). */
  wrangler(words: readonly string[], input?: string): Promise<Ended>;
  /** `npm run deploy`, seen by the owner. True if it went well. */
  deploy(): Promise<boolean>;
  /** Looks at a host as the doctor does; its one line that failed, undefined where all is well. */
  examine(host: string): Promise<string | undefined>;
  /** Waits before a host is looked at again. */
  pause(seconds: number): Promise<void>;
}
