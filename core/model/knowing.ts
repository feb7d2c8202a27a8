const knownMost = 4_096;
/** Longer ones are made anew: whoever chooses the texts must not choose how much memory they take. */
const charsMost = 64;

/**
 * The same function of a word, remembering its newest answers: the words of tools, arguments and texts come again with every
 * call. An answer is shared by all who ask, so it must not be changed.
 */
export function knowing<T>(make: (word: string) => T): (word: string) => T {
  const known = new Map<string, T>();
  return word => {
    const found = known.get(word);
    if (found !== undefined || known.has(word)) return found as T;
    const made = make(word);
    if (word.length > charsMost) return made;
    if (known.size >= knownMost) known.clear();
    known.set(word, made);
    return made;
  };
}
