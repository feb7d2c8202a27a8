/** Bits of one filter: three characters of a text of 32 kB fill about a tenth of them. */
const bits = 1 << 16;

/**
 * Which runs of three characters a text has, roughly: `mayHold` is false only for what the text surely does not hold. It
 * costs one pass, and spares a search through the text for nearly every value that is not in it.
 */
export class Grams {
  readonly #words = new Uint32Array(bits >> 5);

  add(text: string): void {
    for (let at = 0; at + 2 < text.length; at++) {
      const hash = hashAt(text, at);
      this.#words[hash >> 5] = (this.#words[hash >> 5] ?? 0) | (1 << (hash & 31));
    }
  }

  mayHold(part: string): boolean {
    for (let at = 0; at + 2 < part.length; at++) {
      const hash = hashAt(part, at);
      if (((this.#words[hash >> 5] ?? 0) & (1 << (hash & 31))) === 0) return false;
    }
    return true;
  }
}

function hashAt(text: string, at: number): number {
  const mixed = text.charCodeAt(at) * 961 + text.charCodeAt(at + 1) * 31 + text.charCodeAt(at + 2);
  return Math.imul(mixed, 0x9e37_79b1) >>> 16;
}
