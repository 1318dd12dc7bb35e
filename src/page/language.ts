// Which language a visitor gets: the one that they chose by the switch, else one that their browser asks for.

import { EN } from "./languages/en.ts";
import type { Language } from "./languages/texts.ts";
import { ZH_CN } from "./languages/zh-cn.ts";

/** All there are, in the order of the switch. The first is for who asks for none of them. */
export const LANGUAGES: readonly Language[] = [EN, ZH_CN];

const COOKIE = "lang";
const REMEMBERED = new RegExp(`(?:^|;\\s*)${COOKIE}=([A-Za-z-]{2,11})(?:;|$)`);
const A_YEAR_S = 365 * 24 * 60 * 60;
/** What of a header is read: browsers send a tenth of it. */
const MOST = 1024;

/** A language, and whether it was chosen just now. */
export interface Choice {
  readonly language: Language;
  readonly isNew: boolean;
}

/** The language of a request: by `?lang=`, by what the switch remembered, by `Accept-Language` (RFC 9110, 12.5.4). */
export function languageOf({ headers }: { readonly headers: Headers }, url: URL): Choice {
  const asked = find(url.searchParams.get("lang") ?? "");
  if (asked !== undefined) return { language: asked, isNew: true };
  const remembered = find(cookieOf(headers) ?? "");
  const language = remembered ?? preferred(headers.get("Accept-Language") ?? "") ?? EN;
  return { language, isNew: false };
}

/** The header by which the switch is remembered: for this host alone, and for nobody but the Worker to read. */
export function remembering({ tag }: Language, url: URL): string {
  const secure = url.protocol === "https:" ? "; Secure" : "";
  return `${COOKIE}=${tag}; Path=/; Max-Age=${A_YEAR_S}; SameSite=Lax; HttpOnly${secure}`;
}

function find(tag: string): Language | undefined {
  return LANGUAGES.find((one) => one.tag.toLowerCase() === tag.toLowerCase());
}

function cookieOf(headers: Headers): string | undefined {
  const text = (headers.get("Cookie") ?? "").slice(0, MOST);
  return REMEMBERED.exec(text)?.[1];
}

/** The best-rated language that is here; `zh-TW` and `en-GB` get the one that shares their first part. */
function preferred(header: string): Language | undefined {
  const ranges = header
    .slice(0, MOST)
    .split(",")
    .map((range) => {
      const [tag = "", ...parameters] = range.split(";").map((part) => part.trim());
      const quality = parameters.find((one) => one.startsWith("q="))?.slice(2) ?? "1";
      return { tag: tag.toLowerCase(), quality: Number(quality) };
    })
    .filter(({ quality }) => quality > 0)
    .sort((one, other) => other.quality - one.quality);
  for (const { tag } of ranges) {
    const [primary = ""] = tag.split("-", 1);
    const found = find(tag) ?? LANGUAGES.find((one) => one.tag.toLowerCase().split("-", 1)[0] === primary);
    if (found !== undefined) return found;
  }
  return undefined;
}
