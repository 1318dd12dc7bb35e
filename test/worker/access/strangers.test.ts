// S16: what strangers of a closed proxy learn of it, and what anybody learns of the label of a key row: nothing.
import { describe, expect, it, vi } from "vitest";
import type { Ferry } from "../ferry.ts";
import { ALICE, ELSEWHERE, HOST, KEY, LISTED, openClosed, USERS } from "./closed.ts";
import { basic } from "../ferry.ts";

const ROWS = { [KEY]: { upstream: "*", key: true }, harbor: "https://harbor.internal.example" };
const CLOSED = { ACCESS_USERS: USERS, ALLOWED_IPS: "192.0.2.0/24" };
const BROWSER = { Accept: "text/html" };
const KEY_HOST = `${KEY}.example.com`;
/** What nobody may read who was not let in. */
const HIDDEN = ["harbor", "internal", KEY, "docker.io", "ghcr", "alice"];

const PATHS = [
  "/",
  "/healthz",
  "/robots.txt",
  "/v2",
  "/v2/",
  "/v2/auth",
  "/v2/library/app/manifests/latest",
  "/v2/_catalog",
  "/v1/search?q=x",
  "/favicon.ico",
];
const HOSTS = [
  HOST,
  "harbor.example.com",
  "all.example.com",
  "unknown.example.com",
  "ferry.someone.workers.dev",
  "localhost",
];

async function everything(response: Response): Promise<string> {
  return JSON.stringify([...response.headers]) + (await response.text());
}

describe("S16: a closed proxy", () => {
  it.each(HOSTS)(
    "tells strangers at %s no host and no registry but the one that they asked by",
    async (host) => {
      const { ferry } = await openClosed(CLOSED, ROWS);
      for (const accept of ["text/html", "*/*"]) {
        for (const path of PATHS) {
          const said = await everything(
            await ferry.fetch(`http://${host}${path}`, { headers: { ...ELSEWHERE, Accept: accept } }),
          );
          const rest = said.replaceAll(host, "");
          for (const hidden of HIDDEN) expect(rest, `${path} ${accept}`).not.toContain(hidden);
        }
      }
    },
  );

  it("shows its page, and what it has, to who is let in", async () => {
    const { ferry } = await openClosed(CLOSED, ROWS);
    const text = await everything(
      await ferry.fetch(`http://${HOST}/`, { headers: { ...LISTED, ...BROWSER } }),
    );
    expect(text).toContain(`docker pull ${HOST}/nginx`);
    expect(text).not.toContain(KEY);
    const all = await everything(
      await ferry.fetch("http://all.example.com/", { headers: { ...LISTED, ...BROWSER } }),
    );
    expect(all).toContain("docker pull all.example.com/harbor.internal.example/owner/image:tag");
    const unknown = await ferry.fetch("http://unknown.example.com/v2/", { headers: LISTED });
    expect(await unknown.text()).toContain("harbor.example.com");
  });

  it("tells strangers at its page how to log in, where somebody can", async () => {
    const page = async (variables: Record<string, unknown>): Promise<string> => {
      const { ferry } = await openClosed(variables);
      return everything(await ferry.fetch(`http://${HOST}/`, { headers: BROWSER }));
    };
    expect(await page({ ACCESS_USERS: USERS })).toContain(`docker login ${HOST}`);
    expect(await page({ ALLOWED_IPS: "192.0.2.0/24" })).not.toContain("docker login");
  });
});

describe("S16: strangers learn of no registry", () => {
  it("by what a refused bearer's challenge says, though the registry's own service is known", async () => {
    const { ferry } = await openClosed();
    await ferry.fetch(`http://${HOST}/v2/library/app/manifests/latest`, {
      headers: { Authorization: basic(ALICE.user, ALICE.password) },
    });
    for (const path of ["v2/", "v2/auth"]) {
      const headers = { Authorization: basic("somebody", "ferry.anonymous") };
      const said = await everything(await ferry.fetch(`http://${HOST}/${path}`, { headers }));
      expect(said).not.toContain("registry.test");
    }
    const form = await ferry.fetch(`http://${HOST}/v2/auth?client_id=ferry.anonymous`);
    expect(await everything(form)).not.toContain("registry.test");
  });

  it("by what the token service makes of a name", async () => {
    const { ferry } = await openClosed();
    for (const name of ["a".repeat(250), "UPPER", "docker.io", "ghcr.io/x"]) {
      const response = await ferry.fetch(`http://${HOST}/v2/auth?scope=repository:${name}:pull`);
      expect(response.status, name).toBe(401);
    }
  });
});

/** All that is written to the log meanwhile. */
async function logged(act: () => Promise<unknown>): Promise<string> {
  const spies = [vi.spyOn(console, "log"), vi.spyOn(console, "error")];
  await act();
  const lines = spies.flatMap(({ mock }) => mock.calls.map(String)).join("\n");
  for (const spy of spies) spy.mockRestore();
  return lines;
}

describe("S16: the label of a key row", () => {
  const CREDENTIALS = [
    undefined,
    basic(ALICE.user, ALICE.password),
    basic(ALICE.user, "wrong"),
    "Bearer ferry.anonymous",
    basic("somebody", "ferry.anonymous"),
    "Bearer ferry.made-up",
  ];

  it("is in no answer, header or log, of whatever is asked at its host", async () => {
    const { ferry, image } = await openClosed({ ACCESS_USERS: USERS }, ROWS);
    const more = [
      `/v2/library/app/manifests/${image.digest}`,
      "/v2/acme/private/tags/list",
      "/v2/library/app/tags/list?n=1",
      "/v2/none.example/x/manifests/y",
    ];
    const lines = await logged(async () => {
      for (const path of [...PATHS, ...more]) {
        for (const method of ["GET", "HEAD", "POST", "PUT"]) {
          for (const authorization of CREDENTIALS) {
            const headers = { ...BROWSER, ...(authorization && { Authorization: authorization }) };
            const said = await everything(
              await ferry.fetch(`http://${KEY_HOST}${path}`, { method, headers }),
            );
            expect(said, `${method} ${path}`).not.toContain(KEY);
          }
        }
      }
    });
    expect(lines).not.toContain(KEY);
    expect(lines).toContain('"host":"row 3"');
  });

  it("has no page: the bare 404", async () => {
    const { ferry } = await openClosed({}, ROWS);
    const response = await ferry.fetch(`http://${KEY_HOST}/`, { headers: BROWSER });
    expect([response.status, response.headers.get("Content-Type")]).toEqual([404, "application/json"]);
  });

  it.each(["unknown.example.com", `${KEY.slice(0, -1)}.example.com`])(
    "is not in the log where it is misspelt: %s",
    async (host) => {
      const { ferry } = await openClosed({}, ROWS);
      const lines = await logged(() => ferry.fetch(`http://${host}/v2/`));
      expect(lines).not.toContain(host);
    },
  );

  it("is not in the log of a faulty configuration", async () => {
    const { ferry } = await openClosed({ TAG_TTL: "soon" }, ROWS);
    const lines = await logged(() => ferry.fetch(`http://${KEY_HOST}/v2/`));
    expect(lines).toContain('"status":500');
    expect(lines).not.toContain(KEY);
  });

  it.each(["someone.workers.dev", `${KEY}.someone.workers.dev`, "localhost", "127.0.0.1"])(
    "no other universal host lets in: %s",
    async (host) => {
      const { ferry } = await openClosed({}, ROWS);
      const ask = (name: string, at: Ferry): Promise<Response> => at.fetch(`http://${name}/v2/`);
      expect((await ask(host, ferry)).status).toBe(403);
      expect((await ask(KEY_HOST, ferry)).status).toBe(200);
    },
  );
});
