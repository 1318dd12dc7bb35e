// Bodies as Node's streams give them: scripts read through the same functions as the Worker.
import { describe, expect, it } from "vitest";
import { readCapped } from "../../src/distribution/body.ts";

/** A stream of bytes in chunks, as `fetch` of Node makes them: its last bytes may come with its end. */
function streamOf(chunks: readonly string[]): ReadableStream {
  const left = [...chunks];
  return new ReadableStream({
    type: "bytes",
    pull(controller) {
      const next = left.shift();
      if (next !== undefined) controller.enqueue(new TextEncoder().encode(next));
      else {
        controller.close();
        controller.byobRequest?.respond(0);
      }
    },
  });
}

async function read(chunks: readonly string[], cap: number): Promise<string | undefined> {
  const bytes = await readCapped(streamOf(chunks) as never, cap);
  return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
}

describe("readCapped in Node", () => {
  it.each([[["all"]], [["a", "b", "c"]], [["x".repeat(20_000), "y".repeat(20_000), "z"]], [[]]])(
    "reads a body of bytes to its end (%#)",
    async (chunks) => {
      expect(await read(chunks, 100_000)).toBe(chunks.join(""));
    },
  );

  it("takes a body of just its cap, and none that is longer", async () => {
    expect(await read(["12345", "6789"], 9)).toBe("123456789");
    expect(await read(["12345", "67890"], 9)).toBeUndefined();
  });
});
