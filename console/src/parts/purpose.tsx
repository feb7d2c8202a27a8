import type { TaskView } from '@sallyport/gateway/api/view/task.ts';
import { Foreign } from './text.tsx';

/** What a task is for, in its opener's words, or why there are none. */
export function Purpose({ task, max }: { readonly task: Pick<TaskView, 'purpose' | 'kind'>; readonly max: number }) {
  if (task.purpose !== '') return <Foreign text={task.purpose} max={max} />;
  return <span class="quiet">{task.kind === 'ambient' ? 'ambient, no purpose' : 'no purpose stated'}</span>;
}
