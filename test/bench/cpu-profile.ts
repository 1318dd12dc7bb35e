// Where the CPU of a row goes: a profile of the isolate, by the inspector of workerd. What is native has no function there
// and is "(program)".

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../tools/configuration.ts";

/** As the Profiler domain of the DevTools protocol has it. */
interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly lineNumber: number };
  }[];
  readonly samples: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
}

const INTERVAL_US = 1000;
const SHOWN = 22;

export class Profiler {
  readonly #socket: WebSocket;
  #sent = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  static async start(port: number): Promise<Profiler> {
    const answer = await fetch(`http://127.0.0.1:${port}/json`);
    const [target] = (await answer.json()) as { webSocketDebuggerUrl: string }[];
    if (target === undefined) throw new Error("workerd has no isolate to be profiled");
    const socket = new WebSocket(target.webSocketDebuggerUrl);
    await new Promise((resolve, reject) => {
      socket.addEventListener("open", resolve);
      socket.addEventListener("error", () => reject(new Error("workerd's inspector cannot be reached")));
    });
    const profiler = new Profiler(socket);
    await profiler.#call("Profiler.enable");
    await profiler.#call("Profiler.setSamplingInterval", { interval: INTERVAL_US });
    await profiler.#call("Profiler.start");
    return profiler;
  }

  /** Prints the functions that took most, and writes a `.cpuprofile` for the tools that read such files. */
  async stop(name: string, requests: number): Promise<void> {
    const { profile } = (await this.#call("Profiler.stop")) as { profile: Profile };
    this.#socket.close();
    const folder = join(ROOT, ".wrangler/bench/cpu");
    mkdirSync(folder, { recursive: true });
    const file = join(folder, `${name.replaceAll(/[^a-z0-9]+/gi, "-")}.cpuprofile`);
    writeFileSync(file, JSON.stringify(profile));
    console.log(`${name}: ms a request in itself (${file})`);
    for (const [what, ms] of selfTimes(profile).slice(0, SHOWN)) {
      console.log(`${(ms / requests).toFixed(4).padStart(10)}  ${what}`);
    }
  }

  async #call(method: string, params: object = {}): Promise<unknown> {
    this.#sent += 1;
    const id = this.#sent;
    return new Promise((resolve) => {
      const listen = ({ data }: MessageEvent): void => {
        const message = JSON.parse(String(data)) as { id?: number; result?: unknown };
        if (message.id !== id) return;
        this.#socket.removeEventListener("message", listen);
        resolve(message.result);
      };
      this.#socket.addEventListener("message", listen);
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }
}

/** Milliseconds by function, without those that it calls; most first. */
function selfTimes({ nodes, samples, timeDeltas }: Profile): [string, number][] {
  const names = new Map(
    nodes.map(({ callFrame, id }) => [
      id,
      `${callFrame.functionName || "(anonymous)"}:${callFrame.lineNumber + 1}`,
    ]),
  );
  const times = new Map<string, number>();
  for (const [index, id] of samples.entries()) {
    const name = names.get(id) ?? "?";
    times.set(name, (times.get(name) ?? 0) + (timeDeltas[index + 1] ?? 0) / 1000);
  }
  return [...times].sort(([, one], [, other]) => other - one);
}
