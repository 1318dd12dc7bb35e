// Debian's Chromium, driven through playwright-core: installed from the distribution's packages where it is missing, and never
// downloaded from anywhere else.

import { existsSync } from "node:fs";
import { installPackages } from "./packages.ts";

/** The program. `CHROMIUM` names another one, where there is no apt. */
export const CHROMIUM = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

/** A file of each package. Without the fonts, Chinese would be boxes, which no test would see. */
const PACKAGES: Readonly<Record<string, string>> = {
  [CHROMIUM]: "chromium",
  "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc": "fonts-noto-cjk",
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
  await installPackages(PACKAGES, existsSync);
}
