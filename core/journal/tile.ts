/** Coordinates of C2SP tlog-tiles v0.1.0: a tile is 256 hashes of one level, an entry bundle 256 entries. */

export const tileWidth = 256;
/** One level of tiles stands for this many levels of the tree. */
export const tileHeight = 8;

/** `level` −1 is the bundle of entries. `width` is 256, or 1 to 255 for a partial tile. */
export interface Tile {
  readonly level: number;
  readonly index: number;
  readonly width: number;
}

export const entriesLevel = -1;

/** `tile/0/x001/x234/067`, `tile/entries/000.p/17`. */
export function tilePath(tile: Tile): string {
  const level = tile.level === entriesLevel ? 'entries' : String(tile.level);
  const partial = tile.width === tileWidth ? '' : `.p/${tile.width}`;
  return `tile/${level}/${indexPath(tile.index)}${partial}`;
}

/** Groups of three digits, all but the last with an `x` before them. */
function indexPath(index: number): string {
  const groups = [threeDigits(index)];
  for (let rest = Math.floor(index / 1_000); rest > 0; rest = Math.floor(rest / 1_000))
    groups.unshift(`x${threeDigits(rest)}`);
  return groups.join('/');
}

function threeDigits(value: number): string {
  return String(value % 1_000).padStart(3, '0');
}

/** Where the hash of a perfect subtree stands: only heights that are multiples of 8 are kept in tiles. */
export function tileOfNode(
  height: number,
  index: number,
): { readonly level: number; readonly index: number; readonly slot: number } | undefined {
  if (height % tileHeight !== 0) return undefined;
  return { level: height / tileHeight, index: Math.floor(index / tileWidth), slot: index % tileWidth };
}
