// Upstreams of the memory benchmark: registries without authentication, with blobs and manifests of its choice.

import { createHash, randomBytes } from "node:crypto";
import { createServer, type ServerResponse } from "node:http";
import { listen } from "../tools/http.ts";

/** A blob or a manifest, and how fast it comes. */
interface Content {
  readonly mediaType: string;
  readonly size: number;
  /** Its bytes; the parts of several blobs share theirs. */
  readonly parts: readonly Buffer[];
  /** Bytes after which it stalls for good. */
  readonly stallsAfter: number | undefined;
  /** Whether its length is said before it comes. */
  readonly hasLength: boolean;
}

/** A list of tags of some 2 MiB, of whatever repository. */
const TAG_LIST = JSON.stringify({
  name: "library/app",
  tags: Array.from({ length: 50_000 }, (_, index) => `tag-${String(index)}-${"0".repeat(30)}`),
});

export class MemoryRegistry {
  readonly url: string;
  readonly close: () => Promise<void>;
  readonly #contents: Map<string, Content>;
  readonly #base: Buffer;

  private constructor(contents: Map<string, Content>, listening: Awaited<ReturnType<typeof listen>>) {
    this.#contents = contents;
    this.#base = randomBytes(4 * 1024 * 1024);
    this.url = listening.url;
    this.close = listening.close;
  }

  static async start(): Promise<MemoryRegistry> {
    const contents = new Map<string, Content>();
    const server = createServer((request, response) => {
      const { pathname } = new URL(request.url ?? "/", "http://registry.invalid");
      if (pathname === "/v2/") return response.end("{}");
      if (pathname.endsWith("/tags/list")) {
        response.writeHead(200, { "Content-Type": "application/json" });
        return response.end(TAG_LIST);
      }
      const content = contents.get(pathname.split("/").at(-1) ?? "");
      if (content === undefined) return response.writeHead(404).end();
      return answer(response, content, request.method === "HEAD");
    });
    return new MemoryRegistry(contents, await listen(server));
  }

  /** @returns the digest of a new blob of that size, at most 4 MiB */
  addBlob(size: number, stallsAfter?: number): string {
    const parts = [randomBytes(16), this.#base.subarray(0, size - 16)];
    return this.#add({ mediaType: "application/octet-stream", size, parts, stallsAfter, hasLength: true });
  }

  /** @returns the digest of a manifest with that text */
  addManifest(mediaType: string, text: string, hasLength: boolean): string {
    const bytes = Buffer.from(text);
    return this.#add({
      mediaType,
      size: bytes.byteLength,
      parts: [bytes],
      stallsAfter: undefined,
      hasLength,
    });
  }

  #add(content: Content): string {
    const hash = createHash("sha256");
    for (const part of content.parts) hash.update(part);
    const digest = `sha256:${hash.digest("hex")}`;
    this.#contents.set(digest, content);
    return digest;
  }
}

function answer(response: ServerResponse, content: Content, isHead: boolean): void {
  const length = content.hasLength ? { "Content-Length": content.size } : {};
  response.writeHead(200, { "Content-Type": content.mediaType, ...length });
  if (isHead) {
    response.end();
    return;
  }
  let left = content.stallsAfter ?? content.size;
  for (const part of content.parts) {
    const chunk = part.subarray(0, left);
    left -= chunk.byteLength;
    if (chunk.byteLength > 0) response.write(chunk);
  }
  if (content.stallsAfter === undefined) response.end();
}
