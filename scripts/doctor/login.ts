// A login at a closed proxy: one request, to the address that its challenge was judged by.

import { formatBasic } from "../../src/distribution/authorization.ts";
import { messageOf, notOurToken, tokenIn, type Answer } from "./answers.ts";
import type { Asker } from "./ask.ts";
import { failed, LOG, LOG_HERE, ok, type Finding } from "./finding.ts";

/** What became of a login. */
export interface Login {
  readonly finding: Finding;
  /** Had for it, good for an hour. */
  readonly token?: string;
}

/**
 * Asks once, since each wrong login counts (S13), and this host alone, of whose challenge the realm was (S4).
 * @param path of the token service, with its query
 */
export async function logIn(
  asker: Asker,
  { password, user }: { readonly user: string; readonly password: string },
  path: string,
): Promise<Login> {
  if (password === "")
    return { finding: failed("login", "no password was given", "run this again, and write it") };
  const answer = await asker.ask(path, { authorization: formatBasic(bytesOf(user), bytesOf(password)) });
  const token = tokenIn(answer);
  if (token !== undefined) return { finding: ok("login", `${user} gets in`), token };
  const foreign = notOurToken("login", answer);
  if (foreign !== undefined) return { finding: foreign };
  if (answer.status === 200) return { finding: failed("login", "a login without a token", LOG, LOG_HERE) };
  return { finding: refused(answer, user) };
}

/** UTF-8, a character for each byte, as `Authorization` has it (RFC 7617, section 2.1). */
function bytesOf(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

function refused(answer: Answer, user: string): Finding {
  const { status } = answer;
  if (status === 429) return failed("login", "429: too many logins from here have failed", "wait a minute");
  if (status !== 401 && status !== 403)
    return failed("login", `${status}: ${messageOf(answer)}`, "ask again in a moment");
  return failed(
    "login",
    `${status}: ${user} does not get in`,
    "look at the name and the password in ACCESS_USERS (npx wrangler secret put ACCESS_USERS puts them anew)",
    "look at the name and the password in ACCESS_USERS of .dev.vars; after a change start `npm start` again",
  );
}
