// Rows of the second table: proxies that let in by login, by key row and by address, and what clients say who are not let in.

import { deepStrictEqual, ok } from "node:assert/strict";
import type { RecordedRequest } from "../registry/index.ts";
import type { Client } from "./client.ts";
import { homeOf, newAddress, type ClosedProxy } from "./closed-targets.ts";
import { expectPulled, expectRefusal, named, type Operation, type Trial } from "./operations.ts";
import type { Seen } from "./recording-front.ts";
import { loginAt } from "./targets.ts";
import type { Login, Seeded } from "./upstreams.ts";

const LOG_IN_FIRST = /for people whom its owner named\. Log in first: docker login docker\.ferry\.test/;
const WRONG_LOGIN = /the user name or the password is not right/i;
const NOT_LISTED = /for networks and hosts that its owner named/;

const LIBRARY_WORDS = /invalid username\/password|403 \(Forbidden\)/;
/** What clients show that have words of their own: of an answer to HEAD, to `/v2/` or to a login they read the status alone. */
const OWN_WORDS: Readonly<Record<string, RegExp>> = {
  containerd: /401 Unauthorized|403 Forbidden/,
  podman: LIBRARY_WORDS,
  skopeo: LIBRARY_WORDS,
};

const admitsBy =
  (...ways: ClosedProxy["admits"][]) =>
  ({ target }: Trial): boolean =>
    target.closed !== undefined && ways.includes(target.closed.admits);
const byLogin = admitsBy("login");
const byPlace = admitsBy("key", "address");

export const CLOSED_OPERATIONS: readonly Operation[] = [
  {
    name: "no login: refused",
    exists: byLogin,
    async run(trial) {
      const { client, upstream } = arrive(trial);
      for (const { repository } of [upstream.popular, upstream.own])
        await expectRefused(
          trial,
          () => client.pull(`${trial.target.registry}/${repository}:latest`),
          LOG_IN_FIRST,
        );
      deepStrictEqual(manifestsOf(upstream.takeRequests?.()), []);
    },
  },
  {
    name: "wrong password: refused",
    exists: byLogin,
    async run(trial) {
      const { client, user } = arrive(trial);
      const wrong = { ...user, password: `${user.password}r` };
      const pull = async () => {
        // Clients without a login command present the password with the pull.
        await client.signIn(trial.target.registry, wrong);
        await client.pull(named(trial.target, trial.target.upstream.popular, ":latest"));
      };
      await expectRefused(trial, pull, WRONG_LOGIN);
    },
  },
  {
    name: "login: a public and a private image",
    exists: byLogin,
    async run(trial) {
      const { client, upstream, user } = arrive(trial);
      await client.signIn(trial.target.registry, user);
      await pullBoth(trial, (seeded) => client.pull(named(trial.target, seeded, ":latest")));
      expectNothingOf(user, upstream.takeRequests?.());
    },
  },
  {
    name: "logout: refused; login again",
    exists: (trial) => byLogin(trial) && trial.client.signOut !== undefined,
    async run(trial) {
      const { client, front, user } = arrive(trial);
      const { registry } = trial.target;
      const pullPrivate = () => client.pull(named(trial.target, trial.target.upstream.own, ":latest"));
      await client.signIn(registry, user);
      await client.signOut?.(registry);
      await expectRefused(trial, pullPrivate, LOG_IN_FIRST);
      await client.signIn(registry, user);
      front.take();
      expectPulled(await pullPrivate(), trial.target.upstream.own.image);
      expectRefreshed(trial, front.take());
    },
  },
  {
    name: "mirror: a public and a private image, logged in",
    // docker sends no login of a mirror's own.
    exists: (trial) => byLogin(trial) && trial.name !== "docker",
    async run(trial) {
      const { client, user } = arrive(trial);
      await client.signIn(trial.target.registry, user);
      await pullBoth(trial, (seeded) => pullMirrored(client, seeded));
    },
  },
  {
    name: "mirror: a header of the configuration",
    exists: (trial) => byLogin(trial) && trial.client.sendAlways !== undefined,
    async run(trial) {
      const { client, user } = arrive(trial);
      client.sendAlways?.(user);
      await pullBoth(trial, (seeded) => pullMirrored(client, seeded));
    },
  },
  {
    name: "mirror: a public and a private image, no login",
    exists: byPlace,
    async run(trial) {
      const { client } = arrive(trial);
      await pullBoth(trial, (seeded) => pullMirrored(client, seeded));
    },
  },
  {
    name: "mirror: not let in, refused",
    // The host of a key row lets in from everywhere.
    exists: admitsBy("login", "address"),
    async run(trial) {
      const { client, front, upstream } = arrive(trial);
      front.comeFrom(newAddress());
      const words = trial.target.closed?.admits === "login" ? LOG_IN_FIRST : NOT_LISTED;
      await expectRefusedMirror(trial, () => pullMirrored(client, upstream.popular), words);
      deepStrictEqual(manifestsOf(upstream.takeRequests?.()), []);
    },
  },
  {
    name: "mirror: a login of Docker Hub goes nowhere",
    // podman and skopeo keep none for Docker Hub that they would send to a mirror of another name: where they are not let in
    // without, they are told when they log in.
    exists: (trial) => byPlace(trial) || (byLogin(trial) && /docker|containerd/.test(trial.name)),
    run: dropHubLogin,
  },
];

/** A caller without a past, where the proxy lets them in if it does that by where they are. */
function arrive({ client, target }: Trial) {
  const { closed, upstream } = target;
  if (closed === undefined) throw new Error(`${target.label} serves everybody`);
  closed.front.comeFrom(homeOf(closed));
  closed.front.take();
  upstream.takeRequests?.();
  return { client, upstream, user: closed.user, front: closed.front };
}

function pullMirrored(client: Client, { repository }: Seeded) {
  if (client.pullMirrored === undefined) throw new Error("this client has no mirrors");
  // No other registry than the one behind the proxy has it.
  return client.pullMirrored(`docker.io/${repository}:latest`);
}

/** The private image is had by the owner's account: the caller has none at the registry. */
async function pullBoth(
  { target }: Trial,
  pull: (seeded: Seeded) => ReturnType<Client["pull"]>,
): Promise<void> {
  const { own, popular } = target.upstream;
  expectPulled(await pull(popular), popular.image);
  expectPulled(await pull(own), own.image);
}

/** The commands fail, and the program shows what the proxy says, or what it says itself of such an answer. */
async function expectRefused(trial: Trial, commands: () => Promise<unknown>, words: RegExp): Promise<void> {
  const own = OWN_WORDS[trial.name];
  const accepted = own === undefined ? words : new RegExp(`${words.source}|${own.source}`, "i");
  const shown = await expectRefusal(commands, accepted);
  const [itsOwn] = own?.exec(shown) ?? [];
  if (!words.test(shown)) trial.note(`it says "${itsOwn ?? ""}", and nothing of what the proxy says`);
}

/** docker shows what Docker Hub says, which it asks after its mirrors; what the mirror said is in the daemon's log. */
async function expectRefusedMirror(trial: Trial, pull: () => Promise<unknown>, words: RegExp): Promise<void> {
  const { client, target, note } = trial;
  if (client.log === undefined) {
    await expectRefused(trial, pull, words);
    return;
  }
  const before = client.log().length;
  // Nothing leads to Docker Hub from here.
  await expectRefusal(pull, /registry-1\.docker\.io/);
  const log = client.log().slice(before);
  ok(words.test(log), `the daemon's log does not say why ${target.registry} was not used:\n${log}`);
  note("why is in the daemon's log alone");
}

/** docker keeps a refresh token instead of the password, and has its tokens for that. */
function expectRefreshed({ client, target }: Trial, seen: readonly Seen[]): void {
  if (client.identityToken === undefined) return;
  ok(client.identityToken(target.registry), "no identity token is kept");
  const grants = seen.filter(({ body }) => body.includes("grant_type=refresh_token"));
  ok(
    grants.some(({ status }) => status === 200),
    "no token was had for the refresh token",
  );
}

async function dropHubLogin(trial: Trial): Promise<void> {
  const { client, front, upstream } = arrive(trial);
  await client.signInMirrored?.();
  const pull = () => pullBoth(trial, (seeded) => pullMirrored(client, seeded));
  if (byLogin(trial)) await expectRefusedMirror(trial, pull, WRONG_LOGIN);
  else await pull();
  const login = loginAt(trial.target);
  const came = front.take().filter((seen) => isOf(login, seen)).length;
  // Whoever is let in is not asked for a login, and most clients send none unasked.
  if (byLogin(trial)) ok(came > 0, "the login did not even come to the proxy");
  trial.note(`the login came along with ${came} requests`);
  expectNothingOf(login, upstream.takeRequests?.());
}

function manifestsOf(requests: readonly RecordedRequest[] = []): string[] {
  return requests.map(({ path }) => path).filter((path) => path.includes("/manifests/"));
}

/** Neither registry nor token service has heard of this login. */
function expectNothingOf(login: Login, requests: readonly RecordedRequest[] = []): void {
  const heard = requests.filter((request) =>
    isOf(login, {
      authorization: request.headers["authorization"] ?? "",
      path: `${request.path}?${request.query}`,
      body: request.body ?? "",
    }),
  );
  deepStrictEqual(heard, [], `a login went on to the registry`);
}

/** True of a request that has a user's name or password in it, however they are sent. */
function isOf(
  { name, password }: Login,
  { authorization, path, body }: Pick<Seen, "authorization" | "body" | "path">,
): boolean {
  const basic = Buffer.from(authorization.replace(/^Basic /i, ""), "base64").toString("latin1");
  const text = `${authorization}\n${basic}\n${path}\n${body}`;
  return text.includes(password) || new RegExp(`\\b${name.replace(/^.*\//, "")}\\b`).test(text);
}
