import type { TaskView } from '@sallyport/gateway/api/view/task.ts';
import type { Answer, Api } from '../api.ts';
import { short } from '../format/ids.ts';
import { withSuggestion } from './suggest.ts';

/** A task that somebody named by its id, or by a unique beginning of it: `not-found` comes with the nearest there is. */

export function findTask(api: Api, id: string): Promise<Answer<{ task: TaskView }>> {
  return ofTask(api, id, api.get(`tasks/${encodeURIComponent(id)}`));
}

/** `verb` is the last word of a route `POST tasks/:id/verb`. */
export function postTask<T>(api: Api, id: string, verb: string, body: object): Promise<Answer<T>> {
  return ofTask(api, id, api.post(`tasks/${encodeURIComponent(id)}/${verb}`, body));
}

function ofTask<T>(api: Api, id: string, asked: Promise<T>): Promise<T> {
  return withSuggestion(asked, id, () => taskIds(api), 'Open tasks are listed by `sallyport tasks`.');
}

async function taskIds(api: Api): Promise<string[]> {
  const { tasks } = await api.get<{ tasks: TaskView[] }>('tasks', { state: 'all', limit: 500 });
  return tasks.flatMap(({ id }) => [id, short(id)]);
}
