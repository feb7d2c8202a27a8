import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import { IndexFault } from './index-fault.ts';
import { bucketsOfSegment, type SegmentNames } from './names.ts';
import { type Block, blocksOfSegment, filled, newBlock } from './rows.ts';

/** What is written at once: all of it, or nothing. */
export interface Filing {
  /** Each with the names of its entries. */
  readonly blocks: readonly { readonly block: Block; readonly names: Uint32Array }[];
  /** Some of the buckets of a segment to which nothing is added any more. */
  readonly buckets: Buckets | undefined;
}

export interface Buckets {
  readonly names: SegmentNames;
  readonly from: number;
  readonly end: number;
}

/** Names in one bucket of one segment. */
export interface NamesOfBucket {
  readonly segment: number;
  readonly pairs: Uint32Array;
}

/** Segments of one bucket lie together, so that an id is looked for in one place. */
const segmentsMax = 2 ** 20;

/** The index as it is in its file. */
export class FiledIndex {
  readonly #database: DatabaseSync;
  readonly #rows: StatementSync;
  readonly #bucket: StatementSync;
  readonly #addBlock: StatementSync;
  readonly #addNames: StatementSync;
  readonly #addBucket: StatementSync;
  readonly #dropNames: StatementSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#rows = database.prepare('SELECT block AS key, rows AS numbers, crc FROM blocks WHERE block = ?');
    this.#bucket = database.prepare(
      'SELECT place AS key, pairs AS numbers, crc FROM names WHERE place BETWEEN ? AND ? ORDER BY place DESC',
    );
    this.#addBlock = database.prepare('INSERT OR REPLACE INTO blocks (block, rows, crc) VALUES (?, ?, ?)');
    this.#addNames = database.prepare('INSERT OR REPLACE INTO new_names (block, pairs, crc) VALUES (?, ?, ?)');
    this.#addBucket = database.prepare('INSERT OR REPLACE INTO names (place, pairs, crc) VALUES (?, ?, ?)');
    this.#dropNames = database.prepare('DELETE FROM new_names WHERE block < ?');
  }

  /** The newest block; undefined while there is none. */
  last(): Block | undefined {
    const { block } = this.#database.prepare('SELECT max(block) AS block FROM blocks').get() as {
      block: number | null;
    };
    return block === null ? undefined : newBlock(block, this.rows(block));
  }

  rows(block: number): Uint32Array {
    const found = this.#rows.get(block);
    // A gap would be taken for all there was.
    if (found === undefined) throw new IndexFault(`block ${block} is missing`);
    return numbersOf(found);
  }

  /** Names in one bucket of every segment that is filed, newest first. */
  bucket(bucket: number): NamesOfBucket[] {
    const first = bucket * segmentsMax;
    const found = this.#bucket.all(first, first + segmentsMax - 1);
    return found.map(row => ({ segment: (row.key as number) - first, pairs: numbersOf(row) }));
  }

  /** Names of the blocks of segments that are not full or not filed, oldest first. */
  newNames(): { readonly block: number; readonly pairs: Uint32Array }[] {
    const all = this.#database
      .prepare('SELECT block AS key, pairs AS numbers, crc FROM new_names ORDER BY block')
      .all();
    return all.map(found => ({ block: found.key as number, pairs: numbersOf(found) }));
  }

  /** Throws if the disk refuses, or somebody else holds the file; nothing of it is then filed. */
  write({ blocks, buckets }: Filing): void {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      for (const { block, names } of blocks) {
        add(this.#addBlock, block.number, filled(block));
        add(this.#addNames, block.number, names);
      }
      if (buckets !== undefined) this.#writeBuckets(buckets);
      this.#database.exec('COMMIT');
    } catch (thrown) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw thrown;
    }
  }

  #writeBuckets({ names, from, end }: Buckets): void {
    for (let bucket = from; bucket < end; bucket++) {
      const pairs = names.bucket(bucket);
      if (pairs.length > 0) add(this.#addBucket, bucket * segmentsMax + names.segment, pairs);
    }
    if (end === bucketsOfSegment) this.#dropNames.run((names.segment + 1) * blocksOfSegment);
  }
}

function add(statement: StatementSync, key: number, numbers: Uint32Array): void {
  const bytes = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
  statement.run(key, bytes, checksum(key, bytes));
}

/** It protects against a disk that forgets, and against nobody. */
function checksum(key: number, bytes: Uint8Array): number {
  return crc32(bytes, key);
}

/** Of a row that was selected with `key`, `numbers` and `crc`; copied where SQLite's bytes do not begin as numbers have to. */
function numbersOf(found: Record<string, unknown>): Uint32Array {
  const { key, numbers, crc } = found as { readonly key: number; readonly numbers: Uint8Array; readonly crc: number };
  if (numbers.length % 4 !== 0 || checksum(key, numbers) !== crc)
    throw new IndexFault('a row is not as it was written');
  if (numbers.byteOffset % 4 === 0) return new Uint32Array(numbers.buffer, numbers.byteOffset, numbers.byteLength / 4);
  return new Uint32Array(Uint8Array.from(numbers).buffer);
}
