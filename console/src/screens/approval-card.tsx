import type { ApprovalView } from '@sallyport/gateway/api/view/approval.ts';
import { useEffect, useRef, useState } from 'preact/hooks';
import { post, wordsOf } from '../data/api.ts';
import { countdown, duration, inUrl, moment, short } from '../data/format.ts';
import { may } from '../data/session.ts';
import { gatewayNow, readApprovals } from '../data/status.ts';
import { isPending, stateWord } from '../parts/approval-state.ts';
import { Cost } from '../parts/cost.tsx';
import { useKeys } from '../parts/keys.ts';
import { Classes, isGrave, TaskLink, ToolName, WhyLink } from '../parts/marks.tsx';
import { Signals } from '../parts/signals.tsx';
import { TaskLabels } from '../parts/task-labels.tsx';
import { Foreign, sentence } from '../parts/text.tsx';
import { Twin } from '../parts/twin.tsx';
import { Arguments, type Origins } from '../parts/value.tsx';
import { Values } from '../parts/values.tsx';
import { Batch } from './batch.tsx';
import { Destination } from './destination.tsx';
import { Refusing } from './refusing.tsx';
import { Wider } from './wider.tsx';

/** Everything a person has to see before they answer, and nothing that could be mistaken for it. */
export function Card({ view, others }: { view: ApprovalView; others: readonly ApprovalView[] }) {
  const [refusing, setRefusing] = useState(false);
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  const yes = useRef<HTMLButtonElement>(null);
  const no = useRef<HTMLButtonElement>(null);
  const open = isPending(view) && may('approver');
  const grave = isGrave(view.classes);
  const similar = others.findLast(other => isSimilar(other, view));
  const shownAt = useRef(performance.now());
  const answer = async (word: 'approved' | 'refused', why = ''): Promise<void> => {
    if (busy) return;
    setBusy(true);
    try {
      await post(`approvals/${view.id}`, { answer: word, ...(why === '' ? {} : { why }) });
      await readApprovals();
    } catch (thrown) {
      setProblem(wordsOf(thrown));
    }
    setBusy(false);
    setRefusing(false);
  };
  // A mistake that cannot be taken back is never one key away: there A only goes to the button.
  useEffect(() => {
    if (open && grave) no.current?.focus({ preventScroll: true });
  }, [view.id]);
  useKeys({
    // A key that was meant for the question before this one has not been pressed for this one.
    a: () => {
      if (!open || performance.now() - shownAt.current < readMillisMin) return;
      if (grave) yes.current?.focus();
      else void answer('approved');
    },
    r: () => open && setRefusing(true),
  });
  return (
    <article class={`card${grave ? ' card-grave' : ''}`} aria-label={`Question about ${view.tool}`}>
      <header class="card-head">
        <div>
          <h2>
            <ToolName tool={view.tool} />
          </h2>
          <p class="tags">
            <Classes classes={view.classes} />
          </p>
        </div>
        <Clock view={view} />
      </header>
      <Who view={view} />
      <Reasons view={view} />
      <section>
        <h3>Exactly this would be sent, once</h3>
        <Arguments
          params={view.arguments}
          origins={originsOf(view)}
          {...(similar?.arguments === undefined ? {} : { before: similar.arguments })}
        />
        {similar !== undefined && (
          <p class="quiet small">
            Marked against what was last approved of this tool for this agent,{' '}
            <a href={`/approvals/${similar.id}`}>{moment(similar.askedAt)}</a>.
          </p>
        )}
        <Destination params={view.arguments} />
      </section>
      <TaskLabels labels={view.labels} title="What the task has read" />
      <Cost facts={view.facts} />
      <People view={view} />
      {open && <Means view={view} />}
      {open && <Batch view={view} others={others} />}
      {problem !== '' && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      {open && refusing && <Refusing refuse={why => void answer('refused', why)} cancel={() => setRefusing(false)} />}
      {open && !refusing && (
        <footer class="card-end">
          <button type="button" ref={no} disabled={busy} onClick={() => setRefusing(true)}>
            Refuse <kbd>R</kbd>
          </button>
          <button type="button" ref={yes} class="primary" disabled={busy} onClick={() => void answer('approved')}>
            Approve this once <kbd>A</kbd>
          </button>
        </footer>
      )}
      {open && !refusing && <Wider view={view} />}
      {!isPending(view) && <Settled view={view} />}
      <Twin line={isPending(view) ? `sallyport approve ${short(view.id)}` : `sallyport why ${short(view.decision)}`} />
    </article>
  );
}

/** Nobody reads a question in less. */
const readMillisMin = 400;

function isSimilar(other: ApprovalView, view: ApprovalView): boolean {
  const wasApproved = other.state === 'used' || other.state === 'approved';
  return (
    other.id !== view.id &&
    wasApproved &&
    other.agent === view.agent &&
    other.tool === view.tool &&
    other.askedAt < view.askedAt
  );
}

/** As the facts of the decision say; absent where nobody looked. */
function originsOf({ facts }: ApprovalView): Origins {
  const found = facts?.flow.arg ?? facts?.flow.origins;
  return typeof found === 'object' && found !== null ? (found as Origins) : {};
}

function Clock({ view }: { view: ApprovalView }) {
  if (!isPending(view)) return <p class={`state state-${view.state}`}>{stateWord(view)}</p>;
  const left = view.expiresAt - gatewayNow();
  const whole = view.expiresAt - view.askedAt;
  const part = Math.max(0, Math.min(1, left / whole));
  return (
    <p class={`clock${left < 60_000 ? ' is-soon' : ''}`} role="timer" aria-label={`${countdown(left)} left to answer`}>
      <svg viewBox="0 0 36 36" aria-hidden="true">
        <circle class="clock-all" cx="18" cy="18" r="15" />
        <circle
          class="clock-left"
          cx="18"
          cy="18"
          r="15"
          pathLength={1}
          strokeDasharray={`${part} 1`}
          transform="rotate(-90 18 18)"
        />
      </svg>
      <span>{countdown(left)}</span>
    </p>
  );
}

const openers: ReadonlyMap<string, string> = new Map(
  Object.entries({
    operator: 'stated by the operator who opened the task',
    gateway: 'the task was opened by nobody in particular: it is what this agent does for this principal',
    claimed: 'stated by the agent itself, so it counts for nothing',
  }),
);

function Who({ view }: { view: ApprovalView }) {
  return (
    <dl class="who">
      <dt>Agent</dt>
      <dd>
        <Foreign text={view.agent} max={64} /> <span class="quiet">on behalf of</span>{' '}
        <Foreign text={view.principal} max={80} />
      </dd>
      <dt>Task</dt>
      <dd>
        {view.purpose === '' ? (
          <span class="quiet">no purpose was stated</span>
        ) : (
          <q>
            <Foreign text={view.purpose} max={600} />
          </q>
        )}{' '}
        <TaskLink id={view.task} />
        {view.opener !== undefined && (
          <span class={`opener opener-${view.opener}`}>
            <Foreign text={openers.get(view.opener) ?? `stated by ${view.opener}`} max={120} />
          </span>
        )}
      </dd>
    </dl>
  );
}

/** Only what stands in the way: what would then permit it is not why anybody is asked. */
function Reasons({ view }: { view: ApprovalView }) {
  const inTheWay = view.reasons.filter(({ effect }) => effect !== 'permit');
  const shown = inTheWay.length > 0 ? inTheWay : view.reasons;
  return (
    <section>
      <h3>Why you are asked</h3>
      <Values values={view.values} facts={view.facts} />
      <ul class="plain">
        {shown.map(({ rule, text }) => (
          <li key={rule}>
            <Foreign text={sentence(text)} max={400} />{' '}
            <a class="rule-name" href={`/policy/${inUrl(rule)}`}>
              <Foreign text={rule} max={80} />
            </a>
          </li>
        ))}
      </ul>
      {view.risk !== undefined && (
        <>
          <h3>Unusual</h3>
          <Signals risk={view.risk} />
        </>
      )}
    </section>
  );
}

/** Who else has to say yes, and who will be asked when nobody does. */
function People({ view }: { view: ApprovalView }) {
  const { people = 1, quorums = [], seconds = [], escalation, approvers } = view;
  return (
    <section>
      <h3>Asked of</h3>
      <p>
        <Foreign text={approvers.join(', ')} max={300} />
        {people > 1 && (
          <>
            ; <strong>{people} different people have to say yes</strong>
            <Did who={seconds.map(({ by }) => by)} />
          </>
        )}
        {quorums.map(({ approvers: of, people: wanted, yes }) => (
          <>
            ;{' '}
            <strong>
              {wanted} of <Foreign text={of.join(', ')} max={200} /> {wanted === 1 ? 'has' : 'have'} to say yes
            </strong>
            <Did who={yes} />
          </>
        ))}
        {escalation !== undefined && escalation.at > gatewayNow() && isPending(view) && (
          <span class="quiet">
            ; in {countdown(escalation.at - gatewayNow())} also of{' '}
            <Foreign text={escalation.approvers.join(', ')} max={200} />
          </span>
        )}
      </p>
    </section>
  );
}

function Did({ who }: { who: readonly string[] }) {
  return who.length === 0 ? null : <Foreign text={`, ${who.join(' and ')} did`} max={200} />;
}

function Means({ view }: { view: ApprovalView }) {
  const slash = view.tool.indexOf('/');
  return (
    <section class="means">
      <h3>What yes means</h3>
      <p>
        <strong>
          <Foreign text={view.agent} max={64} />
        </strong>{' '}
        may send exactly this to{' '}
        <strong>
          <Foreign text={view.tool.slice(0, slash)} max={64} />
        </strong>
        , once, within {duration(view.expiresAt - view.askedAt)} of your yes. When it does, everything is decided again.
        If one argument, the tool's definition, the policies or the task differ by then, your yes is void.
      </p>
    </section>
  );
}

function Settled({ view }: { view: ApprovalView }) {
  return (
    <section>
      <p>
        <strong>{stateWord(view)}</strong>
        {view.answered !== undefined && (
          <>
            {' '}
            by <Foreign text={view.answered.by} max={80} /> at {moment(view.answered.at)}{' '}
            <span class="quiet">
              (<Foreign text={view.answered.proof} max={40} />)
            </span>
          </>
        )}
        {view.answered?.why !== undefined && (
          <>
            :{' '}
            <q>
              <Foreign text={view.answered.why} max={500} />
            </q>
          </>
        )}
        {view.why !== undefined && <span class="quiet"> {view.why}</span>}
      </p>
      {(view.state === 'expired' || view.state === 'pending') && (
        <p class="quiet">
          {view.answered === undefined
            ? 'It was refused because nobody answered.'
            : 'The yes ran out before it was used.'}{' '}
          If the agent tries again, it is asked again.
        </p>
      )}
      <p>
        <WhyLink id={view.decision}>Why it was asked</WhyLink>
      </p>
    </section>
  );
}
