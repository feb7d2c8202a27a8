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

/** One of those that are held against each other, and the processes whose processor time is counted, by their names. */
export interface Measured {
  readonly load: McpLoad;
  readonly pids: Readonly<Record<string, number>>;
}

/** How often those of a round take turns: what else the machine does for seconds is then the same for all of them. */
const windowsOfRound = 8;

/** A round of each: calls one after the other and calls `inFlight`, as many in all as `calls` says, a window of each at a time. */
export async function measureInTurn<Name extends string>(
  subjects: Readonly<Record<Name, Measured>>,
  calls: { readonly alone: number; readonly together: number },
): Promise<Record<Name, Round>> {
  const names = Object.keys(subjects) as Name[];
  const windows = Object.fromEntries(names.map(name => [name, [] as Window[]])) as Record<Name, Window[]>;
  const [alone, together] = [calls.alone / windowsOfRound, calls.together / windowsOfRound];
  for (let window = 0; window < windowsOfRound; window++)
    for (const name of window % 2 === 0 ? names : names.toReversed())
      windows[name].push(await measureWindow(subjects[name], alone, together));
  return Object.fromEntries(names.map(name => [name, roundOf(windows[name])])) as Record<Name, Round>;
}

interface Window {
  readonly alone: readonly number[];
  readonly together: readonly number[];
  readonly seconds: number;
  readonly spent: Round['spent'];
}

async function measureWindow({ load, pids }: Measured, alone: number, together: number): Promise<Window> {
  const one = await load.run(alone, 1);
  const before = Object.entries(pids).map(([name, pid]) => ({ name, pid, spent: spentBy(pid) }));
  const { millis, seconds } = await load.run(together, inFlight);
  const spent = before.map(({ name, pid, spent }) => [name, spentSince(spent, spentBy(pid), together)] as const);
  return { alone: one.millis, together: millis, seconds, spent: Object.fromEntries(spent) };
}

function roundOf(windows: readonly Window[]): Round {
  const together = windows.flatMap(window => window.together);
  const mean = (of: (window: Window) => number): number =>
    windows.reduce((sum, window) => sum + of(window), 0) / windows.length;
  const spentOn = (name: string): Spent => ({
    main: mean(({ spent }) => spent[name]?.main ?? Number.NaN),
    others: mean(({ spent }) => spent[name]?.others ?? Number.NaN),
  });
  return {
    aloneP50: median(windows.flatMap(({ alone }) => alone)),
    rate: together.length / windows.reduce((sum, { seconds }) => sum + seconds, 0),
    p99: quantile(together, 0.99),
    spent: Object.fromEntries(Object.keys(windows[0]?.spent ?? {}).map(name => [name, spentOn(name)])),
  };
}
