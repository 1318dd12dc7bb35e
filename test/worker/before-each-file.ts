import { beginAnew } from "./fresh-worker.ts";

await beginAnew();
