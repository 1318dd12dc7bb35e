// Visits to pages, and what goes on there meanwhile: requests, messages of the console, questions for a password.

import { chromium } from "playwright-core";
import type { Browser, BrowserContext, CDPSession, Page, Request } from "playwright-core";
import { expect, inject } from "vitest";
import type {} from "./provided.ts";

export const STAGE = inject("stage");

export type LanguageTag = "en" | "zh-CN";

export interface VisitOptions {
  /** Without a port, which the open proxy's is added to. */
  readonly host?: string;
  readonly path?: string;
  readonly port?: number;
  /** As the browser asks for it. */
  readonly language?: LanguageTag;
  readonly theme?: "light" | "dark";
  readonly width?: number;
  readonly height?: number;
  /** False in a browser that runs no scripts. */
  readonly script?: boolean;
  /** True where a tool of ours has to run in the page, which the page's policy does not let. */
  readonly bypassPolicy?: boolean;
  /** A script that runs before the page's own. */
  readonly before?: string;
  /** True of a page that is not the proxy's: it may ask others, and complain. */
  readonly isForeign?: boolean;
}

export interface Visit {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly origin: string;
  /** With its port, as the page has it. */
  readonly host: string;
  readonly requests: readonly Request[];
}

interface Watched extends Visit {
  readonly isForeign: boolean;
  readonly requests: Request[];
  readonly faults: string[];
  /** Addresses whose answer would have made the browser ask for a password. */
  readonly passwords: string[];
}

/** A page of the browser. To make one takes a second, so that it is given to one visit after the other. */
interface Seat {
  readonly kind: string;
  readonly context: BrowserContext;
  readonly page: Page;
  readonly session: CDPSession;
  visit: Watched | undefined;
}

let connected: Promise<Browser> | undefined;
const seats: Seat[] = [];

/** Opens a page in a browser that has no past. */
export async function visit(options: VisitOptions = {}): Promise<Visit> {
  const { host = "mirror.localhost", path = "/", port = STAGE.ports.open } = options;
  const seat = await takeSeat(options);
  const { context, page } = seat;
  const origin = `http://${host}:${port}`;
  const isForeign = options.isForeign ?? false;
  const watched: Watched = {
    ...{ page, context, origin, isForeign, host: `${host}:${port}` },
    ...{ requests: [], faults: [], passwords: [] },
  };
  seat.visit = watched;
  await page.setViewportSize({ width: options.width ?? 1280, height: options.height ?? 900 });
  await page.emulateMedia({ media: "screen", colorScheme: options.theme ?? "light" });
  await page.setExtraHTTPHeaders({ "Accept-Language": options.language ?? "en" });
  await page.goto(origin + path);
  return watched;
}

async function takeSeat({ before = "", bypassPolicy = false, script = true }: VisitOptions): Promise<Seat> {
  const kind = `${script} ${bypassPolicy} ${before}`;
  const free = seats.find((seat) => seat.kind === kind && seat.visit === undefined);
  if (free !== undefined) return free;
  connected ??= chromium.connect(STAGE.browser);
  const browser = await connected;
  const context = await browser.newContext({ javaScriptEnabled: script, bypassCSP: bypassPolicy });
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  if (before !== "") await context.addInitScript(before);
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  const seat: Seat = { kind, context, page, session, visit: undefined };
  seats.push(seat);
  watch(seat);
  await watchPasswords(seat);
  return seat;
}

function watch(seat: Seat): void {
  const { page } = seat;
  const complain = (fault: string): void => void seat.visit?.faults.push(fault);
  page.on("request", (request) => seat.visit?.requests.push(request));
  page.on("pageerror", (error) => complain(`error: ${error.message}`));
  page.on("dialog", (dialog) => {
    complain(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("console", (message) => {
    if (!["error", "warning"].includes(message.type())) return;
    const { url } = message.location();
    // Chromium says so of every answer that is not 2xx, and no page can keep it from that.
    const isStatus = /^Failed to load resource: the server responded/.test(message.text());
    if (isStatus && isAnswer(url, seat.visit?.requests ?? [])) return;
    complain(`${message.type()}: ${message.text()} (${url})`);
  });
}

/** True of what the page asked a registry for, and of a page that is 404 itself. */
function isAnswer(url: string, requests: readonly Request[]): boolean {
  const isPage = requests.some((one) => one.isNavigationRequest() && one.url() === url);
  return isPage || new URL(url).pathname.startsWith("/v2/");
}

/** Chromium says here what it would otherwise open its window for. */
async function watchPasswords(seat: Seat): Promise<void> {
  const { session } = seat;
  session.on("Fetch.requestPaused", ({ requestId }) => {
    session.send("Fetch.continueRequest", { requestId }).catch(() => undefined);
  });
  session.on("Fetch.authRequired", ({ request, requestId }) => {
    seat.visit?.passwords.push(request.url);
    const authChallengeResponse = { response: "CancelAuth" } as const;
    session.send("Fetch.continueWithAuth", { requestId, authChallengeResponse }).catch(() => undefined);
  });
  await session.send("Fetch.enable", { handleAuthRequests: true });
}

/** The addresses for which the browser would have asked for a password; from now on they are none. */
export function takePasswords(visit: Visit): string[] {
  return seats.flatMap((seat) => (seat.visit === visit ? seat.visit.passwords.splice(0) : []));
}

/** Leaves every page: none sent anything to another host, complained, or made the browser ask for a password. */
export async function leaveAll(): Promise<void> {
  const taken = seats.filter((seat) => seat.visit !== undefined);
  await Promise.all(taken.map(forget));
  const visits = taken.flatMap((seat) => seat.visit ?? []);
  for (const seat of taken) seat.visit = undefined;
  for (const { faults, isForeign, origin, passwords, requests } of visits) {
    expect(passwords, "addresses that made the browser ask for a password").toEqual([]);
    if (isForeign) continue;
    const elsewhere = requests
      .map((one) => one.url())
      .filter((url) => !url.startsWith(`${origin}/`) && !/^(?:data|about):/.test(url));
    expect(elsewhere, "requests to other hosts").toEqual([]);
    expect(faults, "messages of the browser").toEqual([]);
  }
}

/** Leaves a page, with all that it kept in the browser. */
async function forget({ context, page, session, visit: left }: Seat): Promise<void> {
  await context.setOffline(false);
  await page.goto("about:blank");
  await context.clearCookies();
  await session.send("Storage.clearDataForOrigin", { origin: left?.origin ?? "", storageTypes: "all" });
}
