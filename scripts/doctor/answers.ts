// What an answer means that is not the proxy's, or is its refusal. Pure: statuses, headers and a body's beginning in.

import { isHtml } from "../../src/distribution/media-types.ts";
import { failed, LOG, LOG_HERE, WITH_IMAGE, type Finding } from "./finding.ts";

/** An answer, as far as it was read. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** At most so much as was asked for. */
  readonly body: Uint8Array;
}

const DASHBOARD = "Workers & Pages, your Worker, Settings, Domains & Routes";

/** Cloudflare's own errors, by their numbers: what each means here, and what to do. */
const EDGE: Readonly<Record<string, readonly [meaning: string, advice: string]>> = {
  "1000": [
    "the host's DNS record leads to Cloudflare itself",
    `remove that record, and let the Worker have the host: ${DASHBOARD}`,
  ],
  "1003": ["a host is asked for by its address", "ask for it by its name"],
  "1014": [
    "the host is a CNAME into another account",
    "remove that record; the host must be a custom domain of the Worker's own account",
  ],
  "1015": [
    "too many requests: a rate limiting rule of the zone",
    "wait, or let /v2/* out of that rule (Security, WAF)",
  ],
  "1016": [
    "the host has a DNS record that leads nowhere",
    `remove that record, and add the host as a custom domain: ${DASHBOARD}`,
  ],
  "1020": ["a firewall rule of the zone refuses it", "let /v2/* out of that rule (Security, WAF)"],
  "1027": [
    "the account has used up its daily requests (100,000 of the free plan)",
    "wait until 00:00 UTC, or take the paid plan",
  ],
  "1101": [
    "the Worker threw an exception",
    "npx wrangler tail, then ask again: what it prints is a fault to report",
  ],
  "1102": [
    "the Worker went over its CPU time or its memory",
    "lower CACHE_MAX_BLOB in wrangler.toml and deploy, or take the paid plan; docs/cpu.md says what a request costs",
  ],
};

const BEHIND =
  "Cloudflare asked a server behind it, and not the Worker: remove the host's DNS record, and add the host as a custom domain";

/** Cloudflare's own error; undefined for an answer of somebody else. */
export function edgeError(step: string, { body, headers, status }: Answer): Finding | undefined {
  const isOurs = headers.has("Docker-Distribution-Api-Version");
  if (isOurs) return undefined;
  const text = textOf(body);
  const [, number = ""] = /\berror(?:\s+code)?[\s:]*(1\d{3})\b/i.exec(text) ?? [];
  const [meaning, advice] = EDGE[number] ?? [];
  if (meaning !== undefined && advice !== undefined) {
    return failed(step, `${status}, Cloudflare's error ${number}: ${meaning}`, advice);
  }
  if (number !== "") {
    return failed(
      step,
      `${status}, Cloudflare's error ${number}`,
      'look that number up at Cloudflare\'s documentation, "1xxx errors"',
    );
  }
  if (status >= 520 && status <= 530)
    return failed(step, `${status}, of Cloudflare and not of the proxy`, `${BEHIND}: ${DASHBOARD}`);
  return undefined;
}

/** Why an answer is not the proxy's; undefined for one that is. */
export function notOurs(step: string, answer: Answer): Finding | undefined {
  const edge = edgeError(step, answer);
  if (edge !== undefined) return edge;
  const { headers, status } = answer;
  if (status >= 300 && status < 400) {
    const where = headers.get("Location") ?? "nowhere";
    return failed(
      step,
      `${status}, a redirect to ${where}`,
      "write the address to which that leads, or take the redirect rule away",
    );
  }
  const type = headers.get("Content-Type");
  if (!isHtml(type) && headers.has("Docker-Distribution-Api-Version")) return undefined;
  const what = isHtml(type) ? "a web page" : "an answer without Docker-Distribution-Api-Version";
  return failed(
    step,
    `${status}, ${what}: this is not the proxy`,
    `look which Worker, server or login page has this host, and at the zone's rules (a challenge, Access): ${DASHBOARD}`,
    "another program listens on that port: write the port that `npm start` names",
  );
}

/** The token service's answers have no header that says whose they are: a token does, and JSON. */
export function notOurToken(step: string, answer: Answer): Finding | undefined {
  return tokenIn(answer) === undefined ? notOurs(step, answer) : undefined;
}

/** The token of an answer; undefined where it has none. */
export function tokenIn({ body, status }: Answer): string | undefined {
  if (status !== 200) return undefined;
  try {
    const { token } = JSON.parse(new TextDecoder().decode(body)) as { token?: unknown };
    return typeof token === "string" && /^[\x21-\x7e]{1,16384}$/.test(token) ? token : undefined;
  } catch {
    return undefined;
  }
}

const ADD_ROW = "add a row with the host's first label to [vars.ROUTES] of wrangler.toml";

/** The proxy's refusal, with what to do. @param about what was asked for, where that is not the host itself */
export function refusal(step: string, answer: Answer, about?: string): Finding {
  const said = messageOf(answer);
  const { status } = answer;
  const asked = about === undefined ? "" : `${about}, `;
  const found = `${asked}${status}: ${said === "" ? "no reason given" : said}`;
  if (/^No registry has this host name/.test(said)) {
    return failed(step, found, `${ADD_ROW}, and deploy`, `${ADD_ROW}, and start \`npm start\` again`);
  }
  if (/configuration has \d+ fault/.test(said)) {
    return failed(
      step,
      found,
      "npm run check-config names the faults; mend them, and deploy. A missing secret is one too",
      "npm run check-config names the faults; mend them, and start `npm start` again",
    );
  }
  if (/not for requests from your country/.test(said))
    return failed(step, found, "ALLOWED_COUNTRIES has other countries");
  if (status === 429) return failed(step, found, "wait; docs/troubleshooting.md says who limits what");
  if (status === 404)
    return failed(step, found, `look at the image's name and tag, or name another image: ${WITH_IMAGE}`);
  if (status === 401 || status === 403)
    return failed(
      step,
      found,
      `the image is private, or may not be asked for: name another one: ${WITH_IMAGE}`,
    );
  if (status === 502 || status === 503)
    return failed(step, found, "npm run check-config -- --online asks the registries themselves");
  return failed(step, found, LOG, LOG_HERE);
}

/** The first message of an OCI error; the body's beginning where it is none. */
export function messageOf({ body }: Answer): string {
  const text = textOf(body);
  try {
    const { errors } = JSON.parse(text) as { errors?: { message?: unknown }[] };
    const message = errors?.[0]?.message;
    return typeof message === "string" ? message : "";
  } catch {
    return text.slice(0, 200);
  }
}

function textOf(body: Uint8Array): string {
  return new TextDecoder().decode(body.subarray(0, 64 * 1024));
}
