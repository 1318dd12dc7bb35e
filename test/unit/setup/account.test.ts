// Setup's conversation about the account: a bucket, which account it is, the deployment, the hosts.
import { describe, expect, it } from "vitest";
import { HEAD, TABLE } from "./files.ts";
import { LOGGED_IN, play } from "./played.ts";
import { contentsOf, DOMAIN, setUp } from "./stage.ts";

const FILE = HEAD + TABLE;
const WRITE = "Write this to wrangler.toml?";
const REST: [string, string][] = [
  ["bucket (R2", ""],
  ["Deploy now", ""],
];

describe("a bucket", () => {
  const BUCKET = "bucket (R2";
  const asked = (...more: [string, string][]): [string, string][] => [
    [WRITE, "y"],
    ["Close the proxy", ""],
    [BUCKET, "y"],
    ...more,
    ["Deploy now", ""],
  ];

  it("is made, kept from growing without end, bound, and told what to keep where the proxy is open", async () => {
    const answers = asked(
      ["Its name", ""],
      ["Repositories", "docker.io/library/*, ghcr.io/acme/**"],
      [WRITE, "y"],
    );
    const { started, text } = await play(FILE, [DOMAIN], { answers, account: LOGGED_IN });
    expect(started.filter((line) => line.startsWith("r2"))).toEqual([
      "r2 bucket create registry-ferry-blobs",
      "r2 bucket lifecycle list registry-ferry-blobs",
      "r2 bucket lifecycle add registry-ferry-blobs end-old public/ --expire-days 90",
    ]);
    expect(contentsOf(text)).toMatchObject({
      r2_buckets: [{ binding: "BLOBS", bucket_name: "registry-ferry-blobs" }],
      vars: { BUCKET_REPOSITORIES: ["docker.io/library/*", "ghcr.io/acme/**"] },
    });
    expect(contentsOf(setUp(text, "--undo"))["r2_buckets"]).toHaveLength(1);
    const again = await play(text, [DOMAIN], {
      answers: [
        ["Close the proxy", ""],
        ["Deploy now", ""],
      ],
      account: LOGGED_IN,
    });
    expect(again.said).toContain("A bucket: registry-ferry-blobs is bound as BLOBS already.");
  });

  it("keeps all of a closed proxy, which is not asked what", async () => {
    const file = FILE.replace("[vars.ROUTES]", '[vars]\nALLOWED_IPS = "203.0.113.7"\n[vars.ROUTES]');
    const { text } = await play(file, [DOMAIN], {
      answers: asked(["Its name", "my-bucket"], [WRITE, "y"]),
      account: LOGGED_IN,
    });
    expect(contentsOf(text)).toMatchObject({ r2_buckets: [{ bucket_name: "my-bucket" }] });
    expect(text).not.toContain("BUCKET_REPOSITORIES");
  });

  it("that is there, with its rule, is taken as it is", async () => {
    const account = {
      ...LOGGED_IN,
      "r2 bucket create": {
        code: 1,
        output: "The bucket you tried to create already exists, and you own it. [code: 10004]",
      },
      "r2 bucket lifecycle list": { stdout: "name: end-old\nenabled: Yes" },
    };
    const { started, text } = await play(FILE, [DOMAIN], {
      answers: asked(["Its name", ""], ["Repositories", ""], [WRITE, "y"]),
      account,
    });
    expect(started.join()).not.toContain("lifecycle add");
    expect(contentsOf(text)["r2_buckets"]).toHaveLength(1);
  });

  it.each(["r2 bucket create", "r2 bucket lifecycle add"])(
    "is not bound where `%s` fails",
    async (command) => {
      const account = {
        ...LOGGED_IN,
        [command]: { code: 1, output: "✘ [ERROR] Please enable R2 through the dashboard. [code: 10042]" },
      };
      const { said, text } = await play(FILE, [DOMAIN], { answers: asked(["Its name", ""]), account });
      expect(said.join("\n")).toContain("Please enable R2");
      expect(text).toBe(setUp(FILE, DOMAIN));
    },
  );

  it("has a name of a bucket, and patterns that are some", async () => {
    const answers = asked(
      ["Its name", "--x"],
      ["Its name", "Big_Bucket"],
      ["Its name", "fine-1"],
      ["Repositories", "nosuch.example/*"],
    );
    const { said, started, text } = await play(FILE, [DOMAIN], { answers, account: LOGGED_IN });
    expect(started).toContain("r2 bucket create fine-1");
    expect(said.join("\n")).toContain("BUCKET_REPOSITORIES");
    expect(text).toBe(setUp(FILE, DOMAIN));
  });
});

describe("the account", () => {
  it.each([
    ["that says no", { "whoami --json": { code: 1, stdout: '{"loggedIn":false}' } }, "npx wrangler login"],
    [
      "that says nothing that can be read",
      { "whoami --json": { code: 1, stdout: "\u001b[31moops" } },
      "npx wrangler login",
    ],
    [
      "that is one of several",
      { "whoami --json": { stdout: '{"loggedIn":true,"accounts":[{"id":"0a"},{"id":"1b\\u001b[2J"}]}' } },
      "There are: 0a, 1b?[2J",
    ],
  ])("%s is not touched", async (_, account, said) => {
    const played = await play(FILE, [DOMAIN], { answers: [[WRITE, "y"]], account });
    expect(played.said.join("\n")).toContain(said);
    expect(played.started).toEqual(["whoami --json"]);
  });

  it("that does not take the token of the environment is told as that, with what wrangler said", async () => {
    const output =
      "\n\u001b[31m✘ \u001b[41m[ERROR]\u001b[0m A request to the Cloudflare API (/accounts) failed.\n\n" +
      `  Invalid \u0007access token [code: 9109]${"!".repeat(999)}\n  \n` +
      "  If you think this is a bug, please open an issue at: https://example.com\n\nLogs were written to x\n";
    const account = { "whoami --json": { code: 1, stdout: "\n", output } };
    const { ended, said } = await play(FILE, [DOMAIN], {
      answers: [[WRITE, "y"]],
      account,
      hasToken: true,
    });
    const line = said.find((one) => one.includes("CLOUDFLARE_API_TOKEN")) ?? "";
    expect(line).toContain(
      "did not accept CLOUDFLARE_API_TOKEN, or could not be reached: ✘ [ERROR] A request",
    );
    expect(line).toContain("failed. Invalid ?access token [code: 9109]!!!");
    expect(line.length).toBeLessThan(600);
    expect(said.join("\n")).not.toMatch(/not logged in|a bug/);
    expect(ended).toBe(true);
  });

  it("that says no to a token without a reason is told as that", async () => {
    const account = { "whoami --json": { code: 1, stdout: '{"loggedIn":false}' } };
    const { said } = await play(FILE, [DOMAIN], { answers: [[WRITE, "y"]], account, hasToken: true });
    expect(said.join("\n")).toContain("CLOUDFLARE_API_TOKEN, or could not be reached. Mend");
  });

  it("may be reached by a token as well, as what is left to do says", async () => {
    const { said } = await play(FILE, [DOMAIN, "--yes"]);
    expect(said.join("\n")).toMatch(/npm run deploy .*npx wrangler login.* or CLOUDFLARE_API_TOKEN/);
  });

  it("of several is the one that the file names", async () => {
    const account = {
      ...LOGGED_IN,
      "whoami --json": { stdout: '{"loggedIn":true,"accounts":[{"id":"0a"},{"id":"1b"}]}' },
    };
    const { started } = await play(`account_id = "0a"\n${FILE}`, [DOMAIN], {
      answers: [[WRITE, "y"], ["Close", ""], ...REST],
      account,
    });
    expect(started).toContain("secret list --format json");
  });
});

describe("the deployment", () => {
  const answers: [string, string][] = [
    [WRITE, "y"],
    ["Close", ""],
    ["bucket (R2", ""],
    ["Deploy now", "y"],
    ["Look whether the 2 host(s)", "y"],
  ];

  it("is followed by a look at each host, with patience", async () => {
    const { deployments, pauses, said } = await play(FILE, [DOMAIN], {
      answers,
      account: LOGGED_IN,
      failures: ["DNS: no address", "TLS: no certificate"],
    });
    expect([deployments, pauses]).toEqual([1, 2]);
    expect(said.slice(-4)).toEqual([
      "not yet docker.images.dev: DNS: no address (again in 20 s; Ctrl-C ends this, and nothing is lost)",
      "not yet docker.images.dev: TLS: no certificate (again in 20 s; Ctrl-C ends this, and nothing is lost)",
      "ok      docker.images.dev",
      "ok      ghcr.images.dev",
    ]);
  });

  it("that fails is said so, and nobody waits for hosts", async () => {
    const { said } = await play(FILE, [DOMAIN], {
      answers: answers.slice(0, 4),
      account: LOGGED_IN,
      deploys: false,
    });
    expect(said.at(-1)).toContain("The deployment failed");
  });

  it("is not waited for without an end", async () => {
    const { pauses, said } = await play(FILE, [DOMAIN], {
      answers,
      account: LOGGED_IN,
      failures: Array.from({ length: 99 }, () => "DNS: no address"),
    });
    expect(pauses).toBe(29);
    expect(said.at(-1)).toContain("npm run doctor -- https://ghcr.images.dev");
  });
});
