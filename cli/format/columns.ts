const escapes = /\u001b\[[0-9;]*m/g;

/** Blocks whose characters are two columns wide (Unicode Standard Annex 11: W and F), and what is shown as an emoji. */
const wide =
  /[\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18dff}\u{1aff0}-\u{1b2ff}\u{1f200}-\u{1f265}\u{20000}-\u{3fffd}]|(?!\p{Regional_Indicator})\p{Emoji_Presentation}/gu;
/** Marks and the later parts of a Korean syllable stand on what is before them. */
const none = /[\p{Mn}\p{Me}\u1160-\u11ff\ud7b0-\ud7ff]/gu;
const plain = /^[\x20-\x7e]*$/;

/** Columns on a screen, colour not counted. */
export function widthOf(text: string): number {
  const shown = text.replace(escapes, '');
  if (plain.test(shown)) return shown.length;
  const standing = shown.replace(none, '');
  return [...standing].length + (standing.match(wide)?.length ?? 0);
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
