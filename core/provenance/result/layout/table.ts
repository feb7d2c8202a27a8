import type { JsonNode } from '../../../model/json.ts';

/**
 * Tables that servers print: cells between `|` or tabs, or in columns parted by two or more blanks. Rows become objects
 * named by the heading, a line without cells before or after them is text of its own. Undefined if fewer than half of
 * the lines are rows.
 *
 * Cells between semicolons or commas (RFC 4180) stand in sentences as well: they make a table only under a heading of plain
 * names, with no blank behind a sign as sentences have one, and as many cells in every line.
 */
export function readTable(text: string): JsonNode | undefined {
  const lines = text.split('\n').filter(line => line.trim() !== '');
  if (lines.length === 0) return undefined;
  for (const cut of [piped, tabbed, columned]) {
    const rows = lines.map(cut);
    const width = Math.max(...rows.map(row => row.length));
    const full = rows.filter(row => row.length > 1);
    if (width < 2 || full.length < Math.max(lines.length === 1 ? 1 : 2, lines.length / 2)) continue;
    if (full.some(row => Math.abs(row.length - (full[0]?.length ?? 0)) > 2)) continue;
    return tableOf(rows);
  }
  for (const sign of [';', ',']) {
    const heading = separated(lines[0] ?? '', sign);
    if (lines.length < 2 || heading.length < 2 || lines[0]?.includes(`${sign} `) === true) continue;
    if (!heading.every(cell => columnName.test(cell))) continue;
    const rows = lines.map(line => separated(line, sign));
    if (new Set(heading).size === heading.length && rows.every(row => row.length === heading.length))
      return tableOf(rows);
  }
  return undefined;
}

/** A word or two, not a sentence. */
const columnName = /^\p{L}[\p{L}\p{N}_.()/#-]*(?: [\p{L}\p{N}_.()/#-]+)?$/u;

/** A cell in quotes may hold the sign that parts cells; no cell holds a line break. */
function separated(line: string, sign: string): readonly string[] {
  const cells: string[] = [];
  let parts: string[] = [];
  let quoted = false;
  for (const part of line.split(sign)) {
    parts.push(part);
    if (part.split('"').length % 2 === 0) quoted = !quoted;
    if (quoted) continue;
    cells.push(parts.join(sign).trim());
    parts = [];
  }
  if (quoted) cells.push(parts.join(sign).trim());
  return cells.map(one => (one.startsWith('"') && one.endsWith('"') ? one.slice(1, -1).replaceAll('""', '"') : one));
}

type Cut = (line: string) => readonly string[];

const piped: Cut = line =>
  line.includes('|')
    ? line
        .replace(/^\s*\|/, '')
        .replace(/\|\s*$/, '')
        .split('|')
        .map(cell => cell.trim())
    : [line.trim()];
const tabbed: Cut = line => line.split('\t').map(cell => cell.trim());
const columned: Cut = line => line.trim().split(/\s{2,}/);

function tableOf(rows: readonly (readonly string[])[]): JsonNode {
  const ruled = rows.filter(row => !row.every(cell => /^[-=:+ ]*$/.test(cell)));
  const first = ruled.findIndex(row => row.length > 1);
  const heading = ruled[first] ?? [];
  const named = ruled.length - first > 1 && heading.every(cell => /^[\p{L}_#][\p{L}\p{N}_ .()/#-]{0,40}$/u.test(cell));
  const names = named ? heading : [];
  const items = ruled
    .filter((_, index) => !(named && index === first))
    .map((row): JsonNode => {
      if (row.length < 2) return { kind: 'string', value: row[0] ?? '' };
      return {
        kind: 'object',
        members: new Map(
          row.map((cell, index): [string, JsonNode] => [names[index] ?? `column ${index + 1}`, cellOf(cell)]),
        ),
      };
    });
  return { kind: 'array', items };
}

function cellOf(text: string): JsonNode {
  return /^-?\d{1,15}(?:\.\d{1,10})?$/.test(text)
    ? { kind: 'number', value: Number(text), text }
    : { kind: 'string', value: text };
}
