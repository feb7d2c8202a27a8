import type { Entry } from '@sallyport/core/model/entry.ts';
import type { FindingView } from '@sallyport/gateway/api/view/finding.ts';
import type { TaskView } from '@sallyport/gateway/api/view/task.ts';
import { get } from './api.ts';
import { inUrl } from './format.ts';

const pagesMax = 10;
const pageEntriesMax = 1_000;
export const taskEntriesMax = pagesMax * pageEntriesMax;
export const childrenMax = 1_000;

/** One task with all that is told of it. */
export interface Told {
  readonly task: TaskView;
  readonly entries: readonly Entry[];
  readonly isWhole: boolean;
  readonly findings: readonly FindingView[];
  /** The tasks that it handed on, oldest first. */
  readonly children: readonly TaskView[];
}

export async function readTask(id: string): Promise<Told> {
  const { task } = await get<{ task: TaskView }>(`tasks/${inUrl(id)}`);
  const [{ findings }, { tasks }] = await Promise.all([
    get<{ findings: FindingView[] }>('findings', { task: task.id }),
    get<{ tasks: TaskView[] }>('tasks', { state: 'all', parent: task.id, limit: childrenMax }),
  ]);
  const children = tasks.toSorted((a, b) => a.openedAt - b.openedAt);
  const entries: Entry[] = [];
  for (let page = 0; page < pagesMax; page++) {
    const after = entries.at(-1)?.seq ?? -1;
    const more = await get<{ entries: Entry[] }>('entries', { task: task.id, after, limit: pageEntriesMax });
    entries.push(...more.entries);
    if (more.entries.length < pageEntriesMax) return { task, entries, isWhole: true, findings, children };
  }
  return { task, entries, isWhole: false, findings, children };
}
