// What the played registry has: one image for several platforms, two plain ones, and what docker asks besides.
import type { Outgoing } from "../internet.ts";
import { digestOf } from "../client-ferry.ts";
import {
  answerWith,
  DOCKER_IMAGE,
  documentOf,
  imageDocument,
  notFound,
  OCI_IMAGE,
  OCI_INDEX,
  type Document,
} from "./stage.ts";
import { refusal } from "./whims.ts";

/** What of a registry's state its answers depend on. */
interface Shelves {
  readonly tags: ReadonlyMap<string, string>;
  readonly removed: ReadonlySet<string>;
  readonly isWalled: (reference: string) => boolean;
}

const SCHEMA1 = "application/vnd.docker.distribution.manifest.v1+prettyjws";

export class House {
  readonly documents: ReadonlyMap<string, Document>;
  readonly blobs: ReadonlyMap<string, string>;
  /** Tag and digest. */
  readonly tags: ReadonlyMap<string, string>;
  /** The tag where docker looks for referrers of the first image. */
  readonly fallback: string;
  /** Where it looks first. */
  readonly referrers: string;
  /** What a registry that still converts makes of a tag for an old client: by its digest nothing is found. */
  readonly converted: ReadonlyMap<string, Document>;

  constructor(parts: Pick<House, "blobs" | "converted" | "documents" | "fallback" | "referrers" | "tags">) {
    ({
      blobs: this.blobs,
      converted: this.converted,
      documents: this.documents,
      fallback: this.fallback,
      referrers: this.referrers,
      tags: this.tags,
    } = parts);
  }

  /** @param mark stands in everything that it has */
  static async build(mark = ""): Promise<House> {
    const texts = ["config", "layer", "other layer"].map((word) => `${word} ${mark}`.repeat(30));
    const blobs = new Map(
      await Promise.all(texts.map(async (text) => [await digestOf(text), text] as const)),
    );
    const [config, ...layers] = [...blobs].map(([digest, text]) => ({
      digest,
      size: text.length,
      mediaType: "x",
    }));
    const image = await json({ schemaVersion: 2, mediaType: OCI_IMAGE, config, layers, mark }, OCI_IMAGE);
    const { digest, mediaType, size } = image;
    const manifests = [{ digest, mediaType, size }];
    const index = await json({ schemaVersion: 2, mediaType: OCI_INDEX, manifests, mark }, OCI_INDEX);
    const referring = await json({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [], mark }, OCI_INDEX);
    const fallback = index.digest.replace(":", "-");
    const tagged: readonly (readonly [string, Document])[] = [
      ["v1", index],
      ["v2", await imageDocument(`two${mark}`)],
      ["v3", await imageDocument(`three${mark}`, DOCKER_IMAGE)],
      [fallback, referring],
      ["old", await imageDocument(`old${mark}`, DOCKER_IMAGE)],
      ["walled", await imageDocument(`walled${mark}`)],
    ];
    const all = [...tagged.map(([, document]) => document), image];
    return new House({
      blobs,
      documents: new Map(all.map((document) => [document.digest, document])),
      tags: new Map(tagged.map(([tag, document]) => [tag, document.digest])),
      fallback,
      referrers: `referrers/${index.digest}`,
      converted: new Map(
        await Promise.all(
          tagged.map(
            async ([tag]) =>
              [tag, await json({ schemaVersion: 1, tag, fsLayers: [], history: [] }, SCHEMA1)] as const,
          ),
        ),
      ),
    });
  }

  /** The registry's own answer to a question about the repository. */
  answer(request: Outgoing, { isWalled, removed, tags }: Shelves): Response {
    const { headers, method, url } = request;
    const [, kind, reference = ""] = /^\/v2\/team\/app\/(\w+)\/(.+)$/.exec(url.pathname) ?? [];
    if (!["GET", "HEAD"].includes(method)) return refusal();
    if (kind === "tags") return Response.json({ name: "team/app", tags: [...tags.keys()] });
    if (kind === "referrers" && url.pathname.endsWith(this.referrers)) {
      return answerWith(this.documentOf(tags.get(this.fallback) ?? ""), request);
    }
    if (kind === "blobs") return blob(this.blobs.get(reference), request, removed.has(reference));
    if (kind !== "manifests") return notFound();
    if (isWalled(reference)) return refusal();
    const digest = tags.get(reference) ?? reference;
    const document = this.documents.get(digest);
    if (document === undefined || removed.has(digest)) return notFound();
    const accept = headers.get("Accept") ?? "";
    const isOld = accept !== "" && !/\*\/\*|\.v2\+json|oci\.image/.test(accept);
    return answerWith((isOld && this.converted.get(reference)) || document, request);
  }

  documentOf(digest: string): Document {
    const document = this.documents.get(digest);
    if (document === undefined) throw new TypeError(`no document ${digest}`);
    return document;
  }

  /** What is right, by a path below the repository. */
  bytesOf(path: string, tags: ReadonlyMap<string, string>): { digest?: string; text: string } {
    const [kind = "", reference = ""] = path.split("/");
    if (kind === "blobs") return { text: this.blobs.get(reference) ?? "no such blob" };
    const key = kind === "referrers" ? this.fallback : reference;
    const { body, digest } = this.documentOf(tags.get(key) ?? key);
    return { digest, text: body };
  }
}

function blob(text: string | undefined, { headers, method }: Outgoing, isRemoved: boolean): Response {
  if (text === undefined || isRemoved) return notFound();
  const said = { "Content-Type": "application/octet-stream", "Content-Length": String(text.length) };
  const range = /^bytes=(\d+)-(\d*)$/.exec(headers.get("Range") ?? "");
  if (method === "HEAD") return new Response(null, { headers: said });
  if (range === null) return new Response(text, { headers: said });
  const start = Number(range[1]);
  if (start >= text.length) return new Response(null, { status: 416 });
  const end = Math.min(range[2] === "" ? Infinity : Number(range[2]), text.length - 1);
  const part = text.slice(start, end + 1);
  const partial = {
    "Content-Range": `bytes ${start}-${end}/${text.length}`,
    "Content-Length": String(part.length),
  };
  return new Response(part, { status: 206, headers: { ...said, ...partial } });
}

function json(value: unknown, mediaType: string): Promise<Document> {
  return documentOf(JSON.stringify(value), mediaType);
}

export const PATHS = {
  /** What a pull asks by digest, below the repository. */
  digests: ({ blobs, documents, tags }: House): string[] => [
    ...[...documents.keys()]
      .filter((digest) => digest !== tags.get("old") && digest !== tags.get("walled"))
      .map((digest) => `manifests/${digest}`),
    ...[...blobs.keys()].map((digest) => `blobs/${digest}`),
  ],
};
