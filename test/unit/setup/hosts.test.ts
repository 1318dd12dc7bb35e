// Hosts of a domain, written into owners' files and taken away again.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { patternsOf } from "../../../scripts/check/domains.ts";
import { judge } from "../../../scripts/setup/plan.ts";
import { crlf, FILES, HEAD, TABLE } from "./files.ts";
import {
  contentsOf,
  DOMAIN,
  domainsOf,
  isOnWorkersDev,
  isWithin,
  namesOf,
  otherThings,
  setUp,
} from "./stage.ts";

/** As it is without setup, should its owner have run it. */
const OWN = setUp(readFileSync(new URL("../../../wrangler.toml", import.meta.url), "utf8"), "--undo");
const ALL = [["the repository's own", OWN] as const, ...FILES];

/** A custom domain or a route for all of a host. */
function hasHost(text: string, host: string): boolean {
  return patternsOf(contentsOf(text)).some((one) => [host, `${host}/*`].includes(one.text.toLowerCase()));
}

describe.each(ALL)("a file with %s", (_, old) => {
  const now = setUp(old, DOMAIN, "--mirror");

  it("has each row's host as a custom domain and in HOSTS, once, behind what was there", () => {
    const hosts = [
      `docker.${DOMAIN}`,
      `ghcr.${DOMAIN}`,
      `${old.includes("all =") ? "all" : "mirror"}.${DOMAIN}`,
    ];
    for (const host of hosts) {
      expect(hasHost(now, host)).toBe(true);
      expect(namesOf(now).filter((name) => name === host)).toEqual([host]);
    }
    const patterns = patternsOf(contentsOf(now)).map(({ text }) => text);
    expect(patterns.slice(0, patternsOf(contentsOf(old)).length)).toEqual(
      patternsOf(contentsOf(old)).map(({ text }) => text),
    );
    expect(namesOf(now).slice(0, namesOf(old).length)).toEqual(namesOf(old));
    expect(new Set(domainsOf(now)).size).toBe(domainsOf(now).length);
  });

  it("is otherwise what it was, on *.workers.dev too, and has no new fault", () => {
    expect(otherThings(now)).toEqual(otherThings(old));
    expect(isOnWorkersDev(now)).toBe(isOnWorkersDev(old));
    expect(judge(old, now, {}).faults).toEqual([]);
    expect(isWithin(old, now)).toBe(true);
  });

  it("stays the same when it is set up again, and is the old one without it, byte for byte", () => {
    expect(setUp(now, DOMAIN, "--mirror")).toBe(now);
    expect(setUp(now, DOMAIN)).toBe(now);
    expect(setUp(now, DOMAIN, "--undo")).toBe(old);
    expect(setUp(now, "--undo")).toBe(old);
    expect(setUp(old, "--undo")).toBe(old);
  });

  it("takes one domain behind the other, and gives one back", () => {
    const both = setUp(now, "pictures.dev", "docker");
    expect(hasHost(both, "docker.pictures.dev")).toBe(true);
    expect(setUp(both, "pictures.dev", "--undo")).toBe(now);
    expect(setUp(both, "--undo")).toBe(old);
    expect(domainsOf(setUp(both, DOMAIN, "--undo"))).toContain("docker.pictures.dev");
  });
});

describe("rows", () => {
  const file = HEAD + TABLE;

  it("are those that are named", () => {
    expect(domainsOf(setUp(file, DOMAIN, "GHCR"))).toEqual(["ghcr.images.dev"]);
    expect(domainsOf(setUp(file, DOMAIN, "ghcr.images.dev"))).toEqual(["ghcr.images.dev"]);
    expect(domainsOf(setUp(setUp(file, DOMAIN, "ghcr"), DOMAIN, "docker"))).toEqual([
      "docker.images.dev",
      "ghcr.images.dev",
    ]);
  });

  it("are given back one by one", () => {
    const now = setUp(file, DOMAIN, "--mirror");
    const less = setUp(now, DOMAIN, "mirror", "docker", "--undo");
    expect(domainsOf(less)).toEqual(["ghcr.images.dev"]);
    expect(namesOf(less)).toEqual(["ghcr.images.dev"]);
    expect(less).not.toContain("mirror");
    expect(setUp(less, DOMAIN, "ghcr", "--undo")).toBe(file);
  });

  it("have a host by their full name where that is below the domain, or is it", () => {
    const named = `${file}"hub.images.dev" = "https://quay.io"\n"images.dev" = "https://quay.io"\n"hub.other.dev" = "https://quay.io"\n`;
    expect(domainsOf(setUp(named, DOMAIN))).toEqual([
      "docker.images.dev",
      "ghcr.images.dev",
      "hub.images.dev",
      "images.dev",
    ]);
    expect(() => setUp(named, DOMAIN, "hub.other.dev")).toThrow(
      'row "hub.other.dev" is a full name that is not below images.dev',
    );
  });

  it("have none where their label is none of a host name", () => {
    const odd = `${file}my_row = "https://quay.io"\n`;
    expect(domainsOf(setUp(odd, DOMAIN))).toEqual(["docker.images.dev", "ghcr.images.dev"]);
    expect(() => setUp(odd, DOMAIN, "my_row")).toThrow('row "my_row" and images.dev make no host name');
  });

  it("S16: whose names are keys are never written, nor shown", () => {
    const key = "k9x2m4q8w1z7r3t5y6u0";
    const keyed = `${file}${key} = { upstream = "*", key = true }\n`;
    expect(setUp(keyed, DOMAIN, "--mirror").split(key)).toHaveLength(2);
    for (const words of [
      [DOMAIN, key],
      [DOMAIN, key.toUpperCase()],
      [DOMAIN, `${key}.${DOMAIN}`],
      [`${key}.${DOMAIN}`],
      [DOMAIN, key.slice(1)],
    ]) {
      const asked = () => setUp(keyed, ...words);
      expect(asked).toThrow(/row 3 of the table|argument 1 behind the domain is no row/);
      expect(asked).not.toThrow(new RegExp(key.slice(1, 12), "i"));
    }
  });

  it("of mirrors are not made where the name is another row's", () => {
    expect(() => setUp(`${file}mirror = "https://quay.io"\n`, DOMAIN, "--mirror")).toThrow(
      "the row mirror leads to one registry",
    );
  });
});

describe("a file that was edited since", () => {
  const file = `${HEAD}routes = [{ pattern = "a.other.dev", custom_domain = true }]\n${TABLE}`;
  const now = setUp(file, DOMAIN);

  it("keeps what was added to it", () => {
    const edited = `# mine\n${now}quay = "https://quay.io"\n[observability]\nenabled = true\n`;
    expect(setUp(edited, "--undo")).toBe(
      `# mine\n${file}quay = "https://quay.io"\n[observability]\nenabled = true\n`,
    );
    expect(domainsOf(setUp(edited, DOMAIN))).toContain("quay.images.dev");
  });

  it.each([
    ["a marker was removed", now.replace("  # <<< npm run setup", "")],
    ["a marker was written on", now.replace("# <<< npm run setup", "# <<< npm run setup!")],
    ["a first marker was removed", now.replace(/^ *# >>> .*\n/m, "")],
    ["a marker stands behind something", now.replace(/\n *# <<< npm/, " # <<< npm")],
    ["a marker names no domain", now.replace("hosts of images.dev", "hosts of images dev")],
    ["a marker is of no kind", now.replace("setup: hosts", "setup: things")],
    ["a host of another domain stands between markers", now.replace("docker.images.dev", "docker.other.dev")],
    ["another line stands between markers", now.replace("HOSTS = [", "TAG_TTL = 5\nHOSTS = [")],
    ["a comment stands between markers", now.replace("HOSTS = [", "# mine\nHOSTS = [")],
    ["it is no TOML", `${now}x =`],
  ])("is left as it is where %s", (_, edited) => {
    expect(edited).not.toBe(now);
    expect(() => setUp(edited, DOMAIN)).toThrow(/wrangler\.toml, (?:line|between the marker)|is no TOML/);
    expect(() => setUp(edited, "--undo")).toThrow(/wrangler\.toml, (?:line|between the marker)|is no TOML/);
  });
});

describe("a file that cannot be continued is left as it is, with what to write", () => {
  it.each([
    [
      "a single route",
      `${HEAD}route = "x.other.dev/*"\n${TABLE}`,
      'write routes = [ "x.other.dev/*" ] in its place',
    ],
    [
      "a single route as a table",
      `${HEAD}[route]\npattern = "x"\n${TABLE}`,
      "write routes = [ { pattern = … } ]",
    ],
    ["routes as a text", `${HEAD}routes = "x"\n${TABLE}`, "write routes = [ … ]"],
    [
      "variables in one line",
      `${HEAD}vars = { ROUTES = { a = "https://ghcr.io" } }\n`,
      'HOSTS = ["a.images.dev","mirror.images.dev"]',
    ],
    ["HOSTS as a number", `${HEAD}[vars]\nHOSTS = 5\n${TABLE}`, "wrangler.toml, HOSTS: is 5: write a list"],
    [
      "a text of hosts whose lines end in another way than the first",
      `${HEAD}${crlf('[vars]\nHOSTS = "a.other.dev"\n')}${TABLE}`,
      "line 5: lines of this file end in two ways, CRLF and LF",
    ],
    ["no table", HEAD, "the routes table is not set"],
    ["an empty table", `${HEAD}[vars.ROUTES]\n`, "the routes table is empty"],
    [
      "rows in one line, and none of all",
      `${HEAD}[vars]\nROUTES = { a = "https://ghcr.io" }\n`,
      'write mirror = "*" into it',
    ],
  ])("%s", (_, text, said) => {
    expect(() => setUp(text, DOMAIN, "--mirror")).toThrow(said);
  });

  it("but for what need not be continued", () => {
    const inOneLine = `${HEAD}[vars]\nROUTES = { a = "https://ghcr.io" }\n`;
    expect(domainsOf(setUp(inOneLine, DOMAIN))).toEqual(["a.images.dev"]);
    const json = `${HEAD}[vars]\nROUTES = '{"a":"https://ghcr.io"}'\n`;
    expect(domainsOf(setUp(json, DOMAIN))).toEqual(["a.images.dev"]);
  });
});

describe("the owner's own hosts in a HOSTS of one text", () => {
  const file = `${HEAD}[vars]\nHOSTS = "team.${DOMAIN}"\n${TABLE}`;
  const once = setUp(file, DOMAIN);

  it("are no custom domains after a second run either (S16)", () => {
    for (const text of [once, setUp(once, DOMAIN), setUp(once, "images.example")]) {
      expect(domainsOf(text)).not.toContain(`team.${DOMAIN}`);
      expect(namesOf(text)).toContain(`team.${DOMAIN}`);
    }
    expect(setUp(setUp(once, DOMAIN), "--undo")).toBe(file);
  });
});
