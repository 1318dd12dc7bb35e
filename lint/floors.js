// Which room may import which: the one table of it. lint/one-way.js holds every import of the repository to it.

/**
 * A folder or a file. Where one room lies in another, a file belongs to the inner one.
 * @typedef {object} Room
 * @property {string} room
 * @property {readonly string[]} [visitors] only these rooms may import it
 * @property {readonly string[]} [enters] it may import only these rooms
 */

/**
 * The floors from the bottom up. A file may import from its own room and from any room on a lower floor; never from a
 * room beside its own, and never upwards. The two columns only ever take away from that.
 * @type {readonly (readonly Room[])[]}
 */
export const FLOORS = [
  // The protocol and nothing else.
  [{ room: "src/distribution" }],
  [
    { room: "src/in-time.ts" },
    { room: "src/isolate.ts" },
    { room: "src/log.ts" },
    { room: "src/registries.ts" },
    { room: "src/version.ts" },
    { room: "src/page/convert", enters: ["src/distribution"] },
  ],
  // What the page and its script in the browser have in common beside the converter: texts, and what one says to the other.
  [{ room: "src/flights.ts" }, { room: "src/page/languages", enters: ["src/page/convert"] }],
  [{ room: "src/page/data.ts", enters: ["src/page/convert", "src/page/languages"] }],
  [{ room: "src/config" }],
  // Who asks comes before what is asked for.
  [{ room: "src/access" }],
  [{ room: "src/routing" }],
  [{ room: "src/upstream" }],
  // What credentials fetched cannot get into the store: no lane that sees credentials can name it.
  [{ room: "src/store", visitors: ["src/lanes/public", "test/unit", "test/worker"] }],
  [{ room: "src/lanes" }],
  [
    { room: "src/lanes/public" },
    { room: "src/token-service" },
    { room: "src/page" },
    // It runs in browsers, and gets into the page as a text that is built of it: nothing of the Worker imports it.
    {
      room: "src/page/browser",
      enters: ["src/distribution", "src/page/convert", "src/page/languages", "src/page/data.ts"],
      visitors: ["test/unit"],
    },
  ],
  [{ room: "src/handler.ts" }, { room: "src/metrics.ts" }],
  [{ room: "src/index.ts" }],
  // Pure: the owner's files in, lines out. It may name the Worker's rooms that read and understand a configuration.
  [
    {
      room: "scripts/check",
      enters: ["src/distribution", "src/config", "src/access", "src/routing"],
      visitors: ["scripts", "scripts/setup", "test/unit"],
    },
    // What comes from arguments and goes to a terminal. Pure but for the questions.
    {
      room: "scripts/terminal",
      enters: [],
      visitors: ["scripts", "scripts/setup", "scripts/doctor", "scripts/docs", "test/unit"],
    },
    // Pure too: a configuration and a host in, a policy for clusters out.
    {
      room: "scripts/policy",
      enters: ["src/distribution", "src/config", "src/routing"],
      visitors: ["scripts", "test/unit"],
    },
    // Reads the page's sources as files, and imports none of them.
    { room: "scripts/build", enters: [], visitors: ["scripts", "test/unit"] },
  ],
  [
    // Each of these stands alone. The registry above all: it shares no mistake with what is tested against it.
    { room: "test/registry", enters: [] },
    { room: "test/tools", enters: [], visitors: ["test/clients", "test/browser", "test/bench", "scripts"] },
    { room: "test/fresh-modules.ts", enters: [], visitors: ["test/unit", "test/worker"] },
    { room: "test/shipped-routes.ts", enters: [], visitors: ["test/unit", "test/worker"] },
    { room: "lint", enters: [], visitors: ["eslint.config.js", "test/unit"] },
  ],
  [
    // The owner's file in, another file out; then the conversation with its owner, who is handed in with all that acts.
    {
      room: "scripts/setup",
      enters: ["src/distribution", "src/registries.ts", "src/config", "scripts/check", "scripts/terminal"],
      visitors: ["scripts", "test/unit"],
    },
    // Pure too: the documents in, findings out.
    { room: "scripts/docs", enters: ["src/config", "scripts/terminal"], visitors: ["scripts", "test/unit"] },
    // Asks a proxy as clients do. A login leaves through src/upstream (S22).
    {
      room: "scripts/doctor",
      enters: [
        "src/distribution",
        "src/log.ts",
        "src/registries.ts",
        "src/config",
        "src/upstream",
        "scripts/terminal",
      ],
      visitors: ["scripts", "test/unit"],
    },
  ],
  [
    { room: "test/unit" },
    { room: "test/worker" },
    // From outside, as clients do: they know the Worker by its address and not by its modules. The converter is no part of what
    // runs there: it runs on the reader's side, as in a browser, and real clients are given what it made.
    { room: "test/clients", enters: ["src/page/convert", "test/registry", "test/tools"] },
    { room: "test/browser", enters: ["test/registry", "test/tools"] },
    { room: "test/bench", enters: ["test/registry", "test/tools"] },
    {
      room: "scripts",
      enters: [
        "src/distribution",
        "src/isolate.ts",
        "src/log.ts",
        "src/registries.ts",
        "src/config",
        "src/upstream",
        "scripts/check",
        "scripts/docs",
        "scripts/policy",
        "scripts/terminal",
        "scripts/build",
        "scripts/setup",
        "scripts/doctor",
        "test/registry",
        "test/tools",
      ],
    },
    { room: "eslint.config.js", enters: ["lint"] },
    { room: "vitest.config.ts", enters: [] },
  ],
];
