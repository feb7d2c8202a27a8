import { type Addition, Batch } from './batch.ts';
import { JournalFault } from './fault.ts';

export interface CommitLimits {
  /** Bytes that may wait for the disk before `record` refuses. */
  readonly queuedBytesMax: number;
  /** How long an entry that nobody waits for may wait for company. */
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

/**
 * Group commit: one batch is on its way to the disk, and everything that comes in the meantime goes with the next one.
 * After the first failure nothing is written any more (threats DF18: after a failed fsync the page cache may lie).
 */
export class GroupCommit {
  readonly #limits: CommitLimits;
  readonly #steps: CommitSteps;
  #filling: Batch;
  #spare: Batch | undefined;
  #isWriting = false;
  #since: number | undefined;
  #start: NodeJS.Immediate | undefined;
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
    if (!this.#isWriting) this.#start ??= setImmediate(() => this.#run());
    return done;
  }

  /** Queues an entry that nobody waits for. */
  add(addition: Addition): void {
    this.#filling.add(addition);
    if (!this.#isWriting) this.#linger ??= setTimeout(() => this.#run(), this.#limits.lingerMillisMax);
  }

  /** Resolves when everything queued is on disk; rejects if it never will be. */
  async flush(): Promise<void> {
    if (this.#filling.count > 0 && !this.#isWriting) this.#run();
    if (this.#isWriting) {
      this.#idle ??= Promise.withResolvers<void>();
      await this.#idle.promise;
    }
    if (this.#fault !== undefined) throw this.#fault;
  }

  /** Stops for good: everybody who waits is told, and nobody is told twice. */
  fail(fault: JournalFault): void {
    if (this.#fault !== undefined) return;
    this.#fault = fault;
    this.#clearTimers();
    this.#filling.lost(fault);
    this.#filling = new Batch(this.nextSeq);
    this.#steps.failed(fault);
  }

  #clearTimers(): void {
    clearImmediate(this.#start);
    clearTimeout(this.#linger);
    [this.#start, this.#linger] = [undefined, undefined];
  }

  async #run(): Promise<void> {
    this.#clearTimers();
    if (this.#isWriting) return;
    this.#isWriting = true;
    while (this.#fault === undefined && this.#filling.count > 0) await this.#writeOne();
    this.#isWriting = false;
    this.#idle?.resolve();
    this.#idle = undefined;
  }

  async #writeOne(): Promise<void> {
    const batch = this.#filling;
    this.#filling = new Batch(this.nextSeq, this.#spare);
    this.#spare = undefined;
    try {
      this.#since = performance.now();
      const writing = this.#steps.write(batch);
      this.#steps.meanwhile(batch);
      await writing;
      // Too late is never: `fail` was called in the meantime, and this batch was reported lost.
      if (this.#fault !== undefined) throw this.#fault;
      this.#steps.written(batch);
      batch.durable();
      this.#spare = batch;
    } catch (thrown) {
      const fault = thrown instanceof JournalFault ? thrown : diskFault(thrown);
      batch.lost(fault);
      this.fail(fault);
    } finally {
      this.#since = undefined;
    }
  }
}

export function diskFault(thrown: unknown): JournalFault {
  const { code, syscall, path } = thrown as NodeJS.ErrnoException;
  const what = [code, syscall, path].filter(part => part !== undefined).join(' ');
  return new JournalFault(
    'down',
    `the journal could not be written (${what === '' ? 'unknown fault' : what}); nothing is performed any more. ` +
      'Check the disk, then start again: what was acknowledged is kept',
    thrown,
  );
}
