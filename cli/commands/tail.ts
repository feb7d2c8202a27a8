import type { Entry } from '@sallyport/core/model/entry.ts';
import type { EntriesPage } from '@sallyport/gateway/api/view/entries.ts';
import type { Api, Query } from '../api.ts';
import { type Command, count, flag, type Given, type Outcome, text } from '../command.ts';
import { usageError } from '../exit.ts';
import { decisionOf } from '../format/entry-row.ts';
import { safeLine } from '../format/safe.ts';
import { jsonTail, rowTail } from '../format/tail-writer.ts';

export const tail: Command = {
  name: 'tail',
  group: 'See',
  summary: 'the newest decisions: decided, would have, did',
  about: `\`decided\` is what policy answered, \`did\` is what was done. Where the mode is observe or shadow, \`would have\` is
what enforcing it would do. Calls turned away before policy was asked are told as such. \`--follow\` goes on with each decision once it is durable, until Ctrl-C.`,
  examples: [
    ['sallyport tail --follow', 'watch decisions as they happen'],
    ['sallyport tail --answer deny --agent assistant', 'what one agent was refused'],
    ['sallyport tail --tool everything/get-env -n 5', 'the last five of one tool'],
    ['sallyport tail --all --json', 'every entry, one JSON object a line'],
  ],
  options: [
    { flags: '-f, --follow', text: 'go on with what comes' },
    { flags: '-n, --lines <n>', text: 'how many to begin with (default 20, at most 500)' },
    { flags: '--all', text: 'also tasks, approvals, pins, kills and modes' },
    { flags: '--agent <id>', text: 'only of this agent' },
    { flags: '--task <id>', text: 'only of this task' },
    { flags: '--tool <server/name>', text: 'only of this tool, or of `server/*`' },
    { flags: '--answer <answer>', text: 'only permit, deny or ask' },
  ],
  endsItself: true,
  run,
};

const linesDefault = 20;
const linesMax = 500;
const pageMax = 1_000;
const outcomeKinds = 'performed,refused,withheld,faulted,indeterminate';

async function run(given: Given): Promise<Outcome> {
  const lines = count(given, 'lines') ?? linesDefault;
  if (lines > linesMax)
    throw usageError(`--lines is at most ${linesMax}`, 'Use --json with --follow to keep everything.');
  const filter = filterOf(given);
  const api = await given.api();
  const first = await firstEntries(api, filter, lines, flag(given, 'all'));
  const writer = given.json ? jsonTail(given.terminal) : rowTail(given.terminal, given.paint);
  writer.all(first.entries);
  if (flag(given, 'follow')) {
    const after = { after: first.newest, task: filter.task };
    for await (const { entry } of api.follow<{ entry: Entry }>('entries', after, given.terminal.signal))
      if (
        flag(given, 'all') ||
        entry.kind === 'decided' ||
        entry.kind === 'rejected' ||
        decisionOf(entry) !== undefined
      )
        if (matches(entry, filter)) writer.one(entry);
    writer.end();
  } else if (!given.json && first.entries.length === 0) given.terminal.err('Nothing has been decided yet.\n');
  return {};
}

interface Filter {
  readonly agent: string | undefined;
  readonly task: string | undefined;
  readonly tool: string | undefined;
  readonly answer: string | undefined;
}

function filterOf(given: Given): Filter {
  const answer = text(given, 'answer');
  if (answer !== undefined && !['permit', 'deny', 'ask'].includes(answer))
    throw usageError(`--answer is permit, deny or ask, not ${safeLine(answer)}`);
  return { agent: text(given, 'agent'), task: text(given, 'task'), tool: text(given, 'tool'), answer };
}

/** The newest entries that match, and what became of the decisions among them. */
async function firstEntries(api: Api, filter: Filter, lines: number, all: boolean): Promise<EntriesPage> {
  const query: Query = { ...filter, limit: lines, kind: all ? undefined : 'decided,rejected' };
  const page = await api.get<EntriesPage>('entries', query);
  const oldest = page.entries[0];
  if (oldest === undefined) return page;
  const rest = { kind: outcomeKinds, task: filter.task, after: oldest.seq, limit: pageMax };
  const outcomes = await api.get<EntriesPage>('entries', rest);
  const shown = new Set(page.entries.map(entry => entry.id as string));
  const wanted = outcomes.entries.filter(entry => !shown.has(entry.id) && shown.has(decisionOf(entry) ?? ''));
  return { entries: [...page.entries, ...wanted].sort((a, b) => a.seq - b.seq), newest: page.newest };
}

/** An outcome matches with its decision: the writer drops those whose decision it was not shown. */
function matches(entry: Entry, { agent, tool, answer }: Filter): boolean {
  if (decisionOf(entry) !== undefined) return true;
  if (agent !== undefined && !('agent' in entry && entry.agent === agent)) return false;
  if (answer !== undefined && !(entry.kind === 'decided' && entry.answer === answer)) return false;
  if (tool === undefined) return true;
  if (entry.kind !== 'decided') return false;
  const { server, tool: name } = entry.action;
  return tool === `${server}/${name}` || tool === `${server}/*`;
}
