// Starts the embedded registry by hand: `node test/registry/main.ts [--port N] [--control]`.
import { parseArgs } from "node:util";
import { startControl } from "./control.ts";
import { startRegistry } from "./index.ts";

const { values } = parseArgs({
  options: { port: { type: "string", default: "0" }, control: { type: "boolean", default: false } },
});
const registry = await startRegistry({ port: Number(values.port) });
registry.seedImage({ repository: "library/hello" });
registry.seedImage({ repository: "private/secret" });
console.log(`registry  ${registry.url}   (library/hello, private/secret; alice / alice-password)`);
console.log(`token     ${registry.tokenUrl}`);
console.log(`cdn       ${registry.cdnUrl}`);
if (values.control) console.log(`control   ${(await startControl()).url}`);
