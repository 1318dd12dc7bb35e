// The page's script: colours, tabs, copying, the converter, and the check of an image.

import type { PageData } from "../data.ts";
import { offerCheck } from "./check.ts";
import { offerConverter } from "./converter.ts";
import { addCopyButtons } from "./copy.ts";
import { dataOfPage } from "./dom.ts";
import { makeTabs } from "./tabs.ts";
import { applyTheme, offerThemes } from "./theme.ts";

applyTheme();
document.addEventListener("DOMContentLoaded", () => {
  document.documentElement.classList.add("js");
  offerThemes();
  const data = dataOfPage() as PageData | undefined;
  if (data === undefined) return;
  makeTabs();
  addCopyButtons(data.texts);
  const check = offerCheck(data);
  offerConverter(data, check);
});
