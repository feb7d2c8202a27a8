import type { AgentView } from '@sallyport/gateway/api/view/agent.ts';
import type { StatusView } from '@sallyport/gateway/api/view/status.ts';
import type { TaskView } from '@sallyport/gateway/api/view/task.ts';
import { useEffect, useRef, useState } from 'preact/hooks';
import { get, post, wordsOf } from '../data/api.ts';
import { moment, short } from '../data/format.ts';
import { may } from '../data/session.ts';
import { refreshStatus, status } from '../data/status.ts';
import { stopping } from '../data/stop.ts';
import { Foreign } from '../parts/text.tsx';
import { Twin } from '../parts/twin.tsx';

/** What may be stopped, and the word that has to be typed for it. */
interface Target {
  readonly scope: string;
  readonly text: string;
  readonly word: string;
}

const everything: Target = { scope: 'all', text: 'Everything', word: 'everything' };

export function KillSwitch() {
  const dialog = useRef<HTMLDialogElement>(null);
  const first = stopping.value;
  useEffect(() => {
    if (first !== undefined && dialog.current?.open === false) dialog.current.showModal();
  }, [first]);
  if (!may('operator')) return null;
  return (
    <>
      <button type="button" class="kill" onClick={() => (stopping.value = 'all')} aria-haspopup="dialog">
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <path d="M5.200 1.500h5.600l3.700 3.700v5.600l-3.700 3.700H5.200l-3.700-3.700V5.200z" />
        </svg>
        Stop
      </button>
      <dialog ref={dialog} class="sheet" aria-labelledby="kill-title" onClose={() => (stopping.value = undefined)}>
        {first !== undefined && <KillForm first={first} done={() => dialog.current?.close()} />}
      </dialog>
    </>
  );
}

function KillForm({ first, done }: { first: string; done: () => void }) {
  const [targets, setTargets] = useState<readonly Target[]>([targetOf(first)]);
  const [target, setTarget] = useState(targetOf(first));
  const [typed, setTyped] = useState('');
  const [why, setWhy] = useState('');
  const [problem, setProblem] = useState('');
  useEffect(
    () =>
      void readTargets()
        .then(all => setTargets(all.some(({ scope }) => scope === first) ? all : [targetOf(first), ...all]))
        .catch(() => undefined),
    [],
  );
  const fits = typed.trim() === target.word;
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (!fits) return;
    try {
      await post('kill', { scope: target.scope, why });
      refreshStatus();
      done();
    } catch (thrown) {
      setProblem(wordsOf(thrown));
    }
  };
  return (
    <form onSubmit={event => void submit(event)}>
      <h2 id="kill-title">Stop</h2>
      <p class="quiet">
        From the next call on, in every mode, until somebody with the right to do so lets it act again.
      </p>
      <label>
        What
        <select
          value={target.scope}
          onChange={event => {
            setTarget(targets.find(({ scope }) => scope === event.currentTarget.value) ?? everything);
            setTyped('');
          }}
        >
          {targets.map(({ scope, text }) => (
            <option key={scope} value={scope}>
              {text}
            </option>
          ))}
        </select>
      </label>
      <label>
        Why <span class="quiet">for the record</span>
        <input value={why} maxLength={500} onInput={event => setWhy(event.currentTarget.value)} />
      </label>
      <label>
        Type <strong>{target.word}</strong> to confirm
        <input
          value={typed}
          autocomplete="off"
          spellcheck={false}
          onInput={event => setTyped(event.currentTarget.value)}
        />
      </label>
      {problem !== '' && <p class="problem">{problem}</p>}
      <div class="sheet-end">
        <button type="button" onClick={done}>
          Leave it running
        </button>
        <button type="submit" class="primary danger" disabled={!fits}>
          Stop {target.word}
        </button>
      </div>
      <Twin line={`sallyport kill ${target.scope}`} />
    </form>
  );
}

/** By its scope alone, until the lists are there. */
function targetOf(scope: string): Target {
  if (scope === 'all') return everything;
  const [kind = '', id = ''] = scope.split(/:(.*)/s, 2);
  const word = kind === 'task' ? short(id) : id;
  return { scope, text: `${kind.slice(0, 1).toUpperCase()}${kind.slice(1)} ${word}`, word };
}

async function readTargets(): Promise<readonly Target[]> {
  const [{ agents }, { tasks }, { status: now }] = await Promise.all([
    get<{ agents: AgentView[] }>('agents'),
    get<{ tasks: TaskView[] }>('tasks', { state: 'open', limit: 200 }),
    get<{ status: StatusView }>('status'),
  ]);
  return [
    everything,
    ...agents.map(({ id }) => ({ scope: `agent:${id}`, text: `Agent ${id}`, word: id })),
    ...now.servers.map(({ id }) => ({ scope: `server:${id}`, text: `Server ${id}`, word: id })),
    ...tasks.map(({ id, agent, purpose }) => ({
      scope: `task:${id}`,
      text: `Task ${short(id)} of ${agent}${purpose === '' ? '' : `: ${purpose.slice(0, 60)}`}`,
      word: short(id),
    })),
  ];
}

/** On every screen, for everybody, for as long as anything is stopped. */
export function Stopped() {
  const killed = status.value?.killed ?? [];
  const [problem, setProblem] = useState('');
  if (killed.length === 0) return null;
  const release = async (scope: string): Promise<void> => {
    const word = scope === 'all' ? 'everything' : scope.replace(/^[a-z]+:/, '');
    if (prompt(`Let ${word} act again? Type its name to confirm.`)?.trim() !== word) return;
    try {
      await post('unkill', { scope, why: 'released in the console' });
      refreshStatus();
    } catch (thrown) {
      setProblem(wordsOf(thrown));
    }
  };
  return (
    <section class="stopped" aria-label="What is stopped">
      {killed.map(({ scope, at, by, why }) => (
        <p key={scope}>
          <strong>
            {scope === 'all' ? 'Everything is stopped' : <Foreign text={`${scope} is stopped`} max={120} />}
          </strong>
          <span>
            since {moment(at)} by <Foreign text={by} max={60} />
            {why !== '' && (
              <>
                : <Foreign text={why} max={300} />
              </>
            )}
          </span>
          {may('operator') && (
            <button type="button" onClick={() => void release(scope)}>
              Let it act again
            </button>
          )}
        </p>
      ))}
      {problem !== '' && <p class="problem">{problem}</p>}
    </section>
  );
}
