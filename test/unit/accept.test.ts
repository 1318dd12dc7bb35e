// Accept: the known types of a header in our own words, their class, and what a client reads.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { accepts, ALL_KNOWN_WORDS, readAccept, type Accept } from "../../src/distribution/accept.ts";

const OCI_INDEX = "application/vnd.oci.image.index.v1+json";
const OCI_IMAGE = "application/vnd.oci.image.manifest.v1+json";
const DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json";
const DOCKER_IMAGE = "application/vnd.docker.distribution.manifest.v2+json";
const ARTIFACT = "application/vnd.oci.artifact.manifest.v1+json";
const SIGNED = "application/vnd.docker.distribution.manifest.v1+prettyjws";
const UNSIGNED = "application/vnd.docker.distribution.manifest.v1+json";
const JSON_TYPE = "application/json";
const ALL = "*/*";

/** In the order in which they go to the registry. */
const KNOWN = [OCI_INDEX, DOCKER_LIST, OCI_IMAGE, DOCKER_IMAGE, ARTIFACT, SIGNED, UNSIGNED, JSON_TYPE, ALL];

const known = fc.shuffledSubarray(KNOWN, { minLength: 1 });
const unknown = fc.constantFrom(
  "text/html",
  "application/*",
  "application/vnd.oci.image.index.v2+json",
  "",
  "x",
  "/",
);

function read(header: string | null): Accept {
  const accept = readAccept(header);
  if (accept === undefined) expect.fail(`nothing was read of ${JSON.stringify(header)}`);
  return accept;
}

describe("S18: the words of an Accept header", () => {
  it.each<[string | null, string]>([
    [null, ALL],
    [ALL, ALL],
    [JSON_TYPE, JSON_TYPE],
    [OCI_IMAGE, OCI_IMAGE],
    [` ${OCI_IMAGE.toUpperCase()}\t,,${OCI_INDEX},${OCI_IMAGE}`, `${OCI_INDEX}, ${OCI_IMAGE}`],
    [`application/x-new, ${DOCKER_IMAGE}, text/html`, DOCKER_IMAGE],
    // containerd's and docker's.
    [
      [DOCKER_IMAGE, DOCKER_LIST, OCI_IMAGE, OCI_INDEX, ALL].join(", "),
      [OCI_INDEX, DOCKER_LIST, OCI_IMAGE, DOCKER_IMAGE, ALL].join(", "),
    ],
    [
      [SIGNED, JSON_TYPE, DOCKER_IMAGE, DOCKER_LIST, OCI_INDEX, OCI_IMAGE].join(","),
      [OCI_INDEX, DOCKER_LIST, OCI_IMAGE, DOCKER_IMAGE, SIGNED, JSON_TYPE].join(", "),
    ],
  ])("of %j are %j", (header, words) => {
    expect(read(header).words).toBe(words);
  });

  it("of all known types are what a digest is asked with", () => {
    expect(ALL_KNOWN_WORDS).toBe(KNOWN.join(", "));
    expect(read(KNOWN.toReversed().join(",")).words).toBe(ALL_KNOWN_WORDS);
  });

  it("are the known types in one order, whatever their order, case and number, and whatever is beside them", () => {
    const check = (types: string[], others: string[], turn: number): void => {
      const mixed = [...types, ...others, ...types.slice(turn)].map((type, index) =>
        (index + turn) % 2 === 0 ? ` ${type.toUpperCase()}\t` : type,
      );
      const rotated = [...mixed.slice(turn), ...mixed.slice(0, turn)].join(",");
      const words = KNOWN.filter((type) => types.includes(type)).join(", ");
      expect(read(rotated).words).toBe(words);
      expect(read(words)).toEqual(read(rotated));
    };
    const others = fc.array(unknown, { maxLength: 3 });
    fc.assert(fc.property(known, others, fc.nat({ max: 9 }), check), { seed: 18, numRuns: 1000 });
  });
});

describe("S18: nothing is read of", () => {
  it.each([
    "",
    " ",
    ",",
    "garbage",
    "text/html",
    "application/*",
    "image/png, text/*",
    "${jndi:ldap://x}",
    "*",
  ])("%j, where nothing is known", (header) => {
    expect(readAccept(header)).toBeUndefined();
  });

  it.each([
    `${OCI_INDEX};q=0`,
    `${OCI_IMAGE}, ${OCI_INDEX};q=0.5`,
    `${OCI_IMAGE} ;charset=utf-8`,
    `${OCI_IMAGE};`,
    "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    `${OCI_IMAGE}, application/x-new;a=", ${OCI_INDEX}, "`,
    `application/x-new;q=0.1, ${OCI_IMAGE}`,
  ])("F9: %j, which has a parameter", (header) => {
    expect(readAccept(header)).toBeUndefined();
  });

  it("a parameter wherever it stands (F9)", () => {
    const check = (types: string[], at: number, parameter: string): void => {
      const list = types.map((type, index) => (index === at % types.length ? type + parameter : type));
      expect(readAccept(list.join(", "))).toBeUndefined();
    };
    const parameter = fc.constantFrom(";q=0", ";q=1", " ; q=0.3", ";", ";version=1");
    fc.assert(fc.property(known, fc.nat(), parameter, check), { seed: 9, numRuns: 200 });
  });

  it("what is longer than 8 KiB", () => {
    expect(readAccept(`${OCI_IMAGE},`.padEnd(8 * 1024, ","))).toEqual(readAccept(OCI_IMAGE));
    expect(readAccept(`${OCI_IMAGE},`.padEnd(8 * 1024 + 1, ","))).toBeUndefined();
  });
});

describe("the class of an Accept header", () => {
  const classes = Array.from({ length: 2 ** KNOWN.length - 1 }, (_, set) =>
    read(KNOWN.filter((_type, index) => ((set + 1) >> index) % 2 === 1).join(",")),
  );

  it("is another for each set of types", () => {
    expect(new Set(classes.map((accept) => accept.class)).size).toBe(classes.length);
    expect(new Set(classes.map((accept) => accept.words)).size).toBe(classes.length);
  });

  it("F8: is a key that an object keeps in the order of insertion, and that no object has of itself", () => {
    const names = classes.map((accept) => accept.class);
    const backwards = names.toReversed();
    expect(Object.keys(Object.fromEntries(names.map((name) => [name, 1])))).toEqual(names);
    expect(Object.keys(Object.fromEntries(backwards.map((name) => [name, 1])))).toEqual(backwards);
    expect(names.filter((name) => name in {})).toEqual([]);
  });
});

describe("S18: what a client reads", () => {
  it("is each type that it names, whatever the type's case and parameters", () => {
    const accept = read(`${OCI_IMAGE}, ${DOCKER_LIST}`);
    expect(accepts(accept, OCI_IMAGE)).toBe(true);
    expect(accepts(accept, `${DOCKER_LIST.toUpperCase()}; charset=utf-8`)).toBe(true);
    for (const type of [
      OCI_INDEX,
      DOCKER_IMAGE,
      SIGNED,
      JSON_TYPE,
      "",
      null,
      ALL,
      `${OCI_IMAGE}, ${DOCKER_LIST}`,
    ]) {
      expect(accepts(accept, type)).toBe(false);
    }
  });

  it.each([null, ALL, `${OCI_IMAGE}, ${ALL}`])("is everything for %j", (header) => {
    for (const type of [...KNOWN, "application/x-new", "", null])
      expect(accepts(read(header), type)).toBe(true);
  });

  it("is no manifest for application/json alone: it is no family of types", () => {
    expect(KNOWN.filter((type) => accepts(read(JSON_TYPE), type))).toEqual([JSON_TYPE]);
  });

  it("is what its header names and no more", () => {
    const check = (types: string[], type: string): void => {
      expect(accepts(read(types.join(",")), type)).toBe(types.includes(type) || types.includes(ALL));
    };
    fc.assert(fc.property(known, fc.constantFrom(...KNOWN), check), { seed: 18, numRuns: 500 });
  });
});
