import type { Reservation, Tasks } from '@sallyport/core/mediate/ports.ts';
import type { CallSignal } from '@sallyport/core/model/call-signal.ts';
import type { KillScope } from '@sallyport/core/model/entry.ts';
import type { ServerId, TaskId } from '@sallyport/core/model/ids.ts';
import { type Checked, passed, type Refusal, refused } from '@sallyport/core/model/refusal.ts';
import type { Task, TaskLimits, Use } from '@sallyport/core/model/task.ts';
import { isStopped } from '@sallyport/core/task/kill.ts';
import { minus, noUse, type Offer, offer, plus, replyBytesMin, type Wish } from '@sallyport/core/task/limits.ts';
import type { State } from '@sallyport/core/task/state.ts';
import { spendTask } from '@sallyport/core/task/task.ts';

/** Calls of one task that may wait for others of it to settle; one more is refused. */
export const waitingCallsMax = 256;

export interface Reservations {
  /** Grants, refuses, or waits: first come, first served. Whatever it does at once it does before it returns. */
  readonly reserve: Tasks['reserve'];
  readonly reserved: (task: TaskId) => Use;
  /** Sets aside what a task below is being opened with; whoever opens it gives it back once it is lent, or nothing came of it. */
  readonly lending: (task: TaskId, share: Use) => () => void;
  /** Looks again at every call that waits: a task was ended, or somebody was stopped. */
  readonly recheck: () => void;
  /** The same, and what has not been sent is not sent any more. */
  readonly stop: (scope: KillScope) => void;
}

interface Book {
  reserved: Use;
  readonly queue: Waiting[];
}

type LimitCode = Extract<Offer, { kind: 'refused' }>['code'];

/** `use` is undefined where nothing was done. */
type Settled = (hold: Hold, use: Use | undefined) => void;

/** What is set aside for one call. */
class Hold implements Reservation {
  readonly task: TaskId;
  readonly book: Book;
  readonly reserved: Use;
  readonly before: Use;
  readonly replyBytesMax: number;
  readonly spendCents: number;
  readonly server: ServerId | undefined;
  stopped = false;
  #settled: Settled | undefined;

  constructor(task: TaskId, book: Book, before: Use, reserved: Use, { replyBytesMax, server }: Wish, settled: Settled) {
    this.task = task;
    this.book = book;
    this.before = before;
    this.reserved = reserved;
    this.replyBytesMax = replyBytesMax;
    this.spendCents = reserved.spendCents;
    this.server = server;
    this.#settled = settled;
  }

  commit(bytes: number, spendCents = this.spendCents): void {
    this.#settle({ calls: 1, bytes, spendCents });
  }

  release(): void {
    this.#settle(undefined);
  }

  #settle(use: Use | undefined): void {
    const settled = this.#settled;
    this.#settled = undefined;
    settled?.(this, use);
  }
}

interface Waiting {
  readonly wish: Wish;
  readonly answer: (checked: Checked<Reservation>) => void;
}

export interface ReservationPorts {
  /** Whether the task may still act: a call that waited is held against it again. */
  readonly standing: (task: TaskId) => Checked<Task>;
  /** A call of it has been answered. */
  readonly committed: (task: TaskId) => void;
}

export function createReservations(state: State, { standing, committed }: ReservationPorts): Reservations {
  const books = new Map<TaskId, Book>();
  const underWay = new Set<Hold>();

  function bookOf(id: TaskId): Book {
    const before = books.get(id);
    if (before !== undefined) return before;
    const book: Book = { reserved: noUse, queue: [] };
    books.set(id, book);
    return book;
  }

  /** Undefined: it has to wait. */
  function attempt(id: TaskId, book: Book, wish: Wish): Checked<Reservation> | undefined {
    const task = standing(id);
    if (!task.ok) return task;
    const { limits, used, lent } = task.value;
    const offered = offer({ limits, used: plus(used, lent), reserved: book.reserved }, wish);
    if (offered.kind === 'wait') return undefined;
    if (offered.kind === 'refused') return refused(limitRefusal(offered.code, limits, plus(used, lent), wish));
    const before = plus(used, book.reserved);
    book.reserved = plus(book.reserved, offered.reserved);
    const hold = new Hold(
      id,
      book,
      before,
      offered.reserved,
      { ...wish, replyBytesMax: offered.replyBytesMax },
      settled,
    );
    underWay.add(hold);
    return passed(hold);
  }

  function settled(hold: Hold, use: Use | undefined): void {
    const { task, book, reserved } = hold;
    underWay.delete(hold);
    book.reserved = minus(book.reserved, reserved);
    try {
      if (use !== undefined) {
        spendTask(state, task, use);
        committed(task);
      }
    } finally {
      serve(task, book);
    }
  }

  function serve(id: TaskId, book: Book): void {
    for (;;) {
      const next = book.queue[0];
      const checked = next && attempt(id, book, next.wish);
      if (next === undefined || checked === undefined) break;
      book.queue.shift();
      next.answer(checked);
    }
    if (book.reserved.calls === 0 && book.queue.length === 0) books.delete(id);
  }

  function recheck(): void {
    for (const [id, book] of books) serve(id, book);
  }

  return {
    reserve: (id, wish, signal) => {
      if (signal.aborted) return refused(cancelled);
      const book = bookOf(id);
      // Whoever waits already goes first.
      const checked = book.queue.length === 0 ? attempt(id, book, wish) : undefined;
      if (checked === undefined)
        return wish.atOnce === true ? refused(held) : wait(book, wish, signal, () => serve(id, book));
      if (!checked.ok && book.reserved.calls === 0) books.delete(id);
      return checked;
    },
    reserved: id => books.get(id)?.reserved ?? noUse,
    lending: (id, share) => {
      const book = bookOf(id);
      book.reserved = plus(book.reserved, share);
      return () => {
        book.reserved = minus(book.reserved, share);
        serve(id, book);
      };
    },
    recheck,
    stop: scope => {
      for (const hold of underWay) {
        const agent = state.tasks.get(hold.task)?.task.agent ?? '';
        hold.stopped ||= isStopped(state, agent, hold.task, hold.server, scope);
      }
      recheck();
    },
  };
}

/** In the task's queue until it is answered, or the agent cancels it: `left` is called then. */
function wait(book: Book, wish: Wish, signal: CallSignal, left: () => void): Promise<Checked<Reservation>> {
  if (book.queue.length >= waitingCallsMax) return Promise.resolve(refused(tooMany));
  return new Promise(resolve => {
    const leave = (): void => {
      book.queue.splice(book.queue.indexOf(waiting), 1);
      resolve(refused(cancelled));
      left();
    };
    const waiting: Waiting = {
      wish,
      answer: checked => {
        signal.removeEventListener('abort', leave);
        resolve(checked);
      },
    };
    signal.addEventListener('abort', leave, { once: true });
    book.queue.push(waiting);
  });
}

/** Where something is left, what it is not enough for. */
function limitRefusal(code: LimitCode, limits: TaskLimits, used: Use, wish: Wish): Refusal {
  const newTask = 'ask whoever opened it for a new one';
  const usedUp = (of: string): Refusal => ({
    code,
    what: 'task',
    why: `this task has used up its ${of}`,
    fix: newTask,
  });
  const short = (why: string): Refusal => ({ code, what: 'task', why, fix: `ask for less, or ${newTask}` });
  if (code === 'limit-calls') return usedUp('calls');
  if (code === 'limit-bytes') {
    const left = limits.bytesMax - used.bytes;
    return left <= replyBytesMin
      ? usedUp('bytes')
      : short(`this and its answer need more than the ${left} bytes that are left of this task's`);
  }
  const left = limits.spendCentsMax - used.spendCents;
  const units = (cents: number): string => (cents / 100).toFixed(2);
  return left <= 0
    ? usedUp('money')
    : short(`this costs ${units(wish.spendCents ?? 0)}, and ${units(left)} of this task's money is left`);
}

const held: Refusal = {
  code: 'overloaded',
  what: 'task',
  why: 'other calls of this task hold the last of its limits',
  fix: 'wait for their answers',
};

const tooMany: Refusal = {
  code: 'overloaded',
  what: 'task',
  why: 'too many calls of this task wait for the last of its limits',
  fix: 'wait for answers before you send more',
};

const cancelled: Refusal = { code: 'cancelled', what: 'task', why: 'the agent cancelled it while it waited' };
