// A program at a terminal, with somebody who reads what it asks and types.

import { spawn } from "node:child_process";
import { stripVTControlCharacters } from "node:util";

const PATIENCE_S = 60;

/** Runs a shell's command at a terminal of its own. */
export class Dialog {
  readonly #child;
  readonly #ended: Promise<number>;
  #shown = "";
  #read = 0;

  constructor(command: string, options: { cwd: string; env: Readonly<Record<string, string>> }) {
    const env = { ...process.env, ...options.env };
    this.#child = spawn("script", ["-qefc", command, "/dev/null"], { cwd: options.cwd, env, stdio: "pipe" });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream.on("data", (chunk: Buffer) => (this.#shown += chunk.toString()));
    // A program that has ended does not read what is typed (EPIPE).
    this.#child.stdin.on("error", () => undefined);
    this.#ended = new Promise((resolve) => {
      this.#child.on("error", (error) => {
        this.#shown += String(error);
        resolve(127);
      });
      this.#child.on("close", (code) => {
        resolve(code ?? 1);
      });
    });
  }

  /** All that was shown so far. */
  get shown(): string {
    return stripVTControlCharacters(this.#shown);
  }

  /** Waits for words that were not read yet, then types. @throws Error with what was shown, where they do not come */
  async answer(words: string, keys: string): Promise<void> {
    await this.#until(() => this.shown.indexOf(words, this.#read) !== -1, words);
    this.#read = this.shown.indexOf(words, this.#read) + words.length;
    this.#child.stdin.write(keys);
  }

  /** @returns the exit code */
  async end(): Promise<number> {
    await this.#until(() => this.#child.exitCode !== null, "its end");
    return this.#ended;
  }

  async #until(holds: () => boolean, what: string): Promise<void> {
    const deadline = Date.now() + PATIENCE_S * 1000;
    while (!holds()) {
      const isOver = this.#child.exitCode !== null || Date.now() > deadline;
      if (isOver && !holds()) {
        this.#child.kill();
        throw new Error(`waited for: ${what}\n${this.shown}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
