// S3: who asks for a token says once who it is; what says it twice, or says nobody, is 400, and nothing leaves (F19).
import { describe, expect, it } from "vitest";
import { basic, Ferry } from "../ferry.ts";
import { CANARY, GHCR, publicRegistries, TABLE } from "../internet.ts";

const SECRET = CANARY.ghcrPassword;
const ALICE = `username=ghcr.io/alice&password=${SECRET}`;
const FORM = { "Content-Type": "application/x-www-form-urlencoded" };

describe.each(["docker", "ghcr", "mcr", "basic", "mirror"])("F19, S3: at %s.example.com", (label) => {
  it.each([
    `username=&${ALICE}`,
    `${ALICE}&username=`,
    `${ALICE}&username=ghcr.io/alice`,
    `${ALICE}&username=bob`,
    `${ALICE}&user%6eame=bob`,
    `${ALICE}&password=x`,
    `password=&${ALICE}`,
    `username=&password=${SECRET}`,
    "username=",
    "username=&password=&refresh_token=",
    `refresh_token=${SECRET}&refresh_token=x`,
    `refresh_token=&refresh_token=${SECRET}`,
    `${ALICE}&refresh_token=&refresh_token=`,
  ])("%s", async (parameters) => {
    const internet = publicRegistries();
    const ferry = new Ferry(TABLE);
    const url = `https://${label}.example.com/v2/auth`;
    for (const query of [parameters, `${parameters}&scope=repository:ghcr.io/a/b:pull`]) {
      for (const headers of [{}, { Authorization: basic("ghcr.io/alice", SECRET) }]) {
        const asked = await internet.ask(ferry, `${url}?${query}`, { headers });
        expect(asked.status).toBe(400);
        expect(JSON.parse(asked.body)).toHaveProperty("errors");
        const init = { method: "POST", headers: { ...headers, ...FORM }, body: query };
        expect((await internet.ask(ferry, url, init)).status).toBe(400);
      }
    }
    expect(internet.requests).toEqual([]);
    internet.expectCanaryOnlyAt(SECRET, []);
  });
});

describe("F19, S3: what is said once", () => {
  it("passes, however often the rest is repeated", async () => {
    const internet = publicRegistries();
    const query = `${ALICE}&client_id=a&client_id=b&service=x&service=y`;
    const answer = await internet.ask(new Ferry(TABLE), `https://mirror.example.com/v2/auth?${query}`);
    expect(answer.status).toBe(200);
    internet.expectCanaryOnlyAt(SECRET, [GHCR]);
  });

  it("an empty user of Basic is the Hub's to judge, and no other registry's", async () => {
    const internet = publicRegistries();
    const url = "https://mirror.example.com/v2/auth?scope=repository:ghcr.io/a/b:pull";
    const answer = await internet.ask(new Ferry(TABLE), url, {
      headers: { Authorization: basic("", SECRET) },
    });
    expect(answer.status).toBe(200);
    expect(internet.requests).toEqual([]);
  });
});
