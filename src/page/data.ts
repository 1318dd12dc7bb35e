// What the page hands to its script in the browser, as JSON in a block that nothing runs.

import type { Offer } from "./convert/offer.ts";
import type { ScriptTexts } from "./languages/texts.ts";

/** What every page has that has something to copy. */
export interface SmallPageData {
  readonly texts: CopyTexts;
}

export type CopyTexts = Pick<ScriptTexts, "copied" | "copy" | "copyFailed">;

/** What the page of a host has. */
export interface PageData {
  readonly texts: ScriptTexts;
  readonly offer: Offer;
  /** The host that is visited: what is served there can be checked from its page. */
  readonly host: string;
}

/** The id of the block in the document. */
export const DATA_ID = "data";
