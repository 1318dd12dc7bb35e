// A Markdown document as the rules want it: headings with GitHub's anchors, links, code, tables, prose, each with its line.

import GithubSlugger from "github-slugger";
import { Marked, type MarkedToken, type Token, type Tokens } from "marked";

/** Something at a line (from 1) of a section: the number of headings before it. */
interface Placed {
  readonly line: number;
  readonly section: number;
}

export interface Heading extends Placed {
  readonly level: number;
  readonly text: string;
  readonly anchor: string;
}

export interface Link extends Placed {
  readonly href: string;
}

export interface Text extends Placed {
  readonly text: string;
}

export interface Block extends Text {
  /** The first word after the fence; empty for none. */
  readonly language: string;
}

export interface Table extends Placed {
  readonly rows: number;
  readonly columns: number;
}

export interface Document {
  readonly headings: Heading[];
  /** Anchors of HTML elements (`id`, and `name` of `a`). Headings have their own. */
  readonly elements: Set<string>;
  readonly links: Link[];
  readonly images: Link[];
  /** Inline code. */
  readonly code: Text[];
  readonly blocks: Block[];
  readonly tables: Table[];
  /** Paragraphs, items and cells without the code in them. */
  readonly prose: Text[];
}

/** Reads a document. Nothing in Markdown is an error: what is no markup is text. */
export function readMarkdown(text: string): Document {
  return new Reader(text.replace(/\r\n?/g, "\n")).read();
}

/** True where a link to `#anchor` leads into the document. */
export function hasAnchor({ headings, elements }: Document, anchor: string): boolean {
  return elements.has(anchor) || headings.some((heading) => heading.anchor === anchor);
}

class Reader {
  readonly #source: string;
  readonly #slugger = new GithubSlugger();
  /** Where the reading is: tokens have no places, and are looked for from here on, up to the end of the outermost. */
  #at = 0;
  #end = 0;
  readonly #document: Document = {
    headings: [],
    elements: new Set(),
    links: [],
    images: [],
    code: [],
    blocks: [],
    tables: [],
    prose: [],
  };

  constructor(source: string) {
    this.#source = source;
  }

  read(): Document {
    let start = 0;
    for (const token of new Marked().lexer(this.#source)) {
      [this.#at, this.#end] = [start, start + token.raw.length];
      this.#take(token as MarkedToken);
      start += token.raw.length;
    }
    return this.#document;
  }

  #takeAll(tokens: readonly Token[]): void {
    for (const token of tokens) this.#take(token as MarkedToken);
  }

  #take(token: MarkedToken): void {
    const place = this.#find(token.raw);
    const { headings, blocks, code, links, images, prose } = this.#document;
    if (token.type === "heading") {
      const text = plainText(token.tokens);
      const anchor = this.#slugger.slug(text);
      headings.push({ ...place, level: token.depth, text, anchor });
    } else if (token.type === "code") {
      const [language = ""] = (token.lang ?? "").split(/\s/);
      blocks.push({ ...place, language, text: token.text });
    } else if (token.type === "codespan") code.push({ ...place, text: token.text });
    else if (token.type === "link") links.push({ ...place, href: token.href });
    else if (token.type === "image") images.push({ ...place, href: token.href });
    else if (token.type === "html") this.#takeHtml(token.text, place);
    else if (token.type === "table") return this.#takeTable(token, place);
    else if (token.type === "list") return this.#takeAll(token.items);
    if (token.type === "paragraph" || (token.type === "text" && token.tokens !== undefined)) {
      prose.push({ ...place, text: plainText(token.tokens ?? [], false) });
    }
    const inner: readonly Token[] | undefined = "tokens" in token ? token.tokens : undefined;
    if (inner !== undefined && token.type !== "image") this.#takeAll(inner);
    else this.#at = Math.min(this.#end, this.#at + firstLine(token.raw).length);
  }

  #takeTable(table: Tokens.Table, place: Placed): void {
    const { tables, prose } = this.#document;
    tables.push({ ...place, rows: table.rows.length, columns: table.header.length });
    const end = this.#end;
    for (const [index, cells] of [table.header, ...table.rows].entries()) {
      this.#end = this.#endOfLine();
      const line = this.#place();
      for (const cell of cells) {
        prose.push({ ...line, text: plainText(cell.tokens, false) });
        this.#takeAll(cell.tokens);
      }
      this.#at = Math.min(end, this.#end + 1);
      // The line of dashes below the header.
      if (index === 0) this.#at = Math.min(end, this.#endOfLine() + 1);
    }
    this.#end = end;
  }

  #takeHtml(html: string, place: Placed): void {
    const { elements, links, images } = this.#document;
    const shown = html.replace(/<!--[\s\S]*?(?:-->|$)/g, "");
    for (const [, tag = "", attributes = ""] of shown.matchAll(/<([a-z][a-z0-9]*)\b([^>]*)>/gi)) {
      for (const [, name = "", value = ""] of attributes.matchAll(/\b([a-z]+)\s*=\s*["']([^"']*)["']/gi)) {
        const key = name.toLowerCase();
        if (key === "id" || (key === "name" && tag.toLowerCase() === "a")) elements.add(value);
        else if (key === "href") links.push({ ...place, href: value });
        else if (key === "src") images.push({ ...place, href: value });
        else if (key === "srcset") images.push({ ...place, href: value.split(/[\s,]/, 1)[0] ?? "" });
      }
    }
  }

  /** The place of a piece, by its first line: those after it may be indented in the source and not in the piece. */
  #find(raw: string): Placed {
    const found = this.#source.indexOf(firstLine(raw), this.#at);
    if (found !== -1 && found < this.#end) this.#at = found;
    return this.#place();
  }

  #place(): Placed {
    const line = this.#source.slice(0, this.#at).split("\n").length;
    return { line, section: this.#document.headings.length };
  }

  #endOfLine(): number {
    const end = this.#source.indexOf("\n", this.#at);
    return end === -1 ? this.#source.length : end;
  }
}

function firstLine(raw: string): string {
  return raw.trimStart().split("\n", 1)[0]?.trimEnd() ?? "";
}

/** What a reader sees of inline markup: no tags, no addresses; and no code, where that is not asked for. */
function plainText(tokens: readonly Token[], withCode = true): string {
  return tokens
    .map((token): string => {
      const known = token as MarkedToken;
      if (known.type === "codespan") return withCode ? known.text : "";
      if (known.type === "html" || known.type === "image") return "";
      if (known.type === "br") return " ";
      const inner: readonly Token[] | undefined = "tokens" in known ? known.tokens : undefined;
      if (inner !== undefined) return plainText(inner, withCode);
      return "text" in known ? known.text : known.raw;
    })
    .join("");
}
