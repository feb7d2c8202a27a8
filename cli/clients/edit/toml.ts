import { type AST, getStaticTOMLValue, ParseError, parseTOML } from 'toml-eslint-parser';
import { isRecord } from '../shape.ts';
import { type Edit, EditFault } from './edit.ts';

export function readToml(text: string): unknown {
  return getStaticTOMLValue(parsed(text));
}

function parsed(text: string): AST.TOMLProgram {
  try {
    return parseTOML(text);
  } catch (thrown) {
    if (!(thrown instanceof ParseError)) throw thrown;
    throw new EditFault(`is not TOML: ${thrown.message}`, thrown.lineNumber, thrown.column + 1);
  }
}

/** Changes members of one standard table (`[mcp_servers.github]`). Tables that are written in other ways are left alone. */
export function editToml(text: string, { path, members }: Edit): string {
  return Object.entries(members).reduce((at, [name, value]) => editMember(at, path, name, value), text);
}

function editMember(text: string, path: readonly string[], name: string, value: unknown): string {
  const top = parsed(text).body[0].body;
  const tables = top.filter((node): node is AST.TOMLTable => node.type === 'TOMLTable');
  const table = tables.find(({ kind, resolvedKey }) => kind === 'standard' && isPath(resolvedKey, path));
  if (table === undefined)
    throw new EditFault(`has [${path.join('.')}] written in a way that cannot be changed without rewriting it`);
  const own = table.body.filter(({ key }) => keyName(key) === name);
  const whole = own.find(({ key }) => key.keys.length === 1);
  if (value !== undefined && whole !== undefined) return splice(text, whole.value.range, tomlText(value));
  if (value === undefined) {
    const below = tables.filter(({ resolvedKey }) => isPath(resolvedKey.slice(0, path.length + 1), [...path, name]));
    return cut(text, [...own.map(({ range }) => range), ...below.map(node => blockRange(text, node, top))]);
  }
  const end = table.body.at(-1)?.range[1] ?? table.key.range[1] + (text.slice(table.key.range[1]).indexOf(']') + 1);
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const lineEnd = endOfLine(text, end);
  return `${text.slice(0, lineEnd)}${eol}${name} = ${tomlText(value)}${text.slice(lineEnd)}`;
}

function keyName({ keys }: AST.TOMLKey): string {
  const [first] = keys;
  return first === undefined ? '' : first.type === 'TOMLBare' ? first.name : first.value;
}

function isPath(key: readonly (string | number)[], path: readonly string[]): boolean {
  return key.length === path.length && key.every((part, index) => part === path[index]);
}

/** A whole table: from its header to what comes next, without the comments that stand before that. */
function blockRange(text: string, table: AST.TOMLTable, top: readonly AST.TOMLNode[]): AST.Range {
  const last = table.body.at(-1)?.range[1] ?? endOfLine(text, table.key.range[1]);
  const next = top.find(node => node.range[0] > table.range[0]);
  return [table.range[0], Math.min(endOfLine(text, last), next?.range[0] ?? text.length)];
}

/** Takes whole lines out. */
function cut(text: string, ranges: readonly AST.Range[]): string {
  const lines = ranges.map(([from, to]): AST.Range => {
    const end = endOfLine(text, to);
    const past = text.startsWith('\r\n', end) ? end + 2 : Math.min(text.length, end + 1);
    return [text.lastIndexOf('\n', from - 1) + 1, past];
  });
  return [...lines].sort((a, b) => b[0] - a[0]).reduce((at, range) => splice(at, range, ''), text);
}

function endOfLine(text: string, from: number): number {
  const at = text.slice(from).search(/\r?\n/);
  return at < 0 ? text.length : from + at;
}

function splice(text: string, [from, to]: AST.Range, with_: string): string {
  return text.slice(0, from) + with_ + text.slice(to);
}

/** A basic string is a JSON string, and so is a quoted key (TOML 1.0, "String", "Keys", "Array", "Inline Table"). */
function tomlText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(tomlText).join(',')}]`;
  if (isRecord(value)) {
    const members = Object.entries(value).map(([name, each]) => `${tomlText(name)} = ${tomlText(each)}`);
    return `{ ${members.join(', ')} }`;
  }
  if (typeof value === 'boolean' || Number.isSafeInteger(value)) return String(value);
  if (typeof value !== 'string') throw new EditFault('would get a value that cannot be written down there');
  return JSON.stringify(value).replaceAll('\u007f', '\\u007F');
}
