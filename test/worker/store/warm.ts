// A repository that was pulled, of a registry that is played by hand: what tests of refusals, login pages and odd requests
// begin with.
import { digestOf } from "../client-ferry.ts";
import { unauthorized, type Answer, type Handler } from "../internet.ts";
import {
  answerWith,
  imageDocument,
  notFound,
  passTime,
  Played,
  SECOND,
  valid,
  type Document,
} from "./stage.ts";

/** In the order in which they are pulled. */
export const TAGS = ["second", "third", "latest"] as const;
export const UNKNOWN_BLOB = `sha256:${"9".repeat(64)}`;

/** A registry's own no. */
export const refusal: Handler = ({ method }) => {
  const body = JSON.stringify({ errors: [{ code: "DENIED", message: "requested access is denied" }] });
  const headers = { "Content-Type": "application/json" };
  return new Response(method === "HEAD" ? null : body, { status: 401, headers });
};

export const outage: Handler = () => new Response(null, { status: 503 });

export class Warm {
  readonly played: Played;
  readonly images: ReadonlyMap<string, Document>;
  readonly blob: Document;
  /** What `/v2/` says to whoever has no token, if it is not the challenge that it always had. */
  ping: Handler | undefined;

  private constructor(played: Played, images: ReadonlyMap<string, Document>, blob: Document) {
    this.played = played;
    this.images = images;
    this.blob = blob;
    played.serve = this.registry;
    const challenge = `Bearer realm="${played.origin}/token",service="played"`;
    played.internet.host(played.origin, (request) => {
      if (request.url.pathname === "/token") return played.token(request);
      if (request.headers.has("Authorization")) return played.serve(request);
      const isPing = request.url.pathname === "/v2/";
      return (isPing ? this.ping?.(request) : undefined) ?? unauthorized(challenge);
    });
  }

  /** A second has passed after each thing that was pulled. */
  static async open(
    rowOptions: Record<string, unknown> = {},
    variables: Record<string, unknown> = {},
    tags: readonly string[] = TAGS,
    ping?: Handler,
  ): Promise<Warm> {
    const played = new Played(outage, rowOptions, variables);
    const documents = await Promise.all(tags.map((tag) => imageDocument(`${played.origin} ${tag}`)));
    const body = `the layer of ${played.origin}`;
    const blob = {
      body,
      digest: await digestOf(body),
      mediaType: "application/octet-stream",
      size: body.length,
    };
    const images = new Map(tags.map((tag, index) => [tag, valid(documents[index])]));
    const warm = new Warm(played, images, blob);
    warm.ping = ping;
    for (const path of [...tags.map((tag) => `manifests/${tag}`), `blobs/${blob.digest}`]) {
      await warm.get(path);
      passTime(SECOND);
    }
    return warm;
  }

  /** How the registry answers while nothing is wrong: each tag, each digest, the blob, and 404 to all else. */
  readonly registry: Handler = (request) => {
    const reference = request.url.pathname.split("/").at(-1) ?? "";
    const all = [...this.images.values(), this.blob];
    const found = this.images.get(reference) ?? all.find(({ digest }) => digest === reference);
    return found === undefined ? notFound() : answerWith(found, request);
  };

  get latest(): Document {
    return valid(this.images.get("latest"));
  }

  /** @param path below the repository */
  get(path: string, headers: Record<string, string> = {}, method = "GET"): Promise<Answer> {
    return this.played.get(`team/app/${path}`, headers, method);
  }

  /** Where what is asked for comes from, or the status of what is not served. */
  async source(path: string, headers: Record<string, string> = {}, method = "GET"): Promise<string> {
    const answer = await this.get(path, headers, method);
    return answer.status === 200 ? String(answer.headers.get("X-Cache")) : String(answer.status);
  }

  /** Pulls the warm image: its manifest by digest and its layer, and its tag last, which proves it again. */
  async pull(): Promise<Set<string>> {
    const seen = new Set<string>();
    for (const path of [`manifests/${this.latest.digest}`, `blobs/${this.blob.digest}`, "manifests/latest"]) {
      seen.add(await this.source(path));
    }
    return seen;
  }

  /** How often the witnesses, which are digests of manifests, were asked for. */
  witnessesAsked(): number {
    return this.played.count("HEAD", "/manifests/sha256:");
  }
}
