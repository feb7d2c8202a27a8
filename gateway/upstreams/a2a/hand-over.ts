import type { JsonObject } from '@sallyport/core/model/json.ts';
import type { Checked } from '@sallyport/core/model/refusal.ts';
import type { Task } from '@sallyport/core/model/task.ts';
import type { PeerConfig } from './config.ts';

/**
 * What goes along with a message to an agent of this installation: a task below the one that sends, in which that agent
 * does what it is asked. Its labels and its authority are the sender's, and it ends with what it was opened for.
 */
export interface HandOver {
  /**
   * The task for what is sent, the one there is if `a2aTask` has one, or if the same message was sent and no answer told what
   * became of it; undefined: nothing goes along.
   */
  readonly begin: (
    peer: PeerConfig,
    task: Task,
    a2aTask: string | undefined,
    messageId?: string,
  ) => Promise<Checked<HandedOver | undefined>>;
  /** Something else is said about `a2aTask`, and what `task` has read may be in it. */
  readonly tell: (peer: PeerConfig, task: Task, a2aTask: string) => Promise<void>;
  /** What the agent said of its tasks to `task`, in an answer or an event. */
  readonly heard: (peer: PeerConfig, task: Task, said: JsonObject, handed: HandedOver | undefined) => void;
  /**
   * It was sent, and no answer tells what became of it: the agent may be at work. Says what happens to our task; undefined where it
   * is known which of the agent's tasks it belongs to, or that it has ended.
   */
  readonly lost: (
    peer: PeerConfig,
    task: Task,
    handed: HandedOver,
    messageId: string | undefined,
  ) => string | undefined;
  /** It was not sent, or not taken. */
  readonly over: (peer: PeerConfig, handed: HandedOver) => void;
}

export interface HandedOver {
  readonly task: string;
  readonly token: string;
  /** It ends once it has rested for so long. */
  readonly idleSecondsMax: number;
}
