// Files of owners as setup may find them, each with its own way of writing things.

export const ROWS = 'docker = "https://registry-1.docker.io"\nghcr = "https://ghcr.io"\n';
export const TABLE = `\n[vars.ROUTES]\n${ROWS}`;
export const HEAD = 'name = "x"\nmain = "src/index.ts"\ncompatibility_date = "2026-08-15"\n';
const TOP = `${HEAD}workers_dev = true\n`;
const OLD = '{ pattern = "docker.other.dev", custom_domain = true }';

/** Ends of lines as Windows has them. */
export function crlf(text: string): string {
  return text.replace(/\n/g, "\r\n");
}

export const FILES: readonly (readonly [title: string, text: string])[] = [
  ["nothing but what it needs", HEAD + TABLE],
  ["workers_dev = false", `${HEAD}workers_dev = false\n${TABLE}`],
  ["CRLF", crlf(`${TOP}routes = [\n  ${OLD},\n]\n[vars]\nHOSTS = ["a.other.dev"]\n${TABLE}`)],
  ["CRLF, and no list of anything", crlf(TOP + TABLE)],
  ["a byte order mark", `\uFEFF${TOP}[vars]\n${TABLE}`],
  ["a byte order mark, and CRLF", `\uFEFF${crlf(TOP + TABLE)}`],
  ["no end of its last line", `${TOP}[vars]\n${TABLE}`.trimEnd()],
  ["no end of its last line, which is [vars]", `${TOP}${TABLE}[vars]`],
  ["no end of its last line, which is a list of hosts", `${TOP}${TABLE}[vars]\nHOSTS = ["a.other.dev"]`],
  ["no end of its last line, which is a text of hosts", `${TOP}${TABLE}[vars]\nHOSTS = "a.other.dev"`],
  [
    "no end of its last line, which is a route",
    `${TOP}${TABLE}[[routes]]\npattern = "a.other.dev/*"\nzone_name = "other.dev"`,
  ],
  ["no end of its last line, CRLF", crlf(`${TOP}${TABLE}[vars]\nHOSTS = "a.other.dev"`)],
  [
    "comments in odd places",
    `# one\n\n  # two\n${TOP}# three\n\n# four\n[vars] # five\n# six\n${TABLE}# seven`,
  ],
  [
    "comments above the table",
    `${TOP}\n# not of the table\n\n# of the table\n  # this too\n[vars.ROUTES] # and this\n${ROWS}`,
  ],
  ["a table directly below the top", `${TOP}# of the table\n[vars.ROUTES]\n${ROWS}`],
  [
    "a text that ends like a comment above the table",
    `${TOP}x = """\n# no comment"""\n[vars.ROUTES]\n${ROWS}`,
  ],
  ["a list on one line", `${TOP}routes = [${OLD}]\n${TABLE}`],
  ["a list on one line, with a comma at its end", `${TOP}routes = [ ${OLD}, ] # why\n${TABLE}`],
  ["an empty list", `${TOP}routes = []\n[vars]\nHOSTS = []\n${TABLE}`],
  ["an empty list, and no workers_dev", `${HEAD}routes = []\nkeep_vars = false\n${TABLE}`],
  ["an empty list with a comment in it", `${TOP}routes = [\n  # none yet\n]\n${TABLE}`],
  ["a list without a comma at its end", `${TOP}routes = [\n  ${OLD}\n]\n${TABLE}`],
  [
    "a list with comments behind its last item",
    `${TOP}routes = [\n  ${OLD} # mine, ]\n  # { pattern = "x", custom_domain = true },\n]\n${TABLE}`,
  ],
  ["a list with a comma on a line of its own", `${TOP}routes = [\n  ${OLD}\n  , # odd\n  ]\n${TABLE}`],
  [
    "a list whose bracket is on the last item's line",
    `${TOP}routes = [\n  ${OLD},\n  "a.other.dev/*"]\n${TABLE}`,
  ],
  ["a list of texts", `${TOP}routes = ["a.other.dev/*", "*.other.dev/*"]\n${TABLE}`],
  [
    "tables of routes",
    `${TOP}${TABLE}\n[[routes]]\npattern = "docker.other.dev"\ncustom_domain = true\n\n# the last\n[[routes]]\npattern = "ghcr.other.dev"\ncustom_domain = true # so\n# and more\n[observability]\nenabled = true\n`,
  ],
  [
    "one of the hosts there already",
    `${TOP}routes = [{ pattern = "Docker.images.dev", custom_domain = true }]\n${TABLE}`,
  ],
  [
    "one of the hosts there as a route of the zone",
    `${TOP}routes = ["docker.images.dev/*"]\n[vars]\nHOSTS = ["docker.images.dev"]\n${TABLE}`,
  ],
  [
    "all hosts there already",
    `${TOP}routes = ["docker.images.dev/*", "ghcr.images.dev/*"]\n[vars]\nHOSTS = "docker.images.dev ghcr.images.dev"\n${TABLE}`,
  ],
  ["HOSTS as a text", `${TOP}[vars]\nHOSTS = "a.other.dev, b.other.dev" # mine\nTAG_TTL = 5\n${TABLE}`],
  [
    "HOSTS as a text with escapes",
    `${TOP}[vars]\nHOSTS = "a.other.dev\\nold.images.dev\\u002cc.other.dev"\n${TABLE}`,
  ],
  [
    "HOSTS as a text over the end of a line",
    `${TOP}[vars]\nHOSTS = """a.other.dev \\\n  old.images.dev"""\n${TABLE}`,
  ],
  ["HOSTS as an empty text", `${TOP}[vars]\nHOSTS = ""\n${TABLE}`],
  [
    "HOSTS as a text of several lines",
    `${TOP}[vars]\nHOSTS = """\na.other.dev\n  b.other.dev"""\nTAG_TTL = 5\n${TABLE}`,
  ],
  [
    "HOSTS as a list of several lines",
    `${TOP}[vars]\nHOSTS = [\n  "a.other.dev", # one\n  "b.other.dev"  # two\n]\n${TABLE}`,
  ],
  ["HOSTS with a quoted key", `${TOP}[vars]\n"HOSTS" = ["a.other.dev"]\n${TABLE}`],
  [
    "dotted variables",
    `${TOP}vars.TAG_TTL = 5\nvars.ROUTES.docker = "https://registry-1.docker.io"\nvars.ROUTES.ghcr = "https://ghcr.io"\n`,
  ],
  ["dotted variables, HOSTS among them", `${TOP}vars.HOSTS = "a.other.dev"\nvars.TAG_TTL = 5\n${TABLE}`],
  [
    "dotted rows below [vars]",
    `${TOP}[vars]\nROUTES.docker = "https://registry-1.docker.io"\nROUTES.ghcr = "https://ghcr.io"\nTAG_TTL = 5\n`,
  ],
  [
    "dotted rows directly above a text of hosts",
    `${TOP}[vars]\nROUTES.docker = "https://registry-1.docker.io"\nROUTES.ghcr = "https://ghcr.io"\nHOSTS = "a.other.dev"\n`,
  ],
  [
    "dotted variables directly above a text of hosts",
    `${TOP}vars.ROUTES.docker = "https://registry-1.docker.io"\nvars.ROUTES.ghcr = "https://ghcr.io"\nvars.HOSTS = "a.other.dev"\n`,
  ],
  ["both ends of lines", `${TOP}${crlf(TABLE)}`],
  [
    "rows as tables",
    `${TOP}[vars.ROUTES.docker]\nupstream = "https://registry-1.docker.io"\n[vars.ROUTES.ghcr]\nupstream = "https://ghcr.io"\n`,
  ],
  [
    "a row with a table behind the others",
    `${TOP}${TABLE}[vars.ROUTES.harbor]\nupstream = "https://harbor.other.dev"\n`,
  ],
  ["[vars] behind its table", `${TOP}${TABLE}\n[vars]\nTAG_TTL = 5\n`],
  [
    "full names, one of them elsewhere",
    `${TOP}${TABLE}"hub.images.dev" = "https://registry-1.docker.io"\n"hub.other.dev" = "https://ghcr.io"\n`,
  ],
  ["a universal row", `${TOP}${TABLE}all = "*"\n`],
  ["a row whose name is a key", `${TOP}${TABLE}k9x2m4q8w1z7r3t5y6u0 = { upstream = "*", key = true }\n`],
  [
    "an environment with routes of its own",
    `${TOP}${TABLE}[env.staging]\nroutes = [ "x.other.dev/*" ]\n[env.staging.vars]\nHOSTS = "x.other.dev"\n`,
  ],
  [
    "a bucket and a brake",
    `${TOP}[[r2_buckets]]\nbinding = "BLOBS"\nbucket_name = "blobs"\n[[ratelimits]]\nname = "RATE_LIMITER"\nnamespace_id = "7301"\nsimple = { limit = 100, period = 60 }\n${TABLE}`,
  ],
  ["setup's own words in a text", `${TOP}[vars]\nOPERATOR = """# >>> npm run setup: hosts"""\n${TABLE}`],
];
