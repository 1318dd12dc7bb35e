// S9: a repository that is closed by a login page. The page is a success, and proves nothing.
import { describe, expect, it } from "vitest";
import type { Handler } from "../internet.ts";
import { HOUR, MINUTE, passTime } from "./stage.ts";
import { outage, Warm } from "./warm.ts";

const LOGIN = "https://login.example";
const JSON_PAGE = '{"login":"https://login.example/form"}';
const HTML_PAGE = "<html>Please log in</html>";

const PAGES: readonly (readonly [string, string, Record<string, string>])[] = [
  ["JSON", JSON_PAGE, { "Content-Type": "application/json" }],
  ["JSON without a type", JSON_PAGE, {}],
  ["a page without a type", HTML_PAGE, {}],
  ["HTML", HTML_PAGE, { "Content-Type": "text/html" }],
];

async function closed(body: string, headers: Record<string, string>): Promise<Warm> {
  const warm = await Warm.open();
  const page: Handler = ({ method }) => {
    const all = { ...headers, "Content-Length": String(body.length) };
    // Bytes, to which the runtime adds no type.
    return new Response(method === "HEAD" ? null : new TextEncoder().encode(body), { headers: all });
  };
  warm.played.internet.host(LOGIN, page);
  warm.played.serve = () => new Response(null, { status: 302, headers: { Location: `${LOGIN}/` } });
  passTime(6 * MINUTE);
  return warm;
}

const METHODS = ["GET", "HEAD"] as const;

describe.each(PAGES)("F5: a redirect to a login page of 200, %s", (_, body, headers) => {
  it("is no proof: nothing stored is served under it, and nothing when it has been there for long", async () => {
    const warm = await closed(body, headers);
    for (let hours = 0; hours < 26; hours += 2) {
      for (const path of [
        `manifests/${warm.latest.digest}`,
        "manifests/latest",
        `blobs/${warm.blob.digest}`,
      ]) {
        for (const method of METHODS) {
          const answer = await warm.get(path, {}, method);
          expect(["hit", "stale"], `${method} ${path}`).not.toContain(answer.headers.get("X-Cache"));
          expect([warm.latest.body, warm.blob.body]).not.toContain(answer.body);
        }
      }
      passTime(2 * HOUR);
    }
    warm.played.serve = outage;
    expect(await warm.pull(), "it was not renewed").toEqual(new Set(["503"]));
  });

  it("and ends nothing: while the registry cannot answer, the last proof holds", async () => {
    const warm = await closed(body, headers);
    await warm.get("manifests/latest");
    await warm.get(`blobs/${warm.blob.digest}`);
    warm.played.serve = outage;
    expect(await warm.pull()).toEqual(new Set(["stale"]));
  });
});

describe("F5: what is typed as HTML, or is not an object", () => {
  it.each(PAGES.slice(2))("%s: 502, and not something stale", async (_, body, headers) => {
    const warm = await closed(body, headers);
    for (const path of [`manifests/${warm.latest.digest}`, "manifests/latest"]) {
      expect(await warm.source(path)).toBe("502");
    }
  });
});
