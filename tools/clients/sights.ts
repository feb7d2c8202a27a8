import { type Fate, faultWords } from 'sallyport/clients/seen.ts';
import type { RealClient } from './table.ts';

/** What is said of clients, a column each. */
const pointWords = {
  mcp: 'its server’s call goes on',
  own: 'a free command goes on',
  denied: 'what is refused is not done',
  escapes: 'its agent’s ways out are closed',
  words: 'its user’s words open the task',
  subagents: 'its subagents are told apart',
  ...faultWords,
  back: 'unwrap',
} as const;

export type Point = keyof typeof pointWords;

/** One thing that was to be shown of a client, and what was seen. */
export interface Sight {
  readonly what: string;
  readonly holds: boolean;
  /** What was seen instead. */
  readonly saw?: string;
  readonly point?: Point;
}

export interface Proven {
  readonly client: RealClient;
  readonly sights: readonly Sight[];
  readonly seconds: number;
}

/** A row for each client: what was proven, what was not so, and what was not seen (`–`). */
export function table(all: readonly Proven[]): string {
  const points = Object.keys(pointWords) as Point[];
  const head = ['', ...all.map(({ client }) => client.seen.id)];
  const rows = [
    ...points.map(point => [labelOf(point), ...all.map(proven => cell(point, proven))]),
    ['seconds', ...all.map(({ seconds }) => String(seconds))],
  ];
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map(row => row[column]?.length ?? 0)));
  return [head, ...rows].map(row => row.map((text, column) => text.padEnd(widths[column] ?? 0)).join('  ')).join('\n');
}

function labelOf(point: Point): string {
  return point in faultWords ? `a call whose hook ${pointWords[point]}` : pointWords[point];
}

function cell(point: Point, { client: { seen }, sights }: Proven): string {
  const here = sights.filter(each => each.point === point);
  if (here.length === 0) return '–';
  if (here.some(({ holds }) => !holds)) return 'NOT SO';
  const fate: Fate | undefined = point in faultWords ? seen.faults[point as keyof typeof faultWords] : undefined;
  return fate ?? 'proven';
}
