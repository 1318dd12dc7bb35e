// `/healthz`: that the Worker runs and its configuration can be read; and to a user who has logged in, how every registry
// answers.

import type { Account } from "../config/credentials.ts";
import type { Visitor } from "../access/admission.ts";
import { mayBeShown, type Audience } from "../access/shown.ts";
import type { Config } from "../config/config.ts";
import type { Registry } from "../config/registry.ts";
import { discardBody } from "../distribution/body.ts";
import { RegistryError } from "../distribution/errors.ts";
import { inTurn, WAITED } from "../flights.ts";
import { remember } from "../isolate.ts";
import type { Trace } from "../log.ts";
import { requireRead } from "../routing/inbound.ts";
import { deadlineIn, send } from "../upstream/fetch.ts";
import { checkAccount } from "../upstream/owner-check.ts";
import { VERSION } from "../version.ts";

/** Asked so often at the most: each time is a request to every registry. */
const EVERY_MS = 30_000;
const TIMEOUT_MS = 5_000;
/** Of the 50 that a request of the free plan has; an account takes up to three more. */
const MOST_REQUESTS = 45;
const PER_ACCOUNT = 3;

/** How one registry answers. */
interface Report {
  readonly registry: string;
  /** Of `/v2/`, asked without credentials: 401 is as well as 200. Undefined where there was no answer, or nobody asked. */
  readonly status: number | undefined;
  readonly ms: number;
  /** What its token service, or itself, says to the account of `UPSTREAM_CREDENTIALS`. */
  readonly account?: string;
  readonly problem?: string;
}

interface Checked {
  readonly at: number;
  readonly registries: readonly Report[];
}

const checked = remember<string, Checked>(1);

/** A question about health. */
export interface Inquirer extends Audience {
  readonly request: Request;
  readonly url: URL;
  readonly trace: Trace;
  readonly caller: Visitor;
}

/**
 * Answers `/healthz`, and `/healthz?deep=1`.
 * @throws RegistryError for a deep question of somebody who has not logged in (S16)
 */
export async function serveHealth(inquirer: Inquirer): Promise<Response> {
  const { request, trace, url } = inquirer;
  trace.endpoint = "health";
  requireRead(request);
  const names = mayBeShown(inquirer).registries.map(({ name }) => name);
  const report = url.searchParams.get("deep") === "1" ? await deepReport(inquirer) : undefined;
  const isWell = report === undefined || report.registries.every(({ problem }) => problem === undefined);
  const body = {
    status: isWell ? "ok" : "degraded",
    version: VERSION,
    ...(report === undefined
      ? names.length > 0 && { registries: names }
      : { checked_at: new Date(report.at).toISOString(), registries: report.registries }),
  };
  return Response.json(body, { headers: { "Cache-Control": "no-store" } });
}

async function deepReport({ caller, config, trace }: Inquirer): Promise<Checked> {
  if (caller.kind === "stranger") throw caller.refusal;
  if (caller.kind !== "guest" || caller.user === undefined) {
    throw new RegistryError(
      "DENIED",
      "A deep check is for users of a closed proxy who have logged in (ACCESS_USERS).",
    );
  }
  // Who came while it was being found out waits for it.
  const found = recall() ?? (await inTurn("health", () => checkAll(config, trace)));
  return found === WAITED ? (recall() ?? checkAll(config, trace)) : found;
}

function recall(): Checked | undefined {
  const known = checked.get("all");
  return known !== undefined && Date.now() - known.at < EVERY_MS ? known : undefined;
}

async function checkAll(config: Config, trace: Trace): Promise<Checked> {
  const { accounts } = config.access;
  let left = MOST_REQUESTS;
  const registries = [...new Set(config.registries.values())].map(async (registry) => {
    const account = accounts.get(registry.name);
    left -= account === undefined ? 1 : 1 + PER_ACCOUNT;
    return left < 0 ? notAsked(registry) : checkRegistry(registry, account, trace);
  });
  const report = { at: Date.now(), registries: await Promise.all(registries) };
  checked.set("all", report);
  return report;
}

function notAsked({ name }: Registry): Report {
  return {
    registry: name,
    status: undefined,
    ms: 0,
    problem: "not asked: there are more registries than a request may ask",
  };
}

async function checkRegistry(
  registry: Registry,
  account: Account | undefined,
  trace: Trace,
): Promise<Report> {
  const begunAt = Date.now();
  const [asked, said] = await Promise.all([
    statusOf(registry, trace),
    account && checkAccount(registry, account, trace),
  ]);
  const problem = [asked.problem, said?.problem].filter((one) => one !== undefined).join("; ");
  return {
    registry: registry.name,
    status: asked.status,
    ms: asked.at - begunAt,
    ...(said !== undefined && { account: said.problem === undefined ? "accepted" : "refused" }),
    ...(problem !== "" && { problem }),
  };
}

async function statusOf(
  { name, upstream }: Registry,
  trace: Trace,
): Promise<{ readonly status: number | undefined; readonly at: number; readonly problem?: string }> {
  const headers = new Headers({ Accept: "*/*", "Accept-Encoding": "identity" });
  try {
    const url = new URL("/v2/", upstream);
    const response = await send({ url, method: "GET", headers, deadline: deadlineIn(TIMEOUT_MS) }, trace);
    const at = Date.now();
    await discardBody(response);
    const { status } = response;
    return { status, at, ...((status === 429 || status >= 500) && { problem: `${name} answers ${status}` }) };
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    return { status: undefined, at: Date.now(), problem: error.message };
  }
}
