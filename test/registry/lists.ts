// Lists in pages: tags, the catalog and referrers, with Link to the next page.
import { admit, admitCatalog } from "./access.ts";
import { OciError } from "./errors.ts";
import type { Exchange } from "./exchange.ts";
import type { Fixture } from "./fixture.ts";
import { isDigest } from "./grammar.ts";
import { parseManifest } from "./manifest-body.ts";
import { known } from "./repositories.ts";
import type { Repository } from "./repositories.ts";
import type { Descriptor } from "./types.ts";

const INDEX = "application/vnd.oci.image.index.v1+json";

interface Page<Entry> {
  entries: Entry[];
  headers: Record<string, string>;
}

/** `/v2/<name>/tags/list`. */
export function serveTags(fixture: Fixture, exchange: Exchange, name: string): void {
  exchange.allow("GET", "HEAD");
  fixture.journal.counters.tags += 1;
  if (fixture.settings.ollama) throw new OciError("UNSUPPORTED", "404 page not found", { status: 404 });
  admit(fixture, exchange, name, ["pull"]);
  const tags = [...known(fixture.repositories, name).tags.keys()].sort();
  const page = pageOf(fixture, exchange, tags, (tag) => tag);
  exchange.sendJson(200, { name, tags: page.entries }, page.headers);
}

/** `/v2/_catalog`. */
export function serveCatalog(fixture: Fixture, exchange: Exchange): void {
  exchange.allow("GET", "HEAD");
  fixture.journal.counters.catalog += 1;
  const visible = admitCatalog(fixture, exchange);
  const names = [...fixture.repositories.keys()].filter(visible).sort();
  const page = pageOf(fixture, exchange, names, (name) => name);
  exchange.sendJson(200, { repositories: page.entries }, page.headers);
}

/** `/v1/search?q=&n=`, as Docker Hub's index answers it: public repositories whose name has the words of `q`. */
export function serveSearch(fixture: Fixture, exchange: Exchange): void {
  exchange.allow("GET", "HEAD");
  const query = exchange.query.get("q") ?? "";
  const { private: hidden } = fixture.settings;
  const found = [...fixture.repositories.keys()]
    .filter(
      (name) => name.includes(query) && !hidden.some((one) => name === one || name.startsWith(`${one}/`)),
    )
    .map((name) => name.replace(/^library\//, ""))
    .map((name) => ({
      name,
      description: `The image ${name}`,
      star_count: 1,
      is_official: true,
      is_automated: false,
    }));
  const results = found.slice(0, Number(exchange.query.get("n") ?? "25"));
  exchange.sendJson(200, { query, num_results: found.length, results });
}

/** `/v2/<name>/referrers/<digest>`. Unknown subjects have an empty list, not a 404. */
export function serveReferrers(fixture: Fixture, exchange: Exchange, name: string, subject: string): void {
  exchange.allow("GET", "HEAD");
  fixture.journal.counters.referrers += 1;
  admit(fixture, exchange, name, ["pull"]);
  if (!fixture.settings.referrers) throw new OciError("UNSUPPORTED", "404 page not found", { status: 404 });
  if (!isDigest(subject)) throw new OciError("DIGEST_INVALID", "invalid digest", { detail: subject });
  const filter = exchange.query.get("artifactType");
  const all = referrersOf(known(fixture.repositories, name), subject)
    .filter((entry) => filter === null || entry.artifactType === filter)
    .sort((a, b) => (a.digest < b.digest ? -1 : 1));
  const page = pageOf(fixture, exchange, all, (entry) => entry.digest);
  exchange.sendJson(
    200,
    { schemaVersion: 2, mediaType: INDEX, manifests: page.entries },
    {
      ...page.headers,
      "Content-Type": INDEX,
      ...(filter !== null && { "OCI-Filters-Applied": "artifactType" }),
    },
  );
}

interface Referrer extends Descriptor {
  artifactType: string;
  annotations?: unknown;
}

function referrersOf(repository: Repository, subject: string): Referrer[] {
  const found: Referrer[] = [];
  for (const [digest, { mediaType, body }] of repository.manifests) {
    const manifest = parseManifest(body);
    if (manifest?.subject?.digest !== subject) continue;
    const type = manifest.artifactType ?? manifest.config?.mediaType;
    const artifactType = typeof type === "string" ? type : "";
    const { annotations } = manifest;
    found.push({
      mediaType,
      digest,
      size: body.length,
      artifactType,
      ...(annotations !== undefined && { annotations }),
    });
  }
  return found;
}

/** The page after `last`, of at most `n` entries, both from the query; `entries` are sorted by `key`. */
function pageOf<Entry>(
  fixture: Fixture,
  exchange: Exchange,
  entries: Entry[],
  key: (entry: Entry) => string,
): Page<Entry> {
  const { query } = exchange;
  const n = query.get("n");
  if (n !== null && !/^\d{1,15}$/.test(n)) {
    throw new OciError("PAGINATION_NUMBER_INVALID", "invalid number of results requested", { detail: { n } });
  }
  const size = Math.min(n === null ? Infinity : Number(n), fixture.settings.pageSize);
  const last = query.get("last");
  const rest = last === null ? entries : entries.filter((entry) => key(entry) > last);
  const page = rest.slice(0, size);
  const end = page.at(-1);
  if (end === undefined || page.length === rest.length) return { entries: page, headers: {} };
  const next = new URLSearchParams(query);
  next.set("n", String(size));
  next.set("last", key(end));
  return { entries: page, headers: { Link: `<${exchange.path}?${next.toString()}>; rel="next"` } };
}
