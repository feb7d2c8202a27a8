import { type LogSource, readWhole } from './source.ts';

const width = 256;
const tileName = /^tile\/(entries|0|[1-9][0-9]?)\/((?:x[0-9]{3}\/)*[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/;

export interface TileFault {
  readonly file: string;
  readonly what: string;
}

/**
 * Holds the published tiles against the entries as they go by (C2SP tlog-tiles). The list of tiles is taken first, so
 * that a log that is being written can be checked: what is published later is not looked at.
 */
export class TileCheck {
  readonly #source: LogSource;
  readonly #partial = new Map<string, { readonly path: string; readonly width: number }[]>();
  readonly #full = new Set<string>();
  readonly #seen = new Set<string>();
  readonly #hashes: Buffer[][] = [];
  readonly #counts: number[] = [];
  #bundle: Buffer[] = [];
  #fault: TileFault | undefined;

  constructor(source: LogSource) {
    this.#source = source;
    for (const path of source.files('tile')) {
      const parts = tileName.exec(path);
      const count = Number(parts?.[3] ?? width);
      if (parts === null || count > width || (parts[3] !== undefined && count === width))
        this.#report(path, 'this is not the name of a tile');
      else if (parts[3] === undefined) this.#full.add(path);
      else {
        const whole = path.slice(0, path.lastIndexOf('.p/'));
        this.#partial.set(whole, [...(this.#partial.get(whole) ?? []), { path, width: count }]);
      }
    }
  }

  get fault(): TileFault | undefined {
    return this.#fault;
  }

  /** `frame`: the entry with its length; `leaf`: its hash. */
  push(frame: Buffer, leaf: Buffer, parentOf: (hashes: readonly Buffer[]) => Buffer): void {
    this.#bundle.push(frame);
    if (this.#bundle.length === width) {
      this.#compare(pathOf('entries', this.#counts[0] ?? 0), this.#bundle);
      this.#bundle = [];
    }
    this.#pushHash(0, leaf, parentOf);
  }

  /** Call after the last entry. `covered`: entries of the signed checkpoint, whose full tiles have to be there. */
  finish(covered: number): void {
    this.#comparePartial(pathOf('entries', this.#counts[0] ?? 0), this.#bundle);
    for (const [level, hashes] of this.#hashes.entries())
      this.#comparePartial(pathOf(String(level), this.#counts[level] ?? 0), hashes);
    for (const path of this.#full) this.#report(path, 'the log does not hold as many entries as this tile');
    for (const [, [first]] of this.#partial)
      if (first !== undefined) this.#report(first.path, 'the log does not hold as many entries as this tile');
    for (let level = 0, count = Math.floor(covered / width); count > 0; level++, count = Math.floor(count / width))
      for (let index = 0; index < count; index++) {
        this.#requireSeen(pathOf(String(level), index));
        if (level === 0) this.#requireSeen(pathOf('entries', index));
      }
  }

  #requireSeen(path: string): void {
    if (!this.#seen.has(path)) this.#report(path, 'the checkpoint needs this tile, and it is missing');
  }

  #pushHash(level: number, hash: Buffer, parentOf: (hashes: readonly Buffer[]) => Buffer): void {
    this.#hashes[level] ??= [];
    const hashes = this.#hashes[level];
    hashes.push(hash);
    if (hashes.length < width) return;
    this.#compare(pathOf(String(level), this.#counts[level] ?? 0), hashes);
    this.#hashes[level] = [];
    this.#counts[level] = (this.#counts[level] ?? 0) + 1;
    this.#pushHash(level + 1, parentOf(hashes), parentOf);
  }

  #compare(path: string, parts: readonly Buffer[]): void {
    this.#comparePartial(path, parts);
    if (!this.#full.delete(path)) return;
    this.#seen.add(path);
    const published = readWhole(this.#source, path);
    if (published !== undefined && !published.equals(Buffer.concat(parts)))
      this.#report(path, 'the tile is not what the log hashes to');
  }

  #comparePartial(whole: string, parts: readonly Buffer[]): void {
    for (const { path, width: count } of this.#partial.get(whole) ?? []) {
      // Partial tiles go when the full one comes: one that is gone by now is no fault.
      const published = readWhole(this.#source, path);
      if (count > parts.length) this.#report(path, 'the log does not hold as many entries as this tile');
      else if (published !== undefined && !published.equals(Buffer.concat(parts.slice(0, count))))
        this.#report(path, 'the tile is not what the log hashes to');
    }
    this.#partial.delete(whole);
  }

  #report(file: string, what: string): void {
    this.#fault ??= { file, what };
  }
}

function pathOf(level: string, index: number): string {
  const digits = String(index).padStart(Math.ceil(String(index).length / 3) * 3, '0');
  const groups = digits.match(/.{3}/g) ?? [];
  return `tile/${level}/${groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join('/')}`;
}
