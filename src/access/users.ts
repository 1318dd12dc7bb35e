// The owner's people: whether a password or a token is one of theirs (S13).

import type { Access } from "../config/access.ts";
import { checkToken, isSamePassword, type Secrets, type TokenKind } from "./own-tokens.ts";

type Users = Pick<Access, "tokenKey" | "users">;

/** What a user's tokens are made with; undefined for nobody of ours. */
export function secretsOf({ tokenKey, users }: Users, user: string): Secrets | undefined {
  const password = users.get(user);
  return password === undefined ? undefined : { tokenKey, password };
}

/** The user's name; undefined where it is nobody of ours, whom it costs the same to refuse, or another password. */
export async function checkPassword(
  access: Users,
  user: string,
  password: string,
): Promise<string | undefined> {
  const expected = access.users.get(user);
  // No password has a space, so that this one is nobody's.
  const isRight = await isSamePassword(password, expected ?? " ");
  return isRight && expected !== undefined ? user : undefined;
}

/** Whose token it is, on a host as its clients write it; undefined for one that is not worth anything, there or now. */
export function userOfToken(
  access: Users,
  token: string,
  kind: TokenKind,
  host: string,
): Promise<string | undefined> {
  return checkToken(token, kind, host, (user) => secretsOf(access, user), Date.now());
}
