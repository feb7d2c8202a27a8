export interface Knowing {
  /** So many answers are remembered. */
  readonly most: number;
  /** Longer texts are asked about anew: whoever chooses the texts must not choose how much memory they take. */
  readonly charsMost: number;
}

const ofWords: Knowing = { most: 4_096, charsMost: 64 };

/**
 * The same function of a text, remembering its newest answers: the words of tools, arguments and texts come again with every
 * call. An answer is shared by all who ask, so it must not be changed.
 */
export function knowing<T>(make: (text: string) => T, { most, charsMost } = ofWords): (text: string) => T {
  const known = new Map<string, T>();
  return text => {
    const found = known.get(text);
    if (found !== undefined || known.has(text)) return found as T;
    if (text.length > charsMost) return make(text);
    // A word that was cut out of a text holds all of that text in memory: a copy of it is remembered.
    const copy = ` ${text}`.slice(1);
    const made = make(copy);
    if (known.size >= most) known.clear();
    known.set(copy, made);
    return made;
  };
}
