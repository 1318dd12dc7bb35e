// The check of an image: what is there, and what is wrong, in words that people understand.

import { afterEach, describe, expect, it } from "vitest";
import { boxes, check, wait } from "./hands.ts";
import { play, type Played, type PlayedAnswer } from "./played.ts";
import { LANGUAGES, WORDS } from "./words.ts";
import { STAGE, takePasswords, visit, type Visit } from "./visit.ts";

let played: Played | undefined;

afterEach(async () => {
  await played?.close();
  played = undefined;
});

/** What is shown of an image that a played registry has. */
async function seen(
  here: Visit,
  repository: string,
  answers: Readonly<Record<string, PlayedAnswer>>,
  words: string,
) {
  await played?.close();
  played = await play(answers);
  const output = await check(here, `mcr.microsoft.com/${repository}`);
  await wait(output, words);
  return output;
}

describe.each(LANGUAGES)("the check in %s", (language) => {
  const words = WORDS[language];

  it("shows digest, platforms, size, layers, date and tags, and another platform or tag on demand", async () => {
    const here = await visit({ language });
    const output = await check(here, "nginx:1.27");
    for (const text of [
      words.found,
      STAGE.nginx.index,
      "linux/amd64, linux/arm64",
      "6.6 kB",
      "1970-01-01",
      words.tags,
    ]) {
      await wait(output, text);
    }
    expect(await boxes(output)).toEqual([`docker pull ${here.host}/nginx:1.27`]);
    await output.locator("select").selectOption({ label: "linux/arm64" });
    await wait(output, "6.6 kB");
    await output.getByRole("button", { name: "1.26", exact: true }).click();
    await wait(output, "linux/arm/v7");
    expect(await here.page.locator("#check-input").inputValue()).toBe("nginx:1.26");
    expect(await boxes(output)).toEqual([`docker pull ${here.host}/nginx:1.26`]);
    await output.getByRole("button", { name: "dated", exact: true }).click();
    for (const text of ["124.5 MB", "3", "2026-03-04 05:06 UTC", words.size, words.date])
      await wait(output, text);
  });

  it("takes Enter, a digest, and a name of this proxy", async () => {
    const here = await visit({ language });
    const output = here.page.locator("#check-output");
    for (const name of [
      `nginx@${STAGE.nginx.amd64}`,
      `${here.host}/nginx:1.27`,
      `docker.io/library/nginx:1.27`,
    ]) {
      await here.page.locator("#check-input").fill(name);
      await here.page.locator("#check-input").press("Enter");
      await wait(output, words.tags);
      expect(await output.innerText(), name).toContain(words.found);
    }
  });

  it("says what to do about an image that needs a login", async () => {
    const output = await check(await visit({ language }), "owner/closed");
    await wait(output, words.login);
    expect(await boxes(output)).toEqual([]);
  });

  it("says that a tag is missing, and which there are", async () => {
    const here = await visit({ language });
    const output = await check(here, "nginx:none");
    await wait(output, words.noTag);
    await wait(output, "1.27");
    await output.getByRole("button", { name: "1.27", exact: true }).click();
    await wait(output, words.found);
  });

  it("says that an image is missing altogether, and offers no tags", async () => {
    const output = await check(await visit({ language }), "nowhere:latest");
    await wait(output, words.noImage);
    expect(await output.getByRole("button").count()).toBe(0);
  });

  it("says when a registry wants to be asked again that has had too many requests", async () => {
    const output = await check(await visit({ language }), "quay.io/owner/image");
    await wait(output, words.limited);
    await wait(output, words.later);
  });

  it("says that a registry is down", async () => {
    await wait(await check(await visit({ language }), "gcr.io/owner/image"), words.down);
  });

  it("says that an answer makes no sense", async () => {
    const here = await visit({ language });
    const repository = `garbage/${language.toLowerCase()}`;
    const type = "application/vnd.oci.image.index.v1+json";
    for (const [tag, body] of Object.entries({ empty: "{}", other: '{"schemaVersion":2,"layers":[]}' })) {
      const headers = { "Content-Type": type };
      await seen(
        here,
        `${repository}:${tag}`,
        { [`${repository}/manifests/${tag}`]: { headers, body } },
        words.unreadable,
      );
    }
  });

  it("says that an answer is one that the proxy does not pass on", async () => {
    const here = await visit({ language });
    const repository = `page/${language.toLowerCase()}`;
    const headers = { "Content-Type": "text/html" };
    const path = `${repository}/manifests/latest`;
    await seen(here, `${repository}:latest`, { [path]: { headers, body: "<h1>Hello</h1>" } }, words.garbled);
  });

  it("says so of what is no name, of a registry that is not served, and of one at another host", async () => {
    const here = await visit({ language });
    for (const name of ["", "NGINX", "nginx; rm -rf /", "nginx\u202Eevil", "<b>nginx</b>", "../v2/x"]) {
      await wait(await check(here, name), words.notAName);
    }
    await wait(await check(here, "registry.gitlab.com/owner/image"), words.notServed);
    const one = await visit({ language, host: "docker.localhost" });
    await wait(
      await check(one, "ghcr.io/owner/image"),
      words.notServed.replace("registry.gitlab.com", "ghcr.io"),
    );
  });

  it("says that the proxy cannot be reached", async () => {
    const here = await visit({ language, isForeign: true });
    await here.context.setOffline(true);
    await wait(await check(here, "nginx:1.27"), words.network);
  });
});

describe("the browser", () => {
  it("is never made to ask for a password, though a registry asks by Basic", async () => {
    const here = await visit();
    await wait(await check(here, "registry.k8s.io/owner/image"), WORDS.en.login);
    await wait(await check(here, "owner/closed"), WORDS.en.login);
    expect(takePasswords(here)).toEqual([]);
  });

  it("would be noticed by these tests if it did", async () => {
    played = await play({
      "": { status: 401, headers: { "WWW-Authenticate": 'Basic realm="x"' }, body: {} },
    });
    const there = await visit({ host: "127.0.0.1", port: STAGE.hostilePort, path: "/v2/", isForeign: true });
    expect(takePasswords(there)).toEqual([`http://127.0.0.1:${STAGE.hostilePort}/v2/`]);
  });

  it("sends no cookie and no login, but the token that everybody gets", async () => {
    const here = await visit({ path: "/?lang=en" });
    await wait(await check(here, "nginx:1.27"), "1.26");
    const asked = here.requests.filter((one) => new URL(one.url()).pathname.startsWith("/v2/"));
    expect(asked.length).toBeGreaterThan(4);
    for (const one of asked) {
      const headers = await one.allHeaders();
      expect(Object.keys(headers)).not.toContain("cookie");
      expect(headers["authorization"] ?? "Bearer").toMatch(/^Bearer\b/);
      expect(one.method()).toBe("GET");
    }
  });

  it("shows the last question's answer where two were asked at once", async () => {
    const here = await visit();
    await check(here, "owner/closed");
    const output = await check(here, "nginx:1.27");
    await wait(output, "1.26");
    expect(await output.innerText()).not.toContain(WORDS.en.login);
  });
});
