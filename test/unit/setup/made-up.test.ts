// Setup on files that are made up: any mixture of notations, comments and ends of lines.
import fc from "fast-check";
import { expect, it } from "vitest";
import { judge } from "../../../scripts/setup/plan.ts";
import { crlf } from "./files.ts";
import { DOMAIN, domainsOf, isOnWorkersDev, isWithin, namesOf, otherThings, setUp } from "./stage.ts";

const comment = fc.constantFrom("", "", "\n", "# routes = [\n", "# ]\n\n", "  # [vars]\n", '#"""\n');
const behind = fc.constantFrom("\n", " # x\n", " # ]\n", "\t# ,\n");
const space = fc.constantFrom("", " ", "\n", " # ]\n  ", "\n\n# , }\n");
const entry = (host: string): string => `{ pattern = "${host}", custom_domain = true }`;

/** A list with anything between its items, and with or without a comma at its end. */
function listOf(items: readonly string[]): fc.Arbitrary<string> {
  return fc
    .tuple(fc.array(space, { minLength: 6, maxLength: 6 }), fc.nat(items.length), fc.boolean())
    .map(([[first = "", a = "", b = "", c = "", last = ""], length, hasComma]) => {
      const chosen = items.slice(0, length);
      const text = chosen.map((item) => `${a}${item}${b}`).join(`,${c}`);
      return `[${first}${text}${hasComma && chosen.length > 0 ? "," : ""}${last}]`;
    });
}

const routes = fc.oneof(
  fc.constant({ top: "", end: "" }),
  listOf([entry("a.other.dev"), '"b.other.dev/*"', entry("docker.images.dev")]).map((list) => ({
    top: `routes = ${list}`,
    end: "",
  })),
  comment.map((c) => ({ top: "", end: `[[routes]]\n${c}pattern = "a.other.dev/*"\n` })),
);
const names = fc.oneof(
  fc.constant(""),
  listOf(['"a.other.dev"', "'b.other.dev'", '"ghcr.images.dev"']).map((list) => `HOSTS = ${list}`),
  fc.constantFrom('HOSTS = "a.other.dev"', "HOSTS = ''", 'HOSTS = """\na.other.dev\n"""'),
);
const ROWS = ['docker = "https://registry-1.docker.io"', 'ghcr = "https://ghcr.io"'];

const file = fc
  .record({
    routes,
    names,
    comments: fc.array(comment, { minLength: 6, maxLength: 6 }),
    behind: fc.array(behind, { minLength: 6, maxLength: 6 }),
    workersDev: fc.constantFrom("", "workers_dev = true", "workers_dev = false"),
    hasVars: fc.boolean(),
    isDotted: fc.boolean(),
    isCrlf: fc.boolean(),
    hasMark: fc.boolean(),
    isCut: fc.boolean(),
  })
  .map((made) => {
    const line = (text: string, at: number): string =>
      (made.comments[at] ?? "") + (text === "" ? "" : text + (made.behind[at] ?? ""));
    const { hasVars, isDotted, names: HOSTS } = made;
    const variables = isDotted
      ? line(HOSTS === "" ? "vars.TAG_TTL = 5" : `vars.${HOSTS}`, 2)
      : hasVars || HOSTS !== ""
        ? line("[vars]", 2) + line(HOSTS, 3)
        : "";
    const top = `name = "x"\n${line(made.workersDev, 0)}${line(made.routes.top, 1)}`;
    const text = `${top}${variables}${line("[vars.ROUTES]", 4)}${ROWS.join(made.behind[5] ?? "\n")}\n${made.routes.end}`;
    const ended = made.isCut ? text.trimEnd() : text;
    return (made.hasMark ? "\uFEFF" : "") + (made.isCrlf ? crlf(ended) : ended);
  });

it("has the hosts, is otherwise the same, and comes back byte for byte", () => {
  fc.assert(
    fc.property(file, fc.boolean(), (old, withMirror) => {
      const words = withMirror ? [DOMAIN, "--mirror"] : [DOMAIN];
      const now = setUp(old, ...words);
      const hosts = ["docker", "ghcr", ...(withMirror ? ["mirror"] : [])].map((row) => `${row}.${DOMAIN}`);
      expect(domainsOf(now)).toEqual(expect.arrayContaining(hosts));
      expect(new Set(domainsOf(now)).size).toBe(domainsOf(now).length);
      expect(namesOf(now)).toEqual([
        ...namesOf(old),
        ...hosts.filter((host) => !namesOf(old).includes(host)),
      ]);
      expect(otherThings(now)).toEqual(otherThings(old));
      expect(isOnWorkersDev(now)).toBe(isOnWorkersDev(old));
      expect(isWithin(old, now)).toBe(true);
      expect(judge(old, now, {}).faults).toEqual([]);
      expect(setUp(now, ...words)).toBe(now);
      expect(setUp(now, "--undo")).toBe(old);
    }),
    { numRuns: 300 },
  );
});
