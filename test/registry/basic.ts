// Basic credentials.

export interface Basic {
  user: string;
  password: string;
}

/** The credentials of an Authorization header; undefined if it is not Basic or malformed. */
export function parseBasic(header: string | undefined): Basic | undefined {
  if (header === undefined || !/^basic /i.test(header)) return undefined;
  const pair = Buffer.from(header.slice(6).trim(), "base64").toString("utf8");
  const colon = pair.indexOf(":");
  if (colon < 0) return undefined;
  return { user: pair.slice(0, colon), password: pair.slice(colon + 1) };
}

export function isUser(users: Record<string, string>, { user, password }: Basic): boolean {
  return Object.hasOwn(users, user) && users[user] === password;
}
