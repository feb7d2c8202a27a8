import { table, widthOf } from './columns.ts';

const colour = /(\u001b\[[0-9;]*m)/;

/** No wider than `width`; what is cut off ends in `…`, and colours end as they would have. */
export function cut(line: string, width: number): string {
  if (widthOf(line) <= width) return line;
  let left = Math.max(0, width - 1);
  let isCut = false;
  return line
    .split(colour)
    .map((part, at) => {
      if (at % 2 === 1) return part;
      const kept = isCut ? '' : begins(part, left);
      left -= widthOf(kept);
      if (isCut || kept.length === part.length) return kept;
      isCut = true;
      return width > 0 ? `${kept}…` : kept;
    })
    .join('');
}

/** As much of a text's beginning as fits. */
function begins(text: string, width: number): string {
  let kept = '';
  let left = width;
  for (const point of text) {
    left -= widthOf(point);
    if (left < 0) break;
    kept += point;
  }
  return kept;
}

/** A table that gives up columns, those in `first` in that order, until it is no wider than `width`. */
export function narrowTable(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  { width, first }: { readonly width: number; readonly first: readonly string[] },
  head: (text: string) => string,
): string {
  const gone = new Set<string>();
  const drawn = (): string => {
    const stays = (_: string, at: number): boolean => !gone.has(heads[at] ?? '');
    return table(
      heads.filter(stays),
      rows.map(row => row.filter(stays)),
      head,
    );
  };
  for (const name of first) {
    if (
      drawn()
        .split('\n')
        .every(line => widthOf(line) <= width)
    )
      break;
    gone.add(name);
  }
  return drawn();
}
