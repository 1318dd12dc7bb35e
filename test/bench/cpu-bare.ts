// The least that a proxy can be, to be compared with: every request goes up as it came, with a token of nobody's where the
// client has none, and what comes back goes to the client as it is. It stores nothing and looks at nothing.

interface Environment {
  UPSTREAM: string;
  REALM: string;
}

const ANONYMOUS = "Bearer ferry.anonymous";

/** Tokens by the repository that they are for. */
const tokens = new Map<string, string>();

export default {
  async fetch(request: Request, env: Environment): Promise<Response> {
    const { pathname, search } = new URL(request.url);
    const target = pathname === "/v2/auth" ? env.REALM + search : env.UPSTREAM + pathname + search;
    const { method } = request;
    if (request.headers.get("Authorization") !== ANONYMOUS) {
      return fetch(target, { method, headers: request.headers });
    }
    const headers = new Headers(request.headers);
    headers.set("Authorization", `Bearer ${await tokenFor(pathname, env.REALM)}`);
    return fetch(target, { method, headers });
  },
};

async function tokenFor(path: string, realm: string): Promise<string> {
  const repository = path.slice("/v2/".length).replace(/\/(?:manifests|blobs)\/.*$/, "");
  const kept = tokens.get(repository);
  if (kept !== undefined) return kept;
  const answer = await fetch(`${realm}?scope=repository:${repository}:pull`);
  const { token } = (await answer.json()) as { token: string };
  tokens.set(repository, token);
  return token;
}
