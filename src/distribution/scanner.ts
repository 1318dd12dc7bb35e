// Reads a header value from left to right, each character once, so that no input takes more than linear time.

/** A position in a text, with the few moves that header grammars need. */
export class Scanner {
  position = 0;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  get done(): boolean {
    return this.position >= this.#text.length;
  }

  /** The character at the position; empty at the end. */
  peek(): string {
    return this.#text.charAt(this.position);
  }

  advance(): void {
    this.position += 1;
  }

  skip(characters: RegExp): void {
    while (!this.done && characters.test(this.peek())) this.advance();
  }

  take(characters: RegExp): string {
    const start = this.position;
    this.skip(characters);
    return this.#text.slice(start, this.position);
  }

  /** The inside of a quoted string (RFC 9110, section 5.6.4); one that never ends runs to the end of the text. */
  quoted(): string {
    let value = "";
    this.advance();
    while (!this.done && this.peek() !== '"') {
      if (this.peek() === "\\") this.advance();
      value += this.peek();
      this.advance();
    }
    this.advance();
    return value;
  }
}
