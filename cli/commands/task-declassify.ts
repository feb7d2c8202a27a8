import type { TaskView } from '@sallyport/gateway/api/view/task.ts';
import { arg, type Command, flag, type Given, type Outcome, text } from '../command.ts';
import { usageError } from '../exit.ts';
import { short } from '../format/ids.ts';
import { operatorNote } from '../format/operator.ts';
import { postTask } from '../given/named-task.ts';

export const taskDeclassify: Command = {
  name: 'task declassify',
  group: 'Decide',
  args: '<id>',
  summary: 'let what a task has read count as less sensitive, for the rest of it',
  about: `The labels stay: what the task writes somewhere or hands on is marked as before, and what it reads later counts as it is
labelled. With \`--value\` it is about what is found again in what leaves; with \`--entry\` also about the task, whose label follows once all
that brought it was declassified; with \`--all\` about the task itself.`,
  examples: [
    [
      'sallyport task declassify t_4c0v8m1r --entry o_9d2k7x1p --to internal --why "the figures are public since noon"',
      'what one call brought',
    ],
    ['sallyport task declassify t_4c0v8m1r --value AC-1183-77 --to public --why "our own account"', 'one value'],
    ['sallyport task declassify t_4c0v8m1r --all --to internal --why "read through it"', 'all that it has read so far'],
  ],
  options: [
    { flags: '--entry <id>', text: 'what this outcome brought' },
    { flags: '--value <text>', text: 'this value, wherever it came from (6 to 24 letters and digits)' },
    { flags: '--all', text: 'all that the task has read so far' },
    { flags: '--to <level>', text: 'what it counts as: public, internal, confidential (required)' },
    { flags: '--why <text>', text: 'the reason, for the record (required)' },
  ],
  run,
};

async function run(given: Given): Promise<Outcome> {
  const [entry, value, to, why] = ['entry', 'value', 'to', 'why'].map(name => text(given, name));
  const named = [entry, value, flag(given, 'all') ? 'all' : undefined].filter(one => one !== undefined);
  if (named.length !== 1) throw usageError('exactly one of --entry, --value and --all is required');
  if (to === undefined || why === undefined) throw usageError('--to and --why are required');
  const api = await given.api();
  const body = { entry, value, to, why };
  const answer = await postTask<{ task: TaskView }>(api, arg(given, 0), 'declassify', body);
  return {
    json: answer,
    text: `task ${short(answer.task.id)}: ${entry ?? (value === undefined ? 'all that it has read' : 'the value')} counts as ${to}`,
    notes: operatorNote(answer.operator, given.paint),
  };
}
