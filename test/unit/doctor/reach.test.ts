// The doctor's first two steps: a host's name, and its certificate.
import { createServer as createPlain, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { createServer } from "node:tls";
import { afterEach, describe, expect, it } from "vitest";
import { findName, shakeHands } from "../../../scripts/doctor/reach.ts";
import { EXPIRED, GOOD, KEY, OTHER } from "./certificates.ts";

const servers: { server: Server; sockets: Set<Socket> }[] = [];

afterEach(() => {
  for (const { server, sockets } of servers.splice(0)) {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
});

/** Listens, and is ended with the test. */
async function listen(server: Server): Promise<URL> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => sockets.add(socket.on("error", () => undefined)));
  server.on("tlsClientError", () => undefined);
  servers.push({ server, sockets });
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  return new URL(`https://localhost:${(server.address() as AddressInfo).port}`);
}

const withCertificate = (cert: string): Promise<URL> => listen(createServer({ key: KEY, cert }));

describe("TLS", () => {
  it("is right with a certificate for the host that is believed", async () => {
    const found = await shakeHands(await withCertificate(GOOD), { ca: GOOD });
    expect(found).toMatchObject({
      isOk: true,
      found: expect.stringMatching(/^TLSv1\.3, a certificate for localhost, valid until .*2120/) as string,
    });
  });

  it.each<[string, string, string, string]>([
    [
      "of another host",
      OTHER,
      "of DNS:other.example, and not of localhost",
      "Right after the first deployment",
    ],
    ["that has ended", EXPIRED, "CERT_HAS_EXPIRED", "look at this machine's clock"],
  ])("fails with a certificate %s", async (_, certificate, found, advice) => {
    const said = await shakeHands(await withCertificate(certificate), { ca: certificate });
    expect(said).toMatchObject({ isOk: false });
    expect(said.found).toContain(found);
    expect(said.advice).toContain(advice);
  });

  it("fails with one that nobody vouches for", async () => {
    const said = await shakeHands(await withCertificate(GOOD));
    expect(said.isOk).toBe(false);
    expect(said.found).toMatch(
      /not believed here \((?:DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_VERIFY_LEAF_SIGNATURE)\)/,
    );
    expect(said.advice).toContain("answers in its place");
  });

  it("fails where somebody does not answer, or in another language, or hangs up", async () => {
    const silent = await shakeHands(await listen(createPlain(() => undefined)), { timeoutMs: 200 });
    expect(silent).toMatchObject({
      isOk: false,
      found: expect.stringContaining("no handshake in time") as string,
    });
    const http = await shakeHands(
      await listen(createPlain((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"))),
    );
    expect(http.isOk).toBe(false);
    const gone = await shakeHands(await listen(createPlain((socket) => socket.destroy())));
    expect(gone).toMatchObject({
      isOk: false,
      found: expect.stringMatching(/ECONNRESET|closed without/) as string,
    });
    expect(gone.advice).toContain("firewall");
  });

  it("fails where there is no certificate for the host yet", async () => {
    const refusing = createServer({
      key: KEY,
      cert: GOOD,
      SNICallback: (_, done) => done(new Error("none")),
    });
    const said = await shakeHands(await listen(refusing));
    expect(said.isOk).toBe(false);
    expect(said.found).toContain("no connection to localhost");
  });

  it("says of *.workers.dev that it is blocked in some networks", async () => {
    const said = await shakeHands(new URL("https://ferry.nobody.workers.dev:9"), { timeoutMs: 200 });
    expect(said.isOk).toBe(false);
    expect(said.advice).toContain("blocked in some networks and countries: use a domain of your own");
  });
});

describe("DNS", () => {
  it("says what a name is, and what to do about one that is nothing", async () => {
    expect(await findName("localhost")).toMatchObject({
      isOk: true,
      found: expect.stringMatching(/127\.0\.0\.1|::1/) as string,
    });
    const nothing = await findName("nosuch.invalid");
    expect(nothing.isOk).toBe(false);
    expect(nothing.advice).toContain("Right after the first deployment");
  });
});
