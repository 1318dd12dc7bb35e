// The recipes for the owner's bucket, run by the pinned wrangler against a played account.

import { deepStrictEqual, ok } from "node:assert/strict";
import { ROOT } from "../tools/configuration.ts";
import { playAccount, type PlayedAccount } from "./played-account.ts";
import type { Menu } from "./recipe-menu.ts";

const DAY_S = 24 * 60 * 60;

let account: PlayedAccount;

export const WRANGLER: Menu = {
  client: "wrangler",
  async prepare(cook) {
    account = await playAccount();
    Object.assign(cook.env, account.env, { CI: "1" });
    return account;
  },
  dishes: [
    {
      title: "the bucket's lifecycle rule",
      recipes: ["bucket-lifecycle"],
      async run(cook) {
        // In the checkout, as its owner does: there `npx` finds the wrangler that the lock file names.
        const said = await cook.shell(`cd ${ROOT}\n${cook.block("bucket-lifecycle")}`);
        const [rule = {}, ...more] = account.rules;
        deepStrictEqual(more, []);
        const { conditions, deleteObjectsTransition, enabled, id } = rule;
        deepStrictEqual(
          { conditions, deleteObjectsTransition, enabled },
          {
            conditions: { prefix: "public/" },
            deleteObjectsTransition: { condition: { maxAge: 90 * DAY_S, type: "Age" } },
            enabled: true,
          },
        );
        ok(said.includes(String(id)), "the rule is not in the list");
      },
    },
  ],
};
