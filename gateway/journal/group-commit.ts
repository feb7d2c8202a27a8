import { type Addition, Batch } from './batch.ts';
import { hasTooManyFiles } from './durable.ts';
import { JournalFault } from './fault.ts';

export interface CommitLimits {
  /** Bytes that may wait for the disk before `record` refuses. */
  readonly queuedBytesMax: number;
  /** How long an entry that nobody waits for may wait for company, the write included during which it came. */
  readonly lingerMillisMax: number;
}

export interface CommitSteps {
  /** Resolves once the batch is on disk. */
  readonly write: (batch: Batch) => Promise<void>;
  /** Called while the disk works on the batch: the time to do what does not need its answer. */
  readonly meanwhile: (batch: Batch) => void;
  /** The batch is on disk; whoever waits is told right after. */
  readonly written: (batch: Batch) => void;
  readonly failed: (error: JournalFault) => void;
}

/** So much is given to a quick disk though more may come in the same turn: the rest is made while the disk works. */
const earlyBytes = 32 * 1024;
/** A disk that takes longer is not given halves: each would wait for the other. */
const quickMillisMax = 1;

/**
 * Group commit: one batch is on its way to the disk, and everything that comes in the meantime goes with the next one.
 * After the first failure nothing is written any more (threats DF18: after a failed fsync the page cache may lie).
 */
export class GroupCommit {
  readonly #limits: CommitLimits;
  readonly #steps: CommitSteps;
  #filling: Batch;
  #spare: Batch | undefined;
  #writing: Batch | undefined;
  #since: number | undefined;
  #isQuick = true;
  #start: NodeJS.Immediate | undefined;
  /** Until when what gathers waits for somebody who waits, by `performance.now`; undefined where nothing does. */
  #lingersUntil: number | undefined;
  #linger: NodeJS.Timeout | undefined;
  #fault: JournalFault | undefined;
  #idle: PromiseWithResolvers<void> | undefined;

  constructor(nextSeq: number, limits: CommitLimits, steps: CommitSteps) {
    this.#limits = limits;
    this.#steps = steps;
    this.#filling = new Batch(nextSeq);
  }

  get nextSeq(): number {
    return this.#filling.firstSeq + this.#filling.count;
  }

  /** Why nothing more is written. */
  get fault(): JournalFault | undefined {
    return this.#fault;
  }

  get isFull(): boolean {
    return this.#filling.bytes > this.#limits.queuedBytesMax;
  }

  /** How long the disk has been at the present batch, milliseconds of a clock that never jumps; 0 if it rests. */
  writingMillis(): number {
    return this.#since === undefined ? 0 : performance.now() - this.#since;
  }

  /** Queues an entry. The promise resolves when it is on disk. */
  addAndWait(addition: Addition): Promise<void> {
    this.#filling.add(addition);
    const done = this.#filling.wait();
    if (this.#writing !== undefined) return done;
    if (this.#isQuick && this.#filling.bytes >= earlyBytes) this.#beginFirst();
    else this.#beginSoon();
    return done;
  }

  /** Queues an entry that nobody waits for. */
  add(addition: Addition): void {
    this.#filling.add(addition);
    if (this.#writing === undefined) this.#lingerFor(this.#limits.lingerMillisMax);
  }

  /** Resolves when everything queued is on disk; rejects if it never will be. */
  async flush(): Promise<void> {
    this.#beginFirst();
    if (this.#writing !== undefined) {
      this.#idle ??= Promise.withResolvers<void>();
      await this.#idle.promise;
    }
    if (this.#fault !== undefined) throw this.#fault;
  }

  /** Stops for good: everybody who waits is told, and nobody is told twice. */
  fail(fault: JournalFault): void {
    if (this.#fault !== undefined) return;
    this.#fault = fault;
    this.#waitForNothing();
    clearTimeout(this.#linger);
    this.#filling.lost(fault);
    this.#filling = new Batch(this.nextSeq);
    this.#steps.failed(fault);
    if (this.#writing === undefined) this.#isIdle();
  }

  #waitForNothing(): void {
    clearImmediate(this.#start);
    [this.#start, this.#lingersUntil] = [undefined, undefined];
  }

  /** Gives the disk what has gathered, unless it is busy. */
  #begin(): Batch | undefined {
    this.#waitForNothing();
    const batch = this.#filling;
    if (this.#writing !== undefined || batch.count === 0) return undefined;
    this.#filling = new Batch(this.nextSeq, this.#spare);
    this.#spare = undefined;
    this.#writing = batch;
    this.#since = performance.now();
    this.#steps.write(batch).then(
      () => this.#end(batch),
      thrown => this.#lose(batch, thrown),
    );
    return batch;
  }

  #end(batch: Batch): void {
    try {
      // Too late is never: `fail` was called in the meantime, and what waits was reported lost.
      if (this.#fault !== undefined) throw this.#fault;
      this.#steps.written(batch);
    } catch (thrown) {
      this.#lose(batch, thrown);
      return;
    }
    const millis = this.writingMillis();
    this.#isQuick = millis <= quickMillisMax;
    this.#rest();
    const isAwaited = this.#filling.isAwaited || this.#idle !== undefined;
    // A quick disk is given its next batch first, then whoever waited for this one goes on, then there is time for the rest.
    // A slow one waits a turn: what they have to add goes along.
    const next = this.#isQuick && isAwaited ? this.#begin() : undefined;
    batch.durable();
    this.#spare = batch;
    if (next !== undefined) queueMicrotask(() => this.#steps.meanwhile(next));
    else if (this.#filling.count === 0) this.#isIdle();
    else if (isAwaited) this.#beginSoon();
    // It came while the disk worked: a write of its own would only keep the next caller waiting.
    else this.#lingerFor(this.#limits.lingerMillisMax - millis);
  }

  #lose(batch: Batch, thrown: unknown): void {
    const fault = thrown instanceof JournalFault ? thrown : diskFault(thrown);
    this.#rest();
    batch.lost(fault);
    this.fail(fault);
    this.#isIdle();
  }

  #rest(): void {
    this.#writing = undefined;
    this.#since = undefined;
  }

  #isIdle(): void {
    this.#idle?.resolve();
    this.#idle = undefined;
  }

  /** Whatever else arrives in this turn of the event loop goes along. */
  #beginSoon(): void {
    this.#start ??= setImmediate(() => this.#beginFirst());
  }

  /** What gathers waits so long for somebody who waits; timers know of no time below a millisecond. */
  #lingerFor(millis: number): void {
    if (millis < 1) this.#beginSoon();
    else {
      this.#lingersUntil ??= performance.now() + millis;
      this.#lookIn(millis);
    }
  }

  /**
   * Nearly everything goes along with somebody before its time: the timer is not set and cancelled for each, but stays, and looks
   * whether there is anything left to wait for. It keeps no process alive: who ends in order flushes.
   */
  #lookIn(millis: number): void {
    this.#linger ??= setTimeout(() => {
      this.#linger = undefined;
      if (this.#lingersUntil === undefined) return;
      const left = this.#lingersUntil - performance.now();
      if (left < 1) this.#beginFirst();
      else this.#lookIn(left);
    }, Math.ceil(millis)).unref();
  }

  #beginFirst(): void {
    const batch = this.#begin();
    if (batch !== undefined) this.#steps.meanwhile(batch);
  }
}

export function diskFault(thrown: unknown): JournalFault {
  const { code, syscall, path } = thrown as NodeJS.ErrnoException;
  const what = [code, syscall, path].filter(part => part !== undefined).join(' ');
  const check = hasTooManyFiles(thrown) ? 'Let it open more files (`ulimit -n`, `LimitNOFILE=`)' : 'Check the disk';
  return new JournalFault(
    'down',
    `the journal could not be written (${what === '' ? 'unknown fault' : what}); nothing is performed any more. ` +
      `${check}, then start again: what was acknowledged is kept`,
    thrown,
  );
}
