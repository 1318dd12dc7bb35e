// What stands behind the Workers of the CPU benchmark, in processes of their own: their time is not to be counted.

import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

/** The parent's side: asks one thing at a time. */
export class Backend<Question, Answer> {
  readonly #child: ChildProcess;
  #last: Promise<unknown> = Promise.resolve();

  constructor(module: string) {
    this.#child = fork(join(import.meta.dirname, module), { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  }

  async ask(question: Question): Promise<Answer> {
    const answered = this.#last.then(async () => {
      const answer = once(this.#child, "message", { signal: AbortSignal.timeout(60_000) });
      this.#child.send(question as object);
      return ((await answer) as [Answer])[0];
    });
    this.#last = answered.catch(() => undefined);
    return answered;
  }

  /** Its end of the channel closes, and nothing keeps it any more. */
  stop(): void {
    if (this.#child.connected) this.#child.disconnect();
  }
}

/** The child's side: answers each question, and ends with its parent. */
export function answerParent(answer: (question: unknown) => unknown): void {
  process.on("message", (question) => process.send?.(answer(question)));
  process.on("disconnect", () => process.exit());
}
