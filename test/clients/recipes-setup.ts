// `npm run setup` at a terminal, with the pinned wrangler and a played account: the file, access, a bucket, the deployment.

import { deepStrictEqual, ok } from "node:assert/strict";
import { cpSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { parse } from "smol-toml";
import { ROOT } from "../tools/configuration.ts";
import { Dialog } from "./dialog.ts";
import { playAccount, type PlayedAccount } from "./played-account.ts";
import type { Cook, Menu } from "./recipe-menu.ts";

const DOMAIN = "images.example.net";
const WORKER = "registry-ferry";
const COPIED = ["scripts", "src", "test", "types", "package.json", "tsconfig.json", "wrangler.toml"];

let account: PlayedAccount;

export const SETUP: Menu = {
  client: "setup",
  async prepare() {
    account = await playAccount();
    return account;
  },
  dishes: [
    {
      title: "from the file to the deployment",
      recipes: [],
      async run(cook) {
        const folder = copyOf(cook, "whole");
        // What wrangler would take in place of the owner's file: one of a folder above, and one that a build left.
        const other = '{"name":"other","main":"src/index.ts","compatibility_date":"2026-01-01"}';
        cook.write("wrangler.json", other);
        cook.write("whole/other.json", other);
        cook.write("whole/.wrangler/deploy/config.json", '{"configPath":"../../other.json"}');
        // Another Worker's name: whoever has this in a shell means it for wrangler, and not for setup.
        const setup = begin(folder, { CLOUDFLARE_ENV: "other" });
        await setup.answer("Write this to wrangler.toml? [y/N]", "y\r");
        await setup.answer(`of the Worker "${WORKER}"`, "");
        await setup.answer("only people with a password get in? [y/N]", "yes\r");
        await setup.answer("Name of the user", "alice\r");
        await setup.answer("Write this to wrangler.toml? [y/N]", "y\r");
        await setup.answer("Keep images in a bucket", "y\r");
        await setup.answer("Its name (empty:", "\r");
        await setup.answer("Write this to wrangler.toml? [y/N]", "y\r");
        await setup.answer("Deploy now", "y\r");
        await setup.answer("host(s) answer? [y/N]", "n\r");
        deepStrictEqual(await setup.end(), 0, setup.shown);

        const secrets = account.workers.get(WORKER);
        deepStrictEqual([...account.workers.keys()], [WORKER]);
        deepStrictEqual([...(secrets?.keys() ?? [])], ["ACCESS_USERS", "TOKEN_KEY"]);
        const [, password = ""] = /^User alice, password ([\w-]{43})\s*$/m.exec(setup.shown) ?? [];
        deepStrictEqual(secrets?.get("ACCESS_USERS"), `alice:${password}`);
        ok(!setup.shown.includes(secrets.get("TOKEN_KEY") ?? ""), "the key was shown");
        deepStrictEqual([...account.buckets], ["registry-ferry-blobs"]);
        deepStrictEqual(account.rules.length, 1);
        const { vars } = parse(readFileSync(join(folder, "wrangler.toml"), "utf8"));
        const { CLOSED, HOSTS } = vars as Record<string, unknown>;
        deepStrictEqual(CLOSED, true);
        deepStrictEqual(account.domains, HOSTS);
        ok(account.domains.includes(`docker.${DOMAIN}`), "no host was deployed");
      },
    },
    {
      title: "Ctrl-C while a secret is put ends wrangler too",
      recipes: [],
      async run(cook) {
        const folder = copyOf(cook, "ended");
        account.workers.clear();
        account.held.add("ACCESS_USERS");
        const setup = begin(folder, {});
        await setup.answer("Write this to wrangler.toml? [y/N]", "y\r");
        await setup.answer("only people with a password get in? [y/N]", "y\r");
        await setup.answer("Name of the user", "alice\r");
        await until(() => account.waiting.includes("ACCESS_USERS"));
        ok(isAt(folder), "no wrangler puts it");
        await setup.answer("", "\u0003");
        deepStrictEqual(await setup.end(), 130, setup.shown);
        await until(() => !isAt(folder));
        account.held.clear();
      },
    },
  ],
};

function begin(folder: string, env: Readonly<Record<string, string>>): Dialog {
  // wrangler has questions of its own for who has other tools in his home.
  const home = { HOME: folder, XDG_CONFIG_HOME: join(folder, ".config") };
  return new Dialog(`npm run --silent setup -- ${DOMAIN} docker`, {
    cwd: folder,
    env: { ...account.env, ...home, ...env },
  });
}

/** What setup needs of a checkout, so that it writes into no file of this one. */
function copyOf({ folder }: Cook, name: string): string {
  const copy = join(folder, name);
  for (const part of COPIED) cpSync(join(ROOT, part), join(copy, part), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"));
  return copy;
}

/** True while a wrangler runs that was started from a folder. */
function isAt(folder: string): boolean {
  return readdirSync("/proc").some((entry) => {
    try {
      return readFileSync(join("/proc", entry, "cmdline"), "utf8").includes(
        `${folder}/node_modules/wrangler/`,
      );
    } catch {
      return false;
    }
  });
}

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries += 1) {
    ok(tries < 600, "this has not come about within 30 s");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
