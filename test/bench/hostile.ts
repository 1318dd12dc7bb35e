// Attacks that need workerd itself: memory that hostile bodies hold, clients that leave, framing of what is forwarded.
// `node test/bench/hostile.ts <scenario>…`
import { createServer as createTcp, connect, type Socket } from "node:net";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { startCacheService } from "./memory-cache.ts";
import { bundle, serve } from "./memory-worker.ts";
import { listen } from "../tools/http.ts";
import { stopAll } from "../tools/processes.ts";

const MIB = 1024 * 1024;
const KIB = 1024;
const inMib = (bytes: number): string => `${(bytes / MIB).toFixed(0)} MiB`;

type Handler = (request: IncomingMessage, response: ServerResponse) => unknown;
const upstream = async (handler: Handler) => {
  const server = createServer((request, response) => {
    if (new URL(request.url ?? "/", "http://x").pathname === "/v2/") return response.end("{}");
    return handler(request, response);
  });
  return listen(server);
};

interface Client {
  readonly socket: Socket;
  readonly status: Promise<string>;
  readonly text: () => string;
  readonly ended: Promise<string>;
}
function ask(path: string, target: string, host: string, reads = true, extra = "", method = "GET"): Client {
  const socket = connect(path);
  let text = "";
  socket.on("error", () => undefined);
  socket.write(
    `${method} ${target} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ferry.anonymous\r\nConnection: close\r\n${extra}\r\n`,
  );
  const status = new Promise<string>((resolve) => {
    socket.once("data", (chunk: Buffer) => resolve(chunk.toString("latin1", 9, 12)));
    socket.once("close", () => resolve("closed"));
  });
  socket.on("data", (chunk: Buffer) => {
    if (text.length < 20_000) text += chunk.toString("latin1");
    if (!reads) socket.pause();
  });
  const ended = new Promise<string>((resolve) => socket.once("close", () => resolve(text)));
  return { socket, status, text: () => text, ended };
}

const cache = await startCacheService();
const scenarios: Record<string, () => Promise<void>> = {
  drip,
  dripForm,
  slowManifests,
  encoded,
  dripList,
  parse,
  stalled,
  slowLists,
  leave,
  framing,
};

async function withWorker(
  routes: Record<string, unknown>,
  run: (socket: string, peak: () => { rest: number; peak: number }) => Promise<void>,
): Promise<void> {
  cache.clear();
  const worker = await serve({ ROUTES: routes }, cache.port);
  const rest = worker.resident();
  let most = rest;
  const timer = setInterval(() => {
    try {
      most = Math.max(most, worker.resident());
    } catch {
      /* it has ended */
    }
  }, 20);
  try {
    await run(worker.socket, () => ({ rest, peak: most }));
  } finally {
    clearInterval(timer);
    await worker.stop();
  }
}

/** One byte to a chunk of the transfer. */
async function dripped(response: ServerResponse, text: string): Promise<void> {
  response.writeHead(200, { "Content-Type": "application/vnd.oci.image.index.v1+json" });
  const one = Buffer.from(`1\r\n \r\n`);
  const many = Buffer.concat(Array.from({ length: 1000 }, () => one));
  const socket = response.socket;
  response.flushHeaders();
  for (let sent = 0; sent < text.length; sent += 1000) {
    if (socket?.destroyed === true) return;
    if (socket?.write(many) === false)
      await Promise.race([new Promise((resolve) => socket.once("drain", resolve)), sleep(2000)]);
  }
}

async function drip(): Promise<void> {
  for (const clients of [1, 4]) {
    const { url, close } = await upstream((request, response) => {
      if (request.method === "HEAD") return response.writeHead(405).end();
      return dripped(response, " ".repeat(250 * KIB));
    });
    await withWorker({ reg: { upstream: url, mirrors: [] } }, async (socket, peak) => {
      const started = Date.now();
      const asked = Array.from({ length: clients }, () =>
        ask(socket, "/v2/team/app/manifests/x", "reg.localhost"),
      );
      await Promise.race([Promise.all(asked.map(({ status }) => status)), sleep(15_000)]);
      const { rest, peak: most } = peak();
      console.log(
        `drip: ${clients} client(s), 250 KiB in chunks of one byte: ${inMib(most - rest)} over rest of ${inMib(rest)}, ${Date.now() - started} ms`,
      );
      for (const { socket: one } of asked) one.destroy();
    });
    await close();
  }
}

/** A stranger's token form of 60 KiB, in chunks of one byte. */
async function dripForm(): Promise<void> {
  const { url, close } = await upstream((_, response) => response.writeHead(404).end());
  await withWorker({ reg: { upstream: url, mirrors: [] } }, async (path, peak) => {
    const socket = connect(path);
    let text = "";
    socket.on("error", () => undefined);
    socket.on("data", (chunk: Buffer) => (text += chunk.toString("latin1")));
    socket.write(
      "POST /v2/auth HTTP/1.1\r\nHost: reg.localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n",
    );
    const many = Buffer.from("1\r\na\r\n".repeat(1000));
    for (let sent = 0; sent < 60; sent += 1) {
      if (!socket.write(many))
        await Promise.race([new Promise((resolve) => socket.once("drain", resolve)), sleep(2000)]);
    }
    await sleep(1500);
    const { rest, peak: most } = peak();
    console.log(
      `dripForm: one stranger, 60,000 bytes of a form in chunks of one: ${inMib(most - rest)} over rest of ${inMib(rest)}`,
    );
    socket.end("0\r\n\r\n");
    await sleep(500);
    console.log(`dripForm: answered ${text.slice(0, 12)}`);
  });
  await close();
}

/** Many clients that read nothing of a stored manifest of 250 KiB, then of one of 4 MiB without a length. */
async function slowManifests(): Promise<void> {
  const TYPE = "application/vnd.oci.image.manifest.v1+json";
  const config = {
    mediaType: "application/vnd.oci.image.config.v1+json",
    digest: `sha256:${"1".repeat(64)}`,
    size: 2,
  };
  const documentOf = (size: number): { body: string; digest: string } => {
    const body = JSON.stringify({
      schemaVersion: 2,
      mediaType: TYPE,
      config,
      layers: [],
      annotations: { a: "x".repeat(size) },
    });
    return { body, digest: `sha256:${createHash("sha256").update(body).digest("hex")}` };
  };
  const small = documentOf(250 * KIB);
  const large = documentOf(4 * MIB);
  const { url, close } = await upstream((request, response) => {
    const found = [small, large].find(({ digest }) => request.url?.endsWith(digest) === true);
    if (found === undefined) return response.writeHead(404).end();
    response.writeHead(200, { "Content-Type": TYPE });
    return response.end(request.method === "HEAD" ? undefined : found.body);
  });
  for (const [what, { digest }] of [
    ["stored, 250 KiB", small],
    ["4 MiB without a length", large],
  ] as const) {
    await withWorker({ reg: { upstream: url, mirrors: [] } }, async (socket, peak) => {
      const path = `/v2/team/app/manifests/${digest}`;
      for (let round = 0; round < 2; round += 1) {
        const first = ask(socket, path, "reg.localhost");
        await first.ended;
      }
      const clients = Array.from({ length: 400 }, () => ask(socket, path, "reg.localhost", false));
      const statuses = await Promise.race([
        Promise.all(clients.map(({ status }) => status)),
        sleep(20_000).then(() => [] as string[]),
      ]);
      await sleep(2000);
      const { rest, peak: most } = peak();
      const from = /X-Cache: \w+/i.exec(clients[5]?.text() ?? "")?.[0] ?? "";
      console.log(
        `slowManifests: 400 clients that read nothing, ${what} (${from}), ${statuses.filter((status) => status === "200").length} served: ${inMib(most - rest)} over rest`,
      );
      for (const { socket: one } of clients) one.destroy();
    });
  }
  await close();
}

/** A manifest of 300 KiB that comes encoded in spite of identity, with and without a length. */
async function encoded(): Promise<void> {
  const { gzipSync } = await import("node:zlib");
  const body = JSON.stringify({
    schemaVersion: 2,
    manifests: [],
    annotations: { a: "xyz".repeat(100 * KIB) },
  });
  const digest = `sha256:${createHash("sha256").update(body).digest("hex")}`;
  const { url, close } = await upstream((request, response) => {
    const bytes = gzipSync(body);
    response.writeHead(200, {
      "Content-Type": "application/vnd.oci.image.index.v1+json",
      "Content-Encoding": "gzip",
      "Content-Length": bytes.byteLength,
    });
    return response.end(request.method === "HEAD" ? undefined : bytes);
  });
  await withWorker({ reg: { upstream: url, mirrors: [] } }, async (socket) => {
    const answer = ask(socket, `/v2/team/app/manifests/${digest}`, "reg.localhost");
    const text = await answer.ended;
    console.log(`encoded: ${text.slice(0, text.indexOf("\r\n\r\n") + 80)}`);
  });
  await close();
}

async function dripList(): Promise<void> {
  const { url, close } = await upstream((_, response) => dripped(response, " ".repeat(2 * MIB)));
  await withWorker({ lib: { upstream: url, mirrors: [], library: true } }, async (socket, peak) => {
    const asked = ask(socket, "/v2/app/tags/list", "lib.localhost");
    await Promise.race([asked.status, sleep(30_000)]);
    const { rest, peak: most } = peak();
    console.log(
      `dripList: one client, a list of 2 MiB in chunks of one byte: ${inMib(most - rest)} over rest`,
    );
    asked.socket.destroy();
  });
  await close();
}

async function parse(): Promise<void> {
  const body = (unit: string): string => {
    const head = `{"tags":[`;
    const tail = `0],"name":"library/app"}`;
    return (
      head + `${unit},`.repeat(Math.floor((4 * MIB - head.length - tail.length) / (unit.length + 1))) + tail
    );
  };
  for (const unit of ["[]", "{}", '{"a":0}', "[[]]", '""', "0.5"]) {
    const text = body(unit);
    const { url, close } = await upstream((_, response) => {
      response.writeHead(200, { "Content-Type": "application/json" });
      response.end(text);
    });
    await withWorker({ lib: { upstream: url, mirrors: [], library: true } }, async (socket, peak) => {
      for (const clients of [1, 4]) {
        const started = Date.now();
        const asked = Array.from({ length: clients }, () =>
          ask(socket, "/v2/app/tags/list", "lib.localhost"),
        );
        const statuses = await Promise.all(asked.map(({ status }) => status));
        await Promise.race([Promise.all(asked.map(({ ended }) => ended)), sleep(10_000)]);
        const { rest, peak: most } = peak();
        console.log(
          `parse ${unit}: ${clients} client(s) ${statuses.join()}: ${inMib(most - rest)} over rest, ${Date.now() - started} ms`,
        );
      }
    });
    await close();
  }
}

/** Lists that stall just under 4 MiB; the place of each ends after 30 s, its bytes do not. */
async function stalled(): Promise<void> {
  const part = Buffer.from(`{"tags":["${"x".repeat(3.9 * MIB)}`);
  const small = JSON.stringify({ tags: ["x".repeat(300 * KIB)], name: "library/app" });
  const bad = await upstream((_, response) => {
    response.writeHead(200, { "Content-Type": "application/json" });
    response.write(part);
  });
  const good = await upstream((_, response) => {
    response.writeHead(200, { "Content-Type": "application/json" });
    response.end(small);
  });
  const routes = {
    lib: { upstream: bad.url, mirrors: [], library: true },
    other: { upstream: good.url, mirrors: [], library: true },
  };
  await withWorker(routes, async (socket, peak) => {
    const clients: Client[] = [];
    const other = async (): Promise<string> => ask(socket, "/v2/app/tags/list", "other.localhost").status;
    console.log(`stalled: another registry's list before: ${await other()}`);
    for (let round = 0; round < 4; round += 1) {
      for (let count = 0; count < 5; count += 1) {
        clients.push(ask(socket, "/v2/app/tags/list", "lib.localhost"));
        await sleep(300);
      }
      await sleep(1500);
      const { rest, peak: most } = peak();
      console.log(
        `stalled, round ${round + 1}: ${clients.length} asked; another registry's list: ${await other()}; ${inMib(most - rest)} over rest`,
      );
      await sleep(29_000);
    }
    for (const { socket: one } of clients) one.destroy();
  });
  await Promise.all([bad.close(), good.close()]);
}

/** Lists whose name stands last, of 3.9 MiB, by clients that read nothing. */
async function slowLists(): Promise<void> {
  const text = JSON.stringify({ tags: ["x".repeat(3.9 * MIB)], name: "library/app" });
  const { url, close } = await upstream((_, response) => {
    response.writeHead(200, { "Content-Type": "application/json" });
    response.end(text);
  });
  await withWorker({ lib: { upstream: url, mirrors: [], library: true } }, async (socket, peak) => {
    const clients: Client[] = [];
    for (let count = 0; count < 60; count += 1) {
      clients.push(ask(socket, "/v2/app/tags/list", "lib.localhost", false));
      await sleep(150);
    }
    await sleep(3000);
    const statuses = await Promise.all(clients.map(({ status }) => status));
    const { rest, peak: most } = peak();
    console.log(
      `slowLists: 60 clients that read nothing, ${statuses.filter((s) => s === "200").length} served: ${inMib(most - rest)} over rest`,
    );
    for (const { socket: one } of clients) one.destroy();
  });
  await close();
}

/** A stranger leaves each time while witnesses are asked. */
async function leave(): Promise<void> {
  let closed = false;
  let slow = false;
  const log: string[] = [];
  const TYPE = "application/vnd.oci.image.manifest.v1+json";
  const documents = new Map(
    ["one", "two", "three"].map((tag) => {
      const config = {
        mediaType: "application/vnd.oci.image.config.v1+json",
        digest: `sha256:${"1".repeat(64)}`,
        size: 2,
      };
      const body = JSON.stringify({
        schemaVersion: 2,
        mediaType: TYPE,
        config,
        layers: [],
        annotations: { tag },
      });
      return [tag, { body, digest: `sha256:${createHash("sha256").update(body).digest("hex")}` }];
    }),
  );
  const { url, close } = await upstream(async (request, response) => {
    const reference = (request.url ?? "").split("/").at(-1) ?? "";
    log.push(`${request.method} ${reference.slice(0, 14)}`);
    if (closed) {
      // The registry takes a second for what is asked again by HEAD of a digest: time to leave.
      if (slow && request.method === "HEAD" && reference.startsWith("sha256:")) await sleep(1000);
      return response
        .writeHead(401, { "Content-Type": "application/json" })
        .end(request.method === "HEAD" ? undefined : '{"errors":[]}');
    }
    const found =
      documents.get(reference) ?? [...documents.values()].find(({ digest }) => digest === reference);
    if (found === undefined) return response.writeHead(404).end();
    response.writeHead(200, {
      "Content-Type": TYPE,
      "Content-Length": Buffer.byteLength(found.body),
      "Docker-Content-Digest": found.digest,
    });
    return response.end(request.method === "HEAD" ? undefined : found.body);
  });
  await withWorker({ reg: { upstream: url, mirrors: [] } }, async (socket) => {
    for (const tag of documents.keys())
      console.log(
        `leave: pull ${tag}: ${await ask(socket, `/v2/team/app/manifests/${tag}`, "reg.localhost", true, "Accept: */*\r\n").status}`,
      );
    closed = true;
    slow = true;
    // Nothing was proved within the last five minutes for HEAD of a tag: its word is a minute old.
    console.log("leave: the registry closes the repository; waiting five minutes for its proof to age");
    await sleep(5 * 60_000 + 2000);
    log.length = 0;
    for (let round = 0; round < 6; round += 1) {
      const stranger = ask(
        socket,
        "/v2/team/app/manifests/made-up",
        "reg.localhost",
        true,
        "Accept: */*\r\n",
      );
      await sleep(400);
      stranger.socket.destroy();
      await sleep(200);
      const other = ask(socket, "/v2/team/app/manifests/one", "reg.localhost", true, "Accept: */*\r\n");
      const status = await other.status;
      console.log(
        `leave, round ${round + 1}: another's answer ${status} ${/X-Cache: \w+/i.exec(other.text())?.[0] ?? ""}; asked upstream: ${log.splice(0).join(", ")}`,
      );
      await sleep(10_000);
    }
  });
  await close();
}

/** What arrives at a registry of a GET whose client says a length. */
async function framing(): Promise<void> {
  const seen: string[] = [];
  const server = createTcp((socket) => {
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => {
      const text = chunk.toString("latin1");
      seen.push(text);
      if (text.startsWith("GET") || text.startsWith("HEAD") || text.startsWith("DELETE"))
        socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: application/json\r\n\r\n{}");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  await withWorker({ reg: { upstream: `http://127.0.0.1:${port}`, mirrors: [] } }, async (path) => {
    for (const [method, target] of [
      ["GET", "/v2/team/app/tags/list"],
      ["HEAD", "/v2/team/app/tags/list"],
      ["DELETE", "/v2/team/app/manifests/x"],
      ["POST", "/v2/team/app/blobs/uploads/"],
    ] as const) {
      seen.length = 0;
      const socket = connect(path);
      socket.on("error", () => undefined);
      socket.write(
        `${method} ${target} HTTP/1.1\r\nHost: reg.localhost\r\nAuthorization: Bearer mine\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello`,
      );
      await sleep(1500);
      socket.destroy();
      console.log(`framing ${method}:\n${seen.map((text) => JSON.stringify(text)).join("\n")}`);
    }
  });
  server.close();
}

try {
  await bundle();
  for (const name of process.argv.slice(2)) await scenarios[name]?.();
} finally {
  await cache.close();
  await stopAll();
}
process.exit(0);
