// The upstreams of the test: stand-ins for Docker Hub (the embedded registry) and ghcr.io (docker-registry), and a registry
// that asks nobody for a login.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { startRegistry } from "../registry/index.ts";
import type { EmbeddedRegistry, RecordedRequest, RegistryOptions } from "../registry/index.ts";
import { startDockerRegistry } from "./docker-registry.ts";
import { makeImage } from "./images.ts";
import type { Image } from "./images.ts";
import { seed } from "./seed.ts";
import { startTokenServer } from "./token-server.ts";

export interface Login {
  name: string;
  password: string;
}

export interface Seeded {
  repository: string;
  image: Image;
  tags: string[];
}

/** Public registries, for which there are stand-ins, and one that has a name of its own. */
export const REGISTRIES = ["docker.io", "ghcr.io", "open.example"] as const;

export interface Upstream {
  /** The one that this stands for. */
  registry: (typeof REGISTRIES)[number];
  url: string;
  /** The token service, which is on another port than the registry. */
  realm?: string;
  /** Missing where everybody may do everything. */
  login?: Login;
  /** Several layers, one of some MiB, in an OCI index. */
  open: Seeded;
  /** The same of docker's media types, for the logged-in only. */
  closed: Seeded;
  /** Under the name that a client completes with `library/` when it means docker.io. */
  short: Seeded;
  /** One small image under many tags. */
  tagged: Seeded;
  /** What docs/recipes.md pulls. */
  popular: Seeded;
  /** What the page of a registry says that it does not name. */
  form: Seeded;
  /** The private image of docs/recipes.md: the same name at both, under different passwords. */
  own: Seeded;
  /** What arrived since the last call, where the upstream keeps a record. */
  takeRequests?: () => RecordedRequest[];
  /** Switches of the embedded registry, which can be put in trouble. */
  configure?: (options: RegistryOptions) => void;
  /** Puts one more image there, without any client. */
  put: (repository: string, image: Image, tags: string[]) => Promise<void>;
  close: () => Promise<void>;
}

/** An upstream that knows who asks. */
export type GuardedUpstream = Upstream & { realm: string; login: Login };

/** One name at both, so that only the password tells whose token service was asked. */
const HUB_LOGIN: Login = { name: "alice", password: "correct-horse-battery" };
const GITHUB_LOGIN: Login = { name: "alice", password: "staple-of-another-registry" };
/** Everything of this user is private. */
const PRIVATE_OWNER = "alice";
const OWN = `${PRIVATE_OWNER}/private`;
const MIB = 1024 * 1024;
const PAGE_SIZE = 10;
const TAGS = Array.from({ length: 2 * PAGE_SIZE + 5 }, (_, at) => `v${String(at).padStart(2, "0")}`);

/** One-part names are unknown here, as on the Hub; blobs are redirected to another port; tag lists have pages. */
export async function startDockerHub(): Promise<GuardedUpstream> {
  const registry = await startRegistry({
    users: { [HUB_LOGIN.name]: HUB_LOGIN.password },
    private: ["owner/closed", PRIVATE_OWNER],
    library: true,
    pageSize: PAGE_SIZE,
    redirectBlobs: true,
  });
  const upstream = { url: registry.url, realm: registry.tokenUrl, login: HUB_LOGIN };
  return {
    registry: "docker.io",
    ...upstream,
    ...(await seedAll(upstream, "library/nginx")),
    ...controls(registry),
    put: (repository, image, tags) => seed(upstream, repository, image, tags),
  };
}

/** Without authentication, as a registry in somebody's own network: what is private elsewhere is everybody's here. */
export async function startOpenRegistry(): Promise<Upstream> {
  const registry = await startRegistry({ auth: "none", private: [] });
  const upstream = { url: registry.url };
  return {
    registry: "open.example",
    ...upstream,
    ...(await seedAll(upstream, "library/nginx")),
    ...controls(registry),
    put: (repository, image, tags) => seed(upstream, repository, image, tags),
  };
}

/** What the embedded registry lets a test see and do. */
function controls(registry: EmbeddedRegistry) {
  return {
    takeRequests: () => {
      const requests = [...registry.requests];
      registry.resetCounters();
      return requests;
    },
    configure: (options: RegistryOptions) => {
      registry.configure(options);
    },
    close: () => registry.close(),
  };
}

/** The registry program that most self-hosted registries are made of, with a token service of its own. */
export async function startGitHub(scratch: string): Promise<GuardedUpstream> {
  const folder = join(scratch, "docker-registry");
  mkdirSync(folder, { recursive: true });
  const users = { [GITHUB_LOGIN.name]: GITHUB_LOGIN.password };
  const isPrivate = (repository: string) =>
    repository === "owner/closed" || repository.startsWith(`${PRIVATE_OWNER}/`);
  const tokens = await startTokenServer(folder, users, isPrivate);
  const registry = await startDockerRegistry(folder, tokens);
  const upstream = { url: registry.url, realm: tokens.realm, login: GITHUB_LOGIN };
  const close = async () => {
    await registry.stop();
    await tokens.close();
  };
  return {
    registry: "ghcr.io",
    ...upstream,
    ...(await seedAll(upstream, "github/super-linter")),
    put: (repository, image, tags) => seed(upstream, repository, image, tags),
    close,
  };
}

async function seedAll(registry: { url: string; login?: Login }, popular: string) {
  const put = async (repository: string, image: Image, tags: string[]): Promise<Seeded> => {
    await seed(registry, repository, image, tags);
    return { repository, image, tags };
  };
  const layers = [4 * MIB, 70_000, 500];
  return {
    open: await put("owner/open", makeImage({ layers, types: "oci", index: true }), ["latest"]),
    closed: await put("owner/closed", makeImage({ layers, types: "docker", index: true }), ["latest"]),
    short: await put("library/hello-ferry", makeImage({ layers, types: "docker", index: true }), ["latest"]),
    popular: await put(popular, makeImage({ layers: [500], types: "oci", index: true }), ["latest"]),
    form: await put("owner/image", makeImage({ layers: [500], types: "oci", index: true }), ["tag"]),
    own: await put(OWN, makeImage({ layers: [500], types: "docker", index: true }), ["latest"]),
    tagged: await put("owner/tagged", makeImage({ layers: [500], types: "oci", index: false }), TAGS),
  };
}
