import type { JsonNode } from '../../../model/json.ts';

/** Nesting beyond this is not read: the text then counts as text. */
const depthMax = 24;

/**
 * What servers print instead of JSON: Python's and JavaScript's literals (`{'a': None, 'b': [1, 2]}`), with calls such as
 * `datetime(2024, 1, 1)` kept as their own text. Undefined if the whole of the text is not one such value.
 */
export function readLiteral(text: string): JsonNode | undefined {
  const reader = new Reader(text);
  try {
    return reader.whole();
  } catch (thrown) {
    if (thrown === notLiteral) return undefined;
    throw thrown;
  }
}

/** Made once, since what an error costs is noting where it was made. */
const notLiteral = new Error('no literal');

const closing: Readonly<Record<string, string>> = { '[': ']', '(': ')', '{': '}' };
const bare = /[^\s,:[\](){}'"]+/y;
const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', '0': '\0' };

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): JsonNode {
    const node = this.#value(0);
    this.#space();
    if (this.#at < this.#text.length) throw notLiteral;
    return node;
  }

  #space(): void {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at++;
  }

  #value(depth: number): JsonNode {
    this.#space();
    const first = this.#text[this.#at];
    if (first === undefined || depth > depthMax) throw notLiteral;
    if (first === '"' || first === "'") return { kind: 'string', value: this.#quoted(first) };
    if (first === '{') return this.#braces(depth);
    if (first === '[' || first === '(') return { kind: 'array', items: this.#items(first, depth) };
    return this.#word(depth);
  }

  #items(open: string, depth: number): JsonNode[] {
    const end = closing[open];
    const items: JsonNode[] = [];
    this.#at++;
    for (;;) {
      this.#space();
      if (this.#text[this.#at] === end) break;
      items.push(this.#value(depth + 1));
      this.#space();
      if (this.#text[this.#at] === ',') this.#at++;
      else if (this.#text[this.#at] !== end) throw notLiteral;
    }
    this.#at++;
    return items;
  }

  /** A mapping, or a set. */
  #braces(depth: number): JsonNode {
    const members = new Map<string, JsonNode>();
    this.#at++;
    for (;;) {
      this.#space();
      if (this.#text[this.#at] === '}') break;
      const key = this.#value(depth + 1);
      this.#space();
      const name = key.kind === 'string' ? key.value : key.kind === 'number' ? key.text : undefined;
      if (name === undefined) throw notLiteral;
      if (this.#text[this.#at] === ':') {
        this.#at++;
        members.set(name, this.#value(depth + 1));
      } else members.set(name, key);
      this.#space();
      if (this.#text[this.#at] === ',') this.#at++;
      else if (this.#text[this.#at] !== '}') throw notLiteral;
    }
    this.#at++;
    return { kind: 'object', members };
  }

  #quoted(quote: string): string {
    let value = '';
    for (this.#at++; ; this.#at++) {
      const char = this.#text[this.#at];
      if (char === undefined) throw notLiteral;
      if (char === quote) break;
      if (char !== '\\') value += char;
      else {
        const next = this.#text[++this.#at] ?? '';
        value += escapes[next] ?? next;
      }
    }
    this.#at++;
    return value;
  }

  #word(depth: number): JsonNode {
    bare.lastIndex = this.#at;
    const word = bare.exec(this.#text)?.[0];
    if (word === undefined) throw notLiteral;
    const start = this.#at;
    this.#at += word.length;
    if (this.#text[this.#at] === '(') {
      this.#items('(', depth + 1);
      return { kind: 'string', value: this.#text.slice(start, this.#at) };
    }
    if (/^(?:None|null|undefined|nil)$/.test(word)) return { kind: 'null' };
    if (/^(?:true|false)$/i.test(word)) return { kind: 'boolean', value: /^t/i.test(word) };
    if (/^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i.test(word))
      return { kind: 'number', value: Number(word), text: word };
    return { kind: 'string', value: word };
  }
}
