// A login at a closed proxy. It leaves through src/upstream, as the logins of the owner's accounts do (S22).

import { RegistryError } from "../../src/distribution/errors.ts";
import { discardBody } from "../../src/distribution/body.ts";
import type { Registry } from "../../src/config/registry.ts";
import { askTokenService } from "../../src/upstream/owner-token.ts";
import { learnRealm } from "../../src/upstream/realm.ts";
import type { Asker } from "./ask.ts";
import { failed, LOG, LOG_HERE, ok, type Finding } from "./finding.ts";

/** What became of a login. */
export interface Login {
  readonly finding: Finding;
  /** Had for it, good for an hour. */
  readonly token?: string;
}

/** Logs in at the proxy's own token service, and at no other: its realm must be of the same origin (S4). */
export async function logIn(
  { origin, trace }: Asker,
  { password, user }: { readonly user: string; readonly password: string },
  scope: string,
): Promise<Login> {
  if (password === "")
    return { finding: failed("login", "no password was given", "run this again, and write it") };
  const registry = proxyAsRegistry(origin);
  try {
    const learned = await learnRealm(registry, undefined, trace);
    if (learned.kind !== "bearer") {
      return {
        finding: failed("login", "the proxy asks for no login by a token", "look at the step before"),
      };
    }
    const answer = await askTokenService(
      registry,
      learned,
      { registry: registry.name, user, password },
      { scope, trace },
    );
    if ("token" in answer) {
      const { token } = answer.token;
      if (typeof token === "string") return { finding: ok("login", `${user} gets in`), token };
      return {
        finding: failed("login", "a login without a token", LOG, LOG_HERE),
      };
    }
    const { response } = answer.refusal;
    await discardBody(response);
    return { finding: refused(response.status, user) };
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    return { finding: failed("login", error.problem ?? error.message, "ask again in a moment") };
  }
}

function refused(status: number, user: string): Finding {
  if (status === 429) return failed("login", "429: too many logins from here have failed", "wait a minute");
  return failed(
    "login",
    `${status}: ${user} does not get in`,
    "look at the name and the password in ACCESS_USERS (npx wrangler secret put ACCESS_USERS puts them anew)",
    "look at the name and the password in ACCESS_USERS of .dev.vars; after a change start `npm start` again",
  );
}

/** The proxy, as what asks a registry asks it. */
function proxyAsRegistry({ host, origin }: URL): Registry {
  return {
    name: host,
    aliases: [],
    upstream: origin,
    realms: [],
    mirrors: [],
    library: false,
    search: undefined,
    uploadHosts: [],
    uploadPaths: [],
    store: false,
  };
}
