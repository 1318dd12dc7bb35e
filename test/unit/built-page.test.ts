// The page's style and script that the Worker hands out are those that their sources make.
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { BUILT, builtPage } from "../../scripts/build/page.ts";

it("src/page/built.ts is what `npm run page` makes of src/page/browser/", async () => {
  const is = readFileSync(BUILT, "utf8") === (await builtPage());
  // Not compared by the matcher: it would print both.
  expect(is, "run `npm run page`, and commit src/page/built.ts").toBe(true);
});
