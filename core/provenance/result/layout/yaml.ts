import type { JsonNode } from '../../../model/json.ts';
import { readLiteral } from './literal.ts';

/**
 * The part of YAML that servers print results in: block mappings and sequences, plain, quoted and block scalars, flow
 * values on one line. A text of which one line does not fit is no YAML, and undefined: it then counts as text. No anchors,
 * tags or documents, on purpose: nothing here may grow beyond the text it came in.
 */
export function readYaml(text: string): JsonNode | undefined {
  const reader = new Reader(text.split('\n'));
  try {
    const node = reader.whole();
    return node.kind === 'object' || node.kind === 'array' ? node : undefined;
  } catch (thrown) {
    if (thrown === notYaml) return undefined;
    throw thrown;
  }
}

/** Thrown for most texts: made once, since what an error costs is noting where it was made. */
const notYaml = new Error('no YAML');

const depthMax = 24;
const keyed =
  /^("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s"'#\-[\]{},&*!|>%@`:?][^:#]{0,63}?|-?[\w.@+-]{1,64})\s*:(?:\s+(?!\s)(.*))?$/;
const quotedWhole = /^["'].*["']$/;
const blockSign = /^[|>][+-]?\d*$/;
const number = /^-?\d{1,15}(?:\.\d{1,10})?$/;

class Reader {
  readonly #lines: readonly string[];
  #at = 0;

  constructor(lines: readonly string[]) {
    this.#lines = lines;
  }

  whole(): JsonNode {
    this.#skipBlank();
    const line = this.#lines[this.#at];
    if (line === undefined || indentOf(line) !== 0) throw notYaml;
    const node = this.#block(0, 0);
    this.#skipBlank();
    if (this.#at < this.#lines.length) throw notYaml;
    return node;
  }

  #skipBlank(): void {
    while (this.#at < this.#lines.length && (this.#lines[this.#at] ?? '').trim() === '') this.#at++;
  }

  #block(indent: number, depth: number): JsonNode {
    if (depth > depthMax) throw notYaml;
    const text = (this.#lines[this.#at] ?? '').slice(indent);
    if (text === '-' || text.startsWith('- ')) return this.#sequence(indent, depth);
    const first = keyed.exec(text);
    if (first === null) throw notYaml;
    return this.#mapping(indent, depth, first);
  }

  #sequence(indent: number, depth: number): JsonNode {
    const items: JsonNode[] = [];
    for (;;) {
      this.#skipBlank();
      const line = this.#lines[this.#at];
      if (line === undefined || indentOf(line) !== indent) break;
      const text = line.slice(indent);
      if (text !== '-' && !text.startsWith('- ')) break;
      items.push(this.#item(text, indent, depth));
    }
    return { kind: 'array', items };
  }

  /** What follows the dash stands one level deeper, wherever it begins. */
  #item(text: string, indent: number, depth: number): JsonNode {
    const rest = text.slice(1);
    const inner = indent + 1 + (rest.length - rest.trimStart().length);
    const body = rest.trimStart();
    if (body === '') {
      this.#at++;
      return this.#nested(indent, depth);
    }
    const first = keyed.exec(body);
    if (first !== null && !quotedWhole.test(body)) return this.#mapping(inner, depth + 1, first);
    if (body.startsWith('- ')) {
      return this.#inlineSequence(body, inner, depth);
    }
    return this.#scalar(body, indent);
  }

  #inlineSequence(body: string, inner: number, depth: number): JsonNode {
    const first = this.#item(body, inner, depth + 1);
    const rest = this.#sequence(inner, depth + 1);
    return { kind: 'array', items: [first, ...(rest.kind === 'array' ? rest.items : [])] };
  }

  /** `first`: its first line, which stands here. */
  #mapping(indent: number, depth: number, first: RegExpExecArray): JsonNode {
    if (depth > depthMax) throw notYaml;
    const members = new Map<string, JsonNode>();
    for (let match: RegExpExecArray | undefined = first; match !== undefined; match = this.#nextKeyed(indent)) {
      const value = (match[2] ?? '').trim();
      members.set(unquoted(match[1] ?? ''), value === '' ? this.#below(indent, depth) : this.#scalar(value, indent));
    }
    return { kind: 'object', members };
  }

  /** The next line of a mapping; undefined where it ends. */
  #nextKeyed(indent: number): RegExpExecArray | undefined {
    this.#skipBlank();
    const line = this.#lines[this.#at];
    if (line === undefined || indentOf(line) !== indent || line.startsWith('- ', indent)) return undefined;
    const match = keyed.exec(line.slice(indent));
    if (match === null) throw notYaml;
    return match;
  }

  /** The value of a key that has nothing beside it: a block below, deeper, or a sequence at the same depth. */
  #below(indent: number, depth: number): JsonNode {
    this.#at++;
    this.#skipBlank();
    const line = this.#lines[this.#at];
    if (line === undefined) return { kind: 'null' };
    const at = indentOf(line);
    const isSequence = /^-(?: |$)/.test(line.slice(at));
    if (at > indent || (at === indent && isSequence)) return this.#blockOrText(at, depth);
    return { kind: 'null' };
  }

  #nested(indent: number, depth: number): JsonNode {
    this.#skipBlank();
    const line = this.#lines[this.#at];
    if (line === undefined || indentOf(line) <= indent) return { kind: 'null' };
    return this.#blockOrText(indentOf(line), depth);
  }

  #blockOrText(indent: number, depth: number): JsonNode {
    const text = (this.#lines[this.#at] ?? '').slice(indent);
    if (/^-(?: |$)/.test(text) || keyed.test(text)) return this.#block(indent, depth + 1);
    return this.#scalar(text, indent - 1);
  }

  /** A scalar whose first line is `text`; later lines are deeper than `indent`. Moves past all of it. */
  #scalar(text: string, indent: number): JsonNode {
    this.#at++;
    const first = text[0];
    if (first === '"' || first === "'") return { kind: 'string', value: this.#quoted(text, first) };
    if ((first === '|' || first === '>') && blockSign.test(text))
      return { kind: 'string', value: this.#continued(indent).join('\n') };
    const more = this.#continued(indent);
    const whole = (more.length === 0 ? text : `${text} ${more.join(' ')}`).trim();
    if ((first === '[' || first === '{') && more.length === 0) {
      const flow = readLiteral(whole);
      if (flow !== undefined) return flow;
    }
    return plain(whole);
  }

  #continued(indent: number): string[] {
    const lines: string[] = [];
    for (;;) {
      const line = this.#lines[this.#at];
      if (line === undefined || (line.trim() !== '' && indentOf(line) <= indent)) break;
      lines.push(line.trim());
      this.#at++;
    }
    while (lines.length > 0 && lines.at(-1) === '') lines.pop();
    return lines;
  }

  /** From its opening quote to its closing one, over as many lines as it takes. Each line is looked at once. */
  #quoted(text: string, quote: string): string {
    const before: string[] = [];
    let last = text;
    for (let from = 1; !isClosed(last, quote, from); from = 0) {
      const line = this.#lines[this.#at++];
      if (line === undefined) throw notYaml;
      const next = line.trim();
      const goesOn = quote === '"' && endsEscaped.test(last);
      before.push(goesOn ? last.slice(0, -1) : `${last}${next === '' ? '\n' : ' '}`);
      last = goesOn ? next.replace(/^\\(?= )/, '') : next;
    }
    return unquoted((before.join('') + last).trimEnd());
  }
}

/** An escaped line break (YAML 1.2.2 §7.3.1); two backslashes are one of the text. */
const endsEscaped = /(?<!\\)(?:\\\\)*\\$/;

function indentOf(line: string): number {
  let at = 0;
  while (line[at] === ' ') at++;
  return at;
}

function isClosed(text: string, quote: string, from: number): boolean {
  for (let at = from; at < text.length; at++) {
    if (quote === '"' && text[at] === '\\') at++;
    else if (text[at] === quote) {
      if (quote === "'" && text[at + 1] === "'") at++;
      else if (text.slice(at + 1).trim() === '') return true;
      else throw notYaml;
    }
  }
  return false;
}

function unquoted(text: string): string {
  if (text.startsWith("'") && text.endsWith("'") && text.length > 1) return text.slice(1, -1).replaceAll("''", "'");
  if (!text.startsWith('"') || !text.endsWith('"') || text.length < 2) return text;
  return text
    .slice(1, -1)
    .replace(/\\u([0-9a-fA-F]{4})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replace(/\\(.)/g, (_, char: string) => ({ n: '\n', t: '\t', r: '\r' })[char] ?? char);
}

function plain(text: string): JsonNode {
  switch (text) {
    case 'null':
    case '~':
    case 'None':
      return { kind: 'null' };
    case 'true':
    case 'True':
      return { kind: 'boolean', value: true };
    case 'false':
    case 'False':
      return { kind: 'boolean', value: false };
  }
  return number.test(text) ? { kind: 'number', value: Number(text), text } : { kind: 'string', value: text };
}
