// What `npm start` and `npm run demo` say themselves, beside what wrangler says.

/** The answer to `npm start -- --help`. */
export const HELP: readonly string[] = [
  "npm start [-- --port N] [words for wrangler]",
  "",
  "Runs the proxy on this machine, with the real registries and the variables of wrangler.toml, until Ctrl-C.",
  "",
  "  --port N   the port, 8787 by default",
  "  --help     these lines",
  "",
  "All other words go to `wrangler dev`: npx wrangler dev --help has them.",
  "Secrets such as ACCESS_USERS come from .dev.vars, a file that is never deployed.",
  "After a change of wrangler.toml or .dev.vars, end it and start it again.",
];

/** Said before wrangler begins: what is printed after it, its own list of keys would wipe away. */
export function introduction(port: number): readonly string[] {
  return [
    'As soon as wrangler says "Ready" below:',
    "",
    `  http://localhost:${port}   the proxy's page, in a browser`,
    `  docker pull localhost:${port}/nginx`,
    `  npm run doctor -- http://localhost:${port}`,
    "",
    "wrangler's warning that it cannot fetch the `Request.cf` object is harmless: a placeholder takes its place.",
    "Ctrl-C ends it; npm start -- --help says more.",
  ];
}

/** The answer to `npm run demo -- --help`. */
export const DEMO_HELP: readonly string[] = [
  "npm run demo [-- --keep] [--port N]",
  "",
  "Pulls images through the proxy on this machine step by step, from registries that it brings along; needs no network.",
  "",
  "  --keep     stays up afterwards for a client of your own, until Ctrl-C",
  "  --port N   the port; with --keep 8787 by default",
];

/** Said by a demo that stays up. */
export function whatToTry(port: number): readonly string[] {
  return [
    "",
    "Try it with a client of your own, then end this with Ctrl-C:",
    "",
    `  docker pull localhost:${port}/hello`,
    `  docker pull localhost:${port}/ghcr.io/team/app`,
    `  podman pull --tls-verify=false localhost:${port}/hello`,
    `  npm run doctor -- http://localhost:${port} hello`,
    `  http://localhost:${port}   the proxy's page, in a browser; of its examples only these two images are here`,
    "",
    "podman and skopeo wait some ten seconds first, since they try https before http.",
    "",
  ];
}
