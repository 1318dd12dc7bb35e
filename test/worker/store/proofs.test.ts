// The proof in the store is renewed while an isolate goes on proving: others of the data centre live by it.
import { describe, expect, it } from "vitest";
import { forgetIsolate } from "../ferry.ts";
import { MINUTE, passTime, SECOND, Stage } from "./stage.ts";

describe("S9: a repository that is proved again and again", () => {
  it("is fresh for an isolate that begins in the middle of it", async () => {
    const stage = await Stage.open({}, {}, { TAG_TTL: 0 });
    const image = await stage.registry.seedImage({ repository: "library/app", layers: [2000] });
    await stage.pull(image);
    for (let elapsed = 0; elapsed < 6 * MINUTE; elapsed += 20 * SECOND) {
      passTime(20 * SECOND);
      await stage.get(`library/app/manifests/${image.tag}`);
    }
    forgetIsolate();
    await stage.registry.reset();
    expect((await stage.get(`library/app/manifests/${image.digest}`)).cache).toBe("hit");
    const { counters } = await stage.registry.state();
    expect(counters).toMatchObject({ manifestHead: 0, manifestGet: 0 });
  });
});
