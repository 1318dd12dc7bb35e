// The recipes for the owner's bucket, run by the pinned wrangler. Cloudflare's API is played on this machine: it keeps what it
// is sent, and no account is needed.

import { deepStrictEqual, ok } from "node:assert/strict";
import { createServer } from "node:http";
import { ROOT } from "../tools/configuration.ts";
import { listen, readBody } from "../tools/http.ts";
import type { Menu } from "./recipe-menu.ts";

const BUCKET = "registry-ferry-blobs";
const ACCOUNT = "0".repeat(32);
const LIFECYCLE = `/client/v4/accounts/${ACCOUNT}/r2/buckets/${BUCKET}/lifecycle`;
const DAY_S = 24 * 60 * 60;

/** The rules as they were last sent. */
let rules: unknown[] = [];

export const WRANGLER: Menu = {
  client: "wrangler",
  async prepare(cook) {
    const api = await playApi();
    cook.env["CLOUDFLARE_API_BASE_URL"] = `${api.url}/client/v4`;
    cook.env["CLOUDFLARE_ACCOUNT_ID"] = ACCOUNT;
    // Wrangler asks for a token before it asks for anything; this one means nothing to anybody.
    cook.env["CLOUDFLARE_API_TOKEN"] = "played";
    cook.env["WRANGLER_SEND_METRICS"] = "false";
    cook.env["CI"] = "1";
    return { stop: api.close };
  },
  dishes: [
    {
      title: "the bucket's lifecycle rule",
      recipes: ["bucket-lifecycle"],
      async run(cook) {
        // In the checkout, as its owner does: there `npx` finds the wrangler that the lock file names.
        const said = await cook.shell(`cd ${ROOT}\n${cook.block("bucket-lifecycle")}`);
        const [rule, ...more] = rules as [Record<string, unknown>];
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

/** Knows the bucket's lifecycle, and nothing else. */
async function playApi(): Promise<{ url: string; close: () => Promise<void> }> {
  return listen(
    createServer((request, response) => {
      void readBody(request).then((body) => {
        const known = request.url === LIFECYCLE;
        if (known && request.method === "PUT") {
          ({ rules } = JSON.parse(body.toString()) as { rules: unknown[] });
        }
        const errors = known ? [] : [{ code: 404, message: `not played: ${request.url ?? ""}` }];
        response.writeHead(known ? 200 : 404, { "Content-Type": "application/json" });
        response.end(JSON.stringify({ success: known, errors, messages: [], result: { rules } }));
      });
    }),
  );
}
