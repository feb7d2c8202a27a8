import type { AgentView } from '@sallyport/gateway/api/view/agent.ts';
import type { TaskView } from '@sallyport/gateway/api/view/task.ts';
import { type Command, count, flag, type Given, list, type Outcome, text } from '../command.ts';
import { usageError } from '../exit.ts';
import { operatorNote } from '../format/operator.ts';
import { safeLine } from '../format/safe.ts';
import { taskText } from '../format/task-text.ts';
import { inFlags } from '../given/in-flags.ts';
import { replaceOption, writeNamed } from '../given/named-file.ts';
import { withSuggestion } from '../given/suggest.ts';
import { tokenFile, tokenFileOption } from '../given/token-file.ts';

export const taskOpen: Command = {
  name: 'task open',
  group: 'Decide',
  summary: 'open a task for an agent, with a purpose, tools and limits',
  about: `Whoever opens a task vouches for its purpose and tools; what an agent says about itself grants nothing. The token is
shown once: hand it to the agent, which sends it with every call. \`--clean\` instead replaces the task that an agent
and its principal share without a token (the ambient task) by one that has read nothing.`,
  examples: [
    [
      'sallyport task open --agent assistant --purpose "Summarise the folder" --tool "files/*"',
      'a task that is expected to use the file tools',
    ],
    [
      'sallyport task open --agent assistant --purpose "Tidy up" --tool none --seconds 600',
      'no tool is expected; ends after ten minutes',
    ],
    [
      'sallyport task open --agent researcher --parent t_4c0v8m1r --purpose "Read the notes" --tool "files/read_*" --calls 10',
      'part of a task, handed to another agent; it ends with that one',
    ],
    ['sallyport task open --agent assistant --clean', 'a fresh ambient task'],
  ],
  options: [
    { flags: '--agent <id>', text: 'the agent that works on it (required)' },
    { flags: '--purpose <text>', text: 'what it is for, in the principal’s words' },
    { flags: '--tool <server/name...>', text: 'expected tools, `server/*` for all of one; `none` for none' },
    { flags: '--resource <name...>', text: 'expected resources, exact or beginning: `file:///reports/*`' },
    { flags: '--destination <name...>', text: 'who may be told or paid: `*.example.org`, `*@example.org`' },
    { flags: '--kind <name>', text: 'a kind of task that stands beside the policies' },
    { flags: '--ceiling <level>', text: 'most sensitive data it may read: public, internal, confidential, secret' },
    { flags: '--segment <name...>', text: 'where it works (default: in the segment it first acts in)' },
    { flags: '--server <id...>', text: 'the only servers that it may reach' },
    { flags: '--ends-with <what>', text: 'ends with this: connection, job:NS/NAME, pod:NS/NAME, run:OWNER/REPO/ID' },
    { flags: '--parent <id>', text: 'delegate it from this task: it gets at most what that one has' },
    {
      flags: '--principal <id>',
      text: 'on whose behalf (default: that of `--parent`, else the agent’s configured principal)',
    },
    { flags: '--calls <n>', text: 'at most this many calls' },
    { flags: '--seconds <n>', text: 'ends after this long' },
    { flags: '--spend <cents>', text: 'at most this much may be spent, in hundredths' },
    { flags: '--depth <n>', text: 'how many delegations may follow' },
    { flags: '--idle <n>', text: 'ends after so many seconds without a call' },
    { flags: '--bytes <n>', text: 'at most this many bytes of arguments and results together' },
    tokenFileOption,
    replaceOption,
    { flags: '--clean', text: 'replace the ambient task' },
  ],
  run,
};

async function run(given: Given): Promise<Outcome> {
  const agent = text(given, 'agent');
  if (agent === undefined) throw usageError('--agent is required', 'Agents are listed by `sallyport agents ls`.');
  const file = await tokenFile(given);
  const api = await given.api();
  const opened = withSuggestion(
    api.post<{ task: TaskView; token?: string }>('tasks', orderOf(given, agent)),
    agent,
    async () => (await api.get<{ agents: AgentView[] }>('agents')).agents.map(({ id }) => id),
    'Agents are listed by `sallyport agents ls`.',
  );
  const answer = await inFlags(opened, flags, given);
  const { token, ...shown } = answer;
  if (token !== undefined && file !== undefined) writeNamed(file, `${token}\n`);
  const lines = [taskText(answer.task, Date.now(), given.paint)];
  if (token !== undefined) lines.push('', `token  ${file === undefined ? token : `written to ${safeLine(file)}`}`);
  return {
    json: file === undefined ? answer : shown,
    text: lines.join('\n'),
    notes: [
      ...(token === undefined || file !== undefined
        ? []
        : ['The token is shown this once; the agent sends it with every call.']),
      ...operatorNote(answer.operator, given.paint),
    ],
  };
}

/** The flags that the fields of an order are made of. */
const flags: Readonly<Record<string, string>> = {
  agent: 'agent',
  purpose: 'purpose',
  kind: 'kind',
  principal: 'principal',
  tools: 'tool',
  resources: 'resource',
  destinations: 'destination',
  ceiling: 'ceiling',
  segments: 'segment',
  audience: 'server',
  parent: 'parent',
  endsWith: 'ends-with',
  'limits.callsMax': 'calls',
  'limits.secondsMax': 'seconds',
  'limits.bytesMax': 'bytes',
  'limits.spendCentsMax': 'spend',
  'limits.depthMax': 'depth',
  'limits.idleSecondsMax': 'idle',
};

function orderOf(given: Given, agent: string): object {
  const tools = list(given, 'tool');
  const limits = {
    callsMax: count(given, 'calls'),
    secondsMax: count(given, 'seconds'),
    bytesMax: count(given, 'bytes'),
    spendCentsMax: count(given, 'spend', 0),
    depthMax: count(given, 'depth', 0),
    idleSecondsMax: count(given, 'idle'),
  };
  const clean = flag(given, 'clean');
  if (clean && tools !== undefined) throw usageError('--clean opens an ambient task, which has no --tool');
  return {
    agent,
    kind: clean ? 'ambient' : (text(given, 'kind') ?? 'opened'),
    purpose: text(given, 'purpose') ?? '',
    principal: text(given, 'principal'),
    tools: tools?.length === 1 && tools[0] === 'none' ? [] : tools,
    resources: list(given, 'resource'),
    destinations: list(given, 'destination'),
    ceiling: text(given, 'ceiling'),
    segments: list(given, 'segment'),
    audience: list(given, 'server'),
    parent: text(given, 'parent'),
    endsWith: text(given, 'endsWith'),
    limits,
  };
}
