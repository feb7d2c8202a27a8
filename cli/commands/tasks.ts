import { didYouMean } from '@sallyport/core/model/nearest.ts';
import type { AgentView } from '@sallyport/gateway/api/view/agent.ts';
import type { TaskView } from '@sallyport/gateway/api/view/task.ts';
import type { Api } from '../api.ts';
import { type Command, count, flag, type Given, type Outcome, text } from '../command.ts';
import { CliError } from '../exit.ts';
import { cut, safeLine } from '../format/safe.ts';
import { tasksTable } from '../format/task-text.ts';

export const tasks: Command = {
  name: 'tasks',
  group: 'See',
  summary: 'open tasks: what agents are at work on',
  examples: [
    ['sallyport tasks', 'open tasks, newest first'],
    ['sallyport tasks --all --agent assistant', 'also ended ones, of one agent'],
  ],
  options: [
    { flags: '--all', text: 'also those that have ended' },
    { flags: '--agent <id>', text: 'only of this agent' },
    { flags: '-n, --lines <n>', text: 'at most this many (default 100)' },
  ],
  run,
};

async function run(given: Given): Promise<Outcome> {
  const api = await given.api();
  const agent = text(given, 'agent');
  const answer = await api.get<{ tasks: TaskView[] }>('tasks', {
    state: flag(given, 'all') ? 'all' : 'open',
    agent,
    limit: count(given, 'lines'),
  });
  if (answer.tasks.length === 0 && agent !== undefined) await mustBeThere(agent, api);
  if (answer.tasks.length === 0)
    return { json: answer, notes: ['No task is open. Open one: sallyport task open --help'] };
  return { json: answer, text: tasksTable(answer.tasks, given.paint) };
}

async function mustBeThere(agent: string, api: Api): Promise<void> {
  const { agents } = await api.get<{ agents: AgentView[] }>('agents');
  const known = agents.map(({ id }) => id);
  if (known.includes(agent)) return;
  const message = `--agent ${cut(safeLine(agent), 160)}: is no configured agent${didYouMean(agent, known)}`;
  throw new CliError('not-found', message, 'Agents are listed by `sallyport agents ls`.');
}
