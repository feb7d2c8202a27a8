import type { Decided, Entry } from '@sallyport/core/model/entry.ts';
import type { EntriesPage } from '@sallyport/gateway/api/view/entries.ts';
import type { StatusView } from '@sallyport/gateway/api/view/status.ts';
import type { Api, Query } from '../api.ts';
import { type Command, count, flag, type Given, type Outcome, text } from '../command.ts';
import { usageError } from '../exit.ts';
import { grouped } from '../format/counted.ts';
import { decisionOf } from '../format/entry-row.ts';
import { observedText } from '../format/observed.ts';
import { safeLine } from '../format/safe.ts';
import { jsonTail, rowTail } from '../format/tail-writer.ts';
import { moment } from '../format/time.ts';
import { agentMustBeThere, toolMustBeThere } from '../given/must-be-there.ts';
import { findTask } from '../given/named-task.ts';
import { instantOf } from '../given/when.ts';
import { ranOutOf, watchRanOut } from '../ran-out.ts';

const linesDefault = 20;
const linesMax = 500;
const pageMax = 1_000;
const outcomeKinds = 'performed,refused,withheld,faulted,indeterminate';

export const tail: Command = {
  name: 'tail',
  group: 'See',
  summary: 'the newest decisions: decided, would have, did',
  about: `\`decided\` is what policy answered, \`did\` is what was done. Where the mode is observe or shadow, \`would have\` is
what enforcing it would do. Calls turned away before policy was asked are told as such. \`--follow\` goes on with each decision once it is durable, until Ctrl-C.
--rule, --label, --mode and --would look through the newest ${grouped(pageMax)} decisions to begin with, of the time that --since and --until name.`,
  examples: [
    ['sallyport tail --follow', 'watch decisions as they happen'],
    ['sallyport tail --answer deny --agent assistant', 'what one agent was refused'],
    ['sallyport tail --tool everything/get-env -n 5', 'the last five of one tool'],
    ['sallyport tail --since 2026-11-23T14:00 --until 2026-11-23T15:00', 'one hour of a day that is past'],
    ['sallyport tail --all --json', 'every entry, one JSON object a line'],
  ],
  options: [
    { flags: '-f, --follow', text: 'go on with what comes' },
    { flags: '-n, --lines <n>', text: 'how many to begin with (default 20, with --since 500; at most 500)' },
    { flags: '--since <when>', text: 'only from then on: 2026-11-23, 2026-11-23T14:00, 90m, 24h, 7d' },
    { flags: '--until <when>', text: 'only what came before then' },
    { flags: '--all', text: 'also tasks, approvals, pins, kills and modes' },
    { flags: '--agent <id>', text: 'only of this agent' },
    { flags: '--task <id>', text: 'only of this task' },
    { flags: '--tool <server/name>', text: 'only of this tool, or of `server/*`' },
    { flags: '--answer <answer>', text: 'only permit, deny or ask; or rejected, before policy was asked' },
    { flags: '--rule <id>', text: 'only what this rule decided' },
    { flags: '--label <label>', text: 'only after the task had read something of this label' },
    { flags: '--mode <mode>', text: 'only decisions made in this mode' },
    { flags: '--would', text: 'only what passed and enforcing would have refused or asked about' },
  ],
  endsItself: true,
  run,
};

async function run(given: Given): Promise<Outcome> {
  const span = spanOf(given);
  const lines = count(given, 'lines') ?? (span.since === undefined ? linesDefault : linesMax);
  if (lines > linesMax)
    throw usageError(`--lines is at most ${linesMax}`, 'Use --json with --follow to keep everything.');
  const filter = filterOf(given);
  const api = await given.api();
  if (!given.json) await sayObserved(given, api);
  const all = flag(given, 'all');
  const first = await firstEntries(api, filter, span, lines, all);
  if (first.entries.length === 0) await mustBeThere(filter, api);
  const writer = given.json ? jsonTail(given.terminal) : rowTail(given.terminal, given.paint);
  const tellsOfQuestions = all && !given.json;
  writer.all(first.entries, tellsOfQuestions ? await ranOutOf(first.entries, api) : []);
  if (first.cutAt !== undefined) given.terminal.err(`${olderNote(first.cutAt)}\n`);
  if (flag(given, 'follow')) {
    const watch = tellsOfQuestions ? watchRanOut(api, writer.ranOut, given.terminal.signal) : undefined;
    if (watch !== undefined) first.entries.forEach(watch);
    const after = { after: first.newest, task: filter.task };
    for await (const { entry } of api.follow<{ entry: Entry }>('entries', after, given.terminal.signal)) {
      const isShown = all || entry.kind === 'decided' || entry.kind === 'rejected' || decisionOf(entry) !== undefined;
      if (!isShown || !matches(entry, filter)) continue;
      writer.one(entry);
      watch?.(entry);
    }
    writer.end();
  } else if (!given.json && first.entries.length === 0) given.terminal.err(`${nothing(filter, span)}\n`);
  return {};
}

/** A filter by what is not there would find nothing for ever. */
async function mustBeThere({ agent, task, tool }: Filter, api: Api): Promise<void> {
  if (agent !== undefined) await agentMustBeThere(agent, api);
  if (task !== undefined) await findTask(api, task);
  if (tool !== undefined) await toolMustBeThere(tool, api);
}

function nothing({ would, ...filter }: Filter, span: Span): string {
  const isFiltered = would || Object.values({ ...filter, ...span }).some(value => value !== undefined);
  return isFiltered ? 'Nothing that was decided matches.' : 'Nothing has been decided yet.';
}

/** Once there is a day to speak of: what enforcing would have done. It is no entry, so it does not go where the entries go. */
async function sayObserved({ terminal, paint }: Given, api: Api): Promise<void> {
  const { observed } = (await api.get<{ status: StatusView }>('status')).status;
  if (observed !== undefined) terminal.err(`${paint.warn(observedText(observed))}\n`);
}

/** From `since` on and before `until`, in milliseconds since the epoch. */
interface Span {
  readonly since: number | undefined;
  readonly until: number | undefined;
}

function spanOf(given: Given): Span {
  const [since, until] = [instantOf(given, 'since'), instantOf(given, 'until')];
  if (until !== undefined && flag(given, 'follow'))
    throw usageError('--until and --follow cannot stand together', '--follow goes on with what comes.');
  if (since !== undefined && until !== undefined && since >= until)
    throw usageError('--since must be earlier than --until');
  return { since, until };
}

interface Filter {
  readonly agent: string | undefined;
  readonly task: string | undefined;
  readonly tool: string | undefined;
  readonly answer: string | undefined;
  readonly rule: string | undefined;
  readonly label: string | undefined;
  readonly mode: string | undefined;
  readonly would: boolean;
}

const modes = ['observe', 'shadow', 'enforce'];
const answers = ['permit', 'deny', 'ask', 'rejected'];

function filterOf(given: Given): Filter {
  const answer = text(given, 'answer');
  if (answer !== undefined && !answers.includes(answer))
    throw usageError(`--answer is permit, deny, ask or rejected, not ${safeLine(answer)}`);
  const mode = text(given, 'mode');
  if (mode !== undefined && !modes.includes(mode))
    throw usageError(`--mode is ${modes.join(', ')}, not ${safeLine(mode)}`);
  return {
    agent: text(given, 'agent'),
    task: text(given, 'task'),
    tool: text(given, 'tool'),
    answer,
    rule: text(given, 'rule'),
    label: text(given, 'label'),
    mode,
    would: flag(given, 'would'),
  };
}

/** Somebody who names a time means all of it: where older ones may match, `cutAt` is the time that they came before. */
interface FirstPage extends EntriesPage {
  readonly cutAt?: number | undefined;
}

/** The second of it again: what else came in it is shown twice rather than not at all. */
function olderNote(at: number): string {
  return `There are older ones in that time, which are not shown: the same with --until ${moment(at + 1_000).replace(' ', 'T')}`;
}

/** The newest entries that match, and what became of the decisions among them. */
async function firstEntries(api: Api, filter: Filter, span: Span, lines: number, all: boolean): Promise<FirstPage> {
  const page = await newestOf(api, filter, span, lines, all);
  const oldest = page.entries[0];
  if (oldest === undefined) return page;
  const rest = { kind: outcomeKinds, task: filter.task, after: oldest.seq, limit: pageMax };
  const outcomes = await api.get<EntriesPage>('entries', rest);
  const shown = new Set(page.entries.map(entry => entry.id as string));
  const wanted = outcomes.entries.filter(entry => !shown.has(entry.id) && shown.has(decisionOf(entry) ?? ''));
  return { ...page, entries: [...page.entries, ...wanted].sort((a, b) => a.seq - b.seq) };
}

/** The gateway knows some of the filters; what it does not know is looked for in a page of the newest. */
async function newestOf(api: Api, filter: Filter, span: Span, lines: number, all: boolean): Promise<FirstPage> {
  const { agent, task, tool, answer, rule, label, mode, would } = filter;
  const isSought = would || [rule, label, mode].some(value => value !== undefined);
  const isRejected = answer === 'rejected';
  const kind = isRejected ? 'rejected' : isSought ? 'decided' : all ? undefined : 'decided,rejected';
  const query: Query = {
    ...span,
    agent,
    task,
    tool,
    kind,
    ...(isRejected ? {} : { answer }),
    limit: isSought ? pageMax : lines + 1,
  };
  const page = await api.get<EntriesPage>('entries', query);
  const found = isSought ? page.entries.filter(entry => matches(entry, filter)) : page.entries;
  const isCut = span.since !== undefined && (found.length > lines || (isSought && page.entries.length === pageMax));
  const shown = found.slice(-lines);
  return { ...page, entries: shown, cutAt: isCut ? (shown[0] ?? page.entries[0])?.at : undefined };
}

/** An outcome matches with its decision: the writer drops those whose decision it was not shown. */
function matches(entry: Entry, filter: Filter): boolean {
  if (decisionOf(entry) !== undefined) return true;
  const { agent, tool, answer, rule } = filter;
  if (agent !== undefined && !('agent' in entry && entry.agent === agent)) return false;
  if (entry.kind === 'decided') return decidedMatches(entry, filter);
  if (entry.kind !== 'rejected') return [tool, answer, rule, filter.label, filter.mode].every(isUnset) && !filter.would;
  if (answer !== undefined && answer !== 'rejected') return false;
  if (rule !== undefined && entry.code !== rule) return false;
  return [tool, filter.label, filter.mode].every(isUnset) && !filter.would;
}

function isUnset(value: string | undefined): boolean {
  return value === undefined;
}

function decidedMatches(entry: Entry & Decided, { tool, answer, rule, label, mode, would }: Filter): boolean {
  const { server, tool: name } = entry.action;
  return (
    (answer === undefined || entry.answer === answer) &&
    (tool === undefined || tool === `${server}/${name}` || tool === `${server}/*`) &&
    (rule === undefined || entry.reasons.some(reason => reason.rule === rule)) &&
    (label === undefined || entry.labels.some(source => source.label === label)) &&
    (mode === undefined || entry.mode === mode) &&
    (!would || (entry.verdict === 'pass' && entry.answer !== 'permit'))
  );
}
