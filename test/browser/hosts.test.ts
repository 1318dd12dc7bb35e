// Whatever the host is called: its page names it rightly, or it is refused.

import { request } from "node:http";
import { describe, expect, it } from "vitest";
import { LANGUAGES, WORDS } from "./words.ts";
import { STAGE, visit, type Visit } from "./visit.ts";

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** Asks with a Host that no browser would send. */
async function raw(host: string, port: number = STAGE.ports.open): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { Host: host, Accept: "text/html", Connection: "close" };
    const sent = request(
      { host: "127.0.0.1", port, path: "/", headers, insecureHTTPParser: true },
      (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => (text += chunk));
        response.on("end", () => {
          resolve({ status: response.statusCode ?? 0, type: response.headers["content-type"] ?? "", text });
        });
      },
    );
    sent.on("error", reject);
    sent.end();
  });
}

async function texts({ page }: Visit): Promise<string[]> {
  return page.locator("pre").allTextContents();
}

/** What a stranger must not hear, as far as it is anywhere in the document beside the script that all proxies have. */
async function namesIn({ page }: Visit): Promise<string[]> {
  const html = await page.locator("body").evaluate((body) => body.outerHTML);
  return ["docker.io", "ghcr.io", "friend", "Docker Hub"].filter((name) => html.includes(name));
}

describe("the page of a host", () => {
  it.each([
    "mirror.localhost",
    "localhost",
    "docker.localhost",
    "docker.example.com.cn",
    "[::1]",
    "127.0.0.1",
  ])("has its name and its port in every command: %s", async (name) => {
    const here = await visit({ host: name });
    expect(await here.page.locator("h1").innerText()).toContain(here.host);
    const all = await texts(here);
    expect(all[0]).toBe(`docker pull ${here.host}/nginx`);
    const own = all.filter((text) => text.includes(name));
    expect(own.length).toBeGreaterThan(8);
    for (const text of own) expect(text.split(name).length, text).toBe(text.split(here.host).length);
    await here.page.locator("#convert-input").fill("nginx:1.27");
    expect(await here.page.locator("#convert-output pre").first().innerText()).toBe(
      `docker pull ${here.host}/nginx:1.27`,
    );
  });

  it("of one registry has only what is of use there", async () => {
    const here = await visit({ host: "ghcr.localhost" });
    expect(await here.page.getByRole("tab").allTextContents()).not.toContain("Docker mirror");
    expect((await texts(here))[0]).toBe(`docker pull ${here.host}/github/super-linter`);
  });

  it("has its owner's name as text, whatever is in it", async () => {
    const { page } = await visit();
    expect(await page.locator(".about").innerText()).toContain('The "Ferry" <b>Company</b> & Sons');
    expect(await page.locator("b").count()).toBe(0);
    expect(await page.locator(".about a").getAttribute("href")).toBe(
      "https://operator.example/contact?a=1&b=2",
    );
  });
});

const HOSTILE = [
  '"><script>alert(1)</script>',
  "<b>x</b>.localhost",
  "docker.localhost'onload=alert(1)",
  "docker.localhost/../x",
  "docker.localhost$(id)",
  "docker.localhost`id`",
  "docker.localhost;id",
  "docker.localhost id",
  "docker.localhost:80:80",
  "docker.localhost:x",
  "user:pass@docker.localhost",
  "docker.localhost#x",
  "docker.localhost?x",
  "docker.localhost\\x",
  "%22%3E%3Cscript%3E.localhost",
  "d\u00f6cker.localhost",
  "[::1",
  "[<script>]",
];

describe("a Host that is none", () => {
  it.each(HOSTILE)("is refused, or nothing becomes of it: %s", async (host) => {
    for (const port of [STAGE.ports.open, STAGE.ports.login]) {
      const { status, text, type } = await raw(host, port);
      const own = text.replace(/<script>"use strict"[\s\S]*?<\/script>|<style>[\s\S]*?<\/style>/g, "");
      expect(own).not.toMatch(/<b>|<script>alert|onload=|\$\(id\)|`id`/);
      expect(own).not.toContain(`docker pull ${host}`);
      if (status < 400) expect(type).toMatch(/^text\/html/);
    }
  });
});

describe.each(LANGUAGES)("in %s", (language) => {
  it("a host without a row says so, and names itself", async () => {
    const here = await visit({ language, host: "no-row.example.com" });
    expect(await here.page.locator("main").innerText()).toContain(here.host);
    expect(await texts(here)).toEqual([]);
  });

  it("the door of a closed proxy tells how to log in, and nothing of what is behind it", async () => {
    const here = await visit({ language, port: STAGE.ports.login });
    expect(await texts(here)).toEqual([`docker login ${here.host}`]);
    expect(await namesIn(here)).toEqual([]);
    expect(await here.page.locator("input, textarea, form").count()).toBe(0);
  });

  it("the door of one that knows addresses has no command at all", async () => {
    const here = await visit({ language, port: STAGE.ports.address });
    expect(await texts(here)).toEqual([]);
    expect(await namesIn(here)).toEqual([]);
    expect(await here.page.locator("body").innerText()).not.toContain(WORDS[language].needsScript);
  });
});
