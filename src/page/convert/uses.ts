// All images of a file with variables: an edit in a variable's value is made where everything that uses it agrees.

import { applyEdits, excerpt, lineOf } from "./edits.ts";
import { no } from "./image.ts";
import type { Offer } from "./offer.ts";
import type { Edit, Left, Reason, Rewritten } from "./types.ts";
import { choose, expand, type Choice, type Piece, type Region } from "./variables.ts";

/** What became of a whole file. */
export interface Result {
  /** In the order of the text, none within another. */
  readonly edits: readonly Edit[];
  readonly rewritten: readonly Rewritten[];
  readonly left: readonly Left[];
}

interface Use {
  readonly region: Region;
  readonly choice: Choice;
}

const AS_IT_IS = "";
const NO_AGREEMENT = "no agreement";

/** Collects the images of a file, and what else its variables are used for. */
export class Uses {
  readonly #offer: Offer;
  readonly #uses: Use[] = [];
  /** What is to become of a piece, by where it stands. */
  readonly #wishes = new Map<number, string>();

  constructor(offer: Offer) {
    this.#offer = offer;
  }

  /**
   * Adds an image.
   * @param pieces what it stands for: the first of them is rewritten, all others are counted on as they are
   */
  add(region: Region, pieces = expand(region)): void {
    const choice = choose(region, pieces, this.#offer);
    this.#uses.push({ region, choice });
    if (choice.ok) this.#wish(choice.piece, wishOf(choice.edit));
    this.keep(choice.ok ? pieces.slice(1) : pieces);
  }

  /** Adds what looks like an image and is left. */
  leave(region: Region, reason: Reason): void {
    this.#uses.push({ region, choice: no(reason) });
  }

  /** Pieces that are used for something else than an image. */
  keep(pieces: readonly Piece[]): void {
    for (const piece of pieces) this.#wish(piece, AS_IT_IS);
  }

  #wish({ at }: Piece, wish: string): void {
    const other = this.#wishes.get(at) ?? wish;
    this.#wishes.set(at, other === wish ? wish : NO_AGREEMENT);
  }

  /** What is rewritten in the file, and what is not. */
  result(text: string): Result {
    const line = lineOf(text);
    const edits = new Map<number, Edit>();
    const rewritten = new Map<number, Rewritten>();
    const left: Left[] = [];
    for (const { region, choice } of this.#uses) {
      if (choice.ok && this.#wishes.get(choice.piece.at) === wishOf(choice.edit)) {
        const { edit, piece } = choice;
        const { at, text: from } = piece.region;
        const { start, end } = edit;
        const to = applyEdits(from, [{ start: start - at, end: end - at, text: edit.text }]);
        edits.set(start, edit);
        rewritten.set(start, { line: line(at), from, to });
      } else {
        const { reason, registry } = choice.ok ? no("shared") : choice;
        left.push({ line: line(region.at), image: excerpt(region.text), reason, registry });
      }
    }
    return { edits: inOrder(edits), rewritten: inOrder(rewritten), left };
  }
}

function inOrder<Item>(items: ReadonlyMap<number, Item>): Item[] {
  return [...items].sort(([one], [other]) => one - other).map(([, item]) => item);
}

function wishOf({ start, end, text }: Edit): string {
  return `${start} ${end} ${text}`;
}
