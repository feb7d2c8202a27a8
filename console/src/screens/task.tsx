import type { TaskView } from '@sallyport/gateway/api/view/task.ts';
import { bytes, duration, moment, short } from '../data/format.ts';
import { newestSeq } from '../data/record.ts';
import { may } from '../data/session.ts';
import { gatewayNow } from '../data/status.ts';
import { stopping } from '../data/stop.ts';
import { childrenMax, readTask, taskEntriesMax } from '../data/task.ts';
import { useLoaded } from '../parts/load.ts';
import { TaskLink } from '../parts/marks.tsx';
import { Foreign } from '../parts/text.tsx';
import { Twin } from '../parts/twin.tsx';
import { Credentials } from './task-credentials.tsx';
import { ExportButton } from './task-export.tsx';
import { Ribbon } from './task-ribbon.tsx';
import { stepsOf, Timeline } from './task-timeline.tsx';
import { Unusual } from './task-unusual.tsx';

/** One task from its opening to its end. */
export function Task({ id }: { id: string }) {
  const loaded = useLoaded(() => readTask(id), [id, newestSeq.value]);
  if (loaded.kind === 'failed')
    return (
      <section>
        <h1>Task</h1>
        <p class="problem">{loaded.why}</p>
      </section>
    );
  if (loaded.kind === 'loading') return <section class="blank" />;
  const { task, entries, isWhole, findings, children } = loaded.value;
  return (
    <section class="task">
      <p class="crumb">
        <a href="/tasks">Tasks</a> <span class="id">{short(task.id)}</span>
      </p>
      <div class="heading">
        <h1>
          {task.purpose === '' ? (
            task.kind === 'ambient' ? (
              'Ambient task'
            ) : (
              'Its purpose is no longer kept'
            )
          ) : (
            <q>
              <Foreign text={task.purpose} max={500} />
            </q>
          )}
        </h1>
        <div class="heading-end">
          <span class={`state state-${task.state}`}>{task.state}</span>
          {task.state === 'open' && may('operator') && (
            <button type="button" class="stop" onClick={() => (stopping.value = `task:${task.id}`)}>
              Stop this task
            </button>
          )}
          <ExportButton task={task.id} />
        </div>
      </div>
      <TaskFacts task={task} />
      <Ribbon task={task} entries={entries} />
      {!isWhole && (
        <p class="quiet">Only the first {taskEntriesMax} entries are shown; the terminal has all of them.</p>
      )}
      {children.length >= childrenMax && (
        <p class="quiet">Of the tasks that it handed on only the newest {childrenMax} are shown.</p>
      )}
      <Unusual findings={findings} />
      <Credentials entries={entries} />
      <Timeline steps={stepsOf(entries, children)} />
      <Twin line={`sallyport tail --all --task ${short(task.id)}`} />
    </section>
  );
}

const openers: ReadonlyMap<string, string> = new Map(
  Object.entries({
    operator: 'by the operator',
    gateway: 'by the gateway, because the agent called without a task',
    claimed: 'by the agent itself: what it says of it counts for nothing',
  }),
);

function TaskFacts({ task }: { task: TaskView }) {
  const now = gatewayNow();
  const over = task.ended?.at ?? Math.min(now, task.endsAt);
  return (
    <div class="task-facts">
      <dl class="who">
        <dt>Agent</dt>
        <dd>
          <Foreign text={task.agent} max={64} /> <span class="quiet">on behalf of</span>{' '}
          <Foreign text={task.principal} max={80} />
        </dd>
        <dt>Opened</dt>
        <dd>
          {moment(task.openedAt)}{' '}
          <span class="quiet">
            <Foreign text={openers.get(task.opener) ?? `by ${task.opener}`} max={120} />
          </span>
        </dd>
        {task.parent !== undefined && (
          <>
            <dt>Handed over</dt>
            <dd>
              from <TaskLink id={task.parent} />
            </dd>
          </>
        )}
        <dt>Expected to use</dt>
        <dd>
          {task.tools === undefined ? (
            <span class="quiet">nobody said</span>
          ) : task.tools.length === 0 ? (
            'nothing'
          ) : (
            task.tools.map(tool => (
              <code key={tool} class="tag">
                <Foreign text={tool} max={120} />
              </code>
            ))
          )}
        </dd>
        {task.ended !== undefined && (
          <>
            <dt>Ended</dt>
            <dd>
              {moment(task.ended.at)} by <Foreign text={task.ended.by} max={60} />:{' '}
              <Foreign text={task.ended.why} max={300} />
            </dd>
          </>
        )}
      </dl>
      <div class="gauges">
        <Gauge
          name="calls"
          part={task.used.calls}
          whole={task.limits.callsMax}
          text={`${task.used.calls} of ${task.limits.callsMax.toLocaleString('en-GB')}`}
        />
        <Gauge
          name="data"
          part={task.used.bytes}
          whole={task.limits.bytesMax}
          text={`${bytes(task.used.bytes)} of ${bytes(task.limits.bytesMax)}`}
        />
        <Gauge
          name="time"
          part={over - task.openedAt}
          whole={task.endsAt - task.openedAt}
          text={
            task.ended === undefined ? `${duration(task.endsAt - now)} left` : `${duration(over - task.openedAt)} used`
          }
        />
      </div>
    </div>
  );
}

function Gauge({ name, part, whole, text }: { name: string; part: number; whole: number; text: string }) {
  const share = whole <= 0 ? 1 : Math.max(0, Math.min(1, part / whole));
  return (
    <div class="gauge">
      <span>{name}</span>
      <meter min={0} max={1} high={0.9} value={share} aria-label={`${name}: ${text}`} />
      <span class="quiet">{text}</span>
    </div>
  );
}
