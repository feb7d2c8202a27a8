import type { ReachedBy, ReachedTool, ReachView } from '@sallyport/gateway/api/view/reach.ts';
import { arg, type Command, type Given, type Outcome, text } from '../command.ts';
import { usageError } from '../exit.ts';
import { short } from '../format/ids.ts';
import type { Paint } from '../format/paint.ts';
import { safeLine } from '../format/safe.ts';

export const can: Command = {
  name: 'can',
  group: 'See',
  args: '[agent]',
  summary: 'what whoever holds an agent, a server or a credential could reach',
  about: `From where the agent stands: its task with all that it has read, its segments and the policies in force. What the tools of a
segment need is said tool by tool; a rule that looks at arguments is no wall, and is shown as \`depends\`.`,
  examples: [
    ['sallyport can assistant', 'in its ambient task, as that stands now'],
    ['sallyport can assistant --task t_4c0v8m1r', 'in a task that is open'],
    ['sallyport can --server wiki', 'if that server, or a tool of it, is somebody else’s'],
    ['sallyport can --credential mail-key', 'if that credential is'],
  ],
  options: [
    { flags: '--task <id>', text: 'in this task of the agent' },
    { flags: '--server <id>', text: 'what this server has, and what it could make those reach who listen to it' },
    { flags: '--credential <name>', text: 'the same of the servers that are given this credential' },
  ],
  run,
};

async function run(given: Given): Promise<Outcome> {
  const agent = arg(given, 0) === '' ? undefined : arg(given, 0);
  const query = {
    agent,
    task: text(given, 'task'),
    server: text(given, 'server'),
    credential: text(given, 'credential'),
  };
  if ([agent, query.server, query.credential].filter(word => word !== undefined).length !== 1)
    throw usageError(
      'an agent, --server or --credential is needed, and only one of them',
      'See `sallyport agents ls`.',
    );
  const api = await given.api();
  const answer = await api.get<{ can: ReachView }>('can', query);
  const { holds = [], agents } = answer.can;
  const lines = [
    ...holds.map(
      ({ server, segment, credentials }) =>
        `${given.paint.bold(safeLine(server))} in ${safeLine(segment)} holds ${credentials.map(safeLine).join(', ') || 'no credential'}, and needs nobody to use it`,
    ),
    ...(holds.length > 0 && agents.length === 0 ? ['no agent may listen to it'] : []),
    ...agents.flatMap(each => ['', ...lineOf(each, given.paint)]),
  ];
  return { json: answer, text: lines.join('\n').trim() };
}

function lineOf({ agent, task, kind, standsIn, segments }: ReachedBy, paint: Paint): string[] {
  const where =
    standsIn === undefined
      ? 'has not acted: it may begin in any one of these segments'
      : `stands in ${standsIn.map(safeLine).join(', ') || 'none'}`;
  return [
    `${paint.bold(safeLine(agent))} ${where} ${paint.faint(`(task ${short(task)}, ${safeLine(kind)})`)}`,
    ...segments.flatMap(({ segment, here, servers }) => [
      `  ${paint.bold(safeLine(segment))}${here ? '' : paint.faint('  across: a step of its own')}`,
      ...servers.flatMap(({ id, credentials, tools }) => serverLines(id, credentials, tools, paint)),
    ]),
  ];
}

const words = { free: 'freely', ask: 'with a yes', depends: 'depends on arguments', no: 'not' } as const;

function serverLines(
  id: string,
  credentials: readonly string[],
  tools: readonly ReachedTool[],
  paint: Paint,
): string[] {
  const paints = { free: paint.warn, ask: (plain: string) => plain, depends: paint.warn, no: paint.good };
  const groups = (['free', 'depends', 'ask', 'no'] as const).flatMap(reach => {
    const names = tools.filter(tool => tool.reach === reach).map(({ tool }) => safeLine(tool.slice(id.length + 1)));
    return names.length === 0 ? [] : [`      ${paints[reach](words[reach])}: ${names.join(', ')}`];
  });
  const held = credentials.length === 0 ? '' : paint.faint(`  with ${credentials.map(safeLine).join(', ')}`);
  return [`    ${safeLine(id)}${held}`, ...groups];
}
