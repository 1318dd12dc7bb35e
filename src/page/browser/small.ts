// The script of a page that has commands, and nothing to ask or to convert.

import type { SmallPageData } from "../data.ts";
import { addCopyButtons } from "./copy.ts";
import { dataOfPage } from "./dom.ts";
import { applyTheme, offerThemes } from "./theme.ts";

applyTheme();
document.addEventListener("DOMContentLoaded", () => {
  document.documentElement.classList.add("js");
  offerThemes();
  const data = dataOfPage() as SmallPageData | undefined;
  if (data !== undefined) addCopyButtons(data.texts);
});
