// What src/ may do in named places only, and the rule that holds it to them.
import { isIn, pathOf } from "./rooms.js";

const AUTHORIZATION = "/^authorization$/i";
const WRITTEN =
  "CallExpression[callee.property.name=/^(set|append|delete)$/] > Literal.arguments:first-child";
const KEY = "ObjectExpression > Property > Literal.key";

/**
 * Every way to get at a property by its name.
 * @param {string} name
 */
const access = (name) => [
  `MemberExpression[computed=false] > Identifier.property[name="${name}"]`,
  `MemberExpression[computed=true] > Literal.property[value="${name}"]`,
  `ObjectPattern > Property > Identifier.key[name="${name}"]`,
  `ObjectPattern > Property > Literal.key[value="${name}"]`,
];

/**
 * @typedef {object} Reserved
 * @property {readonly string[]} places folders and files of src/
 * @property {readonly string[]} what selectors of syntax
 * @property {string} message
 */

/** @type {readonly Reserved[]} */
export const ONLY_HERE = [
  {
    // The name alone is enough to be refused, because a list or a constant that has it is read from somewhere else.
    places: ["src/access/caller.ts"],
    what: [
      `Literal[value=${AUTHORIZATION}]:not(${WRITTEN}):not(${KEY})`,
      `TemplateElement[value.cooked=${AUTHORIZATION}]`,
      ...access("Authorization"),
    ],
    message: "A client's credentials are read in src/access/caller.ts and nowhere else: ask it.",
  },
  {
    // In the browser it is the token that everybody gets.
    places: ["src/access/caller.ts", "src/upstream", "src/token-service", "src/page/browser/registry.ts"],
    what: [
      `${WRITTEN}[value=${AUTHORIZATION}]`,
      `${KEY}[value=${AUTHORIZATION}]`,
      'ObjectExpression > Property[computed=false] > Identifier.key[name="Authorization"]',
    ],
    message:
      "Credentials are taken off a request in src/access/caller.ts, and put on one in src/upstream/ and src/token-service/.",
  },
  {
    // The last of them is the browser's, where nobody pays for a chunk.
    places: ["src/distribution/body.ts", "src/distribution/body-head.ts", "src/page/browser/registry.ts"],
    what: [...access("getReader"), "ForOfStatement[await=true]"],
    message:
      "A body is read chunk by chunk in src/distribution/body.ts and body-head.ts only (and by the page's script); elsewhere it passes unread.",
  },
  {
    // A host that an owner did not mean to show is a host that strangers find.
    places: ["src/access/shown.ts", "src/routing/hosts.ts", "src/config"],
    what: access("routes"),
    message:
      "Ask src/access/shown.ts what may be named, and src/routing/hosts.ts where a host leads: the routes table is not for everybody to list.",
  },
];

/** @type {import("eslint").Rule.RuleModule} */
export const onlyHere = {
  meta: { type: "problem", schema: [] },
  create(context) {
    const path = pathOf(context.filename);
    const reserved = ONLY_HERE.filter(({ places }) => !places.some((place) => isIn(path, place)));
    return Object.fromEntries(
      reserved.map(({ what, message }) => [
        what.join(", "),
        /** @param {import("estree").Node} node */
        (node) => context.report({ node, message }),
      ]),
    );
  },
};
