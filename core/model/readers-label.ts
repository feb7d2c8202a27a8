/**
 * Who may see it, besides whom the task works for: patterns of the configuration as they stand there (`*@example.org`), and
 * whoever a result names by keyed digests, each behind a `#`. In the order of their texts, separated by commas.
 */
export type ReadersLabel = `readers:${string}`;

/** Of whom nobody could tell who may see it, or of more than are told apart. */
export const nobody: ReadersLabel = 'readers:';

/** Readers that one label names; who comes after them counts as nobody. */
export const readersMax = 24;
export const readerPattern = /^\*?[^\s,#*]{1,127}$/;

const digestChars = 16;

/** Somebody who would get to see something: the address or name, folded and bare, and its keyed digest. */
export interface Reader {
  readonly text: string;
  readonly digest: string;
}

export function readerOf(text: string, digest: (text: string) => string): Reader {
  return { text, digest: `#${digest(`sallyport reader v1\n${text}`).slice(0, digestChars)}` };
}

export function readersLabel(patterns: readonly string[], readers: readonly Reader[]): ReadersLabel {
  const named = readers.map(({ digest }) => digest);
  const lower = patterns.map(pattern => pattern.toLowerCase());
  return `readers:${[...new Set([...lower, ...named])].slice(0, readersMax).sort().join()}`;
}

export function isReadersLabel(label: string): label is ReadersLabel {
  return label.startsWith('readers:');
}

/** A pattern is a text, or begins with `*` and says how one ends. */
export function mayRead(label: ReadersLabel, { text, digest }: Reader): boolean {
  return label
    .slice('readers:'.length)
    .split(',')
    .some(one =>
      one.startsWith('#')
        ? one === digest
        : one !== '' && (one.startsWith('*') ? text.endsWith(one.slice(1)) : text === one),
    );
}
