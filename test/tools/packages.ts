// Packages of the distribution (Debian, Ubuntu), installed where what they have is missing.

import { must } from "./processes.ts";

/**
 * Installs what is missing; throws if that fails, because what was not run is not what works.
 * @param packages by what they are for: a program, or a file
 * @param isThere true of what need not be installed
 */
export async function installPackages(
  packages: Readonly<Record<string, string>>,
  isThere: (wanted: string) => boolean,
): Promise<void> {
  const missing = (): string[] => Object.keys(packages).filter((wanted) => !isThere(wanted));
  const names = [...new Set(missing().map((wanted) => packages[wanted] ?? wanted))];
  if (names.length === 0) return;
  console.log(`installing ${names.join(", ")}`);
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  // Tests that are run beside each other wait here for each other, since apt-get fails where another one is at work.
  const alone = ["flock", "/var/lib/dpkg", "apt-get"];
  await must([...alone, "update"], { env, limit: 900 });
  await must([...alone, "install", "-y", "--no-install-recommends", ...names], { env, limit: 1200 });
  const left = missing();
  if (left.length > 0) throw new Error(`missing: ${left.join(", ")}`);
}
