import { type EntryRead, readCanonicalEntry } from './canonical-entry.ts';
import { EntryRules } from './entry-rules.ts';
import { hashOfEntry, MerkleStack } from './merkle-stack.ts';
import { type LogVerifier, readSignedHead, readVerifierKey, type SignedHead } from './signed-head.ts';
import { type LogSource, logOnDisk, readWhole } from './source.ts';
import { TileCheck } from './tile-check.ts';

/**
 * Verifies a journal's log without any code of its writer: only Node's own crypto and the document
 * docs/formats/journal.md. Needs the log's public key, which has to come from somewhere else than the log.
 */

export interface VerifyOptions {
  /** The journal's directory, or a copy of its `log`. */
  readonly dir: string;
  readonly vkey: string;
  /** A checkpoint of this log that was kept elsewhere. Without one, a log put back to an older state is not noticed. */
  readonly checkpoint?: string;
}

export interface VerifyReport {
  readonly ok: boolean;
  readonly origin: string;
  /** Entries read. */
  readonly entries: number;
  /** Entries that the newest checkpoint covers. */
  readonly covered: number;
  /** Entries after it: in order and well formed, and not yet covered by a checkpoint. */
  readonly uncovered: number;
  /** Bytes of an entry after the checkpoint that has no end: being written, or cut by a crash. */
  readonly unfinishedBytes: number;
  /** The size of the checkpoint that was given, if it agrees. */
  readonly agreesWith?: number;
  /** The first thing that is wrong. */
  readonly fault?: VerifyFault;
}

export interface VerifyFault {
  /** Relative to the log. */
  readonly file: string;
  readonly offset: number;
  readonly seq?: number;
  readonly what: string;
}

export function verifyJournal({ dir, vkey, checkpoint }: VerifyOptions): VerifyReport {
  return verifyLog(logOnDisk(dir), readVerifierKey(vkey), checkpoint);
}

export function verifyLog(source: LogSource, log: LogVerifier, checkpoint?: string): VerifyReport {
  const heads = readHeads(source, log, checkpoint);
  return 'what' in heads ? report(log, undefined, 0, 0, heads) : verifyAgainst(heads, source, log);
}

/** Holds the entries against signed heads that were read before. */
export function verifyAgainst(heads: Heads, source: LogSource, log: LogVerifier): VerifyReport {
  // After the checkpoint was read: every tile that it needs was there before it.
  const tiles = new TileCheck(source, heads.own.size, subtreeRoot);
  const walk = new LogWalk(source, log.name, heads, tiles);
  const fault = walk.run();
  return report(log, heads, walk.size, walk.unfinishedBytes, fault);
}

export interface Heads {
  readonly own: SignedHead;
  readonly given: SignedHead | undefined;
}

/** The log's own newest head, and the one that was given. */
export function readHeads(source: LogSource, log: LogVerifier, checkpoint: string | undefined): Heads | VerifyFault {
  const note = readWhole(source, 'checkpoint');
  if (note === undefined) return { file: 'checkpoint', offset: 0, what: 'the signed checkpoint is missing' };
  const own = readSignedHead(note, log);
  if (typeof own === 'string') return { file: 'checkpoint', offset: 0, what: own };
  if (checkpoint === undefined) return { own, given: undefined };
  const given = readSignedHead(Buffer.from(checkpoint), log);
  if (typeof given === 'string') return { file: 'the checkpoint given', offset: 0, what: given };
  if (own.size >= given.size) return { own, given };
  const what = `it covers ${own.size} entries, and the checkpoint given covers ${given.size}: the log was put back`;
  return { file: 'checkpoint', offset: 0, what };
}

function report(
  log: LogVerifier,
  heads: Heads | undefined,
  entries: number,
  unfinishedBytes: number,
  fault: VerifyFault | undefined,
): VerifyReport {
  const covered = heads?.own.size ?? 0;
  return {
    ok: fault === undefined,
    origin: log.name,
    entries,
    covered,
    uncovered: Math.max(0, entries - covered),
    unfinishedBytes,
    ...(heads?.given === undefined || fault !== undefined ? {} : { agreesWith: heads.given.size }),
    ...(fault === undefined ? {} : { fault }),
  };
}

const segmentEntries = 65_536;
const entryBytesMax = 32 * 1024;

/** One pass over all entries. */
class LogWalk {
  readonly #source: LogSource;
  readonly #heads: Heads;
  readonly #tiles: TileCheck;
  readonly #rules: EntryRules;
  readonly #tree = new MerkleStack();
  unfinishedBytes = 0;

  constructor(source: LogSource, origin: string, heads: Heads, tiles: TileCheck) {
    this.#source = source;
    this.#heads = heads;
    this.#tiles = tiles;
    this.#rules = new EntryRules(origin);
  }

  get size(): number {
    return this.#tree.size;
  }

  run(): VerifyFault | undefined {
    const files = this.#source.files('entries');
    const atZero = this.#checkHeads('entries/000000', 0);
    if (atZero !== undefined) return atZero;
    for (const [index, file] of files.entries()) {
      if (file !== `entries/${String(index).padStart(6, '0')}`)
        return { file, offset: 0, seq: this.size, what: 'a segment is missing, or this file is none' };
      const fault = this.#segment(file, index === files.length - 1);
      if (fault !== undefined) return fault;
    }
    const { own } = this.#heads;
    if (this.size < own.size) return this.#short(files.at(-1) ?? 'entries/000000', 0);
    this.#tiles.finish();
    return this.#tiles.fault && { ...this.#tiles.fault, offset: 0 };
  }

  #segment(file: string, isLast: boolean): VerifyFault | undefined {
    let rest: Buffer = Buffer.alloc(0);
    let offset = 0;
    let count = 0;
    for (const piece of this.#source.pieces(file) ?? []) {
      const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
      let at = 0;
      for (; at + 2 <= bytes.length; count++) {
        const end = at + 2 + bytes.readUInt16BE(at);
        if (end > bytes.length) break;
        if (count === segmentEntries)
          return { file, offset: offset + at, seq: this.size, what: 'a segment holds more than 65536 entries' };
        const fault = this.#entry(file, offset + at, bytes.subarray(at, end));
        if (fault !== undefined) return fault;
        at = end;
      }
      offset += at;
      rest = bytes.subarray(at);
    }
    if (rest.length > 0) return this.#unfinished(file, offset, rest.length, isLast);
    return isLast || count === segmentEntries ? undefined : this.#short(file, offset);
  }

  #unfinished(file: string, offset: number, bytes: number, isLast: boolean): VerifyFault | undefined {
    if (this.size < this.#heads.own.size || !isLast) return this.#short(file, offset);
    this.unfinishedBytes = bytes;
    return undefined;
  }

  #short(file: string, offset: number): VerifyFault {
    const what = `the log ends before entry ${this.size}, and ${this.#heads.own.size} entries were signed for`;
    return { file, offset, seq: this.size, what };
  }

  #entry(file: string, offset: number, frame: Buffer): VerifyFault | undefined {
    const seq = this.size;
    const bytes = frame.subarray(2);
    const read: EntryRead =
      bytes.length <= entryBytesMax
        ? readCanonicalEntry(bytes)
        : { ok: false, offset: 0, what: `the entry is larger than ${entryBytesMax} bytes` };
    if (!read.ok) return { file, offset: offset + 2 + read.offset, seq, what: read.what };
    const wrong = this.#rules.check(read.entry);
    if (wrong !== undefined) return { file, offset, seq, what: wrong };
    const leaf = hashOfEntry(bytes);
    this.#tree.push(leaf);
    this.#tiles.push(frame, leaf);
    return this.#checkHeads(file, offset);
  }

  /** At the size of a checkpoint the root has to be the one that was signed. */
  #checkHeads(file: string, offset: number): VerifyFault | undefined {
    const { own, given } = this.#heads;
    if (own.size === this.size && own.root !== this.#tree.root()) return this.#altered(file, offset);
    if (given?.size === this.size && given.root !== this.#tree.root())
      return {
        file,
        offset,
        seq: this.size - 1,
        what: `entries 0 to ${this.size - 1} are not those of the checkpoint given: the log was forked`,
      };
    return undefined;
  }

  /** The root says only that something is wrong; the tiles, published when it was right, say where. */
  #altered(file: string, offset: number): VerifyFault {
    this.#tiles.finish();
    const { seq, file: tile } = this.#tiles.fault ?? {};
    const all = `entries 0 to ${this.size - 1} are not those that were signed for`;
    if (seq === undefined) return { file, offset, seq: this.size - 1, what: `${all}: one of them was altered` };
    return { ...placeOf(this.#source, seq), seq, what: `${all}: entry ${seq} is not the one of ${tile}` };
  }
}

/** Where entry `seq` stands, which was read before. */
function placeOf(source: LogSource, seq: number): { readonly file: string; readonly offset: number } {
  const file = `entries/${String(Math.floor(seq / segmentEntries)).padStart(6, '0')}`;
  const bytes = readWhole(source, file) ?? Buffer.alloc(0);
  let offset = 0;
  for (let left = seq % segmentEntries; left > 0 && offset + 2 <= bytes.length; left--)
    offset += 2 + bytes.readUInt16BE(offset);
  return { file, offset };
}

function subtreeRoot(hashes: readonly Buffer[]): Buffer {
  const tree = new MerkleStack();
  for (const hash of hashes) tree.push(hash);
  return Buffer.from(tree.root(), 'hex');
}
