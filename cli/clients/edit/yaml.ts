import { isMap, isScalar, LineCounter, type Pair, parseDocument, type Scalar, type YAMLMap } from 'yaml';
import { type Edit, EditFault } from './edit.ts';

export function readYamlText(text: string): unknown {
  return parsed(text).toJS() as unknown;
}

function parsed(text: string) {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    ...{ lineCounter: lines, uniqueKeys: true, stringKeys: true },
    prettyErrors: false, // which say the place again
  });
  const [first] = document.errors;
  if (first === undefined) return document;
  const { line, col } = lines.linePos(first.pos[0]);
  throw new EditFault(`is not YAML: ${first.message}`, line, col);
}

/** Changes members of one block mapping. A mapping written between braces is left alone. */
export function editYaml(text: string, { path, members }: Edit): string {
  return Object.entries(members).reduce((at, [name, value]) => editMember(at, path, name, value), text);
}

function editMember(text: string, path: readonly string[], name: string, value: unknown): string {
  const node = parsed(text).getIn(path, true);
  if (!isMap(node) || node.flow === true || node.items.length === 0)
    throw new EditFault(`has ${path.join('.')} written in a way that cannot be changed without rewriting it`);
  const pair = node.items.find(({ key }) => isScalar(key) && key.value === name) as Pair<Scalar, unknown> | undefined;
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  if (pair === undefined) return value === undefined ? text : inserted(text, node, `${name}: ${yamlText(value)}`, eol);
  if (isScalar(pair.value) && pair.value.value === value) return text;
  const [keyFrom, keyTo] = pair.key.range ?? [0, 0];
  const valueTo = (pair.value as { range?: readonly number[] } | null)?.range?.[1] ?? keyTo + 1;
  if (value !== undefined)
    return `${text.slice(0, keyTo)}: ${yamlText(value)}${text.slice(trimmedEnd(text, keyTo, valueTo))}`;
  const from = text.lastIndexOf('\n', keyFrom - 1) + 1;
  const end = text.indexOf('\n', trimmedEnd(text, keyTo, valueTo));
  return text.slice(0, from) + (end < 0 ? '' : text.slice(end + 1));
}

/** A block value may reach over the line ends that follow it. */
function trimmedEnd(text: string, from: number, to: number): number {
  return from + text.slice(from, to).trimEnd().length;
}

/** Behind the first member, with its indentation. */
function inserted(text: string, node: YAMLMap, line: string, eol: string): string {
  const key = (node.items[0] as Pair<Scalar>).key;
  const from = key.range?.[0] ?? 0;
  const indent = text.slice(text.lastIndexOf('\n', from - 1) + 1, from);
  return `${text.slice(0, from)}${line}${eol}${indent}${text.slice(from)}`;
}

/** JSON is YAML (YAML 1.2 §1.2), and needs no line of its own. */
function yamlText(value: unknown): string {
  return JSON.stringify(value);
}
