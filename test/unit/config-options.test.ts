// Options of a row: what goes on at other paths, what is not kept, and how a list is turned off.
import { describe, expect, it } from "vitest";
import { describeFault, readConfig } from "../../src/config/config.ts";
import type { Registry } from "../../src/config/registry.ts";

const EXAMPLE = "https://registry.example.com";
const HUB = "https://registry-1.docker.io";

function registryOf(entry: unknown): Registry {
  const result = readConfig({ ROUTES: { row: entry } });
  if (!result.ok) throw new Error(result.faults.map(describeFault).join("\n"));
  const [registry] = result.config.registries.values();
  if (registry === undefined) throw new Error("no registry");
  return registry;
}

function faultsOf(entry: unknown): string[] {
  const result = readConfig({ ROUTES: { row: entry } });
  return result.ok ? [] : result.faults.map(describeFault);
}

describe("`mirrors`", () => {
  it.each<[string, unknown]>([
    ["an empty list", []],
    ["an empty text", ""],
    ["a blank text", " \n"],
    ["a comma", ","],
  ])("F25: are turned off by %s", (_, mirrors) => {
    expect(registryOf({ upstream: HUB, mirrors }).mirrors).toEqual([]);
  });

  it.each([undefined, null])("are the default where the option is not there: %j", (mirrors) => {
    expect(registryOf({ upstream: HUB, mirrors }).mirrors).toEqual(["https://mirror.gcr.io"]);
  });

  it("F25: turned off in one row and named in another contradict each other", () => {
    const ROUTES = { a: { upstream: HUB, mirrors: "" }, b: { upstream: HUB, mirrors: "https://m.example" } };
    expect(readConfig({ ROUTES })).toMatchObject({ ok: false, faults: [{ row: "b" }] });
    const same = { a: { upstream: HUB, mirrors: "" }, b: { upstream: HUB, mirrors: [] } };
    expect(readConfig({ ROUTES: same }).ok).toBe(true);
  });
});

describe("`upload_hosts` and `upload_paths`", () => {
  const GOOGLE = "https://gcr.io";

  it.each(["", " ", null])("F25: are the default where they are empty: %j", (value) => {
    const entry = { upstream: GOOGLE, upload_hosts: value, upload_paths: value };
    expect(registryOf(entry)).toEqual(registryOf(GOOGLE));
    expect(registryOf(entry).uploadPaths).toEqual(["/artifacts-uploads/"]);
  });

  it("are none with an empty list", () => {
    expect(registryOf({ upstream: GOOGLE, upload_paths: [] }).uploadPaths).toEqual([]);
  });
});

describe("`upload_paths`", () => {
  it("are none by default", () => {
    expect([registryOf(EXAMPLE).uploadPaths, registryOf(HUB).uploadPaths]).toEqual([[], []]);
  });

  it.each([
    "https://gcr.io",
    "https://eu.gcr.io",
    "https://asia.gcr.io",
    "https://europe-west1-docker.pkg.dev",
    "HTTPS://US-docker.PKG.dev/",
  ])("of Google are known: %s", (upstream) => {
    expect(registryOf(upstream).uploadPaths).toEqual(["/artifacts-uploads/"]);
    const named = { upstream, registry: "images.example.com" };
    expect(registryOf(named).uploadPaths).toEqual(["/artifacts-uploads/"]);
  });

  it.each([
    "https://notgcr.io",
    "https://pkg.dev",
    "https://gcr.io.example.com",
    "https://xpkg.dev",
    // Both redirect: k8s.gcr.io is asked as registry.k8s.io.
    "https://k8s.gcr.io",
  ])("of hosts that only look like Google's are none: %s (S6)", (upstream) => {
    expect(registryOf(upstream).uploadPaths).toEqual([]);
  });

  it("belong to the upstream and not to the name: a private one may be called gcr.io (S6)", () => {
    expect(registryOf({ upstream: EXAMPLE, registry: "gcr.io" }).uploadPaths).toEqual([]);
  });

  it.each<[string, unknown, string[]]>([
    ["a list", ["/uploads/", "/a/b/"], ["/uploads/", "/a/b/"]],
    ["a text", "/uploads/, /a/b/", ["/uploads/", "/a/b/"]],
    ["without their last slash", ["/uploads", "/a/b"], ["/uploads/", "/a/b/"]],
    [
      "with what a path may have",
      ["/v1.2/~up_loads-x/a:b@c!$&'()*+;=", "/.well-known/x", "/a/..b"],
      ["/v1.2/~up_loads-x/a:b@c!$&'()*+;=/", "/.well-known/x/", "/a/..b/"],
    ],
    ["twice", ["/a", "/a/"], ["/a/"]],
  ])("may be written as %s", (_, upload_paths, expected) => {
    expect(registryOf({ upstream: EXAMPLE, upload_paths }).uploadPaths).toEqual(expected);
  });

  it.each<[string, unknown]>([
    ["all paths", "/"],
    ["relative", "uploads/"],
    ["a URL", "https://registry.example.com/uploads/"],
    ["with a dot segment", "/a/../b/"],
    ["with a dot segment at its end", "/a/.."],
    ["with a single dot", "/./a"],
    ["with an empty segment", "/a//b"],
    ["with two slashes before it", "//a.example/b"],
    ["with two slashes after it", "/a//"],
    ["with a query", "/a?b"],
    ["with a fragment", "/a#b"],
    ["with a backslash", "/a\\b"],
    ["with an escape", "/a%2e%2e/b"],
    ["with another escape", "/a%2fb"],
    ["with a letter beyond ASCII", "/\u00e4"],
    ["with a control character", ["/a\u0000b"]],
    ["with a space", ["/a b"]],
    ["with a wildcard's bracket", "/a[b]"],
    ["a number", [1]],
    ["empty", [""]],
  ])("are faulty that are %s (S6)", (_, upload_paths) => {
    const faults = faultsOf({ upstream: EXAMPLE, upload_paths });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain('ROUTES, row "row": `upload_paths` ');
    expect(faults[0]).toContain("such as /uploads/");
  });

  it.each([1, true, {}])("are faulty that are no list: %j", (upload_paths) => {
    expect(faultsOf({ upstream: EXAMPLE, upload_paths })).toHaveLength(1);
  });
});

describe("`store`", () => {
  it.each<[unknown, boolean]>([
    [undefined, true],
    [null, true],
    ["", true],
    [true, true],
    ["true", true],
    [false, false],
    ["false", false],
  ])("%j is %j", (store, expected) => {
    expect(registryOf({ upstream: EXAMPLE, store }).store).toBe(expected);
  });

  it.each(["no", "False", 0, "0", []])("is faulty that is neither true nor false: %j", (store) => {
    expect(faultsOf({ upstream: EXAMPLE, store })).toHaveLength(1);
  });
});

describe("rows of one registry", () => {
  it("complete each other", () => {
    const ROUTES = {
      a: { upstream: EXAMPLE, upload_paths: "/uploads" },
      b: { upstream: EXAMPLE, store: false },
      c: { upstream: EXAMPLE, upload_paths: ["/uploads/"], store: "false" },
    };
    const result = readConfig({ ROUTES });
    expect(result.ok && result.config.registries.get("registry.example.com")).toMatchObject({
      uploadPaths: ["/uploads/"],
      store: false,
    });
  });

  it.each<[string, unknown, unknown]>([
    ["upload_paths", "/a", "/b"],
    ["upload_paths", [], "/b"],
    ["store", true, false],
  ])("do not contradict each other in `%s`", (option, one, other) => {
    const ROUTES = { a: { upstream: EXAMPLE, [option]: one }, b: { upstream: EXAMPLE, [option]: other } };
    const result = readConfig({ ROUTES });
    expect(!result.ok && result.faults.map(describeFault)).toEqual([
      expect.stringContaining(`row "b": \`${option}\` of registry.example.com differs from that of row "a"`),
    ]);
  });
});

describe("a universal row", () => {
  it.each(["upload_paths", "store"])("has no `%s`", (option) => {
    const ROUTES = { fine: EXAMPLE, row: { upstream: "*", [option]: true } };
    expect(readConfig({ ROUTES })).toMatchObject({ ok: false, faults: [{ row: "row" }] });
  });
});
