import type { Lesson } from './course.ts';
import { behaviourLimits } from './limits.ts';
import { Counts, median } from './usual.ts';

/**
 * What the tasks of one kind of one agent usually do, learned from those that ended without having been stopped.
 * Everything is counted by task: whatever happens a thousand times in one task is counted once.
 */
export interface Baseline {
  tasks: number;
  readonly tools: Counts;
  readonly orders: Counts;
  readonly destinations: Counts;
  /** The newest tasks, oldest first. */
  readonly newest: Learned[];
}

export interface Learned {
  readonly peak: number;
  readonly sentBytes: number;
  /** What it sent, of what it read. */
  readonly sharePercent: number;
  /** It did what was not usual until then: other tools, another order, other destinations. */
  readonly otherTools: boolean;
  readonly otherOrders: boolean;
  readonly otherDestinations: boolean;
}

/** Before so many tasks there is no baseline: nothing is unusual where nothing is usual. */
export const baselineTasksMin = 8;
/** In how many tasks something has to have been done to be usual: one task alone teaches nothing. */
const usualTasksMin = 2;
const newestMax = 32;

export function newBaseline(): Baseline {
  return {
    tasks: 0,
    tools: new Counts(behaviourLimits.toolsMax),
    orders: new Counts(behaviourLimits.ordersMax),
    destinations: new Counts(behaviourLimits.destinationsMax),
    newest: [],
  };
}

/** A task ended, and counts. */
export function learn(baseline: Baseline, lesson: Lesson): void {
  const { tools, orders, destinations } = baseline;
  const other = {
    otherTools: [...lesson.tools].some(name => !isUsual(tools, name)),
    otherOrders: [...lesson.orders].some(name => !isUsual(orders, name)),
    otherDestinations: [...lesson.destinations].some(name => !isUsual(destinations, name)),
  };
  baseline.tasks++;
  for (const tool of lesson.tools) tools.add(tool);
  for (const order of lesson.orders) orders.add(order);
  for (const place of lesson.destinations) destinations.add(place);
  const { pace, sentBytes, readBytes } = lesson;
  const share = sharePercent(sentBytes, readBytes);
  baseline.newest.push({ peak: pace.peak, sentBytes, sharePercent: share, ...other });
  if (baseline.newest.length > newestMax) baseline.newest.shift();
}

export function isReady({ tasks }: Baseline): boolean {
  return tasks >= baselineTasksMin;
}

export function isUsual(counts: Counts, name: string): boolean {
  return counts.of(name) >= usualTasksMin;
}

/** Fewer than a quarter of the newest tasks did: where new things are the work, one more is nothing to notice. */
export function isSeldom(baseline: Baseline, what: 'otherTools' | 'otherOrders' | 'otherDestinations'): boolean {
  return baseline.newest.filter(task => task[what]).length * 4 < baseline.newest.length;
}

/** The middle one of the newest tasks. */
export function usually(baseline: Baseline, what: 'peak' | 'sentBytes' | 'sharePercent'): number {
  return median(baseline.newest.map(task => task[what]));
}

export function sharePercent(sentBytes: number, readBytes: number): number {
  return Math.floor((sentBytes * 100) / Math.max(1, readBytes));
}
