// The two upstreams of the test: a stand-in for Docker Hub (the embedded registry) and one for ghcr.io (docker-registry).

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { startRegistry } from "../registry/index.ts";
import type { RecordedRequest, RegistryOptions } from "../registry/index.ts";
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

export interface Upstream {
  /** The public registry that this one stands for. */
  registry: "docker.io" | "ghcr.io";
  url: string;
  /** The token service, which is on another port than the registry. */
  realm: string;
  login: Login;
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
export async function startDockerHub(): Promise<Upstream> {
  const registry = await startRegistry({
    users: { [HUB_LOGIN.name]: HUB_LOGIN.password },
    private: ["owner/closed", PRIVATE_OWNER],
    library: true,
    pageSize: PAGE_SIZE,
    redirectBlobs: true,
  });
  const upstream = { url: registry.url, realm: registry.tokenUrl, login: HUB_LOGIN };
  const close = () => registry.close();
  const takeRequests = () => {
    const requests = [...registry.requests];
    registry.resetCounters();
    return requests;
  };
  return {
    registry: "docker.io",
    ...upstream,
    ...(await seedAll(upstream, "library/nginx")),
    takeRequests,
    configure: (options) => {
      registry.configure(options);
    },
    put: (repository, image, tags) => seed(upstream, repository, image, tags),
    close,
  };
}

/** The registry program that most self-hosted registries are made of, with a token service of its own. */
export async function startGitHub(scratch: string): Promise<Upstream> {
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

async function seedAll(registry: { url: string; login: Login }, popular: string) {
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
    own: await put(OWN, makeImage({ layers: [500], types: "docker", index: true }), ["latest"]),
    tagged: await put("owner/tagged", makeImage({ layers: [500], types: "oci", index: false }), TAGS),
  };
}
