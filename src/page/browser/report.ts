// One check: the questions that it asks one after the other, and what is said of the answers.

import { visible } from "../../distribution/odd-characters.ts";
import { parseDigest } from "../../distribution/reference.ts";
import type { PageData } from "../data.ts";
import { fill } from "../languages/fill.ts";
import type { ScriptTexts } from "../languages/texts.ts";
import { copyBox } from "./copy.ts";
import { button, element, words } from "./dom.ts";
import { createdOf, errorOf, manifestOf, tagsOf, type Manifest, type PlatformImage } from "./facts.ts";
import type { Question } from "./question.ts";
import { RepositoryClient, type Answer } from "./registry.ts";

/** As many tags as fit on a page. */
const MOST_TAGS = 100;
const TAGS = `tags/list?n=${MOST_TAGS}`;

/** What a 404 is of, by the status of the list of tags; where that says nothing either, it is of one or the other. */
const KINDS_OF_404: ReadonlyMap<number | undefined, "name" | "tag"> = new Map([
  [200, "tag"],
  [404, "name"],
]);
const WRONG = "wrong lead";

/** A check that is under way, until another takes its place. */
export class Report {
  readonly #question: Question;
  readonly #data: PageData;
  readonly #output: HTMLElement;
  readonly #again: (reference: string) => void;
  readonly #client: RepositoryClient;
  readonly #end = new AbortController();

  /** @param again checks another tag of the same image */
  constructor(question: Question, data: PageData, output: HTMLElement, again: (reference: string) => void) {
    this.#question = question;
    this.#data = data;
    this.#output = output;
    this.#again = again;
    const prefix = question.served.prefix.slice(data.host.length + 1);
    this.#client = new RepositoryClient(prefix + question.repository, this.#end.signal);
  }

  /** Asks and says nothing more. */
  abandon(): void {
    this.#end.abort();
  }

  async run(): Promise<void> {
    const { texts } = this.#data;
    this.#show(words(texts.checking));
    const answer = await this.#get(`manifests/${this.#question.reference}`);
    if (answer?.status === 404) {
      // Registries have one answer for a tag and for an image that are not there: whether there are tags tells them apart.
      const tags = await this.#get(TAGS);
      this.#show(...this.#problem(answer, KINDS_OF_404.get(tags?.status)));
      this.#addTags(tags);
      return;
    }
    const manifest = answer?.status === 200 ? manifestOf(answer.json) : undefined;
    if (answer === undefined || manifest === undefined) {
      this.#show(...this.#problem(answer));
      return;
    }
    const place = element("div");
    this.#show(...this.#facts(answer, manifest), place);
    if (manifest.kind === "index") await this.#addPlatforms(manifest.images, place);
    if (manifest.kind === "image") place.append(await this.#imageFacts(manifest));
    this.#addTags(await this.#get(TAGS));
  }

  async #get(path: string): Promise<Answer | undefined> {
    try {
      return await this.#client.get(path);
    } catch {
      return undefined;
    }
  }

  #show(...nodes: readonly Node[]): void {
    if (!this.#end.signal.aborted) this.#output.replaceChildren(...nodes);
  }

  #facts({ headers }: Answer, manifest: Manifest): Node[] {
    const { texts } = this.#data;
    const { reference, repository, served } = this.#question;
    const asked = parseDigest(reference);
    const name = `${served.prefix}${repository}${asked === undefined ? ":" : "@"}${reference}`;
    const images = manifest.kind === "index" ? manifest.images : [];
    return [
      words(texts.found, "lead"),
      factsList([
        [texts.digest, parseDigest(headers.get("Docker-Content-Digest") ?? "") ?? asked ?? ""],
        [texts.form, texts.forms[manifest.kind]],
        [texts.platforms, images.map(({ platform }) => visible(platform)).join(", ")],
      ]),
      copyBox(`docker pull ${name}`, texts, texts.pullIt),
    ];
  }

  /** Sizes are those of one platform: the one that most servers have, until another is chosen. */
  async #addPlatforms(images: readonly PlatformImage[], place: HTMLElement): Promise<void> {
    const options = images.map(({ platform, digest }) =>
      element("option", { value: digest }, visible(platform)),
    );
    const usual = images.find(({ platform }) => platform === "linux/amd64") ?? images[0];
    if (usual === undefined) return;
    const select = element("select", {}, ...options);
    const facts = element("div");
    const show = async (digest: string): Promise<void> => {
      const answer = await this.#get(`manifests/${digest}`);
      const manifest = answer?.status === 200 ? manifestOf(answer.json) : undefined;
      const nodes = manifest?.kind === "image" ? [await this.#imageFacts(manifest)] : this.#problem(answer);
      // Another may have been chosen meanwhile.
      if (select.value === digest) facts.replaceChildren(...nodes);
    };
    select.value = usual.digest;
    select.addEventListener("change", () => void show(select.value));
    place.append(element("label", {}, `${this.#data.texts.platform} `, select), facts);
    await show(usual.digest);
  }

  async #imageFacts({ bytes, config, layers }: Extract<Manifest, { kind: "image" }>): Promise<HTMLElement> {
    const { texts } = this.#data;
    const answer = config === undefined ? undefined : await this.#get(`blobs/${config}`);
    const created = createdOf(answer?.json);
    return factsList([
      [texts.size, fill(texts.sizeValue, { size: sizeOf(bytes), count: layers })],
      [texts.created, created === undefined ? texts.noDate : fill(texts.createdNote, { date: created })],
    ]);
  }

  #addTags(answer: Answer | undefined): void {
    const { texts } = this.#data;
    if (answer?.status !== 200 || this.#end.signal.aborted) return;
    const { tags, odd } = tagsOf(answer.json);
    const buttons = tags.slice(0, MOST_TAGS).map((tag) => button(tag, () => this.#again(tag)));
    this.#output.append(element("h3", {}, texts.tags), element("div", { class: "tags" }, ...buttons));
    const isMore = tags.length > MOST_TAGS || answer.headers.has("Link");
    if (isMore) this.#output.append(words(texts.tagsMore));
    if (odd > 0) this.#output.append(words(fill(texts.tagsOdd, { count: odd })));
    if (tags.length + odd === 0)
      this.#output.append(words(answer.json === undefined ? texts.unreadable : texts.tagsNone));
  }

  /** What is wrong, and what its reader can do. @param kind where the status does not say it */
  #problem(answer: Answer | undefined, kind?: keyof ScriptTexts["problems"]): Node[] {
    const { texts } = this.#data;
    const { problems } = texts;
    if (answer === undefined) return [words(problems.network, WRONG)];
    const { headers, json, status } = answer;
    if (status === 200) return [words(texts.unreadable, WRONG)];
    const known = Object.entries(problems).find(([name]) => name === (kind ?? String(status)));
    const message = errorOf(json);
    const after = headers.get("Retry-After") ?? "";
    return [
      words(known?.[1] ?? fill(problems.other, { status }), WRONG),
      ...(status === 401 ? [words(texts.loginHow)] : []),
      ...(/^\d{1,6}$/.test(after) ? [words(fill(texts.retryAfter, { seconds: after }))] : []),
      ...(message === "" ? [] : [words(fill(texts.registrySays, { message: visible(message) }))]),
    ];
  }
}

function factsList(facts: readonly (readonly [name: string, value: string])[]): HTMLElement {
  const rows = facts.flatMap(([name, value]) =>
    value === "" ? [] : [element("dt", {}, name), element("dd", {}, value)],
  );
  return element("dl", {}, ...rows);
}

/** Bytes as people read them: a million is a megabyte, as registries' pages have it. */
function sizeOf(bytes: number): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"];
  const at = Math.min(Math.floor(Math.log10(bytes + 1) / 3), units.length - 1);
  const format = { style: "unit", unit: units[at] ?? "byte", maximumFractionDigits: 1 } as const;
  return new Intl.NumberFormat(document.documentElement.lang, format).format(bytes / 1000 ** at);
}
