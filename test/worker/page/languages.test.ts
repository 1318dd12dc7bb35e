// In which language a visitor gets the page.
import { describe, expect, it } from "vitest";
import { Ferry } from "../ferry.ts";
import { TABLE } from "./pages.ts";

const HERE = "https://docker.example.com/";

async function languageOf(url: string, headers: Record<string, string> = {}): Promise<string> {
  const response = await new Ferry(TABLE).fetch(url, { headers });
  const [, lang] = /<html lang="([^"]*)">/.exec(await response.text()) ?? [];
  expect(response.headers.get("Content-Language")).toBe(lang);
  return lang ?? "";
}

describe("the page's language", () => {
  it.each([
    ["en", {}],
    ["en", { "Accept-Language": "en-GB,en;q=0.9" }],
    ["zh-CN", { "Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8" }],
    ["zh-CN", { "Accept-Language": "zh" }],
    ["zh-CN", { "Accept-Language": "zh-TW,zh;q=0.9,en;q=0.8" }],
    ["zh-CN", { "Accept-Language": "ZH-hans-cn" }],
    ["zh-CN", { "Accept-Language": "fr, de;q=0.9, zh;q=0.5, en;q=0.4" }],
    ["en", { "Accept-Language": "zh;q=0.4, en;q=0.5" }],
    ["en", { "Accept-Language": "zh;q=0, fr" }],
    ["en", { "Accept-Language": "fr, de" }],
    ["en", { "Accept-Language": ";;q=x,,zh;q=zh" }],
    ["zh-CN", { "Accept-Language": "en", Cookie: "lang=zh-CN" }],
    ["zh-CN", { "Accept-Language": "en", Cookie: "a=b; lang=zh-CN; c=d" }],
    ["en", { "Accept-Language": "en", Cookie: "xlang=zh-CN" }],
    ["en", { "Accept-Language": "zh", Cookie: "lang=en" }],
    ["zh-CN", { "Accept-Language": "zh", Cookie: "lang=<script>" }],
  ])("is %s for %j", async (expected, headers) => {
    expect(await languageOf(HERE, headers)).toBe(expected);
  });

  it.each([
    ["zh-CN", "zh-CN"],
    ["zh-cn", "zh-CN"],
    ["en", "en"],
  ])("is what ?lang=%s says, which is remembered for this host alone", async (asked, expected) => {
    const headers = { "Accept-Language": "zh", Cookie: "lang=en" };
    const response = await new Ferry(TABLE).fetch(`${HERE}?lang=${asked}`, { headers });
    expect(await response.text()).toContain(`<html lang="${expected}">`);
    expect(response.headers.get("Set-Cookie")).toBe(
      `lang=${expected}; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly; Secure`,
    );
  });

  it("is not remembered where nobody chose it, or chose one that is not there", async () => {
    for (const url of [HERE, `${HERE}?lang=fr`, `${HERE}?lang=`]) {
      const response = await new Ferry(TABLE).fetch(url, { headers: { "Accept-Language": "zh" } });
      expect(response.headers.get("Set-Cookie")).toBeNull();
      expect(response.headers.get("Content-Language")).toBe("zh-CN");
    }
  });

  it("is remembered by plain http as well, which is development", async () => {
    const response = await new Ferry(TABLE).fetch("http://docker.localhost/?lang=en");
    expect(response.headers.get("Set-Cookie")).toBe(
      "lang=en; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly",
    );
    expect(response.headers.get("Cross-Origin-Opener-Policy")).toBeNull();
  });

  it("is also that of the page of a host without a row", async () => {
    const headers = { Accept: "text/html", "Accept-Language": "zh" };
    const response = await new Ferry(TABLE).fetch("https://nobody.example.com/", { headers });
    expect(response.status).toBe(404);
    expect(await response.text()).toContain("这个域名没有对应的镜像仓库");
  });
});
