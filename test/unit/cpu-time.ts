// How long something computes: what other programs of the machine do meanwhile is not in it, so that a bound on it holds anywhere.

/** The milliseconds of CPU that this thread spends in a call. */
export function cpuTimeOf(run: () => void): number {
  const before = process.threadCpuUsage();
  run();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}
