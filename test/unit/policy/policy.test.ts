// Policies for clusters: they do to a Pod's images what the page's converter does to a name, and write down no secret.
import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { expressionsFor } from "../../../scripts/policy/expressions.ts";
import { readPolicyHost } from "../../../scripts/policy/host.ts";
import { KINDS, manifestsOf } from "../../../scripts/policy/manifests.ts";
import { prefixesOn } from "../../../scripts/policy/served.ts";
import { readConfig, type Config } from "../../../src/config/config.ts";
import { planName } from "../../../src/page/convert/image.ts";
import type { Offer } from "../../../src/page/convert/offer.ts";
import { carryOut, type Pod } from "./evaluate.ts";
import { NAMES } from "./names.ts";

const KEY = "k3yrow0123456789abcdefgh";
const TABLE = {
  docker: "https://registry-1.docker.io",
  ghcr: "https://ghcr.io",
  k8s: "https://registry.k8s.io",
  gcr: "https://gcr.io",
  port: "https://port.example.org:5000",
  mirror: "*",
  [KEY]: { upstream: "*", key: true },
};
const HOST = "mirror.example.com";

function configOf(table: Record<string, unknown>): Config {
  const result = readConfig({ ROUTES: table });
  if (!result.ok) throw new Error(JSON.stringify(result.faults));
  return result.config;
}

function policyOf(
  table: Record<string, unknown>,
  kind: (typeof KINDS)[number] = "admission",
  host = HOST,
): string {
  return manifestsOf(kind, host, expressionsFor(host, prefixesOn(host, configOf(table))));
}

/** What the page of the host offers to its converter. */
function offerOf(table: Record<string, unknown>): Offer {
  const registries = [...new Set(configOf(table).registries.values())].filter(
    ({ name }) => !name.includes(":"),
  );
  const served = registries.map(({ name, aliases }) => ({
    name,
    aliases,
    prefix: name === "docker.io" ? `${HOST}/` : `${HOST}/${name}/`,
  }));
  return { served, hosts: [HOST] };
}

function podOf(image: string): Pod {
  return {
    spec: {
      containers: [
        { name: "other", image: "registry.example.net/left/alone" },
        { name: "one", image },
      ],
      initContainers: [{ name: "first", image }],
      volumes: [
        { name: "empty" },
        { name: "files", image: { reference: image } },
        { name: "none", image: {} },
      ],
    },
  };
}

describe.each(KINDS)("the policy for %s", (kind) => {
  const policy = policyOf(TABLE, kind);

  it.each(NAMES)(
    "makes of %j what the converter makes of it, in each place of a Pod, and once only",
    (name) => {
      const plan = planName(name, offerOf(TABLE));
      const expected = podOf(plan.ok ? plan.to : name);
      const once = carryOut(policy, podOf(name));
      expect(once).toEqual(expected);
      expect(carryOut(policy, once)).toEqual(expected);
    },
  );

  it("changes a new ephemeral container of a Pod that runs, and nothing that it had", () => {
    const old: Pod = { spec: { containers: [{ name: "app", image: "nginx" }] } };
    const had = { name: "had", image: "busybox" };
    const added = { name: "new", image: "busybox" };
    const pod = (...ephemeralContainers: { name: string; image: string }[]): Pod => ({
      spec: { ...old.spec, ephemeralContainers },
    });
    const become = { name: "new", image: `${HOST}/busybox` };
    expect(carryOut(policy, pod(had, added), pod(had))).toEqual(pod(had, become));
    expect(carryOut(policy, pod(added), old)).toEqual(pod(become));
  });

  it("leaves a Pod as it is that has none of its images", () => {
    const pod = { spec: { containers: [{ name: "app", image: "quay.io/a/b" }] } };
    expect(carryOut(policy, pod)).toEqual(pod);
  });

  it("leaves the cluster's own namespace alone, comes after what adds containers, and stops no Pod", () => {
    const { spec } = parseAllDocuments(policy)[0]?.toJS() as { spec: Record<string, unknown> };
    expect(spec).toMatchObject({
      failurePolicy: "Ignore",
      reinvocationPolicy: "IfNeeded",
      matchConstraints: {
        namespaceSelector: {
          matchExpressions: [
            { key: "kubernetes.io/metadata.name", operator: "NotIn", values: ["kube-system"] },
          ],
        },
        resourceRules: [
          { operations: ["CREATE"], resources: ["pods"] },
          { operations: ["UPDATE"], resources: ["pods/ephemeralcontainers"] },
        ],
      },
    });
  });

  it("says nothing of rows that let in by their label, and nothing of registries with a port (S16)", () => {
    expect(policy).not.toMatch(/k3yrow|port\.example/);
  });

  it("leaves names without a registry where the table has no Docker Hub", () => {
    const table = { ghcr: TABLE.ghcr, mirror: TABLE.mirror };
    const images = ["nginx", "docker.io/library/nginx", "ghcr.io/a/b"];
    const pods = images.map((image) =>
      carryOut(policyOf(table, kind), { spec: { containers: [{ name: "c", image }] } }),
    );
    expect(pods.map(({ spec }) => spec["containers"]?.[0]?.image)).toEqual([
      ...images.slice(0, 2),
      `${HOST}/ghcr.io/a/b`,
    ]);
  });
});

describe("the policy for Kubernetes", () => {
  it("has a binding, without which it does nothing", () => {
    const [policy, binding] = parseAllDocuments(policyOf(TABLE)).map(
      (one) => one.toJS() as Record<string, unknown>,
    );
    expect(policy).toMatchObject({ kind: "MutatingAdmissionPolicy", metadata: { name: "registry-ferry" } });
    expect(binding).toMatchObject({
      kind: "MutatingAdmissionPolicyBinding",
      spec: { policyName: "registry-ferry" },
    });
  });

  it("has the port of its host, and takes no other host for its own", () => {
    const pod = (image: string): Pod => ({ spec: { containers: [{ name: "c", image }] } });
    const policy = policyOf(TABLE, "admission", `${HOST}:8443`);
    expect(carryOut(policy, pod("ghcr.io/a/b"))).toEqual(pod(`${HOST}:8443/ghcr.io/a/b`));
    expect(carryOut(policy, pod(`${HOST}:8443/a`))).toEqual(pod(`${HOST}:8443/a`));
  });
});

describe("the host of a policy", () => {
  const read = (text: string): ReturnType<typeof readPolicyHost> => readPolicyHost(text, configOf(TABLE));

  it.each([
    [HOST, HOST],
    ["Mirror.Example.COM", HOST],
    [`${HOST}:8443`, `${HOST}:8443`],
    ["registry-ferry.you.workers.dev", "registry-ferry.you.workers.dev"],
  ])("is %s", (text, host) => {
    expect(read(text)).toEqual({ ok: true, host });
  });

  it.each([
    ["ghcr.example.com", /a host of ghcr\.io alone/],
    ["nobody.example.com", /take the host of row mirror, such as mirror\.example\.com, or write the line/],
    ["nobody.example.com", /no row of wrangler\.toml is for nobody\.example\.com: .*nobody = "\*"/],
    ["https://mirror.example.com", /^write the host without https:\/\/: mirror\.example\.com$/],
    ["HTTP://mirror.example.com:8443/v2/", /^write the host alone: mirror\.example\.com:8443$/],
    ["mirror.example.com/", /^write the host alone: mirror\.example\.com$/],
    ["https://ghcr.example.com", /a host of ghcr\.io alone/],
    [
      "https://alice:secret@mirror.example.com",
      /^(?!.*secret).*not a full host name.*such as mirror\.example\.com/,
    ],
    ["mirror.example.com:0", /port is 0/],
    ["mirror.example.com:65536", /port is 65536/],
    ["mirror.example.com:123456", /not a full host name/],
    ["mirror", /not a full host name/],
    ['mirror.example.com"\n', /not a full host name/],
    ["", /not a full host name/],
  ])("is not %j", (text, reason) => {
    expect(read(text)).toEqual({ ok: false, reason: expect.stringMatching(reason) as string });
  });

  it.each([
    [
      "mirror.acme.net",
      '`npm run setup -- acme.net --mirror` writes it and its host, or write the line `mirror = "*"`',
    ],
    ["https://mirror.acme.net", "`npm run setup -- acme.net --mirror` writes it"],
    [
      "ferry.acme.net",
      '`npm run setup -- acme.net --mirror` writes one and its host mirror.acme.net, or write the line `ferry = "*"`',
    ],
    [
      "acme.net",
      '`npm run setup -- acme.net --mirror` writes one and its host mirror.acme.net, or write the line `"acme.net" = "*"`',
    ],
  ])("%s has no row of all registries, and the reason says how to get one", (text, reason) => {
    const refused = readPolicyHost(text, configOf({ docker: TABLE.docker }));
    expect(refused).toEqual({ ok: false, reason: expect.stringContaining(reason) as string });
    expect(JSON.stringify(refused)).toContain("below [vars.ROUTES]");
  });

  it("is no row that lets in by its label, and the refusal does not show it (S16)", () => {
    for (const text of [`${KEY}.example.com`, `https://${KEY}.example.com/`]) {
      const refused = read(text);
      expect(refused).toMatchObject({ ok: false });
      expect(JSON.stringify(refused)).not.toContain("k3yrow");
      expect(JSON.stringify(refused)).toContain("row 7");
    }
  });
});
