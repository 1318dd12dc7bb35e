// S7: a request without credentials that writes, or is about an upload: whom it reaches (F31).
import { describe, expect, it } from "vitest";
import { Ferry, row, startRegistry } from "../ferry.ts";
import { Internet, unauthorized } from "../internet.ts";

const DIGEST = `sha256:${"a".repeat(64)}`;
const SESSION = "me/app/blobs/uploads/session";
const WRITES: readonly (readonly [method: string, path: string, actions: string])[] = [
  ["POST", "me/app/blobs/uploads/", "pull,push"],
  ["GET", SESSION, "pull,push"],
  ["HEAD", SESSION, "pull,push"],
  ["PATCH", SESSION, "pull,push"],
  ["PUT", `${SESSION}?digest=${DIGEST}`, "pull,push"],
  ["DELETE", SESSION, "pull,push"],
  ["PUT", "me/app/manifests/latest", "pull,push"],
  ["DELETE", "me/app/manifests/latest", "delete"],
  ["DELETE", `me/app/blobs/${DIGEST}`, "delete"],
];
const UPSTREAM = "https://free.example";
const ROWS = { free: { upstream: UPSTREAM, mirrors: [] }, all: "*" };

describe("F31, S7: at a registry without authentication, on a host of its own", () => {
  it.each(WRITES)("%s %s reaches it, without credentials", async (method, path) => {
    const internet = new Internet().host(UPSTREAM, () => new Response(null, { status: 204 }));
    const body = ["PUT", "PATCH", "POST"].includes(method) ? { body: "x" } : {};
    const answer = await internet.ask(new Ferry(ROWS), `https://free.example.com/v2/${path}`, {
      method,
      ...body,
    });
    expect(answer.status).toBe(204);
    const sent = internet.requests.at(-1);
    expect(`${sent?.method} ${sent?.url.pathname}${sent?.url.search}`).toBe(`${method} /v2/${path}`);
    expect(internet.requests.every(({ headers }) => !headers.has("Authorization"))).toBe(true);
  });

  it("an upload is pushed in chunks, and says between them how far it is", async () => {
    const registry = await startRegistry({ auth: "none" });
    const ferry = new Ferry({ free: row(registry) });
    const host = "http://free.example.com";
    const started = await ferry.fetch(`${host}/v2/me/app/blobs/uploads/`, { method: "POST" });
    expect(started.status).toBe(202);
    const first = host + (started.headers.get("Location") ?? "");
    const patched = await ferry.fetch(first, { method: "PATCH", body: "0123456789" });
    expect(patched.status).toBe(202);
    const status = await ferry.fetch(host + (patched.headers.get("Location") ?? ""));
    expect([status.status, status.headers.get("Range")]).toEqual([204, "0-9"]);
    const cancelled = await ferry.fetch(host + (status.headers.get("Location") ?? ""), { method: "DELETE" });
    expect(cancelled.status).toBe(204);
  });

  it.each(WRITES)("with our anonymous bearer %s %s is 401, and nothing leaves", async (method, path) => {
    const internet = new Internet();
    const headers = { Authorization: "Bearer ferry.anonymous" };
    const answer = await internet.ask(new Ferry(ROWS), `https://free.example.com/v2/${path}`, {
      method,
      headers,
    });
    expect(answer.status).toBe(401);
    expect(internet.requests).toEqual([]);
  });
});

describe.each([
  ["asks nobody", undefined],
  ["asks for tokens", `Bearer realm="${UPSTREAM}/token",service="s"`],
  ["asks for Basic", 'Basic realm="x"'],
])("F31, S7: on a universal host, at a registry that %s", (_, challenge) => {
  it.each(WRITES)(
    "%s %s is our challenge with its scope, and nothing leaves",
    async (method, path, actions) => {
      const internet = new Internet().host(UPSTREAM, () =>
        challenge === undefined ? Response.json({}) : unauthorized(challenge),
      );
      const answer = await internet.ask(new Ferry(ROWS), `https://all.example.com/v2/free.example/${path}`, {
        method,
      });
      expect(answer.status).toBe(401);
      expect(answer.headers.get("WWW-Authenticate")).toBe(
        'Bearer realm="https://all.example.com/v2/auth",service="all.example.com",' +
          `scope="repository:free.example/me/app:${actions}"`,
      );
      expect(internet.requests).toEqual([]);
    },
  );
});
