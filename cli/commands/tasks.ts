import type { TaskView } from '@sallyport/gateway/api/view/task.ts';
import { type Command, count, flag, type Given, type Outcome, text } from '../command.ts';
import { tasksTable } from '../format/task-text.ts';
import { agentMustBeThere } from '../given/must-be-there.ts';

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
  if (answer.tasks.length === 0 && agent !== undefined) await agentMustBeThere(agent, api);
  if (answer.tasks.length === 0)
    return { json: answer, notes: ['No task is open. Open one: sallyport task open --help'] };
  return { json: answer, text: tasksTable(answer.tasks, given.paint) };
}
