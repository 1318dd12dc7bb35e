// What an isolate remembers has a bound (S17).
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BoundedMap } from "../../src/isolate.ts";

describe("a bounded map (S17)", () => {
  it("forgets what was set longest ago", () => {
    const map = new BoundedMap<string, number>(2);
    map.set("a", 1);
    map.set("b", 2);
    map.set("c", 3);
    expect([map.get("a"), map.get("b"), map.get("c"), map.size]).toEqual([undefined, 2, 3, 2]);
  });

  it("counts setting again as new", () => {
    const map = new BoundedMap<string, number>(2);
    map.set("a", 1);
    map.set("b", 2);
    map.set("a", 3);
    map.set("c", 4);
    expect([map.get("a"), map.get("b"), map.get("c")]).toEqual([3, undefined, 4]);
  });

  it("loses nothing else when a key is set again at the bound", () => {
    const map = new BoundedMap<string, number>(2);
    map.set("a", 1);
    map.set("b", 2);
    map.set("b", 3);
    expect([map.get("a"), map.get("b"), map.size]).toEqual([1, 3, 2]);
  });

  it("deletes and clears", () => {
    const map = new BoundedMap<string, number>(3);
    map.set("a", 1);
    map.set("b", 2);
    map.delete("a");
    map.delete("x");
    expect([map.get("a"), map.size]).toEqual([undefined, 1]);
    map.clear();
    expect([map.get("b"), map.size]).toEqual([undefined, 0]);
  });

  it("is a key's own, also where keys are called like methods of objects", () => {
    const map = new BoundedMap<string, number>(3);
    expect(map.get("__proto__")).toBeUndefined();
    expect(map.get("constructor")).toBeUndefined();
  });

  it("keeps exactly the keys that were set last, and never more than its bound", () => {
    const key = fc.integer({ min: 0, max: 9 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.array(key), (bound, keys) => {
        const map = new BoundedMap<number, number>(bound);
        keys.forEach((each, index) => map.set(each, index));
        const last = [...new Set(keys.toReversed())].slice(0, bound);
        expect(map.size).toBe(last.length);
        for (const each of last) expect(map.get(each)).toBe(keys.lastIndexOf(each));
      }),
    );
  });
});
