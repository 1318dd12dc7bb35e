// What S9 and S18 promise of what is stored, as bookkeeping beside the Worker: it sees what the registry says and what clients
// hear, and nothing of how the Worker thinks. It is on the safe side: what it forbids, the rules forbid.
import { expect } from "vitest";
import type { Ask, Heard, Said } from "./adversary.ts";
import type { House } from "./house.ts";
import { digestOf } from "../client-ferry.ts";
import { HOUR, MINUTE, SECOND } from "./stage.ts";

/** What a path below the repository is about. */
interface About {
  readonly kind: "manifests" | "blobs";
  readonly reference: string;
}

const KNOWN =
  /^(application\/vnd\.(oci\.(image\.(index|manifest)|artifact\.manifest)|docker\.distribution\.manifest(\.list)?)\.v[12]\+(json|prettyjws)|application\/json|\*\/\*)$/;

/** "Stored content is served only under a positive record, at most 5 minutes old." */
const FRESH = 5 * MINUTE;
/** "While the registry cannot answer, the last proof holds for 24 h." */
const HOLDS = 24 * HOUR;
/** A question of the Worker's own is not repeated for ten seconds; with two of these, each refusal was looked into. */
const SURELY_AGAIN = 20 * SECOND;
/** "Twice, ten seconds to an hour apart"; what came in the ten seconds before may have been the first. */
const SURELY_WITHIN = HOUR - SURELY_AGAIN;

/** What one data centre was told, by one registry about one repository. */
export class Ledger {
  readonly #house: House;
  /** When the last question was sent that was answered by the thing itself. */
  provenAt = -Infinity;
  /** The same of one blob, which is shown by its own answer alone. */
  readonly #blobs = new Map<string, number>();
  /** What was refused or missing, and was not given again since: it is not served from the store. */
  readonly #ended = new Map<string, { readonly at: number; readonly by: number }>();
  /** The isolate that is asked. */
  #isolate = 0;
  /** What tags stood for, by the registry's word. */
  readonly #tags = new Map<string, Set<string>>();
  /** The last three of them, where the ledger is sure of all. */
  #witnesses: string[] = [];
  /** Since when everything is refused, and by whom; undefined while the registry is open. */
  #closed: { readonly by: "registry" | "token service"; readonly at: number } | undefined;
  #firstRefusal = -Infinity;
  /** What the registry gave since the client asked. */
  #given: string[] = [];

  constructor(house: House) {
    this.#house = house;
  }

  /** From now on everything is refused, by whom it is said; or nothing is. */
  close(by: "registry" | "token service" | undefined, now: number): void {
    if (by === this.#closed?.by) return;
    this.#closed = by && { by, at: now };
    this.#firstRefusal = -Infinity;
  }

  /** A client begins to ask. */
  begin(isolate = 0): void {
    this.#isolate = isolate;
    this.#given = [];
  }

  /** The Worker was answered. @param asked the path that the client asks for */
  hear({ request, response, whim }: Said, asked: string, now: number): void {
    const { headers, method, url } = request;
    const no = isRefusal(response);
    if (url.pathname === "/token" && no) return this.#refuse("token service", [], now);
    const about = aboutOf(url.pathname);
    const isOurs = ["Bearer of-the-worker", null].includes(headers.get("Authorization"));
    if (about === undefined || !isOurs) return;
    const { kind, reference } = about;
    const concludes = concludesFrom(kind, headers);
    const isDigest = reference.includes(":");
    // Of HEAD nobody can see that it lies.
    if (response.status === 200 && (whim === "honest" || (whim === "lie" && method === "HEAD"))) {
      const digest = response.headers.get("Docker-Content-Digest") ?? reference;
      this.#given.push(`${kind}/${digest}`);
      if (!concludes) return;
      this.#ended.delete(`${kind}/${digest}`);
      if (kind === "blobs") this.#blobs.set(reference, now);
      else this.#prove(reference, digest, now);
    }
    if (!concludes) return;
    if (no && this.#closed?.by !== "token service") {
      if (isDigest && aboutOf(asked)?.reference === reference) this.#end(`${kind}/${reference}`, now);
      this.#refuse("registry", [reference, ...(this.#tags.get(reference) ?? [])], now);
    }
    if (response.status === 404 && !isPage(response)) {
      if (isDigest) this.#end(`${kind}/${reference}`, now);
      this.#witnesses = this.#witnesses.filter((digest) => digest !== reference);
    }
  }

  #prove(reference: string, digest: string, now: number): void {
    this.provenAt = now;
    this.#firstRefusal = -Infinity;
    if (reference.includes(":")) return;
    this.#tags.set(reference, (this.#tags.get(reference) ?? new Set()).add(digest));
    this.#witnesses = [digest, ...this.#witnesses.filter((other) => other !== digest)].slice(0, 3);
  }

  /** @param own what the refused reference stands for: it does not speak for the repository */
  #refuse(by: "registry" | "token service", own: readonly string[], now: number): void {
    // A refusal among answers may have cost a witness, or all of them.
    if (this.#closed === undefined) this.#witnesses = [];
    if (this.#closed?.by !== by || now - this.#closed.at < SURELY_AGAIN) return;
    const others = this.#witnesses.filter((digest) => !own.includes(digest));
    const since = now - this.#firstRefusal;
    if (since > SURELY_WITHIN) this.#firstRefusal = now;
    if (since > SURELY_WITHIN || since < SURELY_AGAIN) return;
    this.provenAt = -Infinity;
    // A denial hides whatever is stored; the loss of the record leaves blobs that were given just now.
    if (by === "token service" || others.length >= 2) this.#blobs.clear();
  }

  /** A client heard an answer. @param begunAt when he asked */
  async judge({ method, path }: Ask, heard: Heard, begunAt: number): Promise<void> {
    const about = aboutOf(path);
    const { headers, source, status, text } = heard;
    if (about === undefined || (status !== 200 && status !== 206)) return;
    const isStored = source === "hit" || source === "stale";
    const said = headers.get("Docker-Content-Digest") ?? "";
    const digest = about.reference.includes(":") ? about.reference : said;
    if (this.#closed?.by === "registry") {
      expect(begunAt - this.#closed.at, "served so long after it was closed").toBeLessThanOrEqual(FRESH);
    }
    if (!isStored) return judgePassed(heard, about.kind === "manifests" && method === "GET", digest);
    if (method === "GET" && status === 200 && heard.isWhole) {
      expect(await digestOf(text), "the digest of what is served from the store").toBe(digest);
    }
    if (status === 206) expect(this.#house.blobs.get(digest), "the blob of this part").toContain(text);
    const provenAgo = begunAt - (source === "hit" ? this.shownAt(path) : this.provenAt);
    const isGiven = this.#given.includes(`${about.kind}/${digest}`);
    if (isGiven) return;
    if (about.kind === "manifests" && digest !== about.reference) {
      expect(this.#tags.get(about.reference) ?? [], "what the tag stood for").toContain(digest);
    }
    // What a tag stands for is told for a minute.
    const isTold = method === "HEAD" && digest !== about.reference;
    if (!isTold) this.#expectNotEnded(about.kind, digest, source, begunAt);
    const bound = source === "hit" ? FRESH : HOLDS;
    expect(provenAgo, `served (${source}) by a proof so old`).toBeLessThanOrEqual(bound);
  }

  #end(what: string, now: number): void {
    this.#ended.set(what, { at: now, by: this.#isolate });
  }

  /** "But for what other isolates there have in memory: that is served five minutes longer at the most" (SECURITY.md). */
  #expectNotEnded(kind: About["kind"], digest: string, source: string | null, begunAt: number): void {
    const ended = this.#ended.get(`${kind}/${digest}`);
    if (ended === undefined) return;
    const mayRemember = kind === "manifests" && source === "hit" && ended.by !== this.#isolate;
    const bound = mayRemember ? FRESH : -1;
    expect(begunAt - ended.at, "refused or gone, and served so long after").toBeLessThanOrEqual(bound);
  }

  /** When it was shown by the registry: the repository by a manifest, or this blob alone. */
  shownAt(path: string): number {
    const about = aboutOf(path);
    const itself = about?.kind === "blobs" ? this.#blobs.get(about.reference) : undefined;
    return Math.max(this.provenAt, itself ?? -Infinity);
  }
}

/** What comes from the registry at this moment is passed for the client to judge; a manifest that fits is called a miss. */
async function judgePassed(heard: Heard, isManifest: boolean, digest: string): Promise<void> {
  const { isWhole, source, status, text } = heard;
  if (!isManifest || source !== "miss" || status !== 200 || !isWhole || !digest.startsWith("sha256:")) return;
  expect(await digestOf(text), "the digest of what was fetched").toBe(digest);
}

function aboutOf(path: string): About | undefined {
  const [, kind, reference = ""] =
    /^(manifests|blobs)\/([^/?]+)$/.exec(path.replace(/^.*team\/app\//, "").replace("%3A", ":")) ?? [];
  return kind === "manifests" || kind === "blobs" ? { kind, reference } : undefined;
}

/** In known words: from others nothing is concluded. */
function concludesFrom(kind: About["kind"], headers: Headers): boolean {
  if (kind === "blobs") return !(headers.get("Range") ?? "").includes(",");
  return (headers.get("Accept") ?? "").split(", ").every((type) => KNOWN.test(type));
}

function isPage(response: Response): boolean {
  return response.headers.get("Content-Type") === "text/html";
}

function isRefusal(response: Response): boolean {
  const isNo = response.status === 401 || response.status === 403;
  return isNo && !isPage(response) && !response.headers.has("Retry-After");
}
