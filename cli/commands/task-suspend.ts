import { type Command, text } from '../command.ts';
import { changeTask } from '../given/change-task.ts';

export const taskSuspend: Command = {
  name: 'task suspend',
  group: 'Decide',
  args: '<id>',
  summary: 'let a task, and what it delegated, do nothing until it is resumed',
  examples: [['sallyport task suspend t_4c0v8m1r --why "looking at it"', 'its time goes on']],
  options: [{ flags: '--why <text>', text: 'the reason, for the record' }],
  run: given => changeTask(given, 'suspend', { why: text(given, 'why') ?? '' }, 'suspended'),
};

export const taskResume: Command = {
  name: 'task resume',
  group: 'Decide',
  args: '<id>',
  summary: 'let a suspended task go on',
  examples: [['sallyport task resume t_4c0v8m1r', 'from the next call on']],
  run: given => changeTask(given, 'resume', {}, 'resumed'),
};
