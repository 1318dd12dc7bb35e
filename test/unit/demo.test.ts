// `npm run demo` as a program: what it started ends with it, however it ends, and two of one clone do not meet.
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, it, vi } from "vitest";
import { ROOT } from "./repository.ts";

// wrangler comes up in some seconds, and in many where the machine is busy.
vi.setConfig({ testTimeout: 120_000 });

interface Demo {
  readonly child: ChildProcess;
  /** All that it has printed. */
  output(): string;
  /** Resolves as soon as it has printed a text. */
  printed(text: string): Promise<void>;
  /** Sends a signal as a service manager does, to the process alone. @returns its exit code */
  endedBy(...signals: NodeJS.Signals[]): Promise<number | null>;
}

const started: ChildProcess[] = [];
/** What they started, wrangler with a process group of its own: a demo that fails the test leaves it behind. */
const seen: number[] = [];
afterEach(() => {
  for (const child of started.splice(0)) for (const pid of [child.pid, ...below(child.pid)]) kill(pid);
  for (const pid of seen.splice(0)) kill(-pid);
});

function kill(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(pid, "SIGKILL");
  } catch {
    // It has ended in the meantime.
  }
}

function demo(...words: string[]): Demo {
  const child = spawn(process.execPath, [join(ROOT, "scripts/demo.ts"), ...words], { stdio: "pipe" });
  started.push(child);
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => (output += String(chunk)));
  return {
    child,
    output: () => output,
    async printed(text) {
      while (!output.includes(text)) {
        if (child.exitCode !== null || child.signalCode !== null) throw new Error(`it has ended:\n${output}`);
        await sleep(50);
      }
    },
    async endedBy(...signals) {
      const closed = once(child, "close") as Promise<[number | null]>;
      for (const signal of signals) child.kill(signal);
      return (await closed)[0];
    },
  };
}

/** Everything that a process started, and what that started, as far as it runs. */
function below(pid: number | undefined): number[] {
  const { stdout } = spawnSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" });
  const pairs = stdout.split("\n").map((line) => line.trim().split(/\s+/).map(Number));
  const childrenOf = (parent: number | undefined): number[] =>
    pairs.flatMap(([child, its]) =>
      child !== undefined && its === parent ? [child, ...childrenOf(child)] : [],
    );
  return childrenOf(pid);
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** What was told to end takes a moment, and another one until its entry is cleared away. */
async function expectNone(pids: readonly number[]): Promise<void> {
  await expect.poll(() => pids.filter(isThere), { timeout: 20_000, interval: 100 }).toEqual([]);
}

async function untilStarted({ child }: Demo): Promise<number[]> {
  for (;;) {
    const pids = below(child.pid);
    seen.push(...pids);
    if (pids.length > 0) return pids;
    await sleep(50);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** Folders that demos have in this clone. */
function folders(): string[] {
  const all = join(ROOT, ".wrangler");
  return existsSync(all) ? readdirSync(all).filter((name) => name.startsWith("demo")) : [];
}

it.each<[NodeJS.Signals, number]>([
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
])("that is ended by %s, while wrangler starts, leaves nothing that runs", async (signal, code) => {
  const one = demo();
  await one.printed("Starting");
  const pids = await untilStarted(one);
  // Ctrl-C comes twice: from the terminal, and from npm.
  expect(await one.endedBy(signal, signal)).toBe(code);
  await expectNone(pids);
  expect(one.output()).not.toContain("failed");
});

it("does not meet another one of its clone, and leaves no folder", async () => {
  const before = folders();
  const port = await freePort();
  const kept = demo("--keep", "--port", String(port));
  await kept.printed("Try it with a client");
  const pids = below(kept.child.pid);
  // wrangler, and workerd below it.
  expect(pids.length).toBeGreaterThan(1);

  const other = demo();
  await other.printed("Every byte is what the registries have.");
  await once(other.child, "close");
  expect(other.child.exitCode).toBe(0);

  const tags = `http://127.0.0.1:${port}/v2/ghcr.io/team/app/tags/list`;
  const { headers } = await fetch(tags);
  const realm = /realm="([^"]+)"/.exec(headers.get("www-authenticate") ?? "")?.[1] ?? "";
  const answer = await fetch(`${realm}?scope=repository:ghcr.io/team/app:pull`);
  const { token } = (await answer.json()) as { token: string };
  const listed = await fetch(tags, { headers: { Authorization: `Bearer ${token}` } });
  expect([listed.status, await listed.json()]).toEqual([200, { name: "ghcr.io/team/app", tags: ["latest"] }]);

  // Ctrl-C is how this one ends.
  expect(await kept.endedBy("SIGINT")).toBe(0);
  await expectNone(pids);
  expect(folders()).toEqual(before);
});
