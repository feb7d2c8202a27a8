/** By lower-case name. Lists that may be sent in several lines are joined with `, `. */
export type Headers = Pick<ReadonlyMap<string, string>, 'get' | 'has'>;

/** The headers of one request, each once. They are few: to look through them costs less than to make a table of them. */
export class HeaderList implements Headers {
  /** Names and values in turn. */
  readonly #fields: string[];

  /** `fields`: lower-case names and values in turn; this list's own from here on. */
  constructor(fields: string[]) {
    this.#fields = fields;
  }

  get(name: string): string | undefined {
    const at = placeOf(name, this.#fields);
    return at < 0 ? undefined : this.#fields[at + 1];
  }

  has(name: string): boolean {
    return placeOf(name, this.#fields) >= 0;
  }
}

/** Where `name` stands among names and values in turn; -1 if it does not. */
export function placeOf(name: string, fields: readonly string[]): number {
  for (let at = 0; at < fields.length; at += 2) if (fields[at] === name) return at;
  return -1;
}

/**
 * A name as it came, in lower case: of those that nearly every request brings always the very same text, which is neither
 * made anew nor compared letter by letter.
 */
export function lowerName(name: string): string {
  const known = usualNames[name.length] ?? [];
  for (const one of known) if (one === name) return one;
  const lower = name.toLowerCase();
  for (const one of known) if (one === lower) return one;
  return lower;
}

/** By their length. */
const usualNames: readonly (readonly string[] | undefined)[] = [
  'accept',
  'accept-encoding',
  'accept-language',
  'authorization',
  'connection',
  'content-length',
  'content-type',
  'dpop',
  'host',
  'mcp-method',
  'mcp-name',
  'mcp-protocol-version',
  'mcp-session-id',
  'origin',
  'sallyport-task',
  'sec-fetch-mode',
  'transfer-encoding',
  'user-agent',
].reduce<(string[] | undefined)[]>((byLength, name) => {
  byLength[name.length] = [...(byLength[name.length] ?? []), name];
  return byLength;
}, []);
