// The linter's own rules, by planting what they forbid: imports one way, and what src/ does in named places only.
import { existsSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { ESLint } from "eslint";
import tseslint from "typescript-eslint";
import { describe, expect, it, vi } from "vitest";
import { FLOORS, type Room } from "../../lint/floors.js";
import { isIn, pathOf, roomOf } from "../../lint/rooms.js";
import { FILES, isOfSrc, ROOT } from "./repository.ts";

const RULES = ["ferry/one-way", "ferry/only-here", "no-restricted-globals", "no-restricted-properties"];
const ROOMS: readonly Room[] = FLOORS.flat();
const NAMES = ROOMS.map(({ room }) => room);

// The first test of all waits for ESLint to load its plugins.
vi.setConfig({ testTimeout: 20_000 });

/** The repository's configuration as it is. */
const real = new ESLint({ cwd: ROOT });
/** The same without types, which these rules do not ask for and which cost seconds for each text. */
const light = new ESLint({
  cwd: ROOT,
  overrideConfig: [tseslint.configs.disableTypeChecked],
  ruleFilter: ({ ruleId }) => RULES.includes(ruleId),
});

interface Report {
  readonly line: number;
  readonly rule: string | null;
  readonly message: string;
}

/** What the rules say of a file, which need not exist. */
async function reports(path: string, text: string): Promise<Report[]> {
  const [result] = await light.lintText(text, { filePath: join(ROOT, path) });
  if (result === undefined) throw new Error(`${path} is not linted`);
  return result.messages.map(({ line, ruleId, message }) => ({ line, rule: ruleId, message }));
}

/** A file of a room: the room itself where it is a file. */
function fileIn(room: string): string {
  return isFile(room) ? room : `${room}/planted.ts`;
}

function isFile(room: string): boolean {
  return /\.[jt]s$/.test(room);
}

/** The path by which one file imports another. */
function pathTo(from: string, to: string): string {
  const path = posix.relative(posix.dirname(from), to);
  return path.startsWith(".") ? path : `./${path}`;
}

/** The rule as the head of the table says it, read here once more, or the lint rule would be its own judge. */
function mayImport(from: Room, to: Room): boolean {
  const height = (room: Room): number => FLOORS.findIndex((floor) => floor.includes(room));
  if (from === to) return true;
  if (height(to) >= height(from)) return false;
  return (to.visitors?.includes(from.room) ?? true) && (from.enters?.includes(to.room) ?? true);
}

describe("the table of floors", () => {
  it("has every room once, and none that is not there", () => {
    expect(NAMES.filter(isOfSrc).sort()).toEqual([...ORDER].sort());
    expect(NAMES).toEqual([...new Set(NAMES)]);
    expect(NAMES.filter((room) => !existsSync(join(ROOT, room)))).toEqual([]);
  });

  it("has a room for every file", () => {
    expect(FILES).toContain("src/index.ts");
    expect(FILES.filter((path) => roomOf(path) === undefined)).toEqual([]);
  });

  it("takes away with its columns what the floors would give, and nothing else", () => {
    const height = (name: string): number =>
      FLOORS.findIndex((floor) => floor.some(({ room }) => room === name));
    for (const { room, visitors = [], enters = [] } of ROOMS) {
      expect(visitors.filter((visitor) => height(visitor) <= height(room))).toEqual([]);
      expect(enters.filter((entered) => height(entered) === -1 || height(entered) >= height(room))).toEqual(
        [],
      );
    }
  });
});

const PAGE_ROOMS = ["convert", "languages", "data.ts", "browser"].map((name) => `src/page/${name}`);
const HAS_PAGE = /^src\/(?:page\/|distribution$)/;
/** Pure, and it runs on the reader's side. */
const CONVERTER = "src/page/convert";

/** The rooms of src/ from the bottom up: none may import one that comes later. */
const ORDER = [
  "src/distribution",
  ...["src/in-time.ts", "src/isolate.ts", "src/log.ts", "src/registries.ts", "src/version.ts"],
  "src/page/convert",
  ...["src/flights.ts", "src/page/languages"],
  "src/page/data.ts",
  "src/config",
  "src/access",
  "src/routing",
  "src/upstream",
  "src/store",
  "src/lanes",
  ...["src/lanes/public", "src/token-service", "src/page", "src/page/browser"],
  ...["src/handler.ts", "src/metrics.ts"],
  "src/index.ts",
];

const SCRIPTS = ["scripts", "scripts/setup", "scripts/doctor"];
/** What must stay forbidden whatever else the table says: who loosens one of these has to say so here as well. */
const WALLS: [sentence: string, from: string[], to: string[]][] = [
  ...ORDER.map((room, at): (typeof WALLS)[number] => [
    `${room} knows nothing above it`,
    [room],
    ORDER.slice(at + 1),
  ]),
  [
    "what an isolate remembers, logs and knows of registries stands apart",
    ORDER.slice(1, 4),
    ORDER.slice(1, 4),
  ],
  [
    "public lane, token service and page do not know one another",
    ["src/lanes/public", "src/token-service", "src/page"],
    ["src/lanes/public", "src/token-service", "src/page"],
  ],
  ["what runs in browsers knows nothing of the Worker", PAGE_ROOMS, ORDER.filter((to) => !HAS_PAGE.test(to))],
  ["the Worker imports nothing that runs in browsers alone", ORDER, ["src/page/browser"]],
  [
    "of src/ only the public lane has the store",
    ORDER.filter((from) => from !== "src/lanes/public"),
    ["src/store"],
  ],
  ["src/ imports no test, no script and no rule", ORDER, NAMES.filter((to) => !isOfSrc(to))],
  ["the registry for tests is not made of what it tests", ["test/registry"], NAMES],
  ["the rules are not made of what they judge", ["lint"], NAMES],
  ["the tools are made of nothing of ours", ["test/tools"], NAMES],
  ["tests in workerd have no tools of Node", ["test/worker"], ["test/tools", "lint"]],
  ["browser and benchmark know the Worker from outside", ["test/browser", "test/bench"], ORDER],
  ["clients have the converter and no more", ["test/clients"], ORDER.filter((to) => to !== CONVERTER)],
  ["scripts serve nothing", SCRIPTS, ["src/routing", ...ORDER.slice(ORDER.indexOf("src/store"))]],
  [
    "nobody imports a test, a script or a configuration",
    NAMES,
    [
      "test/unit",
      "test/worker",
      "test/clients",
      "test/browser",
      "test/bench",
      "scripts",
      "eslint.config.js",
      "vitest.config.ts",
    ],
  ],
  [
    "a configuration imports rules only",
    ["eslint.config.js", "vitest.config.ts"],
    NAMES.filter((to) => to !== "lint"),
  ],
];

describe("imports point one way", () => {
  // One planted import of every other room, each on a line of its own.
  it.each(ROOMS)("from $room", async (room) => {
    const file = fileIn(room.room);
    const text = ROOMS.map((to) => `import "${pathTo(file, fileIn(to.room))}";`).join("\n");
    const found = await reports(file, text);
    const forbidden = ROOMS.filter((to) => !mayImport(room, to));
    expect(found.map(({ line }) => ROOMS[line - 1]?.room)).toEqual(forbidden.map((to) => to.room));
    for (const { line, rule, message } of found) {
      expect(rule).toBe("ferry/one-way");
      const start = `${room.room} may not import ${ROOMS[line - 1]?.room}, which `;
      expect(message.slice(0, start.length)).toBe(start);
      const allowed = ROOMS.filter((to) => to !== room && mayImport(room, to)).map((to) => to.room);
      expect(message).toContain(
        `may import: ${allowed.length === 0 ? "nothing" : allowed.join(", ")} (lint/floors.js)`,
      );
    }
  });

  it.each(WALLS)("%s", async (_, froms, tos) => {
    for (const from of froms) {
      const others = tos.filter((to) => to !== from);
      const file = fileIn(from);
      const text = others.map((to) => `import "${pathTo(file, fileIn(to))}";`).join("\n");
      expect((await reports(file, text)).map(({ line }) => `${from} to ${others[line - 1]}`)).toEqual(
        others.map((to) => `${from} to ${to}`),
      );
    }
  });

  it.each([
    'import { handle } from "../handler.ts";',
    'import type { A } from "../handler.ts";',
    'import { type A } from "../handler.ts";',
    'import * as all from "../handler.ts";',
    'import "../handler.ts";',
    'import "./../lanes/../handler.ts";',
    'export { handle } from "../handler.ts";',
    'export type { A } from "../handler.ts";',
    'export * from "../handler.ts";',
    'export * as all from "../handler.ts";',
    'await import("../handler.ts");',
    "await import(`../handler.ts`);",
    'type A = import("../handler.ts").A;',
    'type A = typeof import("../handler.ts");',
  ])("in this way of writing: %s", async (text) => {
    const [first, ...rest] = await reports("src/upstream/planted.ts", text);
    expect(first?.message).toContain("src/upstream may not import src/handler.ts, which ");
    expect(rest).toEqual([]);
    expect(await reports("src/index.ts", text.replaceAll("../", "./").replace("lanes/./", ""))).toEqual([]);
  });

  it.each([
    ["in no room", 'import "../nowhere/file.ts";'],
    ["outside the repository", 'import "../../../elsewhere.ts";'],
    ["a whole folder of rooms", 'import "..";'],
    ["in no room without its ending", 'import "../log";'],
    ["named by an absolute path", 'import "/src/log.ts";'],
    ["named by an address", 'import "file:///src/log.ts";'],
    ["known only when it runs", 'const name = "log"; await import(`../${name}.ts`);'],
  ])("and never to what is %s", async (_, text) => {
    expect((await reports("src/upstream/planted.ts", text)).map(({ rule }) => rule)).toEqual([
      "ferry/one-way",
    ]);
  });

  it("and packages are no rooms", async () => {
    expect(
      await reports("scripts/planted.ts", 'import "node:fs"; import "vitest"; import "@a/b/c";'),
    ).toEqual([]);
  });

  it.each([
    "src/new.ts",
    "src/new/file.ts",
    "src/config2/file.ts",
    "src/log.tsx",
    "test/new.ts",
    "test/new/file.ts",
    "new/file.ts",
    "new.ts",
  ])("and %s needs a room before it is written", async (path) => {
    expect((await reports(path, "export {};")).map(({ message }) => message)).toEqual([
      `${path} is in no room of lint/floors.js. A new place gets its floor there, on purpose.`,
    ]);
  });
});

const READ = "credentials are read in src/access/caller.ts";
const PUT = "Credentials are taken off a request in src/access/caller.ts";
const READERS = ["src/distribution/body.ts", "src/distribution/body-head.ts"];
const CHUNKS = "chunk by chunk";
const ROUTES = "Ask src/access/shown.ts what may be named";
const LEAVES = "Everything leaves through src/upstream/fetch.ts";
const STORE = "The store is behind src/store/";
const GLOBAL = "Name the global itself";

/** What is refused, with what it is told, and the places where it is not. */
const PLANTED: [text: string, message: string, places: string[]][] = [
  ['headers.get("Authorization");', READ, ["src/access/caller.ts"]],
  ["headers.get('authorization');", READ, ["src/access/caller.ts"]],
  ["headers.get(`AUTHORIZATION`);", READ, ["src/access/caller.ts"]],
  ['headers?.has("authorization");', READ, ["src/access/caller.ts"]],
  ['a.b().c.getAll("Authorization");', READ, ["src/access/caller.ts"]],
  ['headers["get"]("Authorization");', READ, ["src/access/caller.ts"]],
  ['headers.get("Authorization" as string);', READ, ["src/access/caller.ts"]],
  ['const names = ["Accept", "Authorization"];', READ, ["src/access/caller.ts"]],
  ['const name = "Authorization";', READ, ["src/access/caller.ts"]],
  ['for (const [name] of headers) if (name === "authorization") break;', READ, ["src/access/caller.ts"]],
  ['headers.set("Vary", "Authorization");', READ, ["src/access/caller.ts"]],
  ["const { Authorization: value } = record;", READ, ["src/access/caller.ts"]],
  ['const { "authorization": value } = record;', READ, ["src/access/caller.ts"]],
  ["record.Authorization;", READ, ["src/access/caller.ts"]],
  ['record["authorization"];', READ, ["src/access/caller.ts"]],
  [
    'headers.set("Authorization", value);',
    PUT,
    ["src/access/caller.ts", "src/upstream", "src/token-service"],
  ],
  [
    'headers.append("authorization", value);',
    PUT,
    ["src/access/caller.ts", "src/upstream", "src/token-service"],
  ],
  ['headers.delete("Authorization");', PUT, ["src/access/caller.ts", "src/upstream", "src/token-service"]],
  [
    "new Headers({ Authorization: value });",
    PUT,
    ["src/access/caller.ts", "src/upstream", "src/token-service"],
  ],
  [
    'new Headers({ "authorization": value });',
    PUT,
    ["src/access/caller.ts", "src/upstream", "src/token-service"],
  ],
  ["body.getReader();", CHUNKS, READERS],
  ["body?.getReader({ mode });", CHUNKS, READERS],
  ['body["getReader"]();', CHUNKS, READERS],
  ["const { getReader } = body;", CHUNKS, READERS],
  ["for await (const chunk of body) use(chunk);", CHUNKS, READERS],
  ["[...config.routes];", ROUTES, ["src/access/shown.ts", "src/routing/hosts.ts", "src/config"]],
  ["config?.routes.get(name);", ROUTES, ["src/access/shown.ts", "src/routing/hosts.ts", "src/config"]],
  ['config["routes"];', ROUTES, ["src/access/shown.ts", "src/routing/hosts.ts", "src/config"]],
  ["const { routes } = config;", ROUTES, ["src/access/shown.ts", "src/routing/hosts.ts", "src/config"]],
  [
    'const { "routes": rows } = config;',
    ROUTES,
    ["src/access/shown.ts", "src/routing/hosts.ts", "src/config"],
  ],
  [
    "function list({ config: { routes: rows } }) {}",
    ROUTES,
    ["src/access/shown.ts", "src/routing/hosts.ts", "src/config"],
  ],
  ["await fetch(url);", LEAVES, ["src/upstream/fetch.ts"]],
  ["const send = fetch;", LEAVES, ["src/upstream/fetch.ts"]],
  ['await caches.open("name");', STORE, ["src/store/cache.ts"]],
  ["await caches.default.match(url);", STORE, ["src/store/cache.ts"]],
  ["globalThis[name];", GLOBAL, []],
  ["const here = self;", GLOBAL, []],
];

/** A file of every room of src/, and every file that is not held to one of these. */
const SRC = [
  ...new Set([...NAMES.filter(isOfSrc), ...PLANTED.flatMap(([, , places]) => places)].map(fileIn)),
];

describe("in its own place only", () => {
  it.each(PLANTED)("%s", async (text, message, places) => {
    for (const path of SRC) {
      const found = (await reports(path, text)).map((report) => report.message);
      if (places.some((place) => isIn(path, place))) expect([path, found]).toEqual([path, []]);
      else expect([path, found]).toEqual([path, [expect.stringContaining(message)]]);
    }
  });

  it.each([
    ["globalThis.fetch(url);", [GLOBAL, LEAVES]],
    ["const { fetch: send } = self;", [GLOBAL, LEAVES]],
    ["globalThis.caches.open(name);", [GLOBAL, STORE]],
    ['self["caches"];', [GLOBAL, STORE]],
  ])("and nowhere through the global object: %s", async (text, messages) => {
    for (const path of SRC) {
      const found = (await reports(path, text)).map((report) => report.message);
      expect(found, path).toHaveLength(messages.length);
      for (const message of messages) expect(found, path).toContainEqual(expect.stringContaining(message));
    }
  });

  it.each([
    "errand.authorization;",
    "const { authorization } = errand;",
    "const errand = { authorization, routes };",
    'const text = "The Authorization header";',
    'headers.get("X-Docker-Token");',
    "import { parseAuthorization } from '../distribution/authorization.ts';",
    "for (const row of rows) use(row);",
    "const fetched = prefetch(url);",
  ])("which does not concern: %s", async (text) => {
    expect(await reports("src/lanes/planted.ts", text)).toEqual([]);
  });
});

describe("the rules stand", () => {
  interface Configured {
    readonly rules: Record<string, [severity: number, ...options: unknown[]] | undefined>;
  }
  const configOf = async (eslint: ESLint, path: string): Promise<Configured> =>
    (await eslint.calculateConfigForFile(join(ROOT, path))) as Configured;

  it.each(SRC)("as errors in the real configuration: %s", async (path) => {
    const { rules } = await configOf(real, path);
    const lighter = await configOf(light, path);
    for (const rule of RULES) {
      expect([rule, rules[rule]?.[0]]).toEqual([rule, 2]);
      expect(rules[rule]).toEqual(lighter.rules[rule]);
    }
  });

  it("for every file of the repository, where imports are concerned", async () => {
    for (const path of FILES) {
      expect([path, await real.isPathIgnored(join(ROOT, path))]).toEqual([path, false]);
      expect([path, (await configOf(real, path)).rules["ferry/one-way"]]).toEqual([path, [2]]);
    }
  });

  it("and no comment silences them", () => {
    for (const path of FILES.filter((file) => file !== pathOf(import.meta.filename))) {
      const text = readFileSync(join(ROOT, path), "utf8");
      const silenced = [...text.matchAll(/eslint-disable\S*(?<names>[^\n]*?)(?:--|\*\/|\n)/g)].flatMap(
        ({ groups }) => (groups?.["names"] ?? "").split(",").map((name) => name.trim()),
      );
      expect([path, silenced.filter((name) => !name.startsWith("@typescript-eslint/"))]).toEqual([path, []]);
      expect([path, /\/\*\s*eslint\s/.test(text)]).toEqual([path, false]);
    }
  });
});
