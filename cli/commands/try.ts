import type { AgentView } from '@sallyport/gateway/api/view/agent.ts';
import type { TryView } from '@sallyport/gateway/api/view/decision.ts';
import type { Api } from '../api.ts';
import { arg, type Command, flag, type Given, list, type Outcome, text } from '../command.ts';
import { type ExitStatus, exit, usageError } from '../exit.ts';
import { askedText } from '../format/asked.ts';
import { costLines } from '../format/cost.ts';
import { changeLines, reasonLines } from '../format/reasons.ts';
import { factLines } from '../format/request.ts';
import { safeLine } from '../format/safe.ts';
import { withSuggestion, withWord } from '../given/suggest.ts';
import { toolNames } from './tools.ts';

export const attempt: Command = {
  name: 'try',
  group: 'Policy',
  args: '<agent> <tool> [arguments...]',
  summary: 'what would be decided now; nothing is done and nothing is recorded',
  about: `Arguments are \`name=value\`: JSON where it is JSON, otherwise text. \`--input -\` reads a whole JSON object from standard
input. Ends with 0 for permit, 3 for deny, 4 for needs approval.`,
  examples: [
    ['sallyport try assistant everything/get-env', 'in its ambient task, as that stands now'],
    [
      'sallyport try assistant files/write_file path=/tmp/x content=hello --untrusted',
      'after the task has read untrusted content',
    ],
    ['sallyport try assistant everything/get-env --facts', 'and what a rule could look at'],
    ['sallyport try assistant files/write_file path=x content=y --task t_4c0v8m1r', 'in a task that is open'],
  ],
  options: [
    { flags: '--input <json>', text: 'the arguments as a JSON object; `-` for standard input' },
    { flags: '--task <id>', text: 'as in this task' },
    { flags: '--purpose <text>', text: 'purpose of the new task' },
    { flags: '--expect <server/name...>', text: 'tools that the new task is expected to use' },
    { flags: '--untrusted', text: 'the new task has read untrusted content' },
    { flags: '--facts', text: 'show every fact that policies can look at' },
  ],
  run,
};

const statuses: Readonly<Record<TryView['answer'], ExitStatus>> = {
  permit: exit.ok,
  deny: exit.denied,
  ask: exit.needsApproval,
};

async function run(given: Given): Promise<Outcome> {
  const [agent, tool] = [arg(given, 0), arg(given, 1)];
  const input = await inputOf(given);
  const api = await given.api();
  const order = {
    agent,
    tool,
    input,
    task: text(given, 'task'),
    purpose: text(given, 'purpose'),
    tools: list(given, 'expect'),
    untrusted: flag(given, 'untrusted') ? true : undefined,
  };
  const answer = await withSuggestion(
    api.post<{ try: TryView }>('try', order).catch(thrown => {
      throw withWord(withWord(thrown, 'agent', agent), 'tool', tool);
    }),
    tool,
    () => names(api, agent, tool),
    'See `sallyport tools ls` and `sallyport agents ls`.',
  );
  return { status: statuses[answer.try.answer], json: answer, text: tryText(answer.try, given) };
}

/** Agents if the agent is the unknown one, otherwise tools. */
async function names(api: Api, agent: string, tool: string): Promise<string[]> {
  const agents = (await api.get<{ agents: AgentView[] }>('agents')).agents.map(({ id }) => id);
  const tools = await toolNames(api);
  return agents.includes(agent) || !tools.includes(tool) ? tools : agents;
}

async function inputOf(given: Given): Promise<object> {
  const whole = text(given, 'input');
  const pairs = given.args.slice(2);
  if (whole === undefined) return Object.fromEntries(pairs.map(pairOf));
  if (pairs.length > 0) throw usageError('--input and name=value cannot stand together');
  const source = whole === '-' ? await given.terminal.input() : whole;
  const value = parsed(source);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw usageError('--input must be a JSON object', 'For instance: --input \'{"path":"notes.md"}\'');
  return value;
}

function pairOf(pair: string): [string, unknown] {
  const at = pair.indexOf('=');
  if (at < 1) throw usageError(`${safeLine(pair)} is not name=value`, 'For instance: path=notes.md');
  const value = pair.slice(at + 1);
  return [pair.slice(0, at), asJson(value) ?? value];
}

/** The value if the text is JSON; undefined for text. A number that JavaScript would change is text here. */
function asJson(source: string): unknown {
  const value = parsed(source);
  return typeof value === 'number' && String(value) !== source ? undefined : value;
}

function parsed(source: string): unknown {
  try {
    return JSON.parse(source);
  } catch {
    return undefined;
  }
}

function tryText(view: TryView, given: Given): string {
  const { paint, terminal } = given;
  const answer = { permit: paint.good('permit'), deny: paint.bad('deny'), ask: paint.warn('ask') }[view.answer];
  const verdict = { pass: 'it would be performed', refuse: 'it would be refused', defer: 'a person would be asked' }[
    view.verdict
  ];
  const approval = view.approval === undefined ? [] : [`  ${askedText(view.approval)}`];
  const change = changeLines(view.change);
  return [
    `${paint.bold(safeLine(view.tool))}  ${answer}: ${verdict} (mode ${view.mode})`,
    ...approval,
    '',
    paint.bold('decided by'),
    ...reasonLines(view.reasons, terminal.cwd, paint),
    ...(change.length === 0 ? [] : ['', paint.bold('would permit'), ...change]),
    '',
    ...costLines(view.facts, paint),
    ...(flag(given, 'facts') ? [paint.bold('facts'), ...factLines(view.facts, paint), ''] : []),
    paint.faint(
      `nothing was done, nothing was recorded${flag(given, 'facts') ? '' : '; --facts shows what rules can look at'}`,
    ),
  ].join('\n');
}
