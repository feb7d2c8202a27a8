import { type Document, isMap, isNode, isScalar, type Node, stringify, type YAMLMap } from 'yaml';

/** A piece of a text that is written anew: offsets in UTF-16 units, `to` exclusive. Everything around it stays as it is. */
export interface Splice {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** `splices` may not overlap; of two at one place the first stands first. */
export function spliced(text: string, splices: readonly Splice[]): string {
  const ordered = splices.toSorted((a, b) => a.from - b.from);
  const pieces = ordered.map(({ from, text: put }, n) => text.slice(ordered[n - 1]?.to ?? 0, from) + put);
  return pieces.join('') + text.slice(ordered.at(-1)?.to ?? 0);
}

/** `value` in the place of the node. Comments and line ends behind it stay. */
export function inPlaceOf(text: string, node: Node, value: unknown): Splice {
  const from = node.range?.[0] ?? 0;
  return { from, to: from + text.slice(from, endOf(node)).trimEnd().length, text: flow(value) };
}

/** `members` in the mapping `name` at the top, which need not be there yet. */
export function addedTo(
  text: string,
  document: Document,
  name: string,
  members: Readonly<Record<string, unknown>>,
): Splice {
  const root = document.contents;
  const node = document.get(name, true);
  if (isMap(node) && (node.flow === true || node.items.length > 0)) return intoMap(text, node, members);
  const key = isMap(root) ? root.items.find(each => isScalar(each.key) && each.key.value === name)?.key : undefined;
  if (isNode(node) && isNode(key)) {
    if (endOf(node) > (node.range?.[0] ?? 0)) return inPlaceOf(text, node, members);
    return at(text.indexOf(':', endOf(key)) + 1, ` ${flow(members)}`);
  }
  if (isMap(root) && root.flow === true) return intoMap(text, root, { [name]: members });
  const eol = eolOf(text);
  const lines = Object.entries(members).map(([key, value]) => `  ${key}: ${flow(value)}${eol}`);
  return at(text.length, `${text.endsWith('\n') ? '' : eol}${name}:${eol}${lines.join('')}`);
}

/** Before the first member: in a block on lines of their own, with its indentation. */
function intoMap(text: string, map: YAMLMap, members: Readonly<Record<string, unknown>>): Splice {
  const pairs = Object.entries(members).map(([key, value]) => `${key}: ${flow(value)}`);
  const [first] = map.items;
  const from = map.range?.[0] ?? 0;
  if (map.flow === true) return at(from + 1, ` ${pairs.join(', ')}${first === undefined ? ' ' : ','}`);
  const start = first !== undefined && isScalar(first.key) ? (first.key.range?.[0] ?? from) : from;
  const indent = text.slice(text.lastIndexOf('\n', start - 1) + 1, start);
  return at(start, pairs.map(pair => `${pair}${eolOf(text)}${indent}`).join(''));
}

/** A block ends where its last value does: what follows on that line is a comment. */
function endOf(node: Node): number {
  const last = isMap(node) && node.flow !== true ? node.items.at(-1)?.value : undefined;
  return isNode(last) ? endOf(last) : (node.range?.[1] ?? 0);
}

function at(from: number, text: string): Splice {
  return { from, to: from, text };
}

function eolOf(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n';
}

function flow(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trimEnd();
}
