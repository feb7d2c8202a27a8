import { nearest } from '@sallyport/core/model/nearest.ts';
import {
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type ParsedNode,
  parseDocument,
  type Scalar,
  type YAMLError,
  type YAMLMap,
} from 'yaml';

/** How many mistakes one reading tells of; of the others it says how many they are. */
const faultsToldMax = 10;

/** One mistake: what is said of it, and where in the text it stands, in characters from its beginning; 0: it is about the whole file. */
export interface Mistake {
  readonly text: string;
  readonly offset: number;
}

/** Something is wrong in a file that an operator wrote: one mistake a line, each with file, line, field and what to do, in the file's order. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly faults: readonly Mistake[];

  constructor(...told: readonly (Mistake | string)[]) {
    const faults = told
      .map(each => (typeof each === 'string' ? { text: each, offset: 0 } : each))
      .sort((one, other) => one.offset - other.offset);
    const more = faults.length - faultsToldMax;
    const lines = faults.slice(0, faultsToldMax).map(({ text }) => text);
    super([...lines, ...(more > 0 ? [`and ${more} more`] : [])].join('\n'));
    this.faults = faults;
  }
}

/** Reads on where one part is wrong, so that one reading tells of the mistakes in all of them. Nothing comes of it before `settle`. */
export class Mistakes {
  readonly #faults: Mistake[] = [];

  /** What needs a part that is wrong is not read: it throws an error without a fault of its own. */
  part<T>(read: () => T): () => T {
    try {
      const value = read();
      return () => value;
    } catch (thrown) {
      if (!(thrown instanceof ConfigError)) throw thrown;
      this.#faults.push(...thrown.faults);
      return () => {
        throw new ConfigError();
      };
    }
  }

  /** Throws a `ConfigError` with all that was wrong, if anything was. */
  settle(): void {
    if (this.#faults.length > 0) throw new ConfigError(...this.#faults);
  }
}

type Fault = (node: Node | null | undefined, path: string, problem: string) => ConfigError;

/**
 * One mapping of a YAML file, read field by field. A field that nobody asked for is an error, so that a misspelt key
 * can never be silently without effect (K-13).
 */
export class Fields {
  readonly #map: YAMLMap | undefined;
  readonly #at: string;
  readonly #fault: Fault;
  readonly #read = new Set<string>();

  constructor(fault: Fault, node: Node | null | undefined, at: string) {
    this.#fault = fault;
    this.#at = at;
    if (node !== null && node !== undefined && !(isScalar(node) && node.value === null) && !isMap(node))
      throw fault(node, at, 'must be a mapping of names to values');
    this.#map = isMap(node) ? node : undefined;
  }

  string(name: string): string | undefined {
    const node = this.#node(name);
    if (node === undefined) return undefined;
    if (isScalar(node) && typeof node.value === 'string' && node.value !== '') return node.value;
    const isNumber = isScalar(node) && typeof node.value === 'number';
    const unlike = isSeq(node) ? ', and not a list' : isMap(node) ? ', and not a mapping' : ' that is not empty';
    throw this.#wrong(name, node, `must be a text${isNumber ? ', in quotes where it is made of digits' : unlike}`);
  }

  required(name: string): string {
    const value = this.string(name);
    if (value === undefined) throw this.missing([name], 'is required');
    return value;
  }

  /** The error where none of these names is there: one of another name may be meant for one of them. */
  missing([name = '', ...others]: readonly string[], problem: string): ConfigError {
    const unread = this.names().filter(each => !this.#read.has(each));
    const pairs = [name, ...others].map(each => [nearest(each, unread), each] as const);
    const [typed, meantFor] = pairs.find(([near]) => near !== undefined) ?? [];
    const hint = typed === undefined ? '' : `; is \`${typed}\` meant to be \`${meantFor}\`?`;
    return this.#wrong(name, typed === undefined ? this.#map : this.#key(typed), `${problem}${hint}`);
  }

  boolean(name: string): boolean | undefined {
    const node = this.#node(name);
    if (node === undefined) return undefined;
    if (isScalar(node) && typeof node.value === 'boolean') return node.value;
    throw this.#wrong(name, node, 'must be true or false');
  }

  /** A whole number from `min` to `max`. */
  integer(name: string, min: number, max: number): number | undefined {
    const node = this.#node(name);
    if (node === undefined) return undefined;
    const value = isScalar(node) ? node.value : undefined;
    if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
    throw this.#wrong(name, node, `must be a whole number from ${min} to ${max}`);
  }

  oneOf<T extends string>(name: string, values: readonly T[]): T | undefined {
    const text = this.string(name);
    if (text === undefined) return undefined;
    const found = values.find(value => value === text);
    if (found !== undefined) return found;
    throw this.#wrong(name, this.#node(name), `must be one of ${values.join(', ')}${meant(text, values)}`);
  }

  strings(name: string): string[] | undefined {
    const node = this.#node(name);
    if (node === undefined) return undefined;
    if (!isSeq(node)) throw this.#wrong(name, node, 'must be a list of texts');
    return node.items.map((item, index) => {
      if (isScalar(item) && typeof item.value === 'string') return item.value;
      throw this.#wrong(`${name}[${index}]`, isScalar(item) ? item : node, 'must be a text (put it in quotes)');
    });
  }

  /** Texts by name, such as environment variables. */
  texts(name: string): Record<string, string> | undefined {
    if (this.#node(name) === undefined) return undefined;
    const fields = this.fields(name);
    return Object.fromEntries(fields.names().map(key => [key, fields.required(key)]));
  }

  has(name: string): boolean {
    return this.#node(name) !== undefined;
  }

  /** True where the value is a mapping of its own. */
  isMapping(name: string): boolean {
    return isMap(this.#node(name));
  }

  isList(name: string): boolean {
    return isSeq(this.#node(name));
  }

  fields(name: string): Fields {
    return new Fields(this.#fault, this.#node(name), this.#path(name));
  }

  /** Reads what stands under every name, also behind one that is wrong. */
  each<T>(read: (name: string) => T): T[] {
    const mistakes = new Mistakes();
    const all = this.names().map(name => mistakes.part(() => read(name)));
    mistakes.settle();
    return all.map(value => value());
  }

  names(): string[] {
    return (this.#map?.items ?? []).map(pair => {
      const key: unknown = pair.key;
      if (isScalar(key) && typeof key.value === 'string') return key.value;
      throw this.#fault(this.#map, this.#at, 'has a name that is not a text (put it in quotes)');
    });
  }

  /** The error for a value that has the right shape and the wrong meaning. */
  wrong(name: string, problem: string): ConfigError {
    return this.#wrong(name, this.#node(name) ?? this.#map, problem);
  }

  /** Refuses every name that was not read. */
  done(): void {
    const known = [...this.#read].sort();
    const mistakes = new Mistakes();
    for (const name of this.names()) if (!this.#read.has(name)) mistakes.part(() => this.#unknown(name, known));
    mistakes.settle();
  }

  #unknown(name: string, known: readonly string[]): never {
    const problem = `is not known here${meant(name, known)}; known: ${known.join(', ')}`;
    throw this.#wrong(name, this.#key(name), problem);
  }

  #node(name: string): Node | undefined {
    this.#read.add(name);
    const node = this.#map?.get(name, true) as Node | undefined;
    return node === undefined || (isScalar(node) && node.value === null) ? undefined : node;
  }

  #key(name: string): Node | undefined {
    return this.#map?.items.map(({ key }) => key).find((key): key is Scalar => isScalar(key) && key.value === name);
  }

  #wrong(name: string, node: Node | undefined, problem: string): ConfigError {
    return this.#fault(node ?? this.#map, this.#path(name), problem);
  }

  #path(name: string): string {
    return this.#at === '' ? name : `${this.#at}.${name}`;
  }
}

/** What follows an unknown `word` of a file: `(did you mean NAME?)`, or nothing if no candidate is close. */
export function meant(word: string, candidates: readonly string[]): string {
  const close = nearest(word, candidates);
  return close === undefined ? '' : ` (did you mean \`${close}\`?)`;
}

/** Reads YAML strictly: one document, and no key twice. */
export function readYaml(file: string, text: string): Fields {
  const lines = new LineCounter();
  const document = parseDocument<ParsedNode>(text, {
    lineCounter: lines,
    prettyErrors: false, // which say the place again
    uniqueKeys: true,
    strict: true,
    version: '1.2',
  });
  const first = document.errors[0] ?? document.warnings[0];
  if (first !== undefined) {
    const { line, col } = lines.linePos(first.pos[0]);
    throw new ConfigError(`${file}:${line}:${col}: ${faultText(first, text)}`);
  }
  const fault: Fault = (node, path, problem) => {
    const text = `${file}${placeOf(node, lines)}: ${path === '' ? 'the file' : `\`${path}\``} ${problem}`;
    return new ConfigError({ text, offset: node?.range?.[0] ?? 0 });
  };
  return new Fields(fault, document.contents, '');
}

/** The parser's words, but where people meet them most they are about the line and not about the grammar. */
function faultText({ code, message, pos }: YAMLError, text: string): string {
  const word = /^[\w.-]*/.exec(text.slice(pos[0]))?.[0] ?? '';
  if (code === 'DUPLICATE_KEY') return `\`${word}\` stands here a second time; keep one of the two`;
  if (code === 'MULTILINE_IMPLICIT_KEY') return `\`${word}\` has no \`:\` behind it on its line`;
  return message;
}

/** `:LINE:COLUMN`, as editors and terminals open it. */
function placeOf(node: Node | null | undefined, lines: LineCounter): string {
  if (node?.range === undefined || node.range === null) return '';
  const { line, col } = lines.linePos(node.range[0]);
  return `:${line}:${col}`;
}
