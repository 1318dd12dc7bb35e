// Pages of other sites in somebody's browser: nothing of what they try reaches a registry.

import { createServer } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listen } from "../tools/http.ts";
import { check, wait } from "./hands.ts";
import { STAGE, visit } from "./visit.ts";

/** A site of anybody's: an empty page that may do what it likes. */
let site: { readonly port: number; close(): Promise<void> };

beforeAll(async () => {
  const server = createServer((_, response) => {
    response.writeHead(200, { "Content-Type": "text/html" });
    response.end("<!doctype html><title>another site</title>");
  });
  const { url, close } = await listen(server);
  site = { port: Number(new URL(url).port), close };
});

afterAll(async () => site.close());

/** How many requests the registry and its token service have seen since the last time. */
async function arrivals(): Promise<number> {
  const answer = await fetch(`${STAGE.hub.control}/state`);
  const { requests } = (await answer.json()) as { requests: unknown[] };
  await fetch(`${STAGE.hub.control}/reset`, { method: "POST", body: "{}" });
  return requests.length;
}

const PROXY = `http://mirror.localhost:${STAGE.ports.open}`;
const TARGETS = [
  `${PROXY}/v2/`,
  `${PROXY}/v2/nginx/manifests/1.27`,
  `${PROXY}/v2/nginx/manifests/1.26?ns=docker.io`,
  `${PROXY}/v2/nginx/tags/list`,
  `${PROXY}/v2/auth?service=x&scope=repository:nginx:pull`,
];

/** The ways in which a page gets a browser to send something; each is done when its answer is there, or refused. */
const WAYS = [
  "cors",
  "no-cors",
  "header",
  "post",
  "img",
  "script",
  "style",
  "prefetch",
  "preload",
  "frame",
  "beacon",
] as const;

async function attempt(way: (typeof WAYS)[number], target: string): Promise<string> {
  const loaded = async (name: string, attributes: Record<string, string>): Promise<string> =>
    new Promise((resolve) => {
      const made = document.createElement(name);
      made.onload = () => resolve(name === "iframe" ? "framed" : "loaded");
      made.onerror = () => resolve("refused");
      for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
      document.body.append(made);
      setTimeout(() => resolve("nothing"), 500);
    });
  const fetched = async (options: RequestInit): Promise<string> =>
    fetch(target, options).then(
      ({ status, type }) => `${type} ${status}`,
      () => "refused",
    );
  switch (way) {
    case "cors":
      return fetched({ credentials: "include" });
    case "no-cors":
      return fetched({ mode: "no-cors", credentials: "include" });
    case "header":
      return fetched({ headers: { Authorization: "Bearer x" } });
    case "post":
      return fetched({ method: "POST", mode: "no-cors", body: "x" });
    case "img":
      return loaded("img", { src: target });
    case "script":
      return loaded("script", { src: target });
    case "style":
      return loaded("link", { rel: "stylesheet", href: target });
    case "prefetch":
      return loaded("link", { rel: "prefetch", href: target });
    case "preload":
      return loaded("link", { rel: "preload", as: "fetch", crossorigin: "anonymous", href: target });
    case "frame":
      return loaded("iframe", { src: target });
    case "beacon":
      navigator.sendBeacon(target, "x");
      return new Promise((resolve) => setTimeout(() => resolve("sent"), 300));
  }
}

// `evil.localhost` is another site than the proxy; the other port is another origin of the same site.
describe.each(["evil.localhost", "mirror.localhost"])("a page of %s, at another port", (host) => {
  it.each(WAYS)("gets 403 by way of %s, and no registry hears of it", async (way) => {
    const here = await visit({ host, port: site.port, isForeign: true });
    const statuses: number[] = [];
    here.page.on("response", (response) => statuses.push(response.status()));
    await arrivals();
    for (const target of TARGETS) {
      const said = await here.page.evaluate(
        `(${attempt.toString()})(${JSON.stringify(way)}, ${JSON.stringify(target)})`,
      );
      expect(said, target).toMatch(/^(?:refused|nothing|sent|framed|opaque 0)$/);
    }
    expect(await arrivals()).toBe(0);
    expect(statuses.filter((status) => status !== 403)).toEqual([]);
  });

  it.each(["get", "post"])("gets 403 where it sends its reader there, by %s", async (method) => {
    const here = await visit({ host, port: site.port, isForeign: true });
    await arrivals();
    const statuses: number[] = [];
    here.page.on("response", (response) => statuses.push(response.status()));
    await here.page.evaluate(
      ([action = "", how = ""]) => {
        const form = document.createElement("form");
        form.action = action;
        form.method = how;
        document.body.append(form);
        form.submit();
      },
      [`${PROXY}/v2/nginx/manifests/1.27`, method],
    );
    await here.page.waitForURL(/\/v2\/nginx\/manifests/);
    expect(statuses).toEqual([403]);
    expect(await arrivals()).toBe(0);
  });

  it("cannot put the proxy's page into a frame", async () => {
    const here = await visit({ host, port: site.port, isForeign: true });
    await here.page.evaluate(`(${attempt.toString()})("frame", ${JSON.stringify(`${PROXY}/`)})`);
    const texts = await Promise.all(
      here.page
        .frames()
        .slice(1)
        .map(async (frame) => frame.content().catch(() => "")),
    );
    expect(texts.join("")).not.toContain("docker pull");
  });
});

describe("the proxy's own page", () => {
  it("asks the same, and the registry hears of it", async () => {
    const here = await visit();
    await arrivals();
    await wait(await check(here, "nginx:1.27"), "1.26");
    expect(await arrivals()).toBeGreaterThan(0);
  });
});
