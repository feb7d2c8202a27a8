import type { ToolDiffView, ToolView } from '@sallyport/gateway/api/view/tool.ts';
import type { Api } from '../api.ts';
import { arg, type Command, confirmed, flag, type Given, type Outcome, text, yesOption } from '../command.ts';
import { CliError, usageError } from '../exit.ts';
import { table } from '../format/columns.ts';
import { operatorNote } from '../format/operator.ts';
import type { Paint } from '../format/paint.ts';
import { cut, safe, safeLine } from '../format/safe.ts';
import { serverMustBeThere } from '../given/must-be-there.ts';
import { withSuggestion } from '../given/suggest.ts';

const descriptionCharsMax = 60;

export const toolsLs: Command = {
  name: 'tools ls',
  group: 'Catalogue',
  summary: 'the tools of every server: pins, classes, quarantine',
  examples: [
    ['sallyport tools ls', 'all of them'],
    ['sallyport tools ls --quarantined', 'only those that cannot be used until they are accepted'],
    ['sallyport tools ls --server files', 'of one server'],
  ],
  options: [
    { flags: '--server <id>', text: 'only of this server' },
    { flags: '--quarantined', text: 'only those that wait to be accepted' },
  ],
  run: async given => {
    const api = await given.api();
    const answer = await api.get<{ tools: ToolView[] }>('tools');
    const server = text(given, 'server');
    const tools = answer.tools.filter(
      view =>
        (server === undefined || view.tool.startsWith(`${server}/`)) &&
        (!flag(given, 'quarantined') || view.status === 'quarantined'),
    );
    if (tools.length === 0) {
      if (server !== undefined) await serverMustBeThere(server, api);
      return {
        json: { ...answer, tools },
        notes: [flag(given, 'quarantined') ? 'Nothing is quarantined.' : 'No tool is known.'],
      };
    }
    const waiting = tools.some(({ status }) => status === 'quarantined');
    const unclear = tools.some(({ judged }) => judged?.confidence === 'unclear');
    return {
      json: { ...answer, tools },
      text: toolsTable(tools, given.paint),
      notes: [
        ...(waiting ? ['look at what changed: sallyport tools diff'] : []),
        ...(unclear ? ['`?`: no word says what it does; say so with `servers.ID.tools.NAME.classes`'] : []),
      ],
    };
  },
};

function toolsTable(tools: readonly ToolView[], paint: Paint): string {
  const rows = tools.map(view => [
    paint.bold(safeLine(view.tool)),
    view.status === 'pinned' ? 'pinned' : paint.warn('quarantined'),
    view.judged?.confidence === 'unclear' ? paint.warn(`${view.classes.join(' ')} ?`) : view.classes.join(' '),
    view.segment,
    view.labels.join(' '),
    cut(safeLine(view.why ?? view.description ?? ''), descriptionCharsMax),
  ]);
  return table(['tool', 'status', 'classes', 'segment', 'results', ''], rows, paint.faint);
}

export const toolsDiff: Command = {
  name: 'tools diff',
  group: 'Catalogue',
  args: '[tool]',
  summary: 'what changed in the definition of a quarantined tool',
  examples: [
    ['sallyport tools diff', 'of every tool that waits'],
    ['sallyport tools diff files/write_file', 'of one'],
  ],
  run: async given => {
    const answer = await diffs(await given.api(), arg(given, 0));
    if (answer.diffs.length === 0) return { json: answer, notes: ['Every definition is the one that was pinned.'] };
    return {
      json: answer,
      text: answer.diffs.map(view => diffText(view, given.paint)).join('\n\n'),
      notes: [`accept what was shown: sallyport tools accept ${safeLine(answer.diffs[0]?.tool ?? '')}`],
    };
  },
};

async function diffs(api: Api, tool: string) {
  return await withSuggestion(
    api.get<{ diffs: ToolDiffView[] }>('tools/diff', { tool: tool === '' ? undefined : tool }),
    tool,
    () => toolNames(api),
    'Tools are listed by `sallyport tools ls`.',
  );
}

export async function toolNames(api: Api): Promise<string[]> {
  return (await api.get<{ tools: ToolView[] }>('tools')).tools.map(({ tool }) => tool);
}

function diffText({ tool, why, text: diff, pinned, offered }: ToolDiffView, paint: Paint): string {
  const lines = safe(diff).split('\n');
  const painted = lines.map(line =>
    line.startsWith('+') ? paint.good(line) : line.startsWith('-') ? paint.bad(line) : line,
  );
  // The only change is said once.
  const repeated = lines.length === 1 && diff !== '' && why.endsWith(`: ${diff}`);
  return [
    `${paint.bold(safeLine(tool))}  ${paint.warn(safeLine(repeated ? why.slice(0, -diff.length - 2) : why))}`,
    paint.faint(`  pinned ${pinned ?? 'never'}, offered ${offered ?? 'gone'}`),
    ...painted.map(line => `  ${line}`),
  ].join('\n');
}

export const toolsAccept: Command = {
  name: 'tools accept',
  group: 'Catalogue',
  args: '[tools...]',
  summary: 'pin the definitions that were offered',
  about:
    'Shows each change and asks. What is accepted is exactly what was shown: a definition that changes meanwhile is not.',
  examples: [
    ['sallyport tools accept files/write_file', 'one tool'],
    ['sallyport tools accept --all', 'every tool that waits'],
  ],
  options: [{ flags: '--all', text: 'every tool that waits' }, yesOption],
  run: accept,
};

async function accept(given: Given): Promise<Outcome> {
  const api = await given.api();
  if (given.args.length === 0 && !flag(given, 'all'))
    throw usageError('name the tools, or add --all', 'What waits is shown by `sallyport tools diff`.');
  const answers =
    given.args.length === 0 ? [await diffs(api, '')] : await Promise.all(given.args.map(tool => diffs(api, tool)));
  // Without a text there is nothing to look at: it is what was accepted, or is not offered any more.
  const views = answers.flatMap(answer => answer.diffs).filter(({ text }) => text !== '');
  const offered = views.flatMap(({ tool, offered: pin }) => (pin === undefined ? [] : [{ tool, pin }]));
  if (offered.length === 0) throw new CliError('conflict', 'nothing waits to be accepted', 'See `sallyport tools ls`.');
  given.terminal.err(`${views.map(view => diffText(view, given.paint)).join('\n\n')}\n`);
  for (const note of operatorNote(answers[0]?.operator ?? '', given.paint)) given.terminal.err(`${note}\n`);
  await confirmed(given, `Pin ${offered.length === 1 ? 'this definition' : `these ${offered.length} definitions`}?`);
  const answer = await api.post<{ tools: ToolView[] }>('tools/accept', { tools: offered });
  return {
    json: answer,
    text: offered.map(({ tool }) => `${safeLine(tool)} pinned`).join('\n'),
  };
}
