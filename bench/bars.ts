import { quantile } from './statistics.ts';

/** One promise about speed, held against what the rounds of one run measured: its median counts. */
export interface Bar {
  readonly name: string;
  readonly unit: string;
  readonly digits: number;
  /** One figure a round, of the same run. */
  readonly figures: readonly number[];
  readonly atLeast?: number;
  readonly atMost?: number;
}

/** Prints each bar with the median, least and greatest of its rounds. A missed bar makes the process end with 1. */
export function judge(bars: readonly Bar[]): void {
  for (const bar of bars) {
    const isMet = meets(bar);
    console.log(`${isMet ? 'pass' : 'MISS'}  ${textOf(bar)}`);
    if (!isMet) process.exitCode = 1;
  }
}

function meets({ figures, atLeast = Number.NEGATIVE_INFINITY, atMost = Number.POSITIVE_INFINITY }: Bar): boolean {
  const middle = quantile(figures, 0.5);
  return figures.length > 0 && middle >= atLeast && middle <= atMost;
}

function textOf({ name, unit, digits, figures, atLeast, atMost }: Bar): string {
  const shown = (share: number): string => quantile(figures, share).toFixed(digits);
  const range = figures.length > 1 ? ` (${shown(0)} to ${shown(1)})` : '';
  const bound = atLeast !== undefined ? `at least ${atLeast}` : `at most ${atMost}`;
  return `${name}: ${shown(0.5)}${range} ${unit}, ${bound}`;
}
