import type { TaskView } from '@sallyport/gateway/api/view/task.ts';
import { arg, type Command, type Given, type Outcome, text } from '../command.ts';
import { short } from '../format/ids.ts';
import { postTask } from '../given/named-task.ts';

export const taskEnd: Command = {
  name: 'task end',
  group: 'Decide',
  args: '<id>',
  summary: 'end a task, and with it everything that hangs on it',
  examples: [['sallyport task end t_4c0v8m1r --why "done"', 'its approvals end too; its next call is refused']],
  options: [{ flags: '--why <text>', text: 'the reason, for the record' }],
  run,
};

async function run(given: Given): Promise<Outcome> {
  const api = await given.api();
  const answer = await postTask<{ task: TaskView }>(api, arg(given, 0), 'end', { why: text(given, 'why') ?? '' });
  return { json: answer, text: `task ${short(answer.task.id)} ${answer.task.state}` };
}
