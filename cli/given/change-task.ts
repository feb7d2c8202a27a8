import type { TaskView } from '@sallyport/gateway/api/view/task.ts';
import { arg, type Given, type Outcome } from '../command.ts';
import { short } from '../format/ids.ts';
import { operatorNote } from '../format/operator.ts';
import { postTask } from './named-task.ts';

/** `verb` as the API has it, `done` as it is said. */
export async function changeTask(given: Given, verb: string, body: object, done: string): Promise<Outcome> {
  const answer = await postTask<{ task: TaskView }>(await given.api(), arg(given, 0), verb, body);
  return {
    json: answer,
    text: `task ${short(answer.task.id)} ${done}`,
    notes: operatorNote(answer.operator, given.paint),
  };
}
