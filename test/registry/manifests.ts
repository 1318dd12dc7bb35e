// Manifests: GET, HEAD, PUT and DELETE by tag or digest.
import { admit } from "./access.ts";
import { sendContent } from "./content.ts";
import { OciError } from "./errors.ts";
import type { Exchange } from "./exchange.ts";
import type { Fixture } from "./fixture.ts";
import { digestOf, fits, isDigest, isTag } from "./grammar.ts";
import { checkManifest } from "./manifest-body.ts";
import { spendQuota } from "./quota.ts";
import { known, open, removeManifest } from "./repositories.ts";
import type { Repository } from "./repositories.ts";

const LARGEST_MANIFEST = 4 * 1024 * 1024;
const MOST_TAGS_PER_PUT = 10;

/** `/v2/<name>/manifests/<reference>`. */
export async function serveManifest(
  fixture: Fixture,
  exchange: Exchange,
  name: string,
  reference: string,
): Promise<void> {
  exchange.allow("GET", "HEAD", "PUT", "DELETE");
  const { counters } = fixture.journal;
  if (exchange.method === "GET") counters.manifestGet += 1;
  if (exchange.method === "HEAD") counters.manifestHead += 1;
  if (exchange.method === "PUT") counters.manifestPut += 1;
  const { user } = admit(fixture, exchange, name, actions(exchange.method));
  if (!isTag(reference) && !isDigest(reference)) {
    const code = reference.includes(":") ? "DIGEST_INVALID" : "TAG_INVALID";
    throw new OciError(code, "invalid reference", { detail: { reference } });
  }
  if (exchange.method === "PUT") return put(fixture, exchange, name, reference);
  const repository = known(fixture.repositories, name);
  if (exchange.method === "DELETE") {
    remove(exchange, repository, reference);
    return;
  }
  read(fixture, exchange, repository, { reference, user });
}

function actions(method: string): string[] {
  if (method === "PUT") return ["pull", "push"];
  return [method === "DELETE" ? "delete" : "pull"];
}

function read(
  fixture: Fixture,
  exchange: Exchange,
  repository: Repository,
  { reference, user }: { reference: string; user: string | undefined },
): void {
  const { headManifest } = fixture.settings;
  const head = exchange.method === "HEAD";
  if (head && headManifest === 405) throw new OciError("UNSUPPORTED", "HEAD is not supported");
  const limits = spendQuota(fixture, exchange, user);
  const digest = isDigest(reference) ? reference : repository.tags.get(reference);
  const manifest = digest === undefined ? undefined : repository.manifests.get(digest);
  if (digest === undefined || manifest === undefined) throw unknownManifest(reference);
  if (fixture.settings.ollama) {
    exchange.sendUnmeasured(200, ollamaHeaders(head, digest), manifest.body);
    return;
  }
  sendContent(fixture, exchange, {
    kind: "manifest",
    body: manifest.body,
    digest,
    headers: {
      "Content-Type": manifest.mediaType,
      ...(!(head && headManifest === "no-digest") && { "Docker-Content-Digest": digest }),
      ...limits,
    },
  });
}

function ollamaHeaders(head: boolean, digest: string): Record<string, string> {
  const type = { "Content-Type": "text/plain; charset=utf-8" };
  return head ? { ...type, "Ollama-Content-Digest": digest.replace(/^sha256:/, "") } : type;
}

async function put(fixture: Fixture, exchange: Exchange, name: string, reference: string): Promise<void> {
  const body = await exchange.body(LARGEST_MANIFEST);
  const byDigest = isDigest(reference);
  const digest = byDigest ? reference : digestOf(body);
  if (byDigest && !fits(digest, body)) {
    throw new OciError("DIGEST_INVALID", "manifest digest does not match its content", {
      detail: { digest },
    });
  }
  const tags = byDigest ? exchange.query.getAll("tag") : [reference];
  if (tags.length > MOST_TAGS_PER_PUT) throw new OciError("TAG_INVALID", "too many tags", { status: 414 });
  if (!tags.every(isTag)) throw new OciError("TAG_INVALID", "invalid tag", { detail: { tags } });
  const mediaType = exchange.header("content-type") ?? "";
  const subject = checkManifest(body, mediaType, open(fixture.repositories, name));
  storeManifest(fixture, { name, digest, tags, mediaType, body });
  exchange.send(201, {
    Location: `/v2/${name}/manifests/${digest}`,
    "Docker-Content-Digest": digest,
    ...(subject !== undefined && { "OCI-Subject": subject }),
    ...(byDigest && tags.length > 0 && { "OCI-Tag": tags }),
  });
}

/** Stores a manifest without any check; for seeding. */
export function storeManifest(
  fixture: Fixture,
  entry: { name: string; digest: string; tags: string[]; mediaType: string; body: Buffer },
): void {
  const repository = open(fixture.repositories, entry.name);
  repository.manifests.set(entry.digest, { mediaType: entry.mediaType, body: entry.body });
  for (const tag of entry.tags) repository.tags.set(tag, entry.digest);
}

function remove(exchange: Exchange, repository: Repository, reference: string): void {
  const gone = isDigest(reference)
    ? removeManifest(repository, reference)
    : repository.tags.delete(reference);
  if (!gone) throw unknownManifest(reference);
  exchange.send(202);
}

function unknownManifest(reference: string): OciError {
  return new OciError("MANIFEST_UNKNOWN", "manifest unknown", { detail: { reference } });
}
