import type { Answered, Asked, Decided, Entry } from '@sallyport/core/model/entry.ts';
import type { WhyView } from '@sallyport/gateway/api/view/decision.ts';
import type { TaskView } from '@sallyport/gateway/api/view/task.ts';
import { useState } from 'preact/hooks';
import { get } from '../data/api.ts';
import { clock, plural, short } from '../data/format.ts';
import { newestSeq } from '../data/record.ts';
import { readTask } from '../data/task.ts';
import { useLoaded } from '../parts/load.ts';
import { AnswerMark, didWord, LabelMark, ModeMark, TaskLink, ToolName, WhyLink } from '../parts/marks.tsx';
import { Purpose } from '../parts/purpose.tsx';
import { Foreign } from '../parts/text.tsx';
import { Arguments, Result } from '../parts/value.tsx';

/** One thing that happened in a task: an act with what followed from it, a task that was handed on, or an event by itself. */
export type Step =
  | {
      readonly kind: 'act';
      readonly entry: Entry & Decided;
      outcome?: Entry;
      asked?: Entry & Asked;
      answered?: Entry & Answered;
    }
  | { readonly kind: 'child'; readonly task: TaskView }
  | { readonly kind: 'event'; readonly entry: Entry };

export function stepsOf(entries: readonly Entry[], children: readonly TaskView[]): Step[] {
  const steps: Step[] = [];
  const acts = new Map<string, Extract<Step, { kind: 'act' }>>();
  const questions = new Map<string, Extract<Step, { kind: 'act' }>>();
  for (const entry of entries) {
    if (entry.kind === 'decided') {
      const step = { kind: 'act' as const, entry };
      acts.set(entry.id, step);
      steps.push(step);
      continue;
    }
    const act =
      'decision' in entry
        ? acts.get(entry.decision)
        : entry.kind === 'answered'
          ? questions.get(entry.approval)
          : undefined;
    if (act === undefined) steps.push({ kind: 'event', entry });
    else if (entry.kind === 'asked') {
      act.asked = entry;
      questions.set(entry.id, act);
    } else if (entry.kind === 'answered') act.answered = entry;
    else act.outcome = entry;
  }
  for (const task of children) {
    const after = steps.findIndex(step => startOf(step) > task.openedAt);
    steps.splice(after < 0 ? steps.length : after, 0, { kind: 'child', task });
  }
  return steps;
}

function startOf(step: Step): number {
  return step.kind === 'child' ? step.task.openedAt : step.entry.at;
}

function keyOf(step: Step): string {
  return step.kind === 'child' ? step.task.id : String(step.entry.seq);
}

export function Timeline({ steps }: { steps: readonly Step[] }) {
  return (
    <ol class="timeline" aria-label="What happened">
      {runsOf(steps).map(([first, ...more]) => (
        <Run key={keyOf(first)} run={[first, ...more]} />
      ))}
    </ol>
  );
}

/** The same thing again and again is one line, until somebody wants to see each. */
type Steps = [Step, ...Step[]];

function runsOf(steps: readonly Step[]): Steps[] {
  const runs: Steps[] = [];
  for (const step of steps) {
    const last = runs.at(-1);
    const before = last?.[0];
    if (last !== undefined && before !== undefined && isSame(before, step)) last.push(step);
    else runs.push([step]);
  }
  return runs;
}

function isSame(a: Step, b: Step): boolean {
  if (a.kind !== 'act' || b.kind !== 'act' || a.asked !== undefined || b.asked !== undefined) return false;
  const key = ({ entry, outcome }: Act): string =>
    JSON.stringify([
      entry.action.server,
      entry.action.tool,
      entry.answer,
      entry.mode,
      entry.reasons[0]?.rule,
      didWord(outcome),
    ]);
  return a.entry.approval === undefined && b.entry.approval === undefined && key(a) === key(b);
}

const runMin = 4;

function Run({ run }: { run: Readonly<Steps> }) {
  const [open, setOpen] = useState(false);
  const [first] = run;
  const shown = open || run.length < runMin ? run : run.slice(0, 1);
  return (
    <>
      {shown.map(step =>
        step.kind === 'act' ? (
          <Act key={keyOf(step)} step={step} />
        ) : step.kind === 'child' ? (
          <Child key={keyOf(step)} task={step.task} />
        ) : (
          <Event key={keyOf(step)} entry={step.entry} />
        ),
      )}
      {shown.length < run.length && first.kind === 'act' && (
        <li class={`step step-more step-${first.entry.answer}`}>
          <button type="button" class="link" onClick={() => setOpen(true)}>
            {run.length - 1} more of the same, until {clock(startOf(run.at(-1) ?? first))}
          </button>
        </li>
      )}
    </>
  );
}

type Act = Extract<Step, { kind: 'act' }>;

function Act({ step }: { step: Extract<Step, { kind: 'act' }> }) {
  const [open, setOpen] = useState(false);
  const { entry, outcome, asked, answered } = step;
  const [reason] = entry.reasons;
  const sources = outcome !== undefined && 'labels' in outcome ? outcome.labels : [];
  const raised = sources.map(source => (typeof source === 'string' ? source : source.label));
  return (
    <li class={`step step-${entry.answer}`}>
      <button type="button" class="step-head" aria-expanded={open} onClick={() => setOpen(!open)}>
        <time>{clock(entry.at)}</time>
        <AnswerMark answer={entry.answer} />
        <ToolName tool={`${entry.action.server}/${entry.action.tool}`} />
        <span class="did">
          {didWord(outcome)} <ModeMark mode={entry.mode} />
        </span>
        {raised.length > 0 && (
          <span>
            {raised.map(label => (
              <LabelMark key={label} label={label} />
            ))}
          </span>
        )}
      </button>
      {entry.answer !== 'permit' && reason !== undefined && (
        <p class="step-why">
          <Foreign text={reason.text} max={300} /> <WhyLink id={entry.id}>{reason.rule}</WhyLink>
        </p>
      )}
      {asked !== undefined && (
        <p class="step-why">
          asked{' '}
          <a href={`/approvals/${asked.id}`}>
            <Foreign text={asked.approvers.join(', ')} max={200} />
          </a>
          {answered !== undefined && (
            <Foreign text={`; ${answered.answer} by ${answered.by} at ${clock(answered.at)}`} max={200} />
          )}
        </p>
      )}
      {entry.approval !== undefined && (
        <p class="step-why">
          with the yes <a href={`/approvals/${entry.approval}`}>{short(entry.approval)}</a>
        </p>
      )}
      {open && <Inner id={entry.id} />}
    </li>
  );
}

function Inner({ id }: { id: string }) {
  const loaded = useLoaded(() => get<{ decision: WhyView }>(`decisions/${id}`), [id]);
  if (loaded.kind === 'failed') return <p class="problem">{loaded.why}</p>;
  if (loaded.kind === 'loading') return <p class="quiet">…</p>;
  const { arguments: params, result, outcome } = loaded.value.decision;
  return (
    <div class="step-inner">
      <h4>Sent</h4>
      <Arguments params={params} origins={{}} />
      {(outcome?.kind === 'performed' || outcome?.kind === 'reported' || outcome?.kind === 'withheld') && (
        <>
          <h4>{outcome.kind === 'withheld' ? 'Answered, and kept from the agent' : 'Answered'}</h4>
          <Result text={result} />
        </>
      )}
      <WhyLink id={id}>Everything about this decision</WhyLink>
    </div>
  );
}

/** A task that was handed on, with everything that happened in it, where it began. */
function Child({ task }: { task: TaskView }) {
  const [open, setOpen] = useState(true);
  return (
    <li class="step step-child">
      <div class="step-line">
        <button type="button" class="step-head" aria-expanded={open} onClick={() => setOpen(!open)}>
          <time>{clock(task.openedAt)}</time>
          <span>
            handed to{' '}
            <strong>
              <Foreign text={task.agent} max={64} />
            </strong>
            : <Purpose task={task} max={160} />
          </span>
          <span class={`state state-${task.state}`}>{task.state}</span>
          <span class="did">{plural(task.used.calls, 'call')}</span>
        </button>
        <TaskLink id={task.id} />
      </div>
      {open && <Inside id={task.id} />}
    </li>
  );
}

function Inside({ id }: { id: string }) {
  const loaded = useLoaded(() => readTask(id), [id, newestSeq.value]);
  if (loaded.kind === 'failed') return <p class="problem">{loaded.why}</p>;
  if (loaded.kind === 'loading') return <p class="quiet">…</p>;
  const { entries, children } = loaded.value;
  return <Timeline steps={stepsOf(entries, children)} />;
}

function Event({ entry }: { entry: Entry }) {
  return (
    <li class="step step-event">
      <time>{clock(entry.at)}</time> <Foreign text={eventWords(entry)} max={300} />
    </li>
  );
}

function eventWords(entry: Entry): string {
  switch (entry.kind) {
    case 'task.opened':
      return `opened${entry.taskKind === 'opened' ? '' : ` (${entry.taskKind})`}${entry.by === undefined ? '' : ` by ${entry.by}`} for ${entry.principal}${entry.labels.length > 0 ? ', with the labels of the task before it' : ''}`;
    case 'task.ended':
      return `ended by ${entry.by}: ${entry.why}`;
    case 'rejected':
      return `turned away: ${entry.what} (${entry.code})`;
    case 'killed':
      return `${entry.stop ? 'stopped' : 'released'} by ${entry.by}${entry.why === '' ? '' : `: ${entry.why}`}`;
    case 'task.suspended':
      return `suspended by ${entry.by}${entry.why === '' ? '' : `: ${entry.why}`}`;
    case 'task.narrowed':
      return `narrowed by ${entry.by}: ${entry.why}`;
    case 'task.reached':
      return `a message of ${entry.from} came, with the labels of that task`;
    case 'task.resumed':
      return `resumed by ${entry.by}`;
    case 'task.renewed':
      return `renewed by ${entry.by}: it has another token`;
    case 'task.declassified':
      return `counts as ${entry.to}, says ${entry.by}: ${entry.why}`;
    case 'task.endorsed':
      return `${entry.endorsed.kind} endorsed by ${entry.by}: ${entry.why}`;
    default:
      return entry.kind;
  }
}
