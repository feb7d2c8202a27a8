import type { TaskView } from '@sallyport/gateway/api/view/task.ts';
import { arg, type Command, count, type Given, list, type Outcome, text, yesOption } from '../command.ts';
import { short } from '../format/ids.ts';
import { operatorNote } from '../format/operator.ts';
import { moment } from '../format/time.ts';
import { inFlags } from '../in-flags.ts';
import { writeNamed } from '../named-file.ts';
import { withSuggestion } from '../suggest.ts';
import { tokenFile, tokenFileOption } from '../token-file.ts';
import { taskIds } from './task.ts';

export const taskSuspend: Command = {
  name: 'task suspend',
  group: 'Decide',
  args: '<id>',
  summary: 'let a task, and what it delegated, do nothing until it is resumed',
  examples: [['sallyport task suspend t_4c0v8m1r --why "looking at it"', 'its time goes on']],
  options: [{ flags: '--why <text>', text: 'the reason, for the record' }],
  run: given => change(given, 'suspend', { why: text(given, 'why') ?? '' }, 'suspended'),
};

export const taskResume: Command = {
  name: 'task resume',
  group: 'Decide',
  args: '<id>',
  summary: 'let a suspended task go on',
  examples: [['sallyport task resume t_4c0v8m1r', 'from the next call on']],
  run: given => change(given, 'resume', {}, 'resumed'),
};

export const taskRenew: Command = {
  name: 'task renew',
  group: 'Decide',
  args: '<id>',
  summary: 'a new token for an open task; the one before counts no more',
  about: `The task is held against its kind as it is in force now, and its limits stay what they were. A call that is under way is
not cut. With \`--access\` there is also an access token, minutes long, that proves the agent and names the task by itself.`,
  examples: [
    ['sallyport task renew t_4c0v8m1r --token-file task.token', 'the token goes into a private file'],
    ['sallyport task renew t_4c0v8m1r --access /mcp/files --seconds 300', 'and an access token for one server'],
  ],
  options: [
    { flags: '--access <path>', text: 'also an access token for /mcp or /mcp/SERVER' },
    { flags: '--seconds <n>', text: 'its life (default 600, at most an hour)' },
    { flags: '--jkt <thumbprint>', text: 'bind it to this key (DPoP)' },
    tokenFileOption,
    yesOption,
  ],
  run: renew,
};

export const taskHold: Command = {
  name: 'task hold',
  group: 'Decide',
  args: '<id>',
  summary: 'keep a task going that hangs on a connection, until this command is ended',
  about: `For orchestrators: the task was opened with \`--ends-with connection\`, and ends two seconds after the last connection that
holds it is gone, for whatever reason.`,
  examples: [['sallyport task hold t_4c0v8m1r', 'the task ends with this command']],
  run: async given => {
    const api = await given.api();
    const stop = new AbortController();
    const ended = (): void => stop.abort();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, ended);
    await api.hold(`tasks/${encodeURIComponent(arg(given, 0))}/hold`, stop.signal);
    return stop.signal.aborted
      ? { json: { held: false }, text: 'let go: the task ends' }
      : { json: { held: false }, text: 'the task is over' };
  },
};

interface Renewed {
  readonly task: TaskView;
  readonly token: string;
  readonly access?: { readonly token: string; readonly expiresAt: number };
  readonly operator: string;
}

async function renew(given: Given): Promise<Outcome> {
  const file = await tokenFile(given);
  const audience = text(given, 'access');
  const seconds = count(given, 'seconds');
  const access = audience === undefined ? undefined : { audience, seconds, jkt: text(given, 'jkt') };
  const { token, ...answer } = await post<Renewed>(given, 'renew', access === undefined ? {} : { access });
  if (file !== undefined) writeNamed(file, `${token}\n`);
  const lines = [`task ${short(answer.task.id)} renewed`];
  if (file === undefined) lines.push(`token  ${token}`);
  if (answer.access !== undefined)
    lines.push(`access ${answer.access.token}`, `       until ${moment(answer.access.expiresAt)}`);
  return {
    json: file === undefined ? { ...answer, token } : answer,
    text: lines.join('\n'),
    notes: operatorNote(answer.operator, given.paint),
  };
}

export const taskNarrow: Command = {
  name: 'task narrow',
  group: 'Decide',
  args: '<id>',
  summary: 'expect less of a task, and of all below it, for good',
  about:
    'What it was expected to do and what is named here is left. What it turns out to need all the same is asked about.',
  examples: [['sallyport task narrow t_4c0v8m1r --tool files/read_file', 'whatever else it had been opened with']],
  options: [
    { flags: '--tool <server/name...>', text: 'expected tools, `server/*` for all of one; `none` for none' },
    { flags: '--resource <name...>', text: 'expected resources, exact or beginning: `file:///reports/*`' },
    { flags: '--destination <name...>', text: 'expected destinations, exact or ending: `*.example.org`' },
    { flags: '--why <text>', text: 'the reason, for the record' },
  ],
  run: given => inFlags(change(given, 'narrow', narrower(given), 'narrowed'), narrowFlags, given),
};

const narrowFlags = { tools: 'tool', resources: 'resource', destinations: 'destination', why: 'why' };

function narrower(given: Given): object {
  const tools = list(given, 'tool');
  return {
    ...(tools === undefined ? {} : { tools: tools.filter(tool => tool !== 'none') }),
    resources: list(given, 'resource'),
    destinations: list(given, 'destination'),
    why: text(given, 'why') ?? '',
  };
}

async function change(given: Given, verb: string, body: object, done: string): Promise<Outcome> {
  const answer = await post<{ task: TaskView; operator: string }>(given, verb, body);
  return {
    json: answer,
    text: `task ${short(answer.task.id)} ${done}`,
    notes: operatorNote(answer.operator, given.paint),
  };
}

async function post<T>(given: Given, verb: string, body: object): Promise<T> {
  const api = await given.api();
  const id = arg(given, 0);
  return (await withSuggestion(
    api.post<object>(`tasks/${encodeURIComponent(id)}/${verb}`, body),
    id,
    () => taskIds(api),
    'Open tasks are listed by `sallyport tasks`.',
  )) as T;
}
