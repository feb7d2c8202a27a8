import { cleanWords, writeEntry } from '@sallyport/core/journal/entry.ts';
import { leafHash } from '@sallyport/core/journal/merkle.ts';
import { redactText } from '@sallyport/core/journal/redact.ts';
import type { Placed } from '@sallyport/core/mediate/ports.ts';
import type { Bodies, EntryDraft, Written } from '@sallyport/core/model/entry.ts';
import type { Instant } from '@sallyport/core/model/ids.ts';
import type { Addition, Batch, DurableEntries } from './batch.ts';
import type { BatchFiles } from './batch-files.ts';
import { prepareBody } from './bodies.ts';
import { Checkpoints, type DatedCheckpoint } from './checkpoints.ts';
import { hasTooManyFiles } from './durable.ts';
import { JournalFault } from './fault.ts';
import { diskFault, GroupCommit } from './group-commit.ts';
import { sha256Bytes } from './hash.ts';
import { packBody } from './packed-body.ts';
import type { Publisher } from './publisher.ts';
import { keyOwner } from './read.ts';
import { Sampler } from './sampler.ts';
import { sealFrame } from './sealed-frames.ts';
import type { SegmentLog } from './segment-log.ts';
import type { Frontier } from './snapshot.ts';
import type { TaskKeys } from './task-keys.ts';
import type { TileEdge } from './tile-edge.ts';

export interface JournalLimits {
  /** Bytes that may wait for the disk before `record` refuses. */
  readonly queuedBytesMax: number;
  /** How long an entry that nobody waits for may wait for company. */
  readonly lingerMillisMax: number;
  /** How long the disk may take over one batch before the journal counts as down. */
  readonly writeMillisMax: number;
  /** The longest that a durable entry is not covered by a signed checkpoint. */
  readonly checkpointMillisMax: number;
  /** `rejected` entries of callers that proved nothing: so many are written in a second, the others counted. */
  readonly unprovenRejectedPerSecondMax: number;
}

export const journalLimits: JournalLimits = {
  queuedBytesMax: 64 * 1024 * 1024,
  lingerMillisMax: 2,
  writeMillisMax: 10_000,
  checkpointMillisMax: 1_000,
  unprovenRejectedPerSecondMax: 20,
};

export interface WriterParts {
  readonly tenant: string;
  readonly node: string;
  readonly now: () => Instant;
  readonly onFailure: (error: JournalFault) => void;
  readonly secretMembers: (draft: EntryDraft) => ReadonlySet<string>;
  readonly onEntry: (draft: EntryDraft, at: Instant) => void;
  readonly limits: JournalLimits;
  readonly files: BatchFiles;
  readonly keys: TaskKeys;
  readonly segments: SegmentLog;
  readonly edge: TileEdge;
  readonly publisher: Publisher;
  readonly lastAt: Instant;
}

/** The longest that a durable entry is not in its segment: a write for each batch costs more than all else it takes. */
const segmentMillisMax = 20;

const moreFiles = 'let the gateway open more (`ulimit -n`, `LimitNOFILE=`)';
const unread = `what is newest in the journal cannot be read while no more files may be opened; ${moreFiles}`;
const behind = `too much waits for the journal’s next segment while no more files may be opened; ${moreFiles}`;

/** Is given the entries of one durable batch. Whoever reads through the journal finds them in the log by then. */
export type Listener = (batch: DurableEntries) => void;

/** The one writer of a journal: drafts in, durable entries out. */
export class JournalWriter {
  readonly #parts: WriterParts;
  readonly #commit: GroupCommit;
  readonly #checkpoints: Checkpoints;
  readonly #rejected: Sampler;
  readonly #listeners = new Set<Listener>();
  readonly #watch: NodeJS.Timeout;
  /** Leaves of the batch that is on its way, and of durable ones that the tree does not have yet. */
  #hashed: Uint8Array[] = [];
  #durable: Uint8Array[] = [];
  #lastAt: Instant;
  #settleTimer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(parts: WriterParts, published: DatedCheckpoint) {
    this.#parts = parts;
    this.#lastAt = parts.lastAt;
    this.#rejected = new Sampler(parts.limits.unprovenRejectedPerSecondMax);
    this.#commit = new GroupCommit(parts.segments.size, parts.limits, {
      write: batch => this.#write(batch),
      meanwhile: batch => this.#hash(batch),
      written: batch => this.#written(batch),
      failed: fault => this.#failed(fault),
    });
    this.#checkpoints = new Checkpoints(published, {
      size: () => this.size,
      isUp: () => this.isUp,
      now: parts.now,
      publish: async isLast => {
        this.#growTree();
        return await parts.publisher.publish(isLast);
      },
      onFault: thrown => this.#commit.fail(diskFault(thrown)),
      millisMax: parts.limits.checkpointMillisMax,
    });
    this.#watch = setInterval(() => this.#checkDisk(), parts.limits.writeMillisMax / 4).unref();
    this.#checkpoints.soon();
  }

  /** Durable entries. */
  get size(): number {
    return this.#parts.segments.size;
  }

  /** The same, once they stand where they are read. */
  readableSize(): number {
    this.settle();
    return this.size;
  }

  /**
   * Durable entries stand where they are read when this returns. Where they cannot, the journal is down, whoever came upon it;
   * while no more files may be opened, they cannot yet.
   */
  settle(): void {
    const fault = this.#settleOrFail();
    if (fault !== undefined) throw fault;
  }

  get published(): DatedCheckpoint {
    return this.#checkpoints.newest;
  }

  get isUp(): boolean {
    return this.#commit.fault === undefined && !this.#isClosed;
  }

  /** Checkpoints come about as soon as they should. */
  get isSigning(): boolean {
    return !this.#checkpoints.isLate;
  }

  get rejectedDropped(): number {
    return this.#rejected.droppedInAll;
  }

  writingMillis(): number {
    return this.#commit.writingMillis();
  }

  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** `record` of the port. What is not durable is refused: a queue that is too long counts as that. */
  record(draft: EntryDraft, bodies?: Bodies): Promise<void> {
    return this.place(draft, bodies).durable;
  }

  /** `place` of the port. */
  place(draft: EntryDraft, bodies?: Bodies): Placed {
    const at = Math.floor(this.#parts.now());
    try {
      this.#requireRoom();
      return { at, durable: this.#commit.addAndWait(this.#prepare(draft, at, bodies)) };
    } catch (thrown) {
      return { at, durable: Promise.reject(thrown) };
    }
  }

  /**
   * `append` of the port. Outcomes are taken however long the queue is: each belongs to a decision that was recorded, so
   * they cannot be a flood. `rejected` entries can, and are not.
   */
  append(draft: EntryDraft, bodies?: Bodies): Instant {
    const at = Math.floor(this.#parts.now());
    const sampled = draft.kind === 'rejected' ? this.#sample(draft) : draft;
    if (sampled !== undefined) this.#commit.add(this.#prepare(sampled, at, bodies));
    return at;
  }

  async flush(): Promise<void> {
    await this.#commit.flush();
    this.settle();
  }

  /** Nothing is written any more. */
  fail(fault: JournalFault): void {
    this.#commit.fail(fault);
  }

  /** `whenPublished` runs once the last checkpoint covers everything, and before the files are let go of. */
  async close(whenPublished?: (frontier: Frontier) => Promise<void>): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#checkpoints.stop();
    clearTimeout(this.#settleTimer);
    try {
      if (this.#commit.fault === undefined) await this.#commit.flush();
      await this.#checkpoints.idle();
      if (this.#commit.fault === undefined) await this.#checkpoints.publishLast();
      if (this.#commit.fault === undefined) await whenPublished?.(this.#frontier());
    } finally {
      clearInterval(this.#watch);
      await this.#parts.files.close();
      this.#parts.keys.close();
      this.#parts.segments.close();
    }
  }

  #frontier(): Frontier {
    const { edge, segments } = this.#parts;
    const { bytes: segmentBytes, ranges } = segments;
    return { ...edge.frontier(), segmentBytes, bundleStart: ranges.start, lastAt: this.#lastAt };
  }

  #prepare(draft: EntryDraft, clock: Instant, bodies: Bodies | undefined): Addition {
    if (this.#commit.fault !== undefined) throw this.#commit.fault;
    if (this.#isClosed) throw new JournalFault('closed', 'the journal is closed');
    const { tenant, node, secretMembers } = this.#parts;
    const seq = this.#commit.nextSeq;
    const at = Math.max(this.#lastAt, clock);
    const clean = cleanWords(draft, text => redactText(text, rule => `[redacted ${rule}]`));
    const prepared = bodies === undefined ? undefined : prepareBody(bodies, secretMembers(draft));
    const commitments = prepared === undefined ? {} : { commitments: prepared.commitments };
    const written: Written = { v: 1, tenant, node, seq, at, ...(clock < at ? { clock } : {}), ...commitments };
    const bytes = writeEntry(clean, written);
    this.#lastAt = at;
    this.#parts.onEntry(clean, at);
    const body = prepared && { task: keyOwner(draft), packed: packBody(seq, prepared.packed) };
    return { draft: clean, bytes, body };
  }

  #sample(draft: EntryDraft & { kind: 'rejected' }): EntryDraft | undefined {
    this.#requireRoom();
    if (draft.agent !== undefined) return draft;
    const dropped = this.#rejected.pass(this.#parts.now());
    if (dropped === undefined) return undefined;
    return dropped === 0 ? draft : { ...draft, dropped };
  }

  #requireRoom(): void {
    const { limits, segments } = this.#parts;
    const bytes = limits.queuedBytesMax;
    if (this.#commit.isFull)
      throw new JournalFault('overloaded', `more than ${bytes} bytes wait for the disk; try again`);
    if (segments.isBehind) throw new JournalFault('overloaded', behind);
  }

  async #write(batch: Batch): Promise<void> {
    const { tenant, keys, files } = this.#parts;
    const room = (bytes: number): Buffer => batch.room(bytes);
    for (const [task, packed] of batch.bodies)
      sealFrame(packed, { tenant, task, firstSeq: batch.firstSeq }, keys.keyFor(task), room);
    // They stand sealed in the batch now: the text of a task that is erased must not lie in one that is kept for later.
    batch.bodies.clear();
    // A key that is not on disk would make bodies that nobody can open.
    if (!keys.isWritten) await keys.flush();
    await files.append(batch);
  }

  /** While the disk works: the tree takes in the batch before, and the leaves of this one are hashed. */
  #hash(batch: Batch): void {
    this.#growTree();
    this.#hashed = leavesOf(batch);
  }

  #growTree(): void {
    for (const leaf of this.#durable) this.#parts.edge.append(leaf);
    this.#durable = [];
  }

  #written(batch: Batch): void {
    this.#parts.segments.write(batch);
    this.#durable = this.#durable.concat(this.#hashed);
    this.#settleSoon();
    this.#checkpoints.soon();
    for (const listener of this.#listeners) queueMicrotask(() => listener(batch));
  }

  #settleSoon(): void {
    if (this.#isClosed) return;
    this.#settleTimer ??= setTimeout(() => {
      this.#settleTimer = undefined;
      this.#settleOrFail();
    }, segmentMillisMax).unref();
  }

  #settleOrFail(): JournalFault | undefined {
    try {
      this.#parts.segments.settle();
      return undefined;
    } catch (thrown) {
      if (hasTooManyFiles(thrown)) return new JournalFault('overloaded', unread, thrown);
      const fault = diskFault(thrown);
      this.#commit.fail(fault);
      return fault;
    }
  }

  #checkDisk(): void {
    const millis = this.#commit.writingMillis();
    if (millis < this.#parts.limits.writeMillisMax) return;
    const why = `the disk has not answered for ${Math.round(millis / 1_000)} seconds`;
    this.#commit.fail(new JournalFault('down', `${why}; nothing is performed any more. Check it, then start again`));
  }

  #failed(fault: JournalFault): void {
    clearInterval(this.#watch);
    this.#checkpoints.stop();
    clearTimeout(this.#settleTimer);
    this.#settleTimer = undefined;
    this.#parts.onFailure(fault);
  }
}

function leavesOf(batch: Batch): Uint8Array[] {
  const bytes = batch.entriesBytes();
  let start = 0;
  return batch.ends.map(end => {
    const leaf = leafHash(bytes.subarray(start + 2, end), sha256Bytes);
    start = end;
    return leaf;
  });
}
