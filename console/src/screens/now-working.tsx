import type { TaskView } from '@sallyport/gateway/api/view/task.ts';
import { get } from '../data/api.ts';
import { clock, inUrl, plural } from '../data/format.ts';
import { allRows, type Row, recordVersion } from '../data/record.ts';
import { may } from '../data/session.ts';
import { approvals, gatewayNow, status } from '../data/status.ts';
import { stopping } from '../data/stop.ts';
import { Became } from '../parts/became.tsx';
import { useLoaded } from '../parts/load.ts';
import { AnswerMark, ToolName } from '../parts/marks.tsx';
import { Purpose } from '../parts/purpose.tsx';
import { Foreign } from '../parts/text.tsx';

const shownMax = 5;
const quietMillisMax = 30 * 60_000;

/** Who is at work, on what and for whom, what each did last, and a way to stop each. One line a task; longer quiet ones are left out. */
export function Working() {
  const version = recordVersion.value;
  const loaded = useLoaded(
    () => get<{ tasks: TaskView[] }>('tasks', { state: 'open', limit: 200 }),
    [status.value?.tasks.open, status.value?.killed.length, Math.floor(version / 200)],
  );
  if (loaded.kind !== 'here') return null;
  const { tasks } = loaded.value;
  const acts = actsOf(allRows());
  const working = tasks
    .flatMap(task => {
      const act = acts.get(task.id);
      return act === undefined || gatewayNow() - act.last.at > quietMillisMax ? [] : [{ task, ...act }];
    })
    .sort((a, b) => b.last.seq - a.last.seq);
  if (working.length === 0) return null;
  const rest = tasks.length - Math.min(working.length, shownMax);
  return (
    <section class="working" aria-label="At work">
      <ul>
        {working.slice(0, shownMax).map(each => (
          <Line key={each.task.id} {...each} />
        ))}
      </ul>
      {rest > 0 && (
        <a class="small" href="/tasks">
          {plural(rest, 'other open task')}
        </a>
      )}
    </section>
  );
}

interface Acts {
  readonly last: Row;
  readonly calls: number;
  readonly denied: number;
}

/** What the rows say of each task. */
function actsOf(rows: readonly Row[]): ReadonlyMap<string, Acts> {
  const found = new Map<string, Acts>();
  for (const row of rows) {
    const { entry } = row;
    if (entry.kind !== 'decided') continue;
    const known = found.get(entry.task);
    const denied = (known?.denied ?? 0) + (entry.answer === 'deny' ? 1 : 0);
    found.set(entry.task, { last: row, calls: (known?.calls ?? 0) + 1, denied });
  }
  return found;
}

function Line({ task, last, calls, denied }: Acts & { readonly task: TaskView }) {
  const { entry } = last;
  const waits = (approvals.value ?? []).filter(each => each.task === task.id && each.state === 'pending').length;
  return (
    <li>
      <span class="working-who">
        <a href={`/now?agent=${inUrl(task.agent)}`}>
          <Foreign text={task.agent} max={40} />
        </a>{' '}
        <span class="quiet">
          for <Foreign text={task.principal} max={40} />
        </span>
      </span>
      <a class="working-what" href={`/tasks/${task.id}`}>
        <Purpose task={task} max={110} />
      </a>
      <span class="working-last">
        {entry.kind === 'decided' && (
          <a href={`/why/${entry.id}`}>
            <AnswerMark answer={entry.answer} /> <ToolName tool={`${entry.action.server}/${entry.action.tool}`} />
          </a>
        )}{' '}
        <span class="quiet">
          <Became row={last} /> {clock(last.at)}
        </span>
      </span>
      <span class="working-counts">
        <span class="quiet">{plural(calls, 'call')}</span>
        {denied > 0 && <span class="answer-deny">{denied} denied</span>}
        {waits > 0 && (
          <a class="answer-ask" href="/approvals">
            {waits} waiting
          </a>
        )}
      </span>
      {task.state === 'open' ? (
        may('operator') && (
          <button type="button" class="stop" onClick={() => (stopping.value = `task:${task.id}`)}>
            Stop<span class="unsaid"> this task</span>
          </button>
        )
      ) : (
        <span class={`state state-${task.state}`}>{task.state}</span>
      )}
    </li>
  );
}
