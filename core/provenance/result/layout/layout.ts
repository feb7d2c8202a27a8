import type { JsonNode } from '../../../model/json.ts';
import { closed } from './closed.ts';
import { readLiteral } from './literal.ts';
import { readTable } from './table.ts';
import { readYaml } from './yaml.ts';

/** What is read out of a text, and how sure it is that a server laid it out rather than whoever wrote the text. */
export interface LaidOut {
  readonly node: JsonNode;
  /** `loose`: lines of a text that look like fields. Anyone who writes the text can write such lines. */
  readonly loose: boolean;
}

/** Texts beyond this are not looked into: all of them is text. */
const layoutCharsMax = 262_144;

const bracket = /^[[{(]/;
const laidOut = /[:|\t]|^- | {2}/m;
const separatedHead = /^[^\n;,]{1,40}[;,]\S.*\n/;

/** Servers send JSON, Python, YAML and tables as text; what they hold are fields all the same. */
export function layOut(text: string): LaidOut | undefined {
  if (text.length > layoutCharsMax) return undefined;
  const start = text.trimStart();
  if (bracket.test(start)) {
    const node = readJson(text) ?? readLiteral(text) ?? readJson(closed(text));
    if (node !== undefined) return { node, loose: false };
  }
  if (!laidOut.test(start) && !separatedHead.test(start)) return undefined;
  const yaml = readYaml(text.replaceAll('\r', ''));
  if (yaml !== undefined) return { node: yaml, loose: yaml.kind === 'object' && isProse(yaml) };
  const table = readTable(text);
  if (table !== undefined) return { node: table, loose: false };
  const headed = readHeaded(text);
  return headed === undefined ? undefined : { node: headed, loose: true };
}

/** Loosely: nothing is decided on the values themselves, and doubles of a member are all looked at as one. */
function readJson(text: string): JsonNode | undefined {
  try {
    return nodeOf(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function nodeOf(value: unknown): JsonNode {
  if (typeof value === 'string') return { kind: 'string', value };
  if (typeof value === 'number') return { kind: 'number', value, text: String(value) };
  if (typeof value === 'boolean') return { kind: 'boolean', value };
  if (Array.isArray(value)) return { kind: 'array', items: value.map(nodeOf) };
  if (typeof value !== 'object' || value === null) return { kind: 'null' };
  const members = new Map<string, JsonNode>();
  for (const [name, inner] of Object.entries(value)) members.set(name, nodeOf(inner));
  return { kind: 'object', members };
}

/** One or two `Name: words` lines may be anybody's sentence. */
function isProse(node: JsonNode & { kind: 'object' }): boolean {
  return node.members.size < 3;
}

const headerLine = /^([\p{L}][\p{L}\p{N} _/-]{0,40}):[ \t]+(?![ \t])(.*)$/u;

/** A letter: lines of `Name: value`, an empty line, and text. Further such lines inside the text are text. */
function readHeaded(text: string): JsonNode | undefined {
  const lines = text.split('\n');
  const members = new Map<string, JsonNode>();
  let at = 0;
  for (; at < lines.length; at++) {
    const line = (lines[at] ?? '').trim();
    if (line === '') break;
    const match = headerLine.exec(line);
    if (match !== null) members.set(match[1] ?? '', { kind: 'string', value: match[2] ?? '' });
    else if (members.size > 0 || at > 0) return members.size > 1 ? withText(members, lines.slice(at)) : undefined;
  }
  return members.size === 0 ? undefined : withText(members, lines.slice(at));
}

function withText(members: Map<string, JsonNode>, lines: readonly string[]): JsonNode {
  const text = lines.join('\n').trim();
  if (text !== '') members.set('text', { kind: 'string', value: text });
  return { kind: 'object', members };
}
