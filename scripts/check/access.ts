// Who gets in and how: users by their number, keys by their rows, never what they are; and what weakens such a rule.

import { NOBODY_ADMITTED, type Access } from "../../src/config/access.ts";
import { readConfig, type Config, type ConfigResult } from "../../src/config/config.ts";
import { isKeyRoute } from "../../src/config/registry.ts";
import { isTable } from "../../src/config/values.ts";
import { formatAddress, formatNetwork } from "../../src/distribution/ip.ts";
import { findRoute } from "../../src/routing/hosts.ts";
import { patternsOf } from "./domains.ts";
import { environmentOf, variablesOf, type Files, type Table } from "./files.ts";
import { warning, type Finding } from "./findings.ts";
import { freshKey } from "./fresh-key.ts";
import { shownToOwner } from "./rows.ts";
import { isPrivate } from "./upstreams.ts";
import { sourceOf } from "./variables.ts";

/** Shorter passwords can be found by trying, where a token is signed with nothing else. */
const LONG_PASSWORD = 16;

/** The configuration that two files make. */
export interface Understood {
  readonly result: ConfigResult;
  /** True where `CLOSED = true` and they let nobody in: its users may be a secret at Cloudflare, not seen from here. */
  readonly waits: boolean;
}

/**
 * Reads the files as the Worker would, but for `CLOSED = true` without anybody: that is right where ACCESS_USERS is a
 * secret at Cloudflare only, and it closes in any case. A deployment by CI would be stopped each time.
 */
export function understand(files: Files): Understood {
  const environment = environmentOf(files);
  const result = readConfig(environment);
  const waits = !result.ok && result.faults.some(({ reason }) => reason === NOBODY_ADMITTED);
  return {
    result: waits ? readConfig({ ...environment, ACCESS_USERS: "stand-in:for-a-secret" }) : result,
    waits,
  };
}

/** Who gets in; twice where .dev.vars changes it, which is never deployed. */
export function describeWhoGetsIn(
  files: Files,
  { config, waits }: { config: Config; waits: boolean },
): string[] {
  const list = (title: string, lines: readonly string[]): string[] => [
    title,
    ...lines.map((line) => `  ${line}`),
  ];
  const here = describeAccess(config, waits);
  const deployed = describeWithoutSecrets(files);
  if (here.join("\n") === deployed.join("\n")) return list("Who gets in:", here);
  return [
    ...list("Who gets in at `npm start`, with .dev.vars:", here),
    ...list(
      "Who gets in once deployed, by wrangler.toml alone (secrets at Cloudflare are not seen from here):",
      deployed,
    ),
  ];
}

function describeWithoutSecrets({ wrangler }: Files): string[] {
  const { result, waits } = understand({ wrangler, secrets: {} });
  if (result.ok) return describeAccess(result.config, waits);
  const names = [...new Set(result.faults.map(({ variable }) => variable))].join(", ");
  return [`nobody: without .dev.vars there is a fault in ${names}, and the proxy answers 500`];
}

/** Who gets in, from where, to what, and to do what: one line each. */
function describeAccess(config: Config, waits: boolean): string[] {
  const { access } = config;
  const { countries, isClosed, networks, readOnly } = access;
  const everybody = isClosed ? "nobody else" : "everybody who knows an address";
  return [
    ...(waits
      ? ["users of a secret ACCESS_USERS at Cloudflare, which is not seen from here"]
      : describeUsers(access)),
    ...(networks.length === 0
      ? []
      : [`without a password, from ${networks.map(formatNetwork).join(", ")} (ALLOWED_IPS)`]),
    ...shownToOwner(config).keyRows.map(
      ({ row, characters }) =>
        `without a password, by the host of row ${row}, a key of ${characters} characters`,
    ),
    everybody,
    ...describeAccounts(access),
    `from where: ${countries === undefined ? "everywhere" : `${[...countries].join(", ")} only (ALLOWED_COUNTRIES)`}`,
    `to what: ${describeRules(access)}`,
    `to do what: ${isClosed ? "read, as in every closed proxy" : readOnly ? "read (READ_ONLY)" : "read, and write where a registry lets them"}`,
  ];
}

function describeUsers({ tokenKey, users }: Access): string[] {
  if (users.size === 0) return [];
  const signed = tokenKey === "" ? "their passwords alone" : "TOKEN_KEY and their passwords";
  const number = users.size === 1 ? "1 user" : `${users.size} users`;
  return [`${number}, by name and password (ACCESS_USERS); tokens are signed with ${signed}`];
}

/** At which registries the owner has an account, and what it reads there. */
function describeAccounts({ accounts, isClosed }: Access): string[] {
  if (accounts.size === 0) return [];
  const what = isClosed
    ? "private images, and public manifests at the accounts' own limits"
    : "only public manifests, while the registry limits this proxy, and only half of the accounts' limits";
  return [
    `by the owner's own accounts at ${[...accounts.keys()].join(", ")} (UPSTREAM_CREDENTIALS): ${what}`,
  ];
}

function describeRules({ allowed, blocked }: Access): string {
  const list = (patterns: Access["blocked"]): string => patterns.map(({ text }) => text).join(", ");
  const all = allowed === undefined ? "everything that the table reaches" : `${list(allowed)} only`;
  return blocked.length === 0 ? all : `${all}, and not ${list(blocked)}`;
}

/** A line with a key that nobody has yet, each time another; none where there is one, or no use for it. */
export function suggestTokenKey({ tokenKey, users }: Access, waits: boolean): string[] {
  if (waits || users.size === 0 || tokenKey !== "") return [];
  return [
    `For TOKEN_KEY, made just now and kept nowhere: ${freshKey()} (a line of .dev.vars, and \`npx wrangler secret put TOKEN_KEY\`)`,
  ];
}

/** Warnings of what lets in fewer or more than its owner may think, or shows what is secret. */
export function checkAccess(files: Files, { config, waits }: { config: Config; waits: boolean }): Finding[] {
  const { wrangler } = files;
  return [
    ...(waits ? [`${sourceOf(files, "CLOSED")}, CLOSED: ${WAITS}`] : checkUsers(files, config.access)),
    ...checkSecrets(wrangler),
    ...checkNetworks(files, config.access),
    ...(config.access.countries === undefined || config.access.isClosed
      ? []
      : [`${sourceOf(files, "ALLOWED_COUNTRIES")}, ALLOWED_COUNTRIES: ${ONLY_COUNTRIES}`]),
    ...patternsOf(wrangler).flatMap(({ text, isDomain }) => {
      const route = isDomain ? findRoute(config, text.toLowerCase()) : undefined;
      return isKeyRoute(route) ? [`ROUTES, row ${route.row}: ${PUBLISHED}`] : [];
    }),
  ].map(warning);
}

const WAITS =
  "these files let nobody in. That is right where ACCESS_USERS is a secret at Cloudflare; where it is not, the proxy " +
  "answers 500 to everybody, as `npm start` does without ACCESS_USERS in .dev.vars";
const ONLY_COUNTRIES =
  "it does not close the proxy: everybody there who knows an address can use it. ACCESS_USERS or ALLOWED_IPS do";
const PUBLISHED =
  "its host is a custom domain of `routes`, whose name Cloudflare publishes in certificate logs, so that its key is none: " +
  'choose another key, and let a wildcard lead to it, such as { pattern = "*.<your domain>/*", zone_name = "<your domain>" }';

function checkUsers(files: Files, { tokenKey, users }: Access): string[] {
  const passwords = [...users.values()];
  const short = passwords.filter((password) => password.length < LONG_PASSWORD).length;
  const place = `${sourceOf(files, "ACCESS_USERS")}, ACCESS_USERS`;
  return [
    ...(tokenKey === "" && short > 0
      ? [
          `${place}: ${short} of ${users.size} passwords ${short === 1 ? "has" : "have"} fewer than ${LONG_PASSWORD} characters, ` +
            "and who gets hold of a token could find them by trying: write a TOKEN_KEY, or longer ones",
        ]
      : []),
    ...passwords.flatMap((password, index) =>
      /,[^\s:,]+:/.test(password)
        ? [
            `${place}: what stands behind a comma in entry ${index + 1} is taken for its password: a space divides users`,
          ]
        : [],
    ),
  ];
}

/** What is secret stands in a file that is not, or is asked for in a way that leaves others out. */
function checkSecrets(wrangler: Table): string[] {
  const secrets = isTable(wrangler["secrets"]) ? wrangler["secrets"] : {};
  const written = ["ACCESS_USERS", "TOKEN_KEY", "UPSTREAM_CREDENTIALS"].filter((name) =>
    Object.hasOwn(variablesOf(wrangler), name),
  );
  return [
    ...written.map(
      (name) =>
        `wrangler.toml, ${name}: whoever may read this file or the dashboard may read it: move it to .dev.vars, ` +
        `and to Cloudflare by \`npx wrangler secret put ${name}\``,
    ),
    ...("required" in secrets
      ? [
          "wrangler.toml, [secrets], required: with it `npm start` loads no secret that is not in the list, and a deployment " +
            "fails where one of the list is missing: remove it, since all secrets of this proxy may be left out",
        ]
      : []),
  ];
}

function checkNetworks(files: Files, { networks }: Access): string[] {
  return networks.flatMap((network) => {
    const text = formatAddress(network);
    const isElsewhere = isPrivate(network.family === 6 ? `[${text}]` : text) || /^127\.|^::1$/.test(text);
    return isElsewhere
      ? [
          `${sourceOf(files, "ALLOWED_IPS")}, ALLOWED_IPS: nobody reaches Cloudflare from ${formatNetwork(network)}, ` +
            "which is of a private network: write the public address that people have behind it",
        ]
      : [];
  });
}
