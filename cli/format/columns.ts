const escapes = /\u001b\[[0-9;]*m/g;

/** Columns on a screen, colour not counted. East Asian wide characters count as one: they only shift a line. */
export function widthOf(text: string): number {
  return [...text.replace(escapes, '')].length;
}

export function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

/** Rows in aligned columns, two spaces apart; the last column is not padded. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, widthOf(cell));
  return rows
    .map(row =>
      row
        .map((cell, at) => (at === row.length - 1 ? cell : padded(cell, widths[at] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** A table with a heading row. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[], head: (text: string) => string) {
  return columns([heads.map(head), ...rows]);
}

/** `name  value` lines, the names aligned. */
export function facts(
  rows: readonly (readonly [string, string] | undefined)[],
  name: (text: string) => string,
): string {
  return columns(rows.filter(row => row !== undefined).map(([key, value]) => [name(key), value]));
}

/** Breaks at spaces so that no line is longer than `width`; words longer than that stay whole. */
export function wrapped(text: string, width: number, indent = ''): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && widthOf(line) + 1 + widthOf(word) > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  lines.push(line);
  return lines.join(`\n${indent}`);
}
