// JSON for the tests of what reads it byte by byte: parsed the plain way, changed, counted.
import fc from "fast-check";

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The value of a JSON text in UTF-8, without a byte order mark; undefined where it is none. */
export function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

/** How many values there are in a value, itself among them, and how many objects and lists within each other. */
export function countOf(value: unknown): { readonly values: number; readonly depth: number } {
  if (typeof value !== "object" || value === null) return { values: 1, depth: 0 };
  const inner = Object.values(value).map(countOf);
  return {
    values: inner.reduce((sum, { values }) => sum + values, 1),
    depth: 1 + Math.max(0, ...inner.map(({ depth }) => depth)),
  };
}

/** A document with one to three bytes replaced, added or taken away. */
export function mutated(bytes: Uint8Array): fc.Arbitrary<Uint8Array> {
  const byte = fc.oneof(fc.nat({ max: 255 }), fc.constantFrom(...bytesOf('{}[]:,"\\ 0-.eEu\u0000')));
  const edit = fc.tuple(fc.nat({ max: bytes.length }), fc.nat({ max: 1 }), fc.array(byte, { maxLength: 1 }));
  return fc.array(edit, { minLength: 1, maxLength: 3 }).map((edits) => {
    const changed = [...bytes];
    for (const [at, taken, added] of edits) changed.splice(at, taken, ...added);
    return Uint8Array.from(changed);
  });
}

/** How often bytes were looked at, and how far. */
export interface Reads {
  count: number;
  furthest: number;
}

/** The bytes, and what was read of them one by one since. */
export function counted(bytes: Uint8Array): [Uint8Array, Readonly<Reads>] {
  const reads: Reads = { count: 0, furthest: -1 };
  const proxy = new Proxy(bytes, {
    get(target, name): unknown {
      const at = typeof name === "string" && /^\d+$/.test(name) ? Number(name) : undefined;
      if (at !== undefined) {
        reads.count += 1;
        reads.furthest = Math.max(reads.furthest, at);
        return target[at];
      }
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  return [proxy, reads];
}
