// Proxies that do not serve everybody everything, in `wrangler dev`: one that people log in to, one for mirrors that cannot, which
// lets in by key row and by address, and one that is open and has a brake.

import { join } from "node:path";
import { ROOT } from "../tools/configuration.ts";
import { startDevServer, type DevServerOptions } from "../tools/dev-server.ts";
import { holdWorker, logOf } from "./held-worker.ts";
import { startRecordingFront, type RecordingFront } from "./recording-front.ts";
import { DOMAIN, routes, universalTarget, workerTarget } from "./targets.ts";
import type { Target } from "./targets.ts";
import { startDockerHub } from "./upstreams.ts";
import type { GuardedUpstream, Login } from "./upstreams.ts";

export interface ClosedProxy {
  /** By what it lets in; nothing for the open one with the brake. */
  readonly admits: "login" | "key" | "address" | undefined;
  /** Somebody of ACCESS_USERS. */
  readonly user: Login;
  readonly front: RecordingFront;
  /** As `HeldWorker`'s. */
  revive(): Promise<boolean>;
}

/** Without what query and form would write otherwise, so that it is found in any record. */
const USER: Login = { name: "friend", password: "friends-own-long-password" };
/** Somebody else than the owner of the proxy, whom the registry knows too: what is let through would work. */
const HUB_LOGIN: Login = { name: "carol", password: "carols-login-to-the-hub" };
/** The label of the row that lets in. */
const KEY = "k3y4nobody2guess9xw7";
export const KEY_HOST_NAME = `${KEY}.${DOMAIN}`;
/** Where callers come from: `wrangler dev` passes an address of loopback on like any other, and all of 127.0.0.0/8 is there. */
const LISTED_NETWORK = "127.9.0.0/16";
const LISTED_ADDRESS = "127.9.0.1";

let callers = 0;

/** An address of no network that is listed, and with no past: failures and the brake are counted by address. */
export function newAddress(): string {
  callers += 1;
  return `127.8.${callers >> 8}.${callers & 255}`;
}

type Vars = DevServerOptions["vars"];

interface Kind {
  readonly admits: ClosedProxy["admits"];
  readonly label: string;
  readonly targetAt: (hub: GuardedUpstream, port: number) => Target;
  readonly address: () => string;
}

interface Proxy {
  /** Of the folder below `.wrangler/`. */
  readonly name: string;
  readonly varsFor: (hub: GuardedUpstream) => Vars;
  readonly limit?: number;
  readonly kinds: readonly Kind[];
}

/** The column of the proxy that people log in to. */
export const BY_LOGIN = "closed, by login";

const ONE_HOST = { targetAt: workerTarget, address: newAddress };

const PROXIES: readonly Proxy[] = [
  {
    name: "clients-login",
    varsFor: (hub) => ({
      ACCESS_USERS: `${USER.name}:${USER.password}`,
      TOKEN_KEY: "a-key-of-the-client-tests-alone",
      UPSTREAM_CREDENTIALS: accountOf(hub),
      ROUTES: routes([hub]),
    }),
    kinds: [{ admits: "login", label: BY_LOGIN, ...ONE_HOST }],
  },
  {
    name: "clients-mirrors",
    varsFor: (hub) => ({
      ALLOWED_IPS: [LISTED_NETWORK],
      UPSTREAM_CREDENTIALS: accountOf(hub),
      ROUTES: { ...routes([hub]), [KEY]: { upstream: "*", key: true } },
    }),
    kinds: [
      { admits: "key", label: "closed, by key", targetAt: keyTarget, address: newAddress },
      {
        admits: "address",
        label: "closed, by address",
        targetAt: workerTarget,
        address: () => LISTED_ADDRESS,
      },
    ],
  },
  {
    name: "clients-braked",
    varsFor: (hub) => ({ ROUTES: routes([hub]) }),
    limit: 1,
    kinds: [{ admits: undefined, label: "open, with a brake", ...ONE_HOST }],
  },
];

/** What the names of another set of them end with. */
export const FOR_RECIPES = "-recipes";

/** Where their configurations and logs are. */
export const CLOSED_OUTPUTS = PROXIES.flatMap(({ name }) => [name, `${name}${FOR_RECIPES}`]).map((name) =>
  join(ROOT, ".wrangler", name),
);

/**
 * Starts what is needed for the wanted columns.
 * @param onCleanup is given what ends it again
 * @param suffix of their names, for more than one set of them
 */
export async function startClosedTargets(
  isWanted: (label: string) => boolean,
  scratch: string,
  onCleanup: (cleanup: () => Promise<void>) => void,
  suffix: "" | typeof FOR_RECIPES = "",
): Promise<Target[]> {
  const wanted = PROXIES.map((proxy) => ({
    ...proxy,
    name: `${proxy.name}${suffix}`,
    kinds: proxy.kinds.filter(({ label }) => isWanted(label)),
  })).filter(({ kinds }) => kinds.length > 0);
  if (wanted.length === 0) return [];
  const hub = await startHub();
  onCleanup(hub.close);
  const started = wanted.map((proxy) => startProxy(proxy, hub, scratch, onCleanup));
  return (await Promise.all(started)).flat();
}

async function startProxy(
  { name, varsFor, limit, kinds }: Proxy,
  hub: GuardedUpstream,
  scratch: string,
  onCleanup: (cleanup: () => Promise<void>) => void,
): Promise<Target[]> {
  const worker = await holdWorker((count) =>
    startDevServer(name, {
      // Each pull asks the registry what its tag stands for, and whose it is.
      vars: { ...varsFor(hub), TAG_TTL: 0 },
      ...(limit === undefined ? {} : { limit }),
      state: join(scratch, name),
      log: logOf(count),
    }),
  );
  onCleanup(() => worker.stop());
  const targets = kinds.map(async ({ admits, label, targetAt, address }) => {
    const front = await startRecordingFront(worker.portNow, address());
    onCleanup(front.close);
    const closed: ClosedProxy = { admits, user: USER, front, revive: () => worker.revive() };
    const target = targetAt(hub, front.port);
    // Whose login a client has for Docker Hub itself.
    return { ...target, label, closed, upstream: { ...target.upstream, login: HUB_LOGIN } };
  });
  return Promise.all(targets);
}

/** The address that a front's callers have where they are let in. */
export function homeOf({ admits }: ClosedProxy): string {
  return admits === "address" ? LISTED_ADDRESS : newAddress();
}

/** Docker Hub, at which the owner of the proxy has an account, and somebody else has one. */
async function startHub(): Promise<GuardedUpstream> {
  const hub = await startDockerHub();
  const { name, password } = hub.login;
  hub.configure?.({ users: { [name]: password, [HUB_LOGIN.name]: HUB_LOGIN.password } });
  return hub;
}

function accountOf({ registry, login }: GuardedUpstream): string {
  return JSON.stringify({ [registry]: `${login.name}:${login.password}` });
}

/** The host of the key row, which serves all registries. */
function keyTarget(hub: GuardedUpstream, port: number): Target {
  return { ...universalTarget(hub, port), registry: `${KEY_HOST_NAME}:${port}` };
}
