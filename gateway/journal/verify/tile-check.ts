import { type LogSource, readWhole } from './source.ts';

const width = 256;
const tileName = /^tile\/(entries|0|[1-9][0-9]?)\/((?:x[0-9]{3}\/)*[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/;

export interface TileFault {
  readonly file: string;
  readonly what: string;
  /** The first entry in which log and tile differ. */
  readonly seq?: number;
}

interface Listed {
  readonly path: string;
  readonly width: number;
}

/** The root over the hashes of one full tile. */
export type RootOf = (hashes: readonly Buffer[]) => Buffer;

/**
 * Holds the published tiles against the entries as they go by (C2SP tlog-tiles). Only tiles that the checkpoint needs are
 * looked at: what lies beyond it may be half-written, and no reader looks there either.
 */
export class TileCheck {
  readonly #source: LogSource;
  readonly #covered: number;
  readonly #rootOf: RootOf;
  /** What is published of a tile, whole or in part, by the path of the whole tile. */
  readonly #listed = new Map<string, Listed[]>();
  readonly #levels: { hashes: Buffer[]; full: number }[] = [];
  #bundle: Buffer[] = [];
  #fault: TileFault | undefined;

  constructor(source: LogSource, covered: number, rootOf: RootOf) {
    this.#source = source;
    this.#covered = covered;
    this.#rootOf = rootOf;
    for (const path of source.files('tile')) this.#list(path);
  }

  get fault(): TileFault | undefined {
    return this.#fault;
  }

  /** `frame`: the entry with its length; `leaf`: its hash. */
  push(frame: Buffer, leaf: Buffer): void {
    this.#bundle.push(frame);
    if (this.#bundle.length === width) {
      this.#compare('entries', 0, this.#levels[0]?.full ?? 0, this.#bundle);
      this.#bundle = [];
    }
    this.#pushHash(0, leaf);
  }

  /** Call after the last entry. */
  finish(): void {
    this.#compare('entries', 0, this.#levels[0]?.full ?? 0, this.#bundle);
    for (const [level, { hashes, full }] of this.#levels.entries()) this.#compare(String(level), level, full, hashes);
  }

  #list(path: string): void {
    const [name, level = '', groups = '', part] = tileName.exec(path) ?? [];
    const count = Number(part ?? width);
    if (name === undefined || (part !== undefined && count >= width)) {
      this.#report(path, 'this is not the name of a tile');
      return;
    }
    const index = Number(groups.replace(/[x/]/g, ''));
    const height = level === 'entries' ? 0 : Number(level);
    if ((index * width + count) * width ** height > this.#covered) return;
    const whole = pathOf(level, index);
    this.#listed.set(whole, [...(this.#listed.get(whole) ?? []), { path, width: count }]);
  }

  #pushHash(height: number, hash: Buffer): void {
    this.#levels[height] ??= { hashes: [], full: 0 };
    const level = this.#levels[height];
    level.hashes.push(hash);
    if (level.hashes.length < width) return;
    this.#compare(String(height), height, level.full, level.hashes);
    const root = this.#rootOf(level.hashes);
    this.#levels[height] = { hashes: [], full: level.full + 1 };
    this.#pushHash(height + 1, root);
  }

  /** `parts`: what the log says stands in the tile; all of it, or as much as there is. */
  #compare(level: string, height: number, index: number, parts: readonly Buffer[]): void {
    const whole = pathOf(level, index);
    const listed = this.#listed.get(whole) ?? [];
    const isNeeded = parts.length === width && (index + 1) * width ** (height + 1) <= this.#covered;
    if (isNeeded && !listed.some(tile => tile.width === width))
      this.#report(whole, 'the checkpoint needs this tile, and it is missing');
    for (const tile of listed) {
      // Partial tiles go when the full one comes: one that is gone by now is no fault.
      const published = readWhole(this.#source, tile.path);
      if (published === undefined || published.equals(Buffer.concat(parts.slice(0, tile.width)))) continue;
      const seq = height === 0 ? index * width + firstOther(published, parts) : undefined;
      this.#report(tile.path, 'the tile is not what the log hashes to', seq);
    }
    this.#listed.delete(whole);
  }

  #report(file: string, what: string, seq?: number): void {
    this.#fault ??= { file, what, ...(seq === undefined ? {} : { seq }) };
  }
}

/** Number of the first part that does not stand where it should. */
function firstOther(published: Buffer, parts: readonly Buffer[]): number {
  let at = 0;
  const found = parts.findIndex(part => {
    const same = published.subarray(at, at + part.length).equals(part);
    at += part.length;
    return !same;
  });
  return found < 0 ? parts.length - 1 : found;
}

function pathOf(level: string, index: number): string {
  const digits = String(index).padStart(Math.ceil(String(index).length / 3) * 3, '0');
  const groups = digits.match(/.{3}/g) ?? [];
  return `tile/${level}/${groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join('/')}`;
}
