import type { TaskView } from '@sallyport/gateway/api/view/task.ts';
import { useMemo } from 'preact/hooks';
import { get } from '../data/api.ts';
import { moment, short } from '../data/format.ts';
import { go, query, setQuery, subject } from '../data/route.ts';
import { status } from '../data/status.ts';
import { useLoaded } from '../parts/load.ts';
import { LabelMark } from '../parts/marks.tsx';
import { Purpose } from '../parts/purpose.tsx';
import { Foreign } from '../parts/text.tsx';
import { Twin } from '../parts/twin.tsx';
import { Task } from './task.tsx';

export function Tasks() {
  return subject.value === '' ? <TaskList /> : <Task key={subject.value} id={subject.value} />;
}

function TaskList() {
  const state = query.value.get('state') ?? 'open';
  const loaded = useLoaded(
    () => get<{ tasks: TaskView[] }>('tasks', { state, limit: 300 }),
    [state, status.value?.tasks.open],
  );
  const tasks = loaded.kind === 'here' ? loaded.value.tasks : [];
  const trees = useMemo(() => nested(tasks), [tasks]);
  return (
    <section>
      <div class="heading">
        <h1>Tasks</h1>
        <fieldset class="segments">
          <legend class="unsaid">Which</legend>
          {['open', 'ended', 'all'].map(name => (
            <button
              key={name}
              type="button"
              aria-pressed={state === name}
              onClick={() => setQuery('state', name === 'open' ? '' : name)}
            >
              {name}
            </button>
          ))}
        </fieldset>
      </div>
      {loaded.kind === 'failed' && <p class="problem">{loaded.why}</p>}
      {loaded.kind === 'here' && tasks.length === 0 && (
        <p class="nothing">No task is {state === 'all' ? 'known' : state}.</p>
      )}
      {tasks.length > 0 && (
        <div class="table-wrap">
          <table class="stacks">
            <thead>
              <tr>
                <th scope="col">Purpose</th>
                <th scope="col">Agent</th>
                <th scope="col">State</th>
                <th scope="col">Calls</th>
                <th scope="col">Has read</th>
                <th scope="col">Opened</th>
              </tr>
            </thead>
            <tbody>
              {trees.map(({ task, depth }) => (
                <tr key={task.id} class="is-link" onClick={() => go(`/tasks/${task.id}`)}>
                  <td class={`depth-${Math.min(depth, 4)}`}>
                    <a href={`/tasks/${task.id}`}>
                      <Purpose task={task} max={120} />
                    </a>{' '}
                    <span class="id">{short(task.id)}</span>
                  </td>
                  <td>
                    <Foreign text={task.agent} max={64} />{' '}
                    <span class="quiet">
                      for <Foreign text={task.principal} max={64} />
                    </span>
                  </td>
                  <td>
                    <span class={`state state-${task.state}`}>{task.state}</span>
                  </td>
                  <td class="number" data-label="calls">
                    {task.used.calls}
                    <span class="quiet"> / {task.limits.callsMax.toLocaleString('en-GB')}</span>
                  </td>
                  <td>
                    {task.labels.map(({ label }) => (
                      <LabelMark key={label} label={label} />
                    ))}
                  </td>
                  <td class="quiet" data-label="opened">
                    {moment(task.openedAt)}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <Twin line={state === 'open' ? 'sallyport tasks' : 'sallyport tasks --all'} />
    </section>
  );
}

/** Tasks under the task that handed them over. */
function nested(tasks: readonly TaskView[]): { readonly task: TaskView; readonly depth: number }[] {
  const ids = new Set(tasks.map(({ id }) => id));
  const under = (parent: string | undefined, depth: number): { task: TaskView; depth: number }[] =>
    tasks
      .filter(task => {
        const own = task.parent;
        return parent === undefined ? own === undefined || !ids.has(own) : own === parent;
      })
      .flatMap(task => [{ task, depth }, ...under(task.id, depth + 1)]);
  return under(undefined, 0);
}
