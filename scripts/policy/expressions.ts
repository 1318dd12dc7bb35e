// The rewriting of a Pod's images in CEL: of one name it makes what the page's converter does (src/page/convert/image.ts). All of its
// functions are in each Kubernetes that has MutatingAdmissionPolicy, and its regular expressions are RE2's.

/** A variable of a policy, which those below it may use. */
export interface Variable {
  readonly name: string;
  readonly expression: string;
}

/** What a policy is made of, whoever evaluates it. */
export interface Expressions {
  readonly variables: readonly Variable[];
  /** A list of `JSONPatch`. */
  readonly patch: string;
}

/** What stands before the first slash, where it is a registry: docker's own rule. */
const REGISTRY = "^(?:localhost|[^/@]*[.:A-Z][^/@]*)/";

const COMPONENT = "[a-z0-9]+(?:(?:[.]|_|__|-+)[a-z0-9]+)*";
const TAG = "[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}";
/** Those that image-spec registers. RE2 cannot say "any other", and no container runtime knows one. */
const DIGEST = "sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128}";
const NAME = `^${COMPONENT}(?:/${COMPONENT})*(?::${TAG})?(?:@(?:${DIGEST}))?$`;

/** As long as a repository may be (distribution/reference). */
const LONGEST = 255;

/**
 * @param host the universal host, with its port where it has one
 * @param prefixes what is written for each registry (./served.ts)
 */
export function expressionsFor(host: string, prefixes: ReadonlyMap<string, string>): Expressions {
  const rows = [...prefixes].map(([registry, to]) => `  ${quoted(registry)}: ${quoted(to)}`);
  return {
    variables: [
      { name: "prefixes", expression: `{\n${rows.join(",\n")}\n}` },
      { name: "images", expression: IMAGES },
      { name: "named", expression: NAMED },
      { name: "changed", expression: changedOn(host) },
    ],
    patch: 'variables.changed.map(c, JSONPatch{op: "replace", path: c.path, value: c.image})',
  };
}

/**
 * The places of one list that a Pod may have, each with the image that it names. Names are looked up, which are different in a Pod:
 * to compare whole containers costs more than an expression may (a policy's cost budget).
 */
function placesIn(list: string, image: string, condition: string): string {
  const items = `object.spec.${list}`;
  const path = `"/spec/${list}/" + string(${items}.map(o, o.name).indexOf(c.name)) + "${image.replaceAll(".", "/")}"`;
  return `(has(${items})\n  ? ${items}.filter(c, ${condition}).map(c, {"path": ${path}, "image": string(c${image})})\n  : [])`;
}

/** Of a Pod that exists only new ephemeral containers are looked at: nothing else of it may change. */
const IS_NEW =
  "(!has(oldObject.spec.ephemeralContainers) || !oldObject.spec.ephemeralContainers.exists(o, o.name == c.name))";

const IMAGES = [
  "oldObject == null ?",
  [
    placesIn("containers", ".image", "has(c.image)"),
    placesIn("initContainers", ".image", "has(c.image)"),
    placesIn("volumes", ".image.reference", "has(c.image) && has(c.image.reference)"),
  ].join(" +\n"),
  ":",
  placesIn("ephemeralContainers", ".image", `has(c.image) && ${IS_NEW}`),
].join("\n");

/** Names in two parts: a registry of the table, with its slash or empty, and the rest. */
const NAMED = `variables.images.map(i, {
  "path": i.path,
  "registry": i.image.find(${quoted(REGISTRY)}).lowerAscii(),
  "rest": i.image.substring(size(i.image.find(${quoted(REGISTRY)})))
})`;

/**
 * What the images become that are of a registry of the table, and whose names are names. A repository that begins with a registry
 * would be another one's behind the host.
 */
function changedOn(host: string): string {
  return `variables.named.filter(n,
  n.registry in variables.prefixes &&
  n.rest.matches(${quoted(NAME)}) &&
  size(n.rest.find("^[^:@]+")) <= ${LONGEST} &&
  !((n.rest.find("^[^/:@]+") + "/") in variables.prefixes) &&
  !(variables.prefixes[n.registry] == ${quoted(`${host}/`)} && n.rest.find("^[^/:@]+").contains("."))
).map(n, {"path": n.path, "image": variables.prefixes[n.registry] + n.rest})`;
}

/** A text of CEL, which has JSON's escapes. */
function quoted(text: string): string {
  return JSON.stringify(text);
}
