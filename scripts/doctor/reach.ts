// Whether there is a way to a host at all: its name, and its certificate.

import { lookup } from "node:dns/promises";
import {
  connect,
  checkServerIdentity,
  type ConnectionOptions,
  type PeerCertificate,
  type TLSSocket,
} from "node:tls";
import { excerpt } from "../terminal/printable.ts";
import { failed, ok, type Finding } from "./finding.ts";

const TIMEOUT_MS = 10_000;
const LATER = "Right after the first deployment this takes some minutes";

/** What the name resolves to here, as it would for any program. */
export async function findName(hostname: string): Promise<Finding> {
  try {
    const addresses = await inTime(lookup(hostname, { all: true }));
    return ok(
      "DNS",
      `${hostname} is ${addresses
        .map(({ address }) => address)
        .slice(0, 8)
        .join(", ")}`,
    );
  } catch (error) {
    const { code = "no answer" } = error as NodeJS.ErrnoException;
    return failed(
      "DNS",
      `${hostname} has no address here (${code})`,
      `${LATER}. Then look whether the host is among the Worker's domains, and the zone active; another resolver may know more`,
    );
  }
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(new Error("no answer in time"));
  }, TIMEOUT_MS);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** How the handshake is made; tests have their own authority and less patience. */
export type Handshake = Pick<ConnectionOptions, "ca"> & { readonly timeoutMs?: number };

/** Whether the host has a certificate that clients believe. */
export async function shakeHands(url: URL, how: Handshake = {}): Promise<Finding> {
  const { hostname, port } = url;
  const { ca, timeoutMs = TIMEOUT_MS } = how;
  const name = hostname.replace(/^\[|\]$/g, "");
  const target = port === "" ? 443 : Number(port);
  const isName = /[a-z]/i.test(name) && !name.includes(":");
  const { promise, reject, resolve } = Promise.withResolvers<Finding>();
  const socket = connect({
    host: name,
    port: target,
    ...(isName && { servername: name }),
    ...(ca !== undefined && { ca }),
    // Looked at below, to say more than that it is not right.
    rejectUnauthorized: false,
  });
  const timer = setTimeout(() => {
    reject(new Error("no handshake in time"));
  }, timeoutMs);
  socket.once("error", reject);
  socket.once("close", () => {
    reject(new Error("closed without a handshake"));
  });
  socket.once("secureConnect", () => {
    resolve(judgeCertificate(socket, name));
  });
  try {
    return await promise;
  } catch (error) {
    return explain(error, url, target);
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}

function judgeCertificate(socket: TLSSocket, name: string): Finding {
  const certificate: Partial<PeerCertificate> = socket.getPeerCertificate();
  const until = certificate.valid_to ?? "an unknown time";
  const whose = excerpt(certificate.subjectaltname ?? "nobody", 120);
  const wrong =
    certificate.raw === undefined ? undefined : checkServerIdentity(name, certificate as PeerCertificate);
  if (wrong !== undefined) {
    return failed(
      "TLS",
      `the certificate is of ${whose}, and not of ${name}`,
      `${LATER}. If it stays so, another server has this host: look at its DNS record`,
    );
  }
  if (!socket.authorized) {
    const reason = String(socket.authorizationError);
    const advice = /EXPIRED|NOT_YET_VALID/.test(reason)
      ? "look at this machine's clock, then at the certificate in Cloudflare's dashboard (SSL/TLS, Edge Certificates)"
      : "something between here and Cloudflare answers in its place (a proxy of your network, an antivirus), or this is another server";
    return failed("TLS", `the certificate is not believed here (${reason}), valid until ${until}`, advice);
  }
  return ok("TLS", `${socket.getProtocol() ?? "TLS"}, a certificate for ${name}, valid until ${until}`);
}

function explain(error: unknown, { hostname }: URL, port: number): Finding {
  const { code, message } = error as NodeJS.ErrnoException;
  const found = `no connection to ${hostname}, port ${port} (${code ?? message})`;
  return failed(
    "TLS",
    found,
    adviceOn(String(code), hostname),
    `${NO_HTTPS_HERE} http://${hostname}:${port}`,
  );
}

const NO_HTTPS_HERE = "`npm start` has no https: write";

function adviceOn(code: string, hostname: string): string {
  if (hostname.endsWith(".workers.dev"))
    return "*.workers.dev is blocked in some networks and countries: use a domain of your own (npm run setup -- <your domain>)";
  if (/HANDSHAKE_FAILURE|UNRECOGNIZED_NAME/.test(code))
    return `there is no certificate for this host yet. ${LATER}; a host two labels below the zone gets none of the zone's, but one of its own as a custom domain`;
  return "look whether a firewall of your network lets you out, and whether the host's DNS record leads to Cloudflare";
}
