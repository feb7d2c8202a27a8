import type { FindingView } from '@sallyport/gateway/api/view/finding.ts';
import type { TaskView } from '@sallyport/gateway/api/view/task.ts';
import type { Api } from '../api.ts';
import { arg, type Command, type Given, type Outcome } from '../command.ts';
import { short } from '../format/ids.ts';
import { taskText } from '../format/task-text.ts';
import { withSuggestion } from '../suggest.ts';
import { signalLines } from './findings.ts';

export const task: Command = {
  name: 'task',
  group: 'See',
  args: '<id>',
  summary: 'one task: purpose, manifest, limits, labels',
  examples: [['sallyport task t_4c0v8m1r', 'by any unique beginning of its id']],
  run,
};

async function run(given: Given): Promise<Outcome> {
  const api = await given.api();
  const answer = await findTask(api, arg(given, 0));
  const { id } = answer.task;
  const { findings } = await api.get<{ findings: FindingView[] }>('findings', { task: id });
  const noticed = findings.flatMap(finding => ['', given.paint.bold('unusual'), ...signalLines(finding)]);
  return {
    json: { ...answer, findings },
    text: [taskText(answer.task, Date.now(), given.paint), ...noticed].join('\n'),
    notes: [`its decisions: sallyport tail --task ${short(id)}`],
  };
}

export function findTask(api: Api, id: string) {
  return withSuggestion(
    api.get<{ task: TaskView }>(`tasks/${encodeURIComponent(id)}`),
    id,
    () => taskIds(api),
    'Open tasks are listed by `sallyport tasks`.',
  );
}

export async function taskIds(api: Api): Promise<string[]> {
  const { tasks } = await api.get<{ tasks: TaskView[] }>('tasks', { state: 'all', limit: 500 });
  return tasks.flatMap(({ id }) => [id, short(id)]);
}
