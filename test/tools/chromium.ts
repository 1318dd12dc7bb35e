// Debian's Chromium, driven through playwright-core: installed from the distribution's packages where it is missing, and never
// downloaded from anywhere else.

import { existsSync } from "node:fs";
import { must } from "./processes.ts";

/** The program. `CHROMIUM` names another one, where there is no apt. */
export const CHROMIUM = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

/** A file of each package. Without the fonts, Chinese would be boxes, which no test would see. */
const PACKAGES: Readonly<Record<string, string>> = {
  chromium: CHROMIUM,
  "fonts-noto-cjk": "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
};

/** Every name is this machine: what a page would send elsewhere ends here as well. */
export const CHROMIUM_ARGUMENTS: readonly string[] = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--host-resolver-rules=MAP * 127.0.0.1",
];

/** Installs what is missing; throws if that fails, because a page that no browser has shown is not a page that works. */
export async function installChromium(): Promise<void> {
  const missing = (): string[] => Object.keys(PACKAGES).filter((name) => !existsSync(PACKAGES[name] ?? ""));
  const packages = missing();
  if (packages.length === 0) return;
  console.log(`installing ${packages.join(", ")}`);
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  await must(["apt-get", "update"], { env, limit: 300 });
  await must(["apt-get", "install", "-y", "--no-install-recommends", ...packages], { env, limit: 600 });
  const left = missing();
  if (left.length > 0) throw new Error(`missing: ${left.join(", ")}`);
}
