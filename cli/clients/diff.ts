/** What changes in a file, a line each: `-` what goes, `+` what comes. `secrets` are shown as dots, wherever they stand. */
export function lineDiff(before: string, after: string, secrets: readonly string[]): string[] {
  const [old, now] = [before, after].map(text => text.replace(/^\ufeff/, '').split(/\r?\n/)) as [string[], string[]];
  const hidden = (line: string): string => secrets.reduce((at, secret) => at.replaceAll(secret, '••••'), line);
  return lineSteps(old, now)
    .filter(([sign]) => sign !== '=')
    .map(([sign, line]) => `${sign} ${hidden(line)}`);
}

/** From one text to another, line by line: what stays, what goes, what comes. */
export type LineStep = readonly ['=' | '-' | '+', string];

/** The longest lines in common stay (dynamic programming over what is left between equal beginnings and ends). */
export function lineSteps(old: readonly string[], now: readonly string[]): LineStep[] {
  let start = 0;
  while (start < Math.min(old.length, now.length) && old[start] === now[start]) start++;
  let end = 0;
  while (end < Math.min(old.length, now.length) - start && old.at(-1 - end) === now.at(-1 - end)) end++;
  const [left, right] = [old.slice(start, old.length - end), now.slice(start, now.length - end)];
  const between =
    left.length * right.length > cellsMax
      ? [...left.map((line): LineStep => ['-', line]), ...right.map((line): LineStep => ['+', line])]
      : walk(left, right, lengths(left, right));
  const stays = (line: string): LineStep => ['=', line];
  return [...old.slice(0, start).map(stays), ...between, ...old.slice(old.length - end).map(stays)];
}

const cellsMax = 4_000_000;

function lengths(left: readonly string[], right: readonly string[]): number[][] {
  const table = Array.from({ length: left.length + 1 }, () => new Array<number>(right.length + 1).fill(0));
  for (let i = left.length - 1; i >= 0; i--)
    for (let j = right.length - 1; j >= 0; j--)
      (table[i] as number[])[j] =
        left[i] === right[j] ? at(table, i + 1, j + 1) + 1 : Math.max(at(table, i + 1, j), at(table, i, j + 1));
  return table;
}

function walk(left: readonly string[], right: readonly string[], table: readonly number[][]): LineStep[] {
  const changes: LineStep[] = [];
  let [i, j] = [0, 0];
  while (i < left.length || j < right.length) {
    if (i < left.length && left[i] === right[j]) {
      changes.push(['=', left[i++] ?? '']);
      j++;
    } else if (j >= right.length || (i < left.length && at(table, i + 1, j) >= at(table, i, j + 1)))
      changes.push(['-', left[i++] ?? '']);
    else changes.push(['+', right[j++] ?? '']);
  }
  return changes;
}

function at(table: readonly (readonly number[])[], i: number, j: number): number {
  return table[i]?.[j] ?? 0;
}
