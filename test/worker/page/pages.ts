// The page as tests read it: its commands, its data, its words.
import { expect } from "vitest";
import { Ferry } from "../ferry.ts";
import { SHIPPED_ROUTES } from "../../shipped-routes.ts";

/** The table of wrangler.toml, with a host of all registries and one of the owner's own. */
export const TABLE = { ...SHIPPED_ROUTES, mirror: "*", own: "https://registry.corp.example" };

/** A page, and that it is one. */
export async function pageAt(
  url: string,
  variables: Record<string, unknown> = {},
  init: RequestInit = {},
): Promise<string> {
  const { ROUTES = TABLE, ...others } = variables;
  const response = await new Ferry(ROUTES, others).fetch(url, init);
  expect(response.status).toBe(200);
  expect(response.headers.get("Content-Type")).toBe("text/html; charset=utf-8");
  return response.text();
}

/** The boxes to copy from, as a browser reads them: their ids, and the text of each. */
export function boxesOf(page: string): { id: string; text: string }[] {
  return [...page.matchAll(/<pre data-recipe="([^"]*)">([^<]*)<\/pre>/g)].map(([, id = "", text = ""]) => ({
    id,
    text: unescaped(text),
  }));
}

/** The texts of the boxes of one recipe. */
export function textsOf(page: string, id: string): string[] {
  return boxesOf(page).flatMap((box) => (box.id === id ? [box.text] : []));
}

/** The block of data for the page's script. */
export function dataOf(page: string): unknown {
  const [, text = ""] = /<script type="application\/json" id="data">\s*(.*?)\s*<\/script>/s.exec(page) ?? [];
  return JSON.parse(text);
}

/** Without the scripts and the style. */
export function wordsOf(page: string): string {
  return page.replace(/<(script|style)\b.*?<\/\1>/gs, "");
}

export function unescaped(text: string): string {
  return text.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
}
