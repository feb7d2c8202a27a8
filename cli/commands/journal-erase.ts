import type { ErasedView } from '@sallyport/gateway/api/control.ts';
import { type Command, confirmed, type Given, type Outcome, text, yesOption } from '../command.ts';
import { usageError } from '../exit.ts';
import { short } from '../format/ids.ts';
import { postTask } from '../given/named-task.ts';

export const journalErase: Command = {
  name: 'journal erase',
  group: 'Evidence',
  summary: 'make the arguments, results and purpose of a task unreadable for good',
  about: `Destroys the keys of the task's bodies: they cannot be read any more, here or in any copy of the record without its keys. The record
itself stays whole and still verifies: who did what when, and how it was decided. That it was erased, by whom and why stands
in it.`,
  examples: [
    ['sallyport journal erase --task t_4c0v8m1r --why "request of Emma"', 'nobody can read again what was in it'],
  ],
  options: [
    { flags: '--task <id>', text: 'the task; the whole id if it ended long ago' },
    { flags: '--why <text>', text: 'the reason, for the record' },
    yesOption,
  ],
  run,
};

async function run(given: Given): Promise<Outcome> {
  const id = text(given, 'task');
  if (id === undefined) throw usageError('--task is missing', 'Name the task whose bodies are to go.');
  const api = await given.api();
  await confirmed(given, `Erase what task ${id} read and wrote, for good?`);
  const answer = await postTask<{ erased: ErasedView }>(api, id, 'erase', { why: text(given, 'why') ?? '' });
  const { task, keys } = answer.erased;
  const nothing = keys === 0 ? '; there was nothing left to erase' : '';
  return { json: answer, text: `bodies of task ${short(task)} erased${nothing}` };
}
