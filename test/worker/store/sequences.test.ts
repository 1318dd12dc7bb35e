// The numbers of a pull by each kind of client, at each kind of host: what reaches the registry, and what the Worker.
import { describe, expect, it, onTestFinished, vi } from "vitest";
import type { RemoteRegistry } from "../../registry/client.ts";
import type { RegistryOptions, SeededImage } from "../../registry/types.ts";
import { Ferry, forgetIsolate, row, startRegistry } from "../ferry.ts";
import {
  ACCEPT,
  begin,
  firstOf,
  HOUR,
  MINUTE,
  passTime,
  read,
  realPause,
  restoreClock,
  SECOND,
  Stage,
  type Read,
} from "./stage.ts";

const LAYERS = [2000, 3000, 4000, 5000, 6000];
const N = LAYERS.length;

/** How an image is named at a host. */
const HOSTS = [
  { at: "a host of one registry", base: "http://docker.example.com", name: "app", ns: "" },
  {
    at: "a universal host, by prefix",
    base: "http://mirror.example.com",
    name: "docker.io/library/app",
    ns: "",
  },
  {
    at: "a universal host, by ns=",
    base: "http://mirror.example.com",
    name: "library/app",
    ns: "?ns=docker.io",
  },
] as const;

type Host = (typeof HOSTS)[number];

/** One pull by one client. */
class Pull {
  requests = 0;
  readonly sources: string[] = [];
  readonly answers: Read[] = [];
  readonly #ferry: Ferry;
  readonly host: Host;
  #token: string | undefined;

  constructor(ferry: Ferry, host: Host) {
    this.#ferry = ferry;
    this.host = host;
  }

  /** Asks as the client does; a challenge is answered with a token, and the request repeated. */
  async ask(method: string, path: string): Promise<Read> {
    this.requests += 1;
    const { base, name, ns } = this.host;
    const url = path === "" ? `${base}/v2/${ns}` : `${base}/v2/${name}/${path}${ns}`;
    const headers: Record<string, string> = { Accept: ACCEPT };
    if (this.#token !== undefined) headers["Authorization"] = `Bearer ${this.#token}`;
    const answer = await read(await this.#ferry.fetch(url, { method, headers }));
    if (answer.status === 401 && this.#token === undefined) {
      await this.#authorize(answer.headers.get("WWW-Authenticate") ?? "");
      return path === "" ? answer : this.ask(method, path);
    }
    this.answers.push(answer);
    this.sources.push(answer.status === 200 ? (answer.cache ?? "none") : String(answer.status));
    return answer;
  }

  async #authorize(challenge: string): Promise<void> {
    this.requests += 1;
    const of = (name: string): string => new RegExp(`${name}="([^"]*)"`).exec(challenge)?.[1] ?? "";
    const scope = of("scope") === "" ? `repository:${this.host.name}:pull` : of("scope");
    const query = new URLSearchParams({ service: of("service"), scope }).toString();
    const answer = await this.#ferry.fetch(`${of("realm")}?${query}`);
    this.#token = (await answer.json<{ token: string }>()).token;
  }
}

type Client = (pull: Pull, image: SeededImage) => Promise<void>;

async function blobs(pull: Pull, image: SeededImage): Promise<void> {
  const { config, layers } = firstOf(image);
  for (const { digest } of [config, ...layers]) await pull.ask("GET", `blobs/${digest}`);
}

/** Each client's own order (what they ask was read in their sources). */
const CLIENTS: readonly { client: string; sequence: Client; atWorker: number }[] = [
  {
    client: "docker",
    atWorker: N + 6,
    sequence: async (pull, image) => {
      await pull.ask("GET", "");
      await pull.ask("HEAD", "manifests/latest");
      await pull.ask("GET", `manifests/${image.digest}`);
      await pull.ask("GET", `manifests/${firstOf(image).digest}`);
      await blobs(pull, image);
    },
  },
  {
    client: "containerd",
    atWorker: N + 6,
    sequence: async (pull, image) => {
      await pull.ask("HEAD", "manifests/latest");
      await pull.ask("GET", `manifests/${image.digest}`);
      await pull.ask("GET", `manifests/${firstOf(image).digest}`);
      await blobs(pull, image);
    },
  },
  {
    client: "podman",
    atWorker: N + 5,
    sequence: async (pull, image) => {
      await pull.ask("GET", "");
      await pull.ask("GET", "manifests/latest");
      await pull.ask("GET", `manifests/${firstOf(image).digest}`);
      await blobs(pull, image);
    },
  },
];

const EVERY = CLIENTS.flatMap((client) => HOSTS.map((host) => ({ ...client, host, at: host.at })));

interface Scene {
  readonly registry: RemoteRegistry;
  readonly ferry: Ferry;
  readonly image: SeededImage;
}

async function scene(options: RegistryOptions = {}): Promise<Scene> {
  const registry = await startRegistry({ library: true, ...options });
  onTestFinished(() => registry.close());
  restoreClock();
  const image = await registry.seedImage({ repository: "library/app", layers: LAYERS });
  const docker = row(registry, { library: true, registry: "docker.io" });
  return { registry, image, ferry: new Ferry({ docker, mirror: "*" }) };
}

async function reached(registry: RemoteRegistry): Promise<Record<string, number>> {
  const { counters } = await registry.state();
  const { manifestGet, manifestHead, token, ping } = counters;
  return { all: counters.registry + counters.token + counters.cdn, manifestGet, manifestHead, token, ping };
}

describe.each(EVERY)("$client at $at, an index image with N = 5 layers", ({ sequence, atWorker, host }) => {
  const pullOnce = async ({ ferry, image }: Scene): Promise<Pull> => {
    const pull = new Pull(ferry, host);
    await sequence(pull, image);
    expect(pull.answers.map(({ status }) => status)).not.toContain(404);
    return pull;
  };

  it("cold: at most 2N+6, and one to learn the challenge; at most N+6 at the Worker", async () => {
    const stage = await scene();
    const { requests, answers } = await pullOnce(stage);
    expect(requests).toBeLessThanOrEqual(N + 6);
    expect(requests).toBe(atWorker);
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(await reached(stage.registry)).toEqual({
      all: 2 * N + 7,
      manifestGet: 2,
      manifestHead: 1,
      token: 1,
      ping: 1,
    });
  });

  it("within the tag's lifetime: none; warm: one HEAD; where the token has ended: and one token", async () => {
    const stage = await scene();
    await pullOnce(stage);
    for (const [pause, all, manifestHead, token] of [
      [SECOND, 0, 0, 0],
      [MINUTE, 1, 1, 0],
      [5 * MINUTE, 2, 1, 1],
      [30 * SECOND, 0, 0, 0],
    ] as const) {
      passTime(pause);
      await stage.registry.reset();
      const pull = await pullOnce(stage);
      expect(new Set(pull.sources).has("miss") && all === 0).toBe(false);
      expect(await reached(stage.registry)).toEqual({ all, manifestGet: 0, manifestHead, token, ping: 0 });
    }
  });

  it.each<[string, RegistryOptions]>([
    ["429", { fail: 429, failToken: 429 }],
    ["500", { fail: 500, failToken: 500 }],
    ["a closed socket", { fail: "drop", failToken: "drop" }],
  ])("stale, in a fresh isolate: the registry answers %s", async (_, failure) => {
    const stage = await scene();
    await pullOnce(stage);
    passTime(HOUR);
    forgetIsolate();
    await stage.registry.configure(failure);
    const { answers, sources } = await pullOnce(stage);
    expect(new Set(sources)).toEqual(new Set(["stale"]));
    for (const { headers } of answers) expect(headers.get("Warning")).toBe('110 - "Response is Stale"');
  });

  it("with a quota of 0 a warm image pulls, and HEAD says that nothing is left", async () => {
    const stage = await scene();
    await pullOnce(stage);
    passTime(10 * MINUTE);
    await stage.registry.configure({ quota: 0 });
    const { answers } = await pullOnce(stage);
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(answers.every(({ headers }) => headers.get("Warning") === null)).toBe(true);
    expect(answers[0]?.headers.get("RateLimit-Remaining")).toBe("0;w=21600");
    expect((await reached(stage.registry))["manifestGet"]).toBe(2);
  });
});

describe("silence", () => {
  it("a warm tag is served stale before docker gives up, and the rest of the pull does not wait", async () => {
    const stage = await Stage.open();
    const image = await stage.registry.seedImage({ repository: "library/app", layers: [2000] });
    await stage.pull(image);
    // Beyond the tag's lifetime, within those of the challenge and the token.
    await stage.registry.configure({ fail: "hang" });
    const start = Date.now() + 4 * MINUTE;
    vi.useFakeTimers({ now: start, toFake: ["Date", "setTimeout", "clearTimeout"] });
    let status = 0;
    const head = begin(stage.ferry, "library/app/manifests/latest", { method: "HEAD" }).then(
      ({ response }) => {
        status = response.status;
        return response;
      },
    );
    for (let second = 0; second < 60 && status === 0; second += 1) {
      await realPause();
      await vi.advanceTimersByTimeAsync(SECOND);
    }
    const response = await head;
    expect([status, response.headers.get("X-Cache")]).toEqual([200, "stale"]);
    expect(Date.now() - start).toBeLessThan(10 * SECOND);
  });
});

describe("what Docker Engine 29.1 and later ask besides", () => {
  it("referrers and their fallback tag: 404, asked of the registry once a minute at most", async () => {
    const stage = await Stage.open({ referrers: false });
    const image = await stage.registry.seedImage({ repository: "library/app", layers: [2000] });
    const extras = [
      `library/app/referrers/${image.digest}?artifactType=application%2Fvnd.in-toto%2Bjson`,
      `library/app/manifests/${image.digest.replace(":", "-")}`,
    ];
    await stage.pull(image);
    for (const [pause, expected] of [
      [0, 2],
      [SECOND, 0],
      [58 * SECOND, 0],
      [2 * SECOND, 2],
    ] as const) {
      passTime(pause);
      await stage.registry.reset();
      for (const path of extras) {
        const { status, headers } = await stage.get(path);
        expect([status, headers.get("Content-Type")]).toEqual([404, "application/json"]);
        expect((await stage.head(path)).status).toBe(404);
      }
      const { counters } = await stage.registry.state();
      expect(counters.referrers + counters.manifestHead + counters.manifestGet).toBe(expected);
    }
  });

  it("the 404 of any other tag is not remembered", async () => {
    const stage = await Stage.open();
    expect((await stage.get("library/app/manifests/soon")).status).toBe(404);
    await stage.registry.seedImage({ repository: "library/app", tag: "soon", layers: [] });
    expect((await stage.get("library/app/manifests/soon")).status).toBe(200);
  });
});
