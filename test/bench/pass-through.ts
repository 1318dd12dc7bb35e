// What a proxy costs that stores nothing and knows nothing: every request goes up as it came, redirects are followed,
// and only the realm of the challenge is rewritten. Written for the benchmark, to be compared with.

interface Environment {
  UPSTREAM: string;
  REALM: string;
}

export default {
  async fetch(request: Request, env: Environment): Promise<Response> {
    const url = new URL(request.url);
    const isToken = url.pathname === "/v2/auth";
    const target = new URL(isToken ? env.REALM + url.search : url.pathname + url.search, env.UPSTREAM);
    const response = await fetch(target, {
      method: request.method,
      headers: request.headers,
      body: request.body,
      redirect: "follow",
    });
    const answer = new Response(response.body, response);
    const challenge = response.headers.get("WWW-Authenticate");
    if (challenge !== null) {
      answer.headers.set(
        "WWW-Authenticate",
        challenge.replace(env.REALM, `${url.protocol}//${request.headers.get("Host") ?? url.host}/v2/auth`),
      );
    }
    return answer;
  },
};
