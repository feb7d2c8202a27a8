import type { McpLoad } from './mcp-load.ts';
import { type Spent, spentBy, spentSince } from './process-cost.ts';
import { median, quantile } from './statistics.ts';

export const inFlight = 16;
/** Before anything is measured: each process has compiled by then what it runs all day. */
export const warmingCalls = 12_000;

export interface Round {
  /** Milliseconds. */
  readonly aloneP50: number;
  /** Calls a second and milliseconds, while there are `inFlight`. */
  readonly rate: number;
  readonly p99: number;
  /** Microseconds a call, of each process by its name, while there are `inFlight`. */
  readonly spent: Readonly<Record<string, Spent>>;
}

/** Calls one after the other, and then as many `inFlight`. */
export async function measure(
  load: McpLoad,
  pids: Readonly<Record<string, number>>,
  calls: { readonly alone: number; readonly together: number },
): Promise<Round> {
  const alone = await load.run(calls.alone, 1);
  const before = Object.entries(pids).map(([name, pid]) => ({ name, pid, spent: spentBy(pid) }));
  const together = await load.run(calls.together, inFlight);
  const spent = before.map(({ name, pid, spent }) => [name, spentSince(spent, spentBy(pid), calls.together)] as const);
  return {
    aloneP50: median(alone.millis),
    rate: calls.together / together.seconds,
    p99: quantile(together.millis, 0.99),
    spent: Object.fromEntries(spent),
  };
}
