// What a newcomer gets wrong, and is told before anything is written: a host for a domain, lines in the wrong table, and a
// domain that has nothing to take back.
import { describe, expect, it } from "vitest";
import { HEAD, TABLE } from "./files.ts";
import { play } from "./played.ts";
import { DOMAIN, domainsOf, setUp } from "./stage.ts";

const FILE = HEAD + TABLE;
const WRITE = "Write this to wrangler.toml?";
const NO_ACCOUNT = { "whoami --json": { code: 1, stdout: '{"loggedIn":false}' } };

describe("a domain that begins like a host", () => {
  it.each(["docker", "mirror", "www"])("as %s does is refused where nobody is asked", async (label) => {
    for (const words of [[], ["--yes"], ["ghcr", "--yes"]]) {
      await expect(play(FILE, [`${label}.${DOMAIN}`, ...words])).rejects.toThrow(
        /^Is your domain images\.dev\? .*npm run setup -- images\.dev/,
      );
    }
  });

  it.each(["", "n", "images.dev"])("is not taken at %j", async (answer) => {
    const { ended, said, writes } = await play(FILE, [`docker.${DOMAIN}`], {
      answers: [["would be docker.docker.images.dev", answer]],
    });
    expect([ended, writes]).toEqual([true, []]);
    expect(said.at(-1)).toBe("Nothing was written. For images.dev: npm run setup -- images.dev");
  });

  it("is taken at a yes, and is not asked for again", async () => {
    const { text } = await play(FILE, [`www.${DOMAIN}`], {
      answers: [
        ["Go on with www.images.dev, and not with images.dev?", "y"],
        [WRITE, "y"],
      ],
      account: NO_ACCOUNT,
    });
    expect(domainsOf(text)).toEqual([`docker.www.${DOMAIN}`, `ghcr.www.${DOMAIN}`]);
    const more = await play(text, [`www.${DOMAIN}`, "--mirror", "--yes"]);
    expect(domainsOf(more.text)).toContain(`mirror.www.${DOMAIN}`);
    const undone = await play(text, [`www.${DOMAIN}`, "--undo", "--yes"]);
    expect(undone.text).toBe(FILE);
  });

  it("is none where nothing but a suffix would be left", async () => {
    expect((await play(FILE, ["docker.dev", "--yes"])).writes).toHaveLength(1);
  });
});

describe("nothing is written, and the fault is shown, where", () => {
  const ROUTES = 'routes = [{ pattern = "docker.images.dev", custom_domain = true }]\n';
  it.each<[string, string, string]>([
    [
      "routes stand below a table",
      `${HEAD}[observability]\nenabled = true\n${ROUTES}${TABLE}`,
      "[observability], routes",
    ],
    ["routes stand below [vars]", `${HEAD}[vars]\n${ROUTES}${TABLE}`, "routes"],
    ["routes stand below the table", `${FILE}${ROUTES}`, "routes"],
    [
      "HOSTS stand above all tables",
      `${HEAD}HOSTS = ["docker.images.dev"]\n${TABLE}`,
      "HOSTS stands above all tables",
    ],
    [
      "HOSTS stand below another table",
      `${HEAD}[observability]\nHOSTS = "x.images.dev"\n${TABLE}`,
      "HOSTS stands in",
    ],
    ["HOSTS stand below the table", `${FILE}HOSTS = "docker.images.dev"\n`, "HOSTS"],
  ])("%s", async (_, file, said) => {
    const told: string[] = [];
    const setting = { told, answers: [] };
    await expect(play(file, [DOMAIN], setting)).rejects.toThrow("nothing was written");
    await expect(play(file, [DOMAIN, "--yes"], setting)).rejects.toThrow(
      /in the wrong place.*run setup again/,
    );
    expect(told.filter((line) => line.includes(said))).toHaveLength(2);
    expect(told.join("\n")).not.toContain("+++");
  });

  it("but what setup wrote is taken back all the same", async () => {
    const file = `${FILE}\n[observability]\n${ROUTES}`;
    expect((await play(setUp(file, DOMAIN), [DOMAIN, "--undo", "--yes"])).text).toBe(file);
  });
});

describe("a domain that has nothing to take back", () => {
  it("is told whose hosts there are", async () => {
    const file = setUp(setUp(FILE, DOMAIN), "other.dev");
    const { ended, said, writes } = await play(file, ["acme.dev", "--undo"]);
    expect([ended, writes]).toEqual([true, []]);
    expect(said).toContain(
      "Note: there are no hosts of acme.dev that setup wrote, but those of images.dev, other.dev.",
    );
  });

  it("is told that there are none at all, as is who names none", async () => {
    expect((await play(FILE, ["acme.dev", "--undo"])).said).toContain(
      "Note: there are no hosts that setup wrote.",
    );
    expect((await play(FILE, ["--undo"])).said).toContain("Note: there are no hosts that setup wrote.");
  });
});
