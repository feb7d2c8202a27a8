import type { ApprovalView } from '@sallyport/gateway/api/view/approval.ts';
import { useEffect, useState } from 'preact/hooks';
import { countdown, moment } from '../data/format.ts';
import { go, subject } from '../data/route.ts';
import { approvals, gatewayNow } from '../data/status.ts';
import { isPending, stateWord } from '../parts/approval-state.ts';
import { useKeys } from '../parts/keys.ts';
import { useSeconds } from '../parts/load.ts';
import { ToolName } from '../parts/marks.tsx';
import { Foreign } from '../parts/text.tsx';
import { argumentsOf } from '../parts/value.tsx';
import { Card } from './approval-card.tsx';
import { Flooded } from './flooded.tsx';

/** What waits for a person, oldest first, and what became of the rest. */
export function Approvals() {
  useSeconds();
  const [settled, setSettled] = useState(false);
  const known = approvals.value;
  const all = known ?? [];
  const pending = all.filter(isPending);
  const past = all.filter(view => !isPending(view)).reverse();
  const named = all.find(({ id }) => subject.value !== '' && id.startsWith(subject.value));
  const wanted = subject.value !== '';
  // An address names one question: another one is never shown in its place, and keys never reach it.
  const current = wanted ? named : (pending[0] ?? past[0]);
  // What is settled is shown where nothing waits, and makes way for the next question.
  const first = wanted ? undefined : pending[0]?.id;
  useEffect(() => {
    if (first !== undefined) go(`/approvals/${first}`, 'replace');
  }, [first]);
  const list =
    settled || pending.length === 0 || (named !== undefined && !isPending(named))
      ? [...pending, ...past.slice(0, 50)]
      : pending;
  const move = (by: number): void => {
    const at = list.findIndex(({ id }) => id === current?.id);
    const next = list[Math.max(0, Math.min(list.length - 1, at + by))];
    if (next !== undefined) go(`/approvals/${next.id}`, 'replace');
  };
  useKeys({ j: () => move(1), k: () => move(-1), ArrowDown: () => move(1), ArrowUp: () => move(-1) });
  if (known === undefined)
    return (
      <section class="approvals">
        <h1>Approvals</h1>
      </section>
    );
  return (
    <section class="approvals">
      <div class="heading">
        <h1>Approvals</h1>
        <p class="quiet">
          {pending.length === 0
            ? 'Nothing waits for you.'
            : pending.length === 1
              ? 'One question waits.'
              : `${pending.length} questions wait.`}
        </p>
        <p class="keys" aria-hidden="true">
          <kbd>J</kbd>
          <kbd>K</kbd> move <kbd>A</kbd> approve <kbd>R</kbd> refuse
        </p>
      </div>
      <Flooded />
      <div class="split">
        <div class="inbox">
          <ul aria-label="Questions">
            {list.map(view => (
              <Item key={view.id} view={view} isCurrent={view.id === current?.id} />
            ))}
          </ul>
          {past.length > 0 && pending.length > 0 && (
            <button type="button" class="link" onClick={() => setSettled(!settled)}>
              {settled ? 'only what waits' : `also ${past.length} settled`}
            </button>
          )}
        </div>
        {current === undefined ? (
          <p class="nothing">
            {wanted ? 'There is no such question.' : 'When a policy asks for a person, the question appears here.'}
          </p>
        ) : (
          <Card key={current.id} view={current} others={all} />
        )}
      </div>
    </section>
  );
}

function Item({ view, isCurrent }: { view: ApprovalView; isCurrent: boolean }) {
  const left = view.expiresAt - gatewayNow();
  return (
    <li>
      <a class={`item item-${view.state}`} href={`/approvals/${view.id}`} aria-current={isCurrent ? 'true' : undefined}>
        <ToolName tool={view.tool} />
        <About view={view} />
        <span class="item-line">
          <Foreign text={view.agent} max={40} />
          {isPending(view) ? (
            <time class={left < 60_000 ? 'is-soon' : ''}>{countdown(left)}</time>
          ) : (
            <time>{moment(view.answered?.at ?? view.askedAt)}</time>
          )}
        </span>
        {!isPending(view) && <span class={`state state-${view.state}`}>{stateWord(view)}</span>}
      </a>
    </li>
  );
}

const aboutCharsMax = 30;

/** The beginning and the end of the value that it is asked for, or else of its first text; the card shows everything. */
function About({ view }: { view: ApprovalView }) {
  const first = [...(argumentsOf(view.arguments)?.values() ?? [])].find(node => node.kind === 'string');
  const value = view.values.find(({ decides }) => decides === true)?.value ?? first?.value;
  if (value === undefined) return null;
  const text = value.length <= aboutCharsMax ? value : `${value.slice(0, 10)}…${value.slice(11 - aboutCharsMax)}`;
  return (
    <code class="item-about">
      <Foreign text={text} max={aboutCharsMax} />
    </code>
  );
}
