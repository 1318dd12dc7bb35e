// Commands with a time limit, and long-running programs that are stopped by their own process group.

import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

export interface CommandOptions {
  env?: Record<string, string>;
  /** Written to standard input, for passwords. */
  input?: string;
  /** Seconds until the command is ended. */
  limit?: number;
}

export interface Finished {
  command: string;
  /** The exit code; 124, as of timeout(1), when the time limit ended the command. */
  code: number;
  stdout: Buffer;
  /** Both streams, as a person at a terminal sees them. */
  output: string;
}

/** A command that ended otherwise than the test needs it. */
export class CommandFailed extends Error {
  readonly finished: Finished;

  constructor(finished: Finished, expected: string) {
    super(
      `$ ${finished.command}\n${finished.output.trim()}\nexit code ${finished.code}; expected: ${expected}`,
    );
    this.finished = finished;
  }
}

/** Nothing is started any more, because the test is being stopped. */
export class Stopped extends Error {
  constructor() {
    super("the test is being stopped");
  }
}

const LIMIT = 120;
/** Commands under way, and how to stop the programs that stay. */
const running = new Set<number>();
const daemons = new Set<() => Promise<void>>();
/** Set when all is being stopped: what still goes on in the background must not start anything new. */
let closing = false;

/** Runs a command to its end, whatever the exit code is. */
export async function run(command: readonly string[], options: CommandOptions = {}): Promise<Finished> {
  refuseWhenClosing();
  const [program = "", ...rest] = command;
  const child = spawn(program, rest, {
    env: { ...process.env, ...options.env },
    detached: true,
    stdio: "pipe",
  });
  if (child.pid !== undefined) running.add(child.pid);
  const stdout: Buffer[] = [];
  const output: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk) && output.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => output.push(chunk));
  // A program that does not read its input is no error of ours (EPIPE).
  child.stdin.on("error", () => undefined);
  child.stdin.end(options.input ?? "");
  const late = new AbortController();
  const timer = setTimeout(
    () => {
      late.abort();
      signalGroup(child.pid, "SIGKILL");
    },
    (options.limit ?? LIMIT) * 1000,
  );
  const code = await new Promise<number>((resolve) => {
    child.on("error", (error) => {
      output.push(Buffer.from(String(error)));
      resolve(127);
    });
    child.on("close", (exit) => {
      resolve(exit ?? 1);
    });
  });
  clearTimeout(timer);
  if (child.pid !== undefined) running.delete(child.pid);
  if (late.signal.aborted) output.push(Buffer.from(`\nno end after ${options.limit ?? LIMIT} s`));
  return {
    command: command.join(" "),
    code: late.signal.aborted ? 124 : code,
    stdout: Buffer.concat(stdout),
    output: Buffer.concat(output).toString(),
  };
}

/** Runs a command that must succeed. Throws `CommandFailed` otherwise. */
export async function must(command: readonly string[], options: CommandOptions = {}): Promise<Finished> {
  const finished = await run(command, options);
  if (finished.code !== 0) throw new CommandFailed(finished, "exit code 0");
  return finished;
}

export interface Daemon {
  stop: () => Promise<void>;
}

/** Starts a long-running program and waits until `ready` says yes. Throws with its log if it ends before. */
export async function start(
  command: readonly string[],
  options: {
    env?: Record<string, string>;
    logFile: string;
    cwd?: string;
    ready: () => Promise<boolean>;
    /** What the program writes when it will never be ready, though it does not end. */
    hopeless?: string;
    limit?: number;
  },
): Promise<Daemon> {
  refuseWhenClosing();
  const [program = "", ...rest] = command;
  const file = openSync(options.logFile, "a");
  const child = spawn(program, rest, {
    env: { ...process.env, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    detached: true,
    stdio: ["ignore", file, file],
  });
  closeSync(file);
  const hasEnded = () => child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
  const end = new Promise<void>((resolve) => {
    child.on("error", () => resolve());
    child.on("close", () => resolve());
  });
  const stop = async () => {
    if (!hasEnded()) signalGroup(child.pid, "SIGTERM");
    const force = setTimeout(() => signalGroup(child.pid, "SIGKILL"), 15_000);
    await end;
    clearTimeout(force);
    daemons.delete(stop);
  };
  daemons.add(stop);
  const limit = options.limit ?? 60;
  const deadline = Date.now() + limit * 1000;
  while (!(await options.ready().catch(() => false))) {
    const log = readFileSync(options.logFile, "utf8");
    const hopeless = options.hopeless !== undefined && log.includes(options.hopeless);
    if (hopeless || hasEnded() || Date.now() > deadline) {
      await stop();
      const why = hopeless || Date.now() <= deadline ? "has failed" : `is not ready after ${limit} s`;
      throw new Error(`${command.join(" ")}\n${why}:\n${log.slice(-4000)}`);
    }
    await sleep(200);
  }
  return { stop };
}

/** Ends all that still runs: after a failure, or when the test is interrupted. */
export async function stopAll(): Promise<void> {
  closing = true;
  killCommands();
  // The youngest first: docker's daemon before the containerd that it talks to.
  for (const stop of [...daemons].reverse()) await stop();
}

/** Kills what `run` has under way, at once: for a process that is itself about to end. */
export function killCommands(): void {
  for (const pid of running) signalGroup(pid, "SIGKILL");
}

function refuseWhenClosing(): void {
  if (closing) throw new Stopped();
}

/** Every child leads a process group of its own, so that wrangler's workerd and docker's plugins go with it. */
function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended in the meantime.
  }
}
