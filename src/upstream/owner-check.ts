// Whether the owner's account is taken at its registry: for the deep health check, and for check-config.

import type { Account } from "../config/credentials.ts";
import type { Registry } from "../config/registry.ts";
import { discardBody } from "../distribution/body.ts";
import { RegistryError } from "../distribution/errors.ts";
import type { Trace } from "../log.ts";
import { deadlineIn, send, SHORT_TIMEOUT_MS } from "./fetch.ts";
import { accountInTrouble, askTokenService, loginOf } from "./owner-token.ts";
import { learnRealm } from "./realm.ts";
import type { BearerRealm } from "./realm-question.ts";

/**
 * Whether an account is taken at its registry: asked by a login for nothing in particular.
 * @returns the problem where it is not, for the owner
 */
export async function checkAccount(
  registry: Registry,
  account: Account,
  trace: Trace,
): Promise<{ readonly problem: string | undefined }> {
  try {
    const learned = await learnRealm(registry, undefined, trace);
    const { status, headers } =
      learned.kind === "bearer"
        ? await statusOfLogin(registry, learned, account, trace)
        : await statusOfPing(registry, account, trace);
    if (status < 400) return { problem: undefined };
    return {
      problem: accountInTrouble(
        registry,
        status,
        headers,
        learned.kind === "bearer" ? "token service" : "registry",
      ).problem,
    };
  } catch (error) {
    if (error instanceof RegistryError) return { problem: error.problem ?? error.message };
    throw error;
  }
}

interface Said {
  readonly status: number;
  readonly headers: Headers;
}

async function statusOfLogin(
  registry: Registry,
  learned: BearerRealm,
  account: Account,
  trace: Trace,
): Promise<Said> {
  const answer = await askTokenService(registry, learned, account, { scope: "", trace });
  if ("token" in answer) return { status: 200, headers: new Headers() };
  await discardBody(answer.refusal.response);
  return answer.refusal.response;
}

async function statusOfPing(registry: Registry, account: Account, trace: Trace): Promise<Said> {
  const headers = new Headers({
    Accept: "*/*",
    "Accept-Encoding": "identity",
    Authorization: loginOf(account),
  });
  const url = new URL("/v2/", registry.upstream);
  const response = await send({ url, method: "GET", headers, deadline: deadlineIn(SHORT_TIMEOUT_MS) }, trace);
  await discardBody(response);
  return response;
}
