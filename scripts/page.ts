// `npm run page`: builds the page's style and script into src/page/built.ts.

import { writeFileSync } from "node:fs";
import { BUILT, builtPage } from "./build/page.ts";

writeFileSync(BUILT, await builtPage());
