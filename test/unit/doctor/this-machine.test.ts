// The doctor at `npm start` on this machine: nothing of its advice is about Cloudflare.
import dns from "node:dns";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it } from "vitest";
import { readArguments } from "../../../scripts/doctor/arguments.ts";
import { diagnose } from "../../../scripts/doctor/diagnose.ts";
import type { Finding } from "../../../scripts/doctor/finding.ts";
import { knowNamesBelowLocalhost } from "../../../scripts/doctor/localhost.ts";
import { examine } from "./stage.ts";

const { lookup } = dns;
const servers: Server[] = [];

afterEach(() => {
  Object.assign(dns, { lookup });
  for (const server of servers.splice(0)) server.close();
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

async function findingsAt(address: string): Promise<Finding[]> {
  const found: Finding[] = [];
  const means = { routes: {}, password: () => Promise.resolve(""), timeoutMs: 500 };
  for await (const finding of diagnose(readArguments([address, "a/b"]), means)) found.push(finding);
  return found;
}

it.each(["", "https://"])("%slocalhost is plain http, as the advice says", async (scheme) => {
  const port = await listen(createServer());
  expect(await findingsAt(`${scheme}localhost:${port}`)).toEqual([
    expect.objectContaining({
      step: "TLS",
      advice: `\`npm start\` has no https: write http://localhost:${port}`,
    }),
  ]);
});

it("a port where nothing listens is told from an answer that is late", async () => {
  const server = createServer();
  const port = await listen(server);
  const late = await findingsAt(`http://127.0.0.1:${port}`);
  expect(late.at(-1)?.advice).toContain("the terminal of `npm start` shows whether");
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  expect(await findingsAt(`http://127.0.0.1:${port}`)).toEqual([
    expect.objectContaining({
      step: "answer",
      advice: "nothing listens there: is `npm start` running on that port?",
    }),
  ]);
});

it("RFC 6761: a name below localhost is this machine, and the host that is asked for", async () => {
  const hosts: unknown[] = [];
  const port = await listen(
    createServer((request, response) => {
      hosts.push(request.headers.host);
      response.end();
    }),
  );
  knowNamesBelowLocalhost();
  const [first] = await findingsAt(`http://docker.localhost:${port}`);
  expect(first).toMatchObject({ step: "/v2/", advice: expect.stringContaining("another program") as string });
  expect(hosts).toEqual([`docker.localhost:${port}`]);
});

it.each<[string, Parameters<typeof examine>[0], string]>([
  [
    "a host without a row",
    { "GET /v2/": { status: 404, body: '{"errors":[{"message":"No registry has this host name."}]}' } },
    "to [vars.ROUTES] of wrangler.toml, and start `npm start` again",
  ],
  [
    "a faulty configuration",
    { "GET /v2/": { status: 500, body: '{"errors":[{"message":"The configuration has 1 fault(s)."}]}' } },
    "mend them, and start `npm start` again",
  ],
  ["a failure", { "GET /v2/a/b": { status: 500 } }, "the terminal of `npm start`"],
  ["a token that is none", { "GET /v2/auth": { body: "{}" } }, "the terminal of `npm start`"],
])("%s is mended here, without a deployment", async (_, faults, advice) => {
  const api = { "Docker-Distribution-Api-Version": "registry/2.0" };
  const given = Object.entries(faults).map(([where, instead]) => [where, { ...instead, headers: api }]);
  const { findings } = await examine(Object.fromEntries(given) as typeof faults, ["a/b"], { isHere: true });
  expect(findings.at(-1)?.advice).toContain(advice);
});

it("a wrong password is one of .dev.vars", async () => {
  const { findings } = await examine({}, ["a/b", "--user", "alice"], {
    closed: true,
    isHere: true,
    password: () => Promise.resolve("wrong"),
  });
  expect(findings.at(-1)).toMatchObject({
    step: "login",
    advice:
      "look at the name and the password in ACCESS_USERS of .dev.vars; after a change start `npm start` again",
  });
});
