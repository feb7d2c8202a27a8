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

/** The tile that `path` names, or undefined if it is not exactly the path of one. */
export function parseTilePath(path: string): Tile | undefined {
  const parts = /^tile\/(entries|0|[1-9][0-9]?)\/((?:x[0-9]{3}\/)*[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/.exec(path);
  if (parts === null) return undefined;
  const [, level = '', groups = '', width] = parts;
  const tile = {
    level: level === 'entries' ? entriesLevel : Number(level),
    index: Number(groups.replace(/[x/]/g, '')),
    width: width === undefined ? tileWidth : Number(width),
  };
  // A number that a double cannot hold is no index, and would be written for ever.
  if (!Number.isSafeInteger(tile.index) || tile.level >= 64) return undefined;
  return tilePath(tile) === path ? tile : undefined;
}

/** Where the hash of a perfect subtree stands: only heights that are multiples of 8 are kept in tiles. */
export function tileOfNode(
  height: number,
  index: number,
): { readonly level: number; readonly index: number; readonly slot: number } | undefined {
  if (height % tileHeight !== 0) return undefined;
  return { level: height / tileHeight, index: Math.floor(index / tileWidth), slot: index % tileWidth };
}

/** The partial tiles of a tree of `size` entries, hash tiles of every level and the bundle; none is empty. */
export function partialTiles(size: number): Tile[] {
  const tiles: Tile[] = [];
  for (let level = 0, count = size; count > 0; level++, count = Math.floor(count / tileWidth)) {
    const width = count % tileWidth;
    const index = Math.floor(count / tileWidth);
    if (width > 0) tiles.push({ level, index, width });
    if (width > 0 && level === 0) tiles.push({ level: entriesLevel, index, width });
  }
  return tiles;
}
