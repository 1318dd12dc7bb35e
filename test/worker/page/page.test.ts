// The page as an answer: what it may do, how large it is, who may keep it.
import { afterEach, describe, expect, it, vi } from "vitest";
import { STYLE } from "../../../src/page/built.ts";
import { codeOf, fakeUpstream, namesOf } from "../client-ferry.ts";
import { Ferry } from "../ferry.ts";
import { boxesOf, dataOf, pageAt, TABLE, wordsOf } from "./pages.ts";

const HERE = "https://docker.example.com/";
const EVERYTHING = "https://mirror.example.com/";

afterEach(() => {
  vi.restoreAllMocks();
});

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return btoa(String.fromCharCode(...new Uint8Array(digest)));
}

describe("S23: the page", () => {
  it("runs the script that it has, and nothing else; nothing is loaded, and no registry asked", async () => {
    const departed = fakeUpstream(() => new Response());
    const response = await new Ferry(TABLE).fetch(HERE);
    const text = await response.text();
    const [script = ""] = [...text.matchAll(/<script>(.*?)<\/script>/gs)].map(([, code]) => code);
    const [style = ""] = [...text.matchAll(/<style>(.*?)<\/style>/gs)].map(([, code]) => code);
    expect([script.length > 1000, style]).toEqual([true, STYLE.text]);
    const { etag, ...headers } = Object.fromEntries(response.headers);
    expect(headers).toEqual({
      "cache-control": "private, no-cache, no-transform",
      "content-language": "en",
      "content-security-policy": [
        "default-src 'none'",
        `style-src 'sha256-${await sha256(style)}'`,
        `script-src 'sha256-${await sha256(script)}'`,
        "connect-src 'self'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
      ].join("; "),
      "content-type": "text/html; charset=utf-8",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-resource-policy": "same-origin",
      "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
      "referrer-policy": "no-referrer",
      vary: "Accept-Language, Cookie",
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "x-robots-tag": "noindex",
      "x-xss-protection": "0",
    });
    expect(etag).toMatch(/^"[\w+/]{24}"$/);
    const words = wordsOf(text);
    expect(words).not.toMatch(
      /<img|<iframe|<form|<object|<embed|\son\w+=|\ssrc=|\sstyle=|javascript:|@import/i,
    );
    const links = [...words.matchAll(/<link [^>]*href="([^"]*)"/g)].map(([, href]) => href?.slice(0, 11));
    expect(links).toEqual(["data:image/"]);
    expect(words).not.toMatch(/type="password"/);
    expect(departed).toEqual([]);
  });

  it("has the headers alone for HEAD, and is not there for other methods", async () => {
    const response = await new Ferry(TABLE).fetch(HERE, { method: "HEAD" });
    expect([response.status, response.body]).toEqual([200, null]);
    expect(namesOf(response.headers)).toContain("content-security-policy");
    const posted = await new Ferry(TABLE).fetch(HERE, { method: "POST" });
    expect([posted.status, posted.headers.get("Allow")]).toEqual([405, "GET, HEAD"]);
  });

  it.each(["en", "zh-CN"])("is under 60 KB with all registries of the table, in %s", async (lang) => {
    const page = await pageAt(`${EVERYTHING}?lang=${lang}`, {
      OPERATOR: "The platform team of a company with a long name",
      OPERATOR_URL: "https://example.com/contact",
    });
    const bytes = new TextEncoder().encode(page).byteLength;
    expect(bytes).toBeGreaterThan(30_000);
    expect(bytes).toBeLessThan(60_000);
  });

  it.each([
    'docker.example.com"><script>alert(1)</script>',
    "docker.<b>x</b>",
    "docker.x'onload=",
    "docker.x&y",
  ])("a hostile Host header gets none: %j", async (host) => {
    const response = await new Ferry(TABLE).fetch(HERE, { headers: { Host: host } });
    expect(response.status).toBe(400);
    expect(await codeOf(response.clone())).toBe("NAME_INVALID");
    expect(await response.text()).not.toContain(host);
  });

  it("reads nothing of its address but the language", async () => {
    const plain = await pageAt(HERE);
    for (const query of [
      "q=%3Cscript%3Ecanary%3C/script%3E",
      "image=canary",
      "lang=canary",
      "ns=evil.example",
    ])
      expect(await pageAt(`${HERE}?${query}`)).toBe(plain);
  });

  it("hands its script nothing that could end the block of data", async () => {
    const page = await pageAt(HERE, { OPERATOR: "</script><script>canary</script><!--" });
    expect(page.match(/canary/g)).toHaveLength(1);
    expect(page).toContain("&#60;/script&#62;&#60;script&#62;canary&#60;/script&#62;&#60;!--");
    expect(JSON.stringify(dataOf(page))).not.toContain("canary");
  });

  it("has commands of lines that a shell and a registry read alike, none with a line end behind it", async () => {
    const boxes = boxesOf(await pageAt(EVERYTHING));
    expect(boxes.length).toBeGreaterThan(20);
    for (const { text } of boxes) {
      expect(text).toBe(text.trim());
      for (const line of text.split("\n"))
        if (line.startsWith("docker pull")) expect(line).toMatch(/^docker pull [\w./:@-]+$/);
    }
  });
});

describe("S16: whoever has the page", () => {
  it("is told that it has not changed, by the tag of its bytes", async () => {
    const ferry = new Ferry(TABLE);
    const first = await ferry.fetch(HERE);
    const tag = first.headers.get("ETag") ?? "";
    for (const known of [tag, `W/${tag}`, `"x", ${tag}`, "*"]) {
      const again = await ferry.fetch(HERE, { headers: { "If-None-Match": known } });
      expect([again.status, await again.text()]).toEqual([304, ""]);
      expect(again.headers.get("ETag")).toBe(tag);
      expect(again.headers.get("Vary")).toBe("Accept-Language, Cookie");
    }
    for (const other of ['"x"', "x", `${tag}x`, "a".repeat(5000)])
      expect((await ferry.fetch(HERE, { headers: { "If-None-Match": other } })).status).toBe(200);
  });

  it("has another tag in another language, at another host and of another configuration", async () => {
    const tags = new Set<string | null>();
    for (const [url, OPERATOR] of [
      [HERE, ""],
      [`${HERE}?lang=zh-CN`, ""],
      ["https://docker.example.org/", ""],
      [HERE, "Somebody"],
    ] as const)
      tags.add((await new Ferry(TABLE, { OPERATOR }).fetch(url)).headers.get("ETag"));
    expect(tags.size).toBe(4);
  });
});

describe("HIDE_PAGE", () => {
  it.each([true, "true"])(
    "%j: there is nothing at the root, nor at a host without a row",
    async (HIDE_PAGE) => {
      const ferry = new Ferry(TABLE, { HIDE_PAGE });
      for (const url of [HERE, "https://nobody.example.com/"]) {
        const response = await ferry.fetch(url, { headers: { Accept: "text/html" } });
        expect([response.status, response.headers.get("Content-Type")]).toEqual([404, "application/json"]);
        expect(response.headers.get("Content-Security-Policy")).toBe("default-src 'none'; sandbox");
      }
      expect((await ferry.fetch("https://docker.example.com/v2/auth")).status).toBe(200);
    },
  );

  it.each([false, "false", "", undefined])("%j: there is the page", async (HIDE_PAGE) => {
    await pageAt(HERE, { HIDE_PAGE });
  });
});

describe("the page says who runs the proxy, and what it is not", () => {
  it("with a name and an address", async () => {
    const page = await pageAt(HERE, { OPERATOR: "Alice & Bob", OPERATOR_URL: "https://example.com/a?b=1&c" });
    expect(page).toContain(
      'run by <a href="https://example.com/a?b=1&#38;c" rel="noreferrer nofollow">Alice &#38; Bob</a>.',
    );
    expect(page).toContain("It belongs to none of the registries");
  });

  it("with either alone, and without", async () => {
    expect(wordsOf(await pageAt(HERE, { OPERATOR: "Alice" }))).toContain("It is run by Alice.");
    const nameless = await pageAt(HERE, { OPERATOR_URL: "https://example.com/" });
    expect(nameless).toContain(
      '<a href="https://example.com/" rel="noreferrer nofollow">Contact the owner.</a>',
    );
    expect(wordsOf(await pageAt(HERE))).toContain("run by the owner of this host name");
  });
});
