// Where a text stops being JSON. `JSON.parse` says it for some faults only, and repeats the text, which may hold a key.

const WHITE_SPACE = /[ \t\r\n]*/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const SCALAR = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-])/y;

/** What may come next: a value, a member's name or its colon, what follows a value; "first" where `}` or `]` may, too. */
type Expected = "value" | "first value" | "name" | "first name" | "colon" | "more";

/** The place of the first fault of a text that is not JSON, and what was expected there. */
export function describeJsonFault(text: string): string {
  const { position, expected } = findFault(text);
  const before = text.slice(0, position).split("\n");
  const column = (before.at(-1)?.length ?? 0) + 1;
  return `line ${before.length}, column ${column}, where ${expected} was expected`;
}

function findFault(text: string): { position: number; expected: string } {
  const open: ("{" | "[")[] = [];
  let position = 0;
  let expected: Expected = "value";
  const take = (pattern: RegExp): boolean => {
    pattern.lastIndex = position;
    if (!pattern.test(text)) return false;
    position = pattern.lastIndex;
    return true;
  };
  for (;;) {
    take(WHITE_SPACE);
    const next = text.charAt(position);
    const inside = open.at(-1);
    const closes =
      next === (inside === "{" ? "}" : "]") && (expected === "more" || expected.startsWith("first"));
    if (inside !== undefined && closes) {
      open.pop();
      expected = "more";
      position += 1;
    } else if (expected === "more" && inside !== undefined && next === ",") {
      expected = inside === "{" ? "name" : "value";
      position += 1;
    } else if (expected === "colon" && next === ":") {
      expected = "value";
      position += 1;
    } else if (expected.endsWith("name") && take(STRING)) {
      expected = "colon";
    } else if (expected.endsWith("value") && (next === "{" || next === "[")) {
      open.push(next);
      expected = next === "{" ? "first name" : "first value";
      position += 1;
    } else if (expected.endsWith("value") && (take(STRING) || take(SCALAR))) {
      expected = "more";
    } else {
      return { position, expected: describe(expected, inside) };
    }
  }
}

function describe(expected: Expected, inside: "{" | "[" | undefined): string {
  if (expected === "colon") return "a colon";
  if (expected.endsWith("name")) return "a name in double quotes";
  if (expected.endsWith("value")) return "a value";
  if (inside === undefined) return "nothing more";
  return inside === "{" ? 'a comma or "}"' : 'a comma or "]"';
}
