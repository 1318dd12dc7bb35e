// S5: redirects to where none may lead, in every spelling of it: 502, and nothing is asked there.
import { describe, expect, it } from "vitest";
import { Ferry } from "../ferry.ts";
import { CANARY, GHCR, publicRegistries, TABLE } from "../internet.ts";
import { ANONYMOUS } from "../store/stage.ts";

const TARGETS = [
  "//127.0.0.1/",
  "https://127.0.0.1./",
  "https://①②⑦.⓪.⓪.①/",
  "https://127。0。0。1/",
  "https://[::1]/",
  "https://localhost./",
  "https://LOCALHOST/",
  "https://foo.INTERNAL./",
  "https://foo.local/",
  "https://0177.1/",
  "https://intranet/",
  "https://ghcr.io@evil.example/",
  "https://ghcr.io:443@evil.example/",
  "http://ghcr.io/",
  "https://ghcr.io:8443/",
  "https://docker.example.com/",
  "https://docker.example.com./",
  "HTTPS://DOCKER.EXAMPLE.COM/",
  "https://hub.example.net/",
  "https://mirror.example.com/",
  "ftp://ghcr.io/",
  "data:text/html,x",
  "javascript:1",
  "https://169.254.169.254/",
  "https://2852039166/",
  "https:\\\\127.0.0.1\\",
  "https://[::ffff:7f00:1]/",
  "https://0/",
  "https://evil.example:8443/",
  "https://metadata.google.internal/",
  "\\\\evil.internal/",
  "https://ghcr.io%2f@127.0.0.1/",
  "https://%6c%6f%63alhost/",
  "https://loc\u00adalhost/",
  "https://foo.localhost/",
  "https://hub.example.net../",
  "https://xn--localhost-.internal/",
];

const encodeHeader = (text: string): string =>
  /^[\x20-\x7e]*$/.test(text) ? text : encodeURI(text).replace(/%25/g, "%");

describe("S5: targets that are refused, with credentials and without", () => {
  it.each(TARGETS)("%s is not asked", async (target) => {
    for (const headers of [ANONYMOUS, { Authorization: `Bearer ${CANARY.ghcrToken}` }]) {
      const challenge = { "WWW-Authenticate": 'Bearer realm="https://ghcr.io/token"' };
      const internet = publicRegistries().host(GHCR, (request) => {
        if (request.url.pathname === "/token") return Response.json({ token: "t" });
        if (!request.headers.has("Authorization"))
          return Response.json({}, { status: 401, headers: challenge });
        return new Response(null, { status: 307, headers: { Location: encodeHeader(target) } });
      });
      const url = "https://ghcr.example.com/v2/team/app/manifests/x";
      const answer = await internet.ask(new Ferry(TABLE), url, { headers });
      expect(answer.status).toBe(502);
      expect(internet.requests.filter(({ url }) => url.origin !== GHCR)).toEqual([]);
    }
  });
});
