// Setup's conversation with its owner: what is asked, what is done at a yes, and that a no does nothing.
import { describe, expect, it } from "vitest";
import { difference } from "../../../scripts/setup/difference.ts";
import { judge } from "../../../scripts/setup/plan.ts";
import { FILES, HEAD, TABLE } from "./files.ts";
import { LOGGED_IN, play } from "./played.ts";
import { contentsOf, DOMAIN, domainsOf, setUp } from "./stage.ts";

const FILE = HEAD + TABLE;
const WRITE = "Write this to wrangler.toml?";
const NO_ACCOUNT = { "whoami --json": { code: 1, stdout: '{"loggedIn":false}' } };
const REST: [string, string][] = [
  ["bucket (R2", ""],
  ["Deploy now", ""],
];

describe("the file", () => {
  it("is written at a yes, and what is left to do is said", async () => {
    const { ended, said, started, text } = await play(FILE, [DOMAIN], {
      answers: [[WRITE, "y"]],
      account: NO_ACCOUNT,
    });
    expect(ended).toBe(true);
    expect(domainsOf(text)).toEqual([`docker.${DOMAIN}`, `ghcr.${DOMAIN}`]);
    expect(said).toContain('+  { pattern = "docker.images.dev", custom_domain = true },');
    expect(said.join("\n")).toMatch(
      /npm run deploy[^]*doctor -- https:\/\/docker\.images\.dev[^]*CNAME[^]*dashboard/,
    );
    expect(started).toEqual(["whoami --json"]);
  });

  it.each(["", "n", "no", "yess", "ja"])("is left at %j", async (answer) => {
    const { started, writes } = await play(FILE, [DOMAIN], {
      answers: [[WRITE, answer]],
      account: LOGGED_IN,
    });
    expect([writes, started]).toEqual([[], []]);
  });

  it("is written without a question with --yes, and no account is asked for", async () => {
    for (const answers of [undefined, []]) {
      const { ended, started, writes } = await play(FILE, [DOMAIN, "--yes"], {
        ...(answers && { answers }),
        account: LOGGED_IN,
      });
      expect([ended, started, writes.length]).toEqual([true, [], 1]);
    }
  });

  it("is shown and left where nobody can say yes", async () => {
    const { ended, said, writes } = await play(FILE, [DOMAIN]);
    expect([ended, writes]).toEqual([false, []]);
    expect(said).toContain('+  { pattern = "docker.images.dev", custom_domain = true },');
    expect(said.at(-1)).toContain("add --yes");
  });

  it("that has everything is said to, and nobody needs to say yes", async () => {
    const { ended, said, writes } = await play(setUp(FILE, DOMAIN), [DOMAIN]);
    expect([ended, writes]).toEqual([true, []]);
    expect(said).toContain("wrangler.toml: nothing to change.");
  });

  it("is taken back without anything else being asked", async () => {
    const { said, started, text } = await play(setUp(FILE, DOMAIN), [DOMAIN, "--undo"], {
      answers: [[WRITE, "y"]],
      account: LOGGED_IN,
    });
    expect([text, started]).toEqual([FILE, []]);
    expect(said.join("\n")).toContain("Taken out: docker.images.dev, ghcr.images.dev.");
  });

  it("is not written where it would have a new fault, which is shown", async () => {
    const looped = `${FILE}"hub.other.dev" = "https://quay.${DOMAIN}"\nquay = "https://quay.io"\n`;
    expect(judge(looped, setUp(looped, DOMAIN), {}).faults).not.toEqual([]);
    await expect(play(looped, [DOMAIN, "--yes"])).rejects.toThrow("nothing was written");
  });

  it("is written though it has a fault already that is none of setup's", async () => {
    const { writes } = await play(FILE.replace("[vars.ROUTES]", '[vars]\nTAG_TTL = "x"\n[vars.ROUTES]'), [
      DOMAIN,
      "--yes",
    ]);
    expect(writes).toHaveLength(1);
  });

  it("has a word about examples, once, and about other names of a domain", async () => {
    const { said } = await play(FILE, ["bücher.example", "--yes"]);
    expect(said[0]).toBe("bücher.example is xn--bcher-kva.example in the DNS, and is written so.");
    const examples = (await play(FILE, ["example.com", "--yes"])).said.filter((line) =>
      line.includes("is an example"),
    );
    expect(examples).toEqual([
      "warning: routes, each of these hosts: is an example: write a domain of your own Cloudflare account",
    ]);
  });
});

describe("S16: what is printed", () => {
  it("has no label of a key row, and no secret, though they stand beside the new lines", async () => {
    const key = "k9x2m4q8w1z7r3t5y6u0";
    const secret = `${HEAD}[vars]\nACCESS_USERS = "alice:canary-password"\nTOKEN_KEY = """canary\ncanary-key-of-length"""\n`;
    const file = `${secret}${TABLE}${key} = { upstream = "*", key = true }\n`;
    const { said, text } = await play(file, [DOMAIN, "--mirror", "--yes"]);
    expect(text).toContain("mirror.images.dev");
    expect(said.join("\n")).toContain("***");
    expect(said.join("\n")).not.toMatch(/k9x2m4|canary/);
    expect(said.join("\n")).toContain("left out: row 3 of the table");
  });

  it("hides nothing that is to be written, though there are secrets within secrets", async () => {
    const secret = '[vars]\nKEY = "x"\nACCESS_USERS = [ # key = 1\n  "alice:canary-password", # key = 2\n]\n';
    const { said } = await play(HEAD + secret + TABLE, [DOMAIN, "--yes"]);
    expect(said.join("\n")).not.toContain("canary");
    expect(said).toEqual(
      expect.arrayContaining(["+HOSTS = [", '+  "docker.images.dev",', " ACCESS_USERS = ***"]),
    );
  });

  it.each([
    '# ACCESS_USERS = "bob:canary-password"',
    'vars = { ACCESS_USERS = "bob:canary-password" }',
    'vars = { ROUTES = { "canary" = { upstream = "*", key = true } } }',
    "vars = { ROUTES = '{\"canary\": {}}' }",
  ])("hides what stands in the line %s", async (line) => {
    const { said } = await play(`${HEAD}[env.x]\n${line}\n${TABLE}`, [DOMAIN, "--yes"]).catch(
      (error: unknown) => {
        if (!String(error).includes("check-config would find")) throw error;
        return { said: [] };
      },
    );
    const hidden = difference(`${HEAD}[env.x]\n${line}\n`, `${HEAD}x = 1\n[env.x]\n${line}\n`, new Set());
    expect([...said, ...hidden].join("\n")).not.toContain("canary");
    expect(hidden.join("\n")).toContain("***");
  });

  const KEY = "k9x2m4q8w1z7r3t5y6u0";
  it.each<[string, string]>([
    ["a short label", 'k9x2 = { upstream = "*", key = true }'],
    ["a label with an escape", `"\\u006b${KEY.slice(1)}" = { upstream = "*", key = true }`],
    ["a table of its own", `[vars.ROUTES.${KEY}]\nupstream = "*"\nkey = true`],
    ["a misspelt option", `${KEY} = { upstream = "*", kye = true }`],
    ["a table that is JSON and cannot be read", `x = 1\n[env.x.vars]\nROUTES = '{"${KEY}": 1,}'`],
    ["a comment", `# ${KEY} = { upstream = "*", key = true }`],
    ["a comment of a table", `# [vars.ROUTES.${KEY}]\n# upstream = "*"\n# key = true`],
  ])("has no label of a key row that is written as %s", async (_, row) => {
    const file = `${HEAD}${TABLE.replace("ghcr", `${row.startsWith("[") ? "" : `${row}\n`}ghcr`)}`;
    const text = row.startsWith("[") ? `${HEAD}[vars]\n${row}\n${TABLE}` : file;
    const { said } = await play(text, [DOMAIN, "--mirror", "--yes"]);
    expect(said.join("\n")).toContain("***");
    expect(said.join("\n")).not.toMatch(/9x2m?/);
  });
});

describe("closing the proxy", () => {
  const CLOSE = "Close the proxy";
  const answers: [string, string][] = [
    [WRITE, "y"],
    [CLOSE, "y"],
    ["Name of the user", "alice"],
    [WRITE, "y"],
    ...REST,
  ];

  it("puts a user with a fresh password, and a key, by standard input; the password is shown once", async () => {
    const { said, started, text } = await play(FILE, [DOMAIN], { answers, account: LOGGED_IN });
    const put = started.filter((line) => line.startsWith("secret put"));
    expect(put).toEqual([
      expect.stringMatching(/^secret put ACCESS_USERS <- alice:[\w-]{43}$/),
      expect.stringMatching(/^secret put TOKEN_KEY <- [\w-]{43}$/),
    ]);
    const [password = "", key = ""] = put.map((line) => line.slice(-43));
    expect(said.filter((line) => line.includes(password))).toEqual([`User alice, password ${password}`]);
    expect(said.join()).not.toContain(key);
    expect(text).not.toContain(password);
    expect(contentsOf(text)["vars"]).toMatchObject({ CLOSED: true });
    expect(started.every((line) => !line.split(" <- ", 1).join().includes(password))).toBe(true);
  });

  it("makes another password each time", async () => {
    const all = await Promise.all([1, 2].map(() => play(FILE, [DOMAIN], { answers, account: LOGGED_IN })));
    const [one, other] = all.map(({ started }) => started.find((line) => line.includes("ACCESS_USERS <-")));
    expect(one).not.toBe(other);
  });

  it("asks for the name again where it is none, and does nothing without one", async () => {
    const names: [string, string][] = ["a:b", "a b", "../x", ""].map((name) => ["Name of the user", name]);
    const { started, text } = await play(FILE, [DOMAIN], {
      answers: [[WRITE, "y"], [CLOSE, "y"], ...names, ...REST],
      account: LOGGED_IN,
    });
    expect(started.filter((line) => line.includes("put"))).toEqual([]);
    expect(text).toBe(setUp(FILE, DOMAIN));
  });

  it("says that users are there already, and leaves them but at a yes", async () => {
    const account = {
      ...LOGGED_IN,
      "secret list": {
        stdout: '[{"name":"ACCESS_USERS","type":"secret_text"},{"name":"TOKEN_KEY","type":"secret_text"}]',
      },
    };
    const kept = await play(FILE, [DOMAIN], {
      answers: [[WRITE, "y"], ["Replace everybody", ""], [WRITE, "y"], ...REST],
      account,
    });
    expect(kept.said.join("\n")).toContain("To put it anew replaces everybody in it");
    expect(kept.started.filter((line) => line.includes("put"))).toEqual([]);
    expect(contentsOf(kept.text)["vars"]).toMatchObject({ CLOSED: true });
    const replaced = await play(kept.text, [DOMAIN], {
      answers: [["Replace everybody", "y"], ["Name of the user", "bob"], ...REST],
      account,
    });
    expect(replaced.started.filter((line) => line.includes("put"))).toEqual([
      expect.stringMatching(/^secret put ACCESS_USERS <- bob:/),
    ]);
    expect(replaced.writes).toEqual([]);
  });

  it("takes a Worker that is not there for one without secrets, and any other trouble for a reason to leave it", async () => {
    const none = {
      ...LOGGED_IN,
      "secret list": {
        code: 1,
        output:
          '✘ [ERROR] Worker "registry-ferry" not found.\n\n\n  If this is a new Worker, run `wrangler deploy` first to create it.\n',
      },
    };
    expect((await play(FILE, [DOMAIN], { answers, account: none })).started.join()).toContain(
      "ACCESS_USERS <-",
    );
    const trouble = { ...LOGGED_IN, "secret list": { code: 1, output: "fetch failed" } };
    const { said, started } = await play(FILE, [DOMAIN], {
      answers: [[WRITE, "y"], ...REST],
      account: trouble,
    });
    expect(said.join()).toContain("could not be listed");
    expect(started.join()).not.toContain("put");
  });

  it("deploys nothing where a secret cannot be put, and says the code of it and none of wrangler's words", async () => {
    const account = {
      ...LOGGED_IN,
      "secret put": {
        code: 1,
        output: "✘ [ERROR] A request failed, value 0H0JVI.\n  Authentication error [code: 10000]\n",
      },
    };
    const { deployments, said, text } = await play(FILE, [DOMAIN], {
      answers: answers.filter(([question]) => question !== "Deploy now"),
      account,
      // Those of `npm start`, which are never deployed.
      secrets: { ACCESS_USERS: "bob:correct-horse-battery" },
    });
    expect(said.find((line) => line.startsWith("ACCESS_USERS could"))).toBe(
      "ACCESS_USERS could not be put: Cloudflare refused it with code 10000. By hand: npx wrangler secret put ACCESS_USERS",
    );
    expect(said.join()).toContain("Nothing is deployed: it would be open to everybody.");
    expect([deployments, said.join().includes("0H0JVI")]).toEqual([0, false]);
    expect(said.join()).not.toMatch(/password [\w-]{43}/);
    expect(text).toBe(setUp(FILE, DOMAIN));
  });

  it("does not change a CLOSED that the owner wrote, and goes on", async () => {
    const file = FILE.replace("[vars.ROUTES]", "[vars]\nCLOSED = false\n[vars.ROUTES]");
    const { deployments, said } = await play(file, [DOMAIN], {
      answers: [...answers.filter(([q]) => q !== "Deploy now"), ["Deploy now", "y"], ["Look whether", ""]],
      account: LOGGED_IN,
    });
    expect(said.join("\n")).toContain(
      "wrangler.toml has another CLOSED: write CLOSED = true in its place yourself",
    );
    expect(deployments).toBe(1);
  });

  it.each(FILES.filter(([, text]) => !text.includes("all =")))(
    "leaves a line that stays, in a file with %s",
    async (_, old) => {
      const { text } = await play(old, [DOMAIN, "--mirror"], { answers, account: LOGGED_IN }).catch(
        async (error: unknown) => {
          // Where the hosts were there already, nobody asks for them.
          if (!String(error).includes("nobody answers")) throw error;
          return play(old, [DOMAIN, "--mirror"], { answers: answers.slice(1), account: LOGGED_IN });
        },
      );
      expect(contentsOf(text)["vars"]).toMatchObject({ CLOSED: true });
      const bare = setUp(text, "--undo");
      expect(contentsOf(bare)["vars"]).toMatchObject({ CLOSED: true });
      expect(setUp(bare, DOMAIN, "--mirror")).toBe(text);
      expect(domainsOf(bare)).toEqual(domainsOf(old));
    },
  );
});
