// A proxy as the doctor may find it, played on this machine.
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { readArguments } from "../../../scripts/doctor/arguments.ts";
import { diagnose, type Means } from "../../../scripts/doctor/diagnose.ts";
import { linesOf, type Finding } from "../../../scripts/doctor/finding.ts";

export const MANIFEST = '{"schemaVersion":2}';
export const DIGEST = `sha256:${createHash("sha256").update(MANIFEST).digest("hex")}`;
export const ROUTES = { docker: "https://registry-1.docker.io", ghcr: "https://ghcr.io" };
const PASSWORD = "correct horse";

/** An answer that takes the place of the right one. */
export interface Instead {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What is other than it should be, by the beginning of method and path; the first that fits. */
export type Faults = Readonly<Record<string, Instead>>;

/** What was asked of the proxy: method, path, and of `Authorization` its scheme. */
export interface Diagnosis {
  readonly findings: readonly Finding[];
  readonly lines: readonly string[];
  readonly asked: readonly string[];
}

export async function examine(
  faults: Faults,
  words: readonly string[] = [],
  more: Partial<Means> & { closed?: boolean } = {},
): Promise<Diagnosis> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method ?? ""} ${request.url ?? ""} ${request.headers.authorization ?? ""}`.trim());
    answer(request, response, faults, more.closed === true);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const findings: Finding[] = [];
  try {
    const means = {
      routes: ROUTES,
      password: () => Promise.resolve(PASSWORD),
      timeoutMs: 500,
      isHere: false,
      ...more,
    };
    for await (const finding of diagnose(readArguments([`http://127.0.0.1:${port}`, ...words]), means))
      findings.push(finding);
  } finally {
    server.closeAllConnections();
    server.close();
  }
  return { findings, asked, lines: findings.flatMap(linesOf) };
}

function answer(request: IncomingMessage, response: ServerResponse, faults: Faults, isClosed: boolean): void {
  const { authorization = "", host = "" } = request.headers;
  const line = `${request.method ?? ""} ${request.url ?? ""}`;
  const [, fault] = Object.entries(faults).find(([start]) => line.startsWith(start)) ?? [];
  const right = rightAnswer(line, host, isClosed ? authorization : undefined);
  const { body = right.body ?? "", status = right.status ?? 200 } = fault ?? {};
  const headers = {
    "Docker-Distribution-Api-Version": "registry/2.0",
    "Content-Type": "application/json",
    ...right.headers,
  };
  response.writeHead(status, fault?.headers ?? headers);
  response.end(request.method === "HEAD" ? "" : body.replaceAll("{host}", host));
}

/** What the proxy says; of a closed one by what was presented to it. */
function rightAnswer(line: string, host: string, presented: string | undefined): Instead {
  const [, path = ""] = line.split(" ");
  if (path === "/v2/") {
    const challenge = `Bearer realm="http://${host}/v2/auth",service="${host}"`;
    return { status: 401, headers: { "WWW-Authenticate": challenge } };
  }
  if (path.startsWith("/healthz")) return { body: '{"status":"ok","registries":["ghcr.io","docker.io"]}' };
  if (path.startsWith("/v2/auth")) {
    const login = `Basic ${Buffer.from(`alice:${PASSWORD}`).toString("base64")}`;
    const isWelcome = presented === undefined || presented === login;
    const refused = '{"errors":[{"code":"UNAUTHORIZED","message":"Log in first."}]}';
    return isWelcome
      ? { body: '{"token":"ferry.token"}', headers: { "Content-Type": "application/json" } }
      : { status: 401, body: refused };
  }
  return { body: MANIFEST, headers: { "Docker-Content-Digest": DIGEST, "X-Cache": "hit" } };
}
