import type { Instant } from '@sallyport/core/model/ids.ts';
import type { PublishedCheckpoint } from './publisher.ts';

export interface DatedCheckpoint extends PublishedCheckpoint {
  readonly at: Instant;
}

export interface CheckpointPorts {
  /** Durable entries. */
  readonly size: () => number;
  /** False once nothing is written any more. */
  readonly isUp: () => boolean;
  readonly now: () => Instant;
  /** One round. Whatever it throws is a fault of the disk. */
  readonly publish: (isLast: boolean) => Promise<PublishedCheckpoint>;
  readonly onFault: (thrown: unknown) => void;
  /** The longest that a durable entry is not covered by a signed checkpoint. */
  readonly millisMax: number;
}

/** A round that takes longer is late. */
const roundMillisMax = 10_000;

/** When checkpoints are published: one after the other, and only where there are entries that the newest does not cover. */
export class Checkpoints {
  readonly #ports: CheckpointPorts;
  #newest: DatedCheckpoint;
  #underWay: Promise<void> | undefined;
  /** When that began, by `performance.now`. */
  #since = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(newest: DatedCheckpoint, ports: CheckpointPorts) {
    this.#newest = newest;
    this.#ports = ports;
  }

  get newest(): DatedCheckpoint {
    return this.#newest;
  }

  /** The disk has no time for the one under way, or no more files can be opened. */
  get isLate(): boolean {
    return this.#underWay !== undefined && performance.now() - this.#since > roundMillisMax;
  }

  soon(): void {
    const { size, isUp, millisMax } = this.#ports;
    if (this.#timer !== undefined || this.#underWay !== undefined || !isUp()) return;
    if (this.#newest.size === size()) return;
    const begin = (): void => {
      this.#timer = undefined;
      this.#since = performance.now();
      this.#underWay = this.#publish(false).finally(() => {
        this.#underWay = undefined;
        this.soon();
      });
    };
    this.#timer = setTimeout(begin, millisMax).unref();
  }

  /** None begins by itself any more. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Nothing is being published any more. */
  async idle(): Promise<void> {
    await this.#underWay;
  }

  async publishLast(): Promise<void> {
    await this.#publish(true);
  }

  async #publish(isLast: boolean): Promise<void> {
    const { publish, now, onFault } = this.#ports;
    try {
      this.#newest = { ...(await publish(isLast)), at: now() };
    } catch (thrown) {
      onFault(thrown);
    }
  }
}
