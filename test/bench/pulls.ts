// The requests of a pull, as three kinds of clients make them.

import { request } from "node:http";
import { ACCEPT } from "../registry/accept.ts";
import type { SeededImage } from "../registry/types.ts";

export type Kind = "docker" | "containerd" | "podman";

/** A client that pulls through one port of this machine, and counts what it asks. */
export class Client {
  requests = 0;
  readonly #port: number;
  readonly #host: string;
  readonly #credentials: string | undefined;

  /** @param credentials `user:password`, or undefined for an anonymous pull */
  constructor(port: number, host: string, credentials: string | undefined) {
    this.#port = port;
    this.#host = `${host}:${port}`;
    this.#credentials = credentials;
  }

  /** Pulls the image's first platform. @throws Error with the request that did not succeed */
  async pull(kind: Kind, image: SeededImage): Promise<void> {
    const base = `/v2/${image.repository}`;
    const tag = `${base}/manifests/${image.tag}`;
    if (kind === "containerd") await this.#ask("HEAD", tag, undefined, [401]);
    else await this.#ask("GET", "/v2/", undefined, [401]);
    const token = await this.#token(image.repository);

    if (kind === "podman") await this.#ask("GET", tag, token);
    else {
      await this.#ask("HEAD", tag, token);
      await this.#ask("GET", `${base}/manifests/${image.digest}`, token);
    }
    const [manifest] = image.manifests;
    if (manifest === undefined) throw new Error("the image has no manifest");
    await this.#ask("GET", `${base}/manifests/${manifest.digest}`, token);
    for (const { digest } of [manifest.config, ...manifest.layers]) {
      await this.#ask("GET", `${base}/blobs/${digest}`, token);
    }
  }

  async #token(repository: string): Promise<string> {
    const scope = encodeURIComponent(`repository:${repository}:pull`);
    const headers =
      this.#credentials === undefined
        ? {}
        : { Authorization: `Basic ${Buffer.from(this.#credentials).toString("base64")}` };
    const body = await this.#send("GET", `/v2/auth?service=registry.test&scope=${scope}`, headers, [200]);
    return (JSON.parse(body.toString()) as { token: string }).token;
  }

  async #ask(method: string, path: string, token: string | undefined, expected = [200]): Promise<void> {
    const authorization = token === undefined ? {} : { Authorization: `Bearer ${token}` };
    await this.#send(method, path, { Accept: ACCEPT, ...authorization }, expected);
  }

  async #send(
    method: string,
    path: string,
    headers: Record<string, string>,
    expected: readonly number[],
  ): Promise<Buffer> {
    this.requests += 1;
    return new Promise((resolve, reject) => {
      const options = {
        host: "127.0.0.1",
        port: this.#port,
        method,
        path,
        headers: { Host: this.#host, ...headers },
      };
      request(options, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const body = Buffer.concat(chunks);
          const status = response.statusCode ?? 0;
          if (expected.includes(status)) resolve(body);
          else reject(new Error(`${method} ${path}: ${status} ${body.toString().slice(0, 200)}`));
        });
      })
        .on("error", reject)
        .end();
    });
  }
}
