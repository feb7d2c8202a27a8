import type { ServerId } from '../model/ids.ts';
import type { TaskLimits, Use } from '../model/task.ts';

/**
 * The arithmetic of limits, exact under concurrency.
 *
 * `used` is committed for good and only grows; `reserved` is set aside for calls in flight, each of which settles at no
 * more than it reserved. A call is refused on `used` alone, so that calls which later cost nothing never stand in
 * another's way; where `reserved` stands in the way it waits. Hence whatever the interleaving, what each call got is
 * what it would have got had the calls run one after the other in the order of their grants and refusals. Only money can
 * settle at more, where an operator lets the result say what a call came to: then no more of it is granted.
 */
export type Offer =
  | { readonly kind: 'granted'; readonly reserved: Use; readonly replyBytesMax: number }
  | { readonly kind: 'wait' }
  | { readonly kind: 'refused'; readonly code: 'limit-calls' | 'limit-bytes' | 'limit-spend' };

export interface Account {
  readonly limits: TaskLimits;
  readonly used: Use;
  readonly reserved: Use;
}

export interface Wish {
  /** Of the request. */
  readonly bytes: number;
  readonly replyBytesMax: number;
  /** What it costs, known before it is sent; absent: nothing. */
  readonly spendCents?: number;
  /** It never waits, and is refused instead. */
  readonly atOnce?: boolean | undefined;
  /** Where it goes: what stops there stops it. */
  readonly server?: ServerId;
}

/** Below this no answer fits, and an action whose answer is sure to be withheld is better not begun. */
export const replyBytesMin = 512;

export const noUse: Use = { calls: 0, bytes: 0, spendCents: 0 };

export function offer({ limits, used, reserved }: Account, wish: Wish): Offer {
  const { spendCents = 0 } = wish;
  const least = wish.bytes + Math.min(replyBytesMin, wish.replyBytesMax);
  if (used.calls + 1 > limits.callsMax) return { kind: 'refused', code: 'limit-calls' };
  if (used.bytes + least > limits.bytesMax) return { kind: 'refused', code: 'limit-bytes' };
  if (used.spendCents + spendCents > limits.spendCentsMax) return { kind: 'refused', code: 'limit-spend' };
  if (used.calls + reserved.calls + 1 > limits.callsMax) return { kind: 'wait' };
  if (used.spendCents + reserved.spendCents + spendCents > limits.spendCentsMax) return { kind: 'wait' };
  const most = wish.bytes + wish.replyBytesMax;
  const free = limits.bytesMax - used.bytes - reserved.bytes;
  // Less than the whole wish is granted only to a call that is alone: nothing that it lacks could come back.
  if (free < most && reserved.calls > 0) return { kind: 'wait' };
  const bytes = Math.min(most, free);
  return { kind: 'granted', reserved: { calls: 1, bytes, spendCents }, replyBytesMax: bytes - wish.bytes };
}

export function plus(a: Use, b: Use): Use {
  return { calls: a.calls + b.calls, bytes: a.bytes + b.bytes, spendCents: a.spendCents + b.spendCents };
}

export function minus(a: Use, b: Use): Use {
  return { calls: a.calls - b.calls, bytes: a.bytes - b.bytes, spendCents: a.spendCents - b.spendCents };
}

export const limitNames = ['callsMax', 'spendCentsMax', 'secondsMax', 'bytesMax', 'depthMax'] as const;

/** The name of the first limit that `asked` would widen, if any: limits only narrow. */
export function widened(outer: TaskLimits, asked: TaskLimits): keyof TaskLimits | undefined {
  const wide = limitNames.find(name => !(asked[name] <= outer[name]));
  if (wide !== undefined) return wide;
  return isIdleWithin(outer.idleSecondsMax, asked.idleSecondsMax) ? undefined : 'idleSecondsMax';
}

/** To have no idle limit is the widest one. */
export function isIdleWithin(outer: number | undefined, asked: number | undefined): boolean {
  return outer === undefined ? !Number.isNaN(asked) : asked !== undefined && asked <= outer;
}
