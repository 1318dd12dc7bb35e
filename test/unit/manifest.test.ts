// Manifests as they are stored: bytes whose digest fits, and a document that means one thing only (S11).
import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { digestOf, hasDigest, isVerifiable } from "../../src/distribution/digest.ts";
import {
  beginsAsPage,
  isPage,
  isStorableManifest,
  MAX_STORED_MANIFEST,
} from "../../src/distribution/manifest.ts";
import { parseDigest, type Digest } from "../../src/distribution/reference.ts";
import { bytesOf, counted, mutated } from "./json-texts.ts";
import { isStorableByParsing } from "./parsed-manifest.ts";

const OCI_INDEX = "application/vnd.oci.image.index.v1+json";
const OCI_IMAGE = "application/vnd.oci.image.manifest.v1+json";
const DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json";
const DOCKER_IMAGE = "application/vnd.docker.distribution.manifest.v2+json";

const storable = (text: string, type: string | null): boolean => isStorableManifest(bytesOf(text), type);

function digest(text: string): Digest {
  const parsed = parseDigest(text);
  if (parsed === undefined) throw new TypeError(`no digest: ${text}`);
  return parsed;
}

describe("digests", () => {
  it.each(["sha256", "sha384", "sha512"])("%s is computed with its own algorithm", async (algorithm) => {
    const check = async (content: Uint8Array): Promise<void> => {
      const hex = createHash(algorithm).update(content).digest("hex");
      const right = digest(`${algorithm}:${hex}`);
      expect(isVerifiable(right)).toBe(true);
      expect(await hasDigest(content, right)).toBe(true);
      expect(await hasDigest(new Uint8Array([...content, 0]), right)).toBe(false);
      const flipped = hex.startsWith("0") ? `1${hex.slice(1)}` : `0${hex.slice(1)}`;
      expect(await hasDigest(content, digest(`${algorithm}:${flipped}`))).toBe(false);
    };
    await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), check), { numRuns: 50 });
  });

  it.each(["blake3:00ff", "sha1:00ff", "md5:00ff", "sha256+b64:00ff"])("%s is none of ours", async (text) => {
    expect(isVerifiable(digest(text))).toBe(false);
    expect(await hasDigest(bytesOf("x"), digest(text))).toBe(false);
  });

  // Known hole: names that every object has are taken for algorithms. Then this becomes an `it`.
  it("an algorithm called constructor is none of ours", () => {
    expect(isVerifiable(digest("constructor:00ff"))).toBe(false);
  });

  it("sha256 of nothing and of bytes", async () => {
    expect(await digestOf(new Uint8Array())).toBe(
      "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    );
    expect(await hasDigest(bytesOf("abc"), await digestOf(bytesOf("abc")))).toBe(true);
  });
});

describe("what may be stored", () => {
  it.each<[string, string | null]>([
    ['{"schemaVersion":2,"manifests":[]}', OCI_INDEX],
    ['{"schemaVersion":2,"manifests":[]}', DOCKER_LIST],
    [`{"mediaType":"${OCI_INDEX}","manifests":[{"digest":"a"},{"digest":"b"}]}`, OCI_INDEX],
    ['{"config":{},"layers":[]}', OCI_IMAGE],
    [`{"mediaType":"${DOCKER_IMAGE}","config":{},"layers":[{"size":1},{"size":2}]}`, DOCKER_IMAGE],
    [' \n{"config":{"a":1,"a":2},"layers":[]}\n ', OCI_IMAGE],
    ['{"config":{},"layers":[],"annotations":{"layers":"x","config":"y","manifests":"z"}}', OCI_IMAGE],
    ['{"config":{},"layers":["layers","config","layers"]}', OCI_IMAGE],
    ['{"config":{},"layers":[],"a":"\\"layers\\":","b":"}{][\\\\"}', OCI_IMAGE],
    ['{"config":{},"layers":[]}', `${OCI_IMAGE}; charset=utf-8`],
    ['{"config":{},"layers":[]}', OCI_IMAGE.toUpperCase()],
    [`{"mediaType":"${OCI_IMAGE.toUpperCase()}","config":{},"layers":[]}`, OCI_IMAGE],
  ])("%s as %s", (text, type) => {
    expect(storable(text, type)).toBe(true);
  });

  it.each<[string, string | null]>([
    ["", OCI_IMAGE],
    ["null", OCI_IMAGE],
    ["[]", OCI_IMAGE],
    ['"layers"', OCI_IMAGE],
    ["{}", OCI_IMAGE],
    ["{}", OCI_INDEX],
    ['{"config":{},"layers":[]}x', OCI_IMAGE],
    ['{"config":{},"layers":[]}{}', OCI_IMAGE],
    ['{"config":{},"layers":[]}\0', OCI_IMAGE],
    ['{"config":{},"layers":[],}', OCI_IMAGE],
    ['\uFEFF{"config":{},"layers":[]}', OCI_IMAGE],
    ['{"config":{},"layers":[],"layers":[]}', OCI_IMAGE],
    ['{"config":{},"layers":[],"la\\u0079ers":[]}', OCI_IMAGE],
    ['{"a":1,"config":{},"layers":[],"a" : 2}', OCI_IMAGE],
    ['{"a":{"x":"}"},"config":{},"layers":[],"a":2}', OCI_IMAGE],
    ['{"manifests":[],"layers":[]}', OCI_INDEX],
    ['{"manifests":[],"config":{}}', OCI_INDEX],
    ['{"manifests":[],"fsLayers":[]}', OCI_INDEX],
    ['{"manifests":[],"blobs":[]}', OCI_INDEX],
    ['{"manifests":[],"config":{},"layers":[]}', OCI_IMAGE],
    ['{"manifests":[]}', OCI_IMAGE],
    ['{"config":{},"layers":[]}', OCI_INDEX],
    [`{"mediaType":"${DOCKER_IMAGE}","config":{},"layers":[]}`, OCI_IMAGE],
    ['{"mediaType":null,"config":{},"layers":[]}', OCI_IMAGE],
    ['{"mediaType":["x"],"config":{},"layers":[]}', OCI_IMAGE],
    ['{"config":{},"layers":[]}', null],
    ['{"config":{},"layers":[]}', ""],
    ['{"config":{},"layers":[]}', "application/json"],
    ['{"config":{},"layers":[]}', "text/html"],
    ['{"schemaVersion":1,"fsLayers":[]}', "application/vnd.docker.distribution.manifest.v1+prettyjws"],
  ])("not %s as %s", (text, type) => {
    expect(storable(text, type)).toBe(false);
  });

  it("not bytes that are no UTF-8", () => {
    const bytes = bytesOf('{"config":{},"layers":[],"a":"?"}');
    bytes[bytes.indexOf("?".charCodeAt(0))] = 0xff;
    expect(isStorableManifest(bytes, OCI_IMAGE)).toBe(false);
  });

  // Known holes; each becomes an `it` with its mend.
  it("not a type called constructor", () => {
    expect(storable('{"config":{},"layers":[]}', "constructor")).toBe(false);
  });

  it.each([
    '{"manifests":[],"Layers":[]}',
    '{"manifests":[],"Manifests":[{}]}',
    // The long s, which is an s to them, and which no lower case is.
    '{"manifests":[],"layer\u017f":[]}',
    '{"manifests":[],"manife\\u017fts":[{}]}',
  ])("not %s: clients written in Go do not tell the case of keys", (text) => {
    expect(storable(text, OCI_INDEX)).toBe(false);
  });

  it("S11: any letter that is one of ASCII but for its case is that letter", () => {
    for (let code = 0x80; code <= 0x10ffff; code += 1) {
      const character = String.fromCodePoint(code);
      const plain = /^[a-z]$/iu.test(character) ? character.normalize("NFKC").toLowerCase() : undefined;
      if (plain === undefined) continue;
      expect(storable(`{"config":{},"layers":[],"${character}":1}`, OCI_IMAGE)).toBe(true);
      expect(storable(`{"config":{},"layers":[],"${character}":1,"${plain}":2}`, OCI_IMAGE)).toBe(false);
    }
  });

  it("any image is storable, and none with a key of the top repeated, in whatever spelling", () => {
    const others = fc
      .dictionary(
        fc
          .string({ maxLength: 8 })
          .filter((key) => !/^(mediatype|manifests|layers|config|blobs|fslayers|__proto__)$/i.test(key)),
        fc.jsonValue({ maxDepth: 2 }),
        { maxKeys: 5 },
      )
      // `Q` and `q` are one key repeated already.
      .filter((extra) => {
        const keys = Object.keys(extra);
        return new Set(keys.map((key) => key.toLowerCase())).size === keys.length;
      });
    fc.assert(
      fc.property(others, fc.nat(), fc.boolean(), (extra, index, escaped) => {
        const members = Object.entries({ config: {}, layers: [], ...extra }).map(
          ([key, value]) => [JSON.stringify(key), JSON.stringify(value)] as const,
        );
        const write = (list: typeof members): string =>
          `{${list.map(([key, value]) => `${key}: ${value}`).join(",")}}`;
        expect(storable(write(members), OCI_IMAGE)).toBe(true);
        const [key] = members[index % members.length] ?? ['"config"'];
        const again = escaped ? escape(JSON.parse(key) as string) : key;
        expect(storable(write([...members, [again, "1"]]), OCI_IMAGE)).toBe(false);
      }),
      { numRuns: 200 },
    );
  });

  it("S11: what parsing the whole would say", () => {
    const members = [
      '"config":{}',
      '"layers":[]',
      '"manifests":[]',
      '"a":{"layers":1}',
      '"\\u0061":2',
      '"Layers":0',
    ];
    const types = ["mediaType", "mediatype"].flatMap((key) =>
      [`"${OCI_IMAGE}"`, `"${OCI_INDEX};x"`, '"\\u0061"', "null", "[1]"].map((value) => `"${key}":${value}`),
    );
    const text = fc
      .array(fc.constantFrom(...members, ...types), { maxLength: 4 })
      .map((list) => bytesOf(` {${list.join(" , ")}}`));
    const both = text.chain((bytes) => fc.tuple(fc.constant(bytes), mutated(bytes)));
    const check = ([whole, changed]: [Uint8Array, Uint8Array], type: string): void => {
      for (const bytes of [whole, changed]) {
        expect(isStorableManifest(bytes, type)).toBe(isStorableByParsing(bytes, type));
      }
    };
    const headers = fc.constantFrom(OCI_IMAGE, OCI_INDEX, DOCKER_IMAGE, DOCKER_LIST);
    fc.assert(fc.property(both, headers, check), { seed: 11, numRuns: 2000 });
  });
});

describe("S11, F2: what is stored has bounds", () => {
  const image = (rest: string): string => `{"config":{},"layers":[]${rest}}`;
  const keys = (count: number): string =>
    image(Array.from({ length: count - 2 }, (_, index) => `,"k${index}":0`).join(""));
  // Around the list are the object, `config` and `layers`, and the list is a value itself.
  const values = (count: number): string =>
    image(
      `,"a":[${Array(count - 4)
        .fill("0")
        .join(",")}]`,
    );
  const depth = (levels: number): string => image(`,"a":${"[".repeat(levels - 1)}${"]".repeat(levels - 1)}`);
  const length = (bytes: number): string => image("").padEnd(bytes);

  it.each<[string, (count: number) => string, number]>([
    ["keys at the top", keys, 64],
    ["values", values, 10_000],
    ["levels", depth, 32],
    ["bytes", length, 256 * 1024],
  ])("of %s", (_, make, most) => {
    expect(storable(make(most), OCI_IMAGE)).toBe(true);
    expect(storable(make(most + 1), OCI_IMAGE)).toBe(false);
  });

  it("and what is far beyond them is not looked at", () => {
    const [bytes, reads] = counted(bytesOf(keys(300_000)));
    expect(isStorableManifest(bytes, OCI_IMAGE)).toBe(false);
    expect(reads.count).toBeLessThan(10);
  });

  it("nor is a media type that is no text, however much there is of it", () => {
    const text = image(`,"mediaType":[${Array(9000).fill('{"a":0}').join(",")}]`);
    expect(storable(text, OCI_IMAGE)).toBe(false);
  });
});

describe("S18: a page where a manifest should be", () => {
  it.each<[string, string | null]>([
    ["<!doctype html><html></html>", null],
    [" <html>", "application/json"],
    ['{"config":{},"layers":[]}', "text/html; charset=utf-8"],
    ["", OCI_IMAGE],
    ["[]", OCI_IMAGE],
    ["Sign in", "text/plain"],
    ['{"config":{}', OCI_IMAGE],
  ])("is %j of type %j", (body, type) => {
    expect(isPage(type, bytesOf(body))).toBe(true);
  });

  it.each<[string, string | null]>([
    ["{}", null],
    ['{"config":{},"layers":[]}', OCI_IMAGE],
    ['{"a":1,"a":2}', "application/json"],
  ])("is not %j of type %j", (body, type) => {
    expect(isPage(type, bytesOf(body))).toBe(false);
  });

  it("is told by how it begins where it is beyond the bounds of storing", () => {
    const isPageAt = (start: string): boolean => isPage(null, bytesOf(start.padEnd(MAX_STORED_MANIFEST + 1)));
    expect(isPageAt("\n<html>")).toBe(true);
    expect(isPageAt('\n{"config"')).toBe(false);
    expect(isPage(null, bytesOf(`{"a":${"[".repeat(100)}`))).toBe(false);
  });

  it("is told by how it begins where only that is there", () => {
    const object = bytesOf(` {"schemaVersion":2,"layers":[{"x":"${"x".repeat(1000)}`);
    for (const [head, is] of [
      [object, false],
      [object.subarray(0, 2), false],
      [bytesOf(" ".repeat(1000)), false],
      [bytesOf("<html>"), true],
      [bytesOf("[{"), true],
      [bytesOf(` x${" ".repeat(1000)}`), true],
    ] as const) {
      expect(beginsAsPage(OCI_IMAGE, head)).toBe(is);
      expect(beginsAsPage("text/html", head)).toBe(true);
    }
  });

  it("is told by its type alone where there is no body", () => {
    expect(isPage("text/html", undefined)).toBe(true);
    expect(isPage(OCI_IMAGE, undefined)).toBe(false);
    expect(isPage(null, undefined)).toBe(false);
  });
});

/** Every character as an escape. */
function escape(text: string): string {
  const units = Array.from({ length: text.length }, (_, index) => text.charCodeAt(index));
  return `"${units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("")}"`;
}
