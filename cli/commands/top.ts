import type { Entry } from '@sallyport/core/model/entry.ts';
import type { StatusView } from '@sallyport/gateway/api/view/status.ts';
import type { Api } from '../api.ts';
import { type Command, count, type Given, type Outcome } from '../command.ts';
import { decisionHeads, decisionOf, decisionRow } from '../format/entry-row.ts';
import { cut, narrowTable } from '../format/narrow.ts';
import { observedText } from '../format/observed.ts';
import type { Paint } from '../format/paint.ts';
import { safeLine } from '../format/safe.ts';
import { duration } from '../format/time.ts';

export const top: Command = {
  name: 'top',
  group: 'See',
  summary: 'agents at work, live: calls, questions and refusals',
  about: 'Draws itself anew every second until `q` or Ctrl-C. Without a terminal it prints one picture and ends.',
  examples: [
    ['sallyport top', 'live; q quits'],
    ['sallyport top --seconds 300', 'what stands in it is of the last five minutes'],
    ['sallyport top --json', 'one picture, for a program'],
  ],
  options: [{ flags: '--seconds <n>', text: 'of how many seconds the counts are (default 60)' }],
  endsItself: true,
  run,
};

const drawMillis = 1_000;
const entriesMax = 1_000;

/** One moment. */
interface Picture {
  readonly status: StatusView;
  readonly operator: string;
  readonly agents: readonly AgentRow[];
  readonly newest: readonly Entry[];
}

interface AgentRow {
  readonly agent: string;
  readonly calls: number;
  readonly permitted: number;
  readonly asked: number;
  readonly refused: number;
  readonly tool: string;
}

async function run(given: Given): Promise<Outcome> {
  const { terminal } = given;
  const api = await given.api();
  const seconds = count(given, 'seconds') ?? 60;
  if (given.json || !terminal.isInteractive || !terminal.isShown) {
    const picture = await take(api, seconds);
    const { status, operator, agents } = picture;
    return { json: { top: { status, operator, agents } }, text: draw(picture, seconds, given.paint, unbounded) };
  }
  await live(given, api, seconds);
  return {};
}

/** What a picture has to fit into. */
interface Room {
  readonly width: number;
  readonly lines: number;
}

const entriesShown = 15;
const unbounded: Room = { width: Number.POSITIVE_INFINITY, lines: Number.POSITIVE_INFINITY };

/** On the alternate screen, so that what stood there before stands there after. */
async function live({ terminal, paint }: Given, api: Api, seconds: number): Promise<void> {
  const ended = new AbortController();
  const signal = AbortSignal.any([ended.signal, terminal.signal]);
  terminal.out('\u001b[?1049h\u001b[?25l');
  void (async () => {
    for await (const key of terminal.keys()) if (key === 'q' || key === 'Q' || key === '\u0003') break;
    ended.abort();
  })();
  try {
    while (!signal.aborted) {
      const picture = await take(api, seconds);
      const room = { width: terminal.width, lines: terminal.height - 1 };
      const lines = draw(picture, seconds, paint, room)
        .split('\n')
        .map(line => `${line}\u001b[K`);
      terminal.out(`\u001b[H${lines.join('\r\n')}\r\n${paint.faint('q quits')}\u001b[J`);
      await rest(drawMillis, signal);
    }
  } finally {
    terminal.out('\u001b[?25h\u001b[?1049l');
  }
}

function rest(millis: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(resolve, millis);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

async function take(api: Api, seconds: number): Promise<Picture> {
  const { status, operator } = await api.get<{ status: StatusView; operator: string }>('status');
  const after = Math.max(-1, status.journal.entries - 1 - entriesMax);
  const { entries } = await api.get<{ entries: Entry[] }>('entries', { after, limit: entriesMax });
  const since = status.now - seconds * 1_000;
  const decided = entries.filter(entry => entry.kind === 'decided').filter(({ at }) => at >= since);
  const agents = [...Map.groupBy(decided, ({ agent }) => agent)].map(([agent, each]): AgentRow => {
    const of = (answer: string): number => each.filter(entry => entry.answer === answer).length;
    const last = each.at(-1)?.action;
    const tool = last === undefined ? '' : `${last.server}/${last.tool}`;
    return { agent, calls: each.length, permitted: of('permit'), asked: of('ask'), refused: of('deny'), tool };
  });
  return { status, operator, agents: agents.sort((a, b) => b.calls - a.calls), newest: entries };
}

function draw(picture: Picture, seconds: number, paint: Paint, room: Room): string {
  const head = headOf(picture, paint);
  // Where lines are short, air goes first; then agents and decisions share what is left, each table with its heads.
  const isAiry = room.lines - head.length >= airyLines;
  const left = room.lines - head.length - (isAiry ? 2 : 0);
  const agents = agentsTable(picture.agents.slice(0, Math.max(1, Math.floor(left / 2) - 1)), seconds, paint, room);
  const rows = Math.min(entriesShown, left - agents.length - 1);
  const newest = rows > 0 ? newestTable(picture.newest, rows, paint, room) : [];
  const air = isAiry ? [''] : [];
  return [...head, ...air, ...agents, ...air, ...newest]
    .slice(0, Math.max(1, room.lines))
    .map(line => cut(line, room.width))
    .join('\n');
}

const airyLines = 12;

function headOf({ status, operator }: Picture, paint: Paint): string[] {
  const killed =
    status.killed.length === 0 ? '' : paint.bad(`  KILLED: ${status.killed.map(({ scope }) => scope).join(', ')}`);
  return [
    `${paint.bold('sallyport')}  ${status.state}, for ${duration(status.now - status.startedAt)}, mode ${status.modes.fallback}${killed}`,
    `tasks ${status.tasks.open}  questions ${status.approvals.pending}  entries ${status.journal.entries}`,
    ...(operator.startsWith('advisory') ? [paint.warn(safeLine(operator))] : []),
    ...(status.observed === undefined ? [] : [paint.warn(observedText(status.observed))]),
  ];
}

function agentsTable(agents: readonly AgentRow[], seconds: number, paint: Paint, { width }: Room): string[] {
  if (agents.length === 0) return [paint.faint(`no agent did anything in the last ${seconds} s`)];
  const calls = `calls in ${seconds} s`;
  const rows = agents.map(each => [
    paint.bold(safeLine(each.agent)),
    ...[each.calls, each.permitted, each.asked, each.refused].map(String),
    safeLine(each.tool),
  ]);
  const heads = ['agent', calls, 'permit', 'ask', 'deny', 'newest'];
  return narrowTable(heads, rows, { width, first: ['newest', 'permit', calls] }, paint.faint).split('\n');
}

function newestTable(entries: readonly Entry[], rows: number, paint: Paint, { width }: Room): string[] {
  const outcomes = new Map(entries.map(entry => [decisionOf(entry), entry]));
  const decisions = entries
    .filter(entry => entry.kind === 'decided')
    .slice(-rows)
    .reverse()
    .map(entry => decisionRow(entry, outcomes.get(entry.id), paint));
  const first = ['would have', 'id', 'time', 'did', 'rule', 'agent'];
  return narrowTable(decisionHeads, decisions, { width, first }, paint.faint).split('\n');
}
