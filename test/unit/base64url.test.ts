// Base64 for URLs: one text has one spelling, so that nothing can be said in two ways.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeBase64Url, encodeBase64Url } from "../../src/distribution/base64url.ts";

const bytes = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) });

describe("base64url", () => {
  it.each([
    ["", ""],
    ["f", "Zg"],
    ["fo", "Zm8"],
    ["foo", "Zm9v"],
    ["\xfb\xff", "-_8"],
    ["docker.io", "ZG9ja2VyLmlv"],
  ])("of %j is %j (RFC 4648)", (text, encoded) => {
    expect(encodeBase64Url(text)).toBe(encoded);
    expect(decodeBase64Url(encoded)).toBe(text);
  });

  it.each(["Zg==", "Zh", "+/8", "Zm9v\n", " Zm9v", "Z", "Zm9v!", "Zm=9", "\u00e9", "\ud800"])(
    "has no other spelling: %j",
    (encoded) => {
      expect(decodeBase64Url(encoded)).toBeUndefined();
    },
  );

  it("is undone by decoding, for all bytes, and needs no escapes in a path or a query", () => {
    fc.assert(
      fc.property(bytes, (text) => {
        expect(encodeBase64Url(text)).toMatch(/^[A-Za-z0-9_-]*$/);
        expect(decodeBase64Url(encodeBase64Url(text))).toBe(text);
      }),
    );
  });

  it("decodes nothing that it would not have made, and throws for no input whatsoever", () => {
    const anything = fc.oneof(fc.string({ unit: "binary" }), fc.stringMatching(/^[A-Za-z0-9_=-]*$/));
    fc.assert(
      fc.property(anything, (text) => {
        const decoded = decodeBase64Url(text);
        if (decoded !== undefined) expect(encodeBase64Url(decoded)).toBe(text);
      }),
    );
  });
});
