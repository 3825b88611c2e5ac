/** The words of one answer, whatever order the network brings them in. */

/** Puts the deltas of one answer in order: the network may swap and repeat them. */
export class OrderedText {
  #next = 0;
  #early = new Map<number, string>();
  #text = "";

  get text(): string {
    return this.#text;
  }

  /** Answers whether the text has grown. */
  accept(index: number, text: string): boolean {
    if (index < this.#next || this.#early.has(index)) return false;
    this.#early.set(index, text);
    const before = this.#next;
    for (let piece = this.#early.get(this.#next); piece !== undefined; piece = this.#early.get(this.#next)) {
      this.#text += piece;
      this.#early.delete(this.#next);
      this.#next += 1;
    }
    return this.#next > before;
  }
}
