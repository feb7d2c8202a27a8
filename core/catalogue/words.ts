/** Beyond this many words a side, a comparison is replaced by the two beginnings. */
const wordsMax = 1_500;

export type Piece = { readonly kind: 'same' | 'removed' | 'added'; readonly text: string };

/** The word-by-word difference of two texts: longest common subsequence over words and the white space after them. */
export function wordDiff(before: string, after: string): Piece[] {
  const a = wordsOf(before);
  const b = wordsOf(after);
  if (a.length > wordsMax || b.length > wordsMax)
    return [
      { kind: 'removed', text: before },
      { kind: 'added', text: after },
    ];
  const pieces: Piece[] = [];
  let [i, j] = [0, 0];
  const lengths = commonLengths(a, b);
  const width = b.length + 1;
  while (i < a.length || j < b.length) {
    const down = i < a.length ? (lengths[(i + 1) * width + j] ?? 0) : -1;
    const right = j < b.length ? (lengths[i * width + j + 1] ?? 0) : -1;
    if (i < a.length && j < b.length && a[i] === b[j]) {
      push(pieces, 'same', a[i++] ?? '');
      j++;
    } else if (down >= right) push(pieces, 'removed', a[i++] ?? '');
    else push(pieces, 'added', b[j++] ?? '');
  }
  return pieces;
}

function wordsOf(text: string): string[] {
  return text.match(/(?<!\s)\s*\S+(?:\s+$)?/g) ?? (text === '' ? [] : [text]);
}

/** `lengths[i][j]`: how much `a` from `i` and `b` from `j` have in common, in one flat table. */
function commonLengths(a: readonly string[], b: readonly string[]): Uint16Array {
  const width = b.length + 1;
  const lengths = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      lengths[i * width + j] =
        a[i] === b[j]
          ? (lengths[(i + 1) * width + j + 1] ?? 0) + 1
          : Math.max(lengths[(i + 1) * width + j] ?? 0, lengths[i * width + j + 1] ?? 0);
  return lengths;
}

function push(pieces: Piece[], kind: Piece['kind'], text: string): void {
  const last = pieces.at(-1);
  if (last?.kind === kind) pieces[pieces.length - 1] = { kind, text: last.text + text };
  else pieces.push({ kind, text });
}
