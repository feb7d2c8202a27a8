import type { WhyView } from '@sallyport/gateway/api/view/decision.ts';
import { get } from '../data/api.ts';
import { bytes, clock, inUrl, micros, moment, short } from '../data/format.ts';
import { newestSeq } from '../data/record.ts';
import { subject } from '../data/route.ts';
import { Cedar } from '../parts/cedar.tsx';
import { Cost } from '../parts/cost.tsx';
import { useLoaded } from '../parts/load.ts';
import { AnswerMark, Classes, didWord, ModeMark, TaskLink, ToolName } from '../parts/marks.tsx';
import { Signals } from '../parts/signals.tsx';
import { TaskLabels } from '../parts/task-labels.tsx';
import { Foreign, sentence } from '../parts/text.tsx';
import { Twin } from '../parts/twin.tsx';
import { Arguments, type Origins, Result } from '../parts/value.tsx';
import { Values } from '../parts/values.tsx';
import { TryOut } from './try-out.tsx';

/** One decision with everything that led to it and followed from it. */
export function Why() {
  const id = subject.value;
  const settled = newestSeq.value;
  const loaded = useLoaded(() => get<{ decision: WhyView }>(`decisions/${inUrl(id)}`), [id, settled]);
  if (loaded.kind === 'loading') return <section class="blank" />;
  if (loaded.kind === 'failed')
    return (
      <section>
        <h1>Why</h1>
        <p class="problem">{loaded.why}</p>
      </section>
    );
  const view = loaded.value.decision;
  return (
    <section class="why">
      <p class="crumb">
        <a href="/now">Now</a> <TaskLink id={view.task.id} /> <span class="id">{short(view.id)}</span>
      </p>
      <Verdict view={view} />
      <div class="why-columns">
        <div>
          <Reasons view={view} />
          {view.values.length > 0 && (
            <section>
              <h3>Whose values</h3>
              <Values values={view.values} facts={view.facts} />
            </section>
          )}
          {view.risk !== undefined && (
            <section>
              <h3>Unusual</h3>
              <Signals risk={view.risk} />
            </section>
          )}
          {view.answer !== 'permit' && <TryOut key={view.id} view={view} />}
          <section>
            <h3>What was asked for</h3>
            <Arguments params={view.arguments} origins={(view.facts?.flow.arg ?? {}) as Origins} />
          </section>
          {view.result !== undefined && (
            <section>
              <h3>What came back</h3>
              <Result text={view.result} />
            </section>
          )}
        </div>
        <aside>
          <Who view={view} />
          <TaskLabels labels={view.labels} title="What the task had read" />
          <Cost facts={view.facts} />
          <Facts view={view} />
          <Ground view={view} />
        </aside>
      </div>
      <Twin line={`sallyport why ${short(view.id)}`} />
    </section>
  );
}

const heads: Readonly<Record<WhyView['answer'], string>> = {
  permit: 'Permitted',
  deny: 'Denied',
  ask: 'A person is asked',
};

/** What waits for somebody leads to where it is answered. */
function Did({ view: { outcome, approval } }: { view: WhyView }) {
  const word = didWord(outcome);
  const isAsked = outcome?.kind === 'refused' && outcome.code === 'needs-approval';
  return isAsked && approval !== undefined ? <a href={`/approvals/${approval.id}`}>{word}</a> : <span>{word}</span>;
}

function Verdict({ view }: { view: WhyView }) {
  const relaxed = view.verdict === 'pass' && view.answer !== 'permit';
  return (
    <header class={`verdict verdict-${view.answer}`}>
      <AnswerMark answer={view.answer} />
      <div>
        <h1>
          {heads[view.answer]}: <ToolName tool={`${view.action.server}/${view.action.tool}`} />
        </h1>
        <p>
          {relaxed ? (
            <strong>It passed all the same, because nothing here is enforced yet.</strong>
          ) : (
            <Did view={view} />
          )}{' '}
          <ModeMark mode={view.mode} /> <span class="quiet">{moment(view.at)}</span>
        </p>
      </div>
    </header>
  );
}

function Reasons({ view }: { view: WhyView }) {
  const policies = new Map(view.policies?.map(policy => [policy.id, policy]));
  const order = [...view.reasons].sort((a, b) => Number(a.effect === 'permit') - Number(b.effect === 'permit'));
  return (
    <section>
      <h3>{view.answer === 'permit' ? 'What permits it' : 'What stands in the way'}</h3>
      {order.map(reason => {
        const policy = policies.get(reason.rule);
        const isPermit = reason.effect === 'permit' && view.answer !== 'permit';
        return (
          <div key={reason.rule} class={`reason${isPermit ? ' is-beside' : ''}`}>
            <p class="reason-text">
              {isPermit && <span class="quiet">With a yes, this would permit it: </span>}
              <Foreign text={sentence(reason.text)} max={500} />
            </p>
            <p class="reason-place">
              <a class="rule-name" href={`/policy/${inUrl(reason.rule)}`}>
                <Foreign text={reason.rule} max={80} />
              </a>
              {reason.file !== undefined && (
                <span class="quiet">
                  {' '}
                  <Foreign text={reason.file.split('/').at(-1) ?? ''} max={80} />:{reason.line}
                </span>
              )}
            </p>
            {policy !== undefined && !isPermit && <Cedar text={policy.text} first={policy.line} />}
            {reason.fix !== undefined && !isPermit && (
              <p class="quiet small">
                The agent is told: <Foreign text={sentence(reason.fix)} max={300} />
              </p>
            )}
          </div>
        );
      })}
      {!view.worldInForce && (
        <p class="quiet">
          Other policies or tools are in force now than when this was decided, so their text is not shown here.
        </p>
      )}
    </section>
  );
}

function Who({ view }: { view: WhyView }) {
  return (
    <section>
      <h3>Who</h3>
      <dl class="facts">
        <dt>agent</dt>
        <dd>
          <Foreign text={view.agent.id} max={64} />
          {view.agent.proof !== undefined && (
            <span class="quiet">
              {' '}
              by <Foreign text={view.agent.proof} max={40} />, trust {view.agent.trust}
            </span>
          )}
        </dd>
        <dt>for</dt>
        <dd>
          <Foreign text={view.task.principal} max={80} />
        </dd>
        <dt>task</dt>
        <dd>
          <TaskLink id={view.task.id} />{' '}
          {view.task.purpose !== undefined && view.task.purpose !== '' && (
            <q>
              <Foreign text={view.task.purpose} max={240} />
            </q>
          )}
          {view.task.opener !== undefined && (
            <span class="quiet">
              {' '}
              opened by <Foreign text={view.task.opener} max={60} />
            </span>
          )}
        </dd>
        <dt>door</dt>
        <dd>
          <Foreign text={view.door} max={40} />
        </dd>
        <dt>kind</dt>
        <dd>
          <Classes classes={view.action.classes} />
        </dd>
        {view.approval !== undefined && (
          <>
            <dt>person</dt>
            <dd>
              <a href={`/approvals/${view.approval.id}`}>{short(view.approval.id)}</a>{' '}
              {view.approval.answer === undefined ? (
                'was asked'
              ) : (
                <Foreign text={`${view.approval.answer} by ${view.approval.by ?? '?'}`} max={120} />
              )}
              {view.approval.at !== undefined && <span class="quiet"> at {clock(view.approval.at)}</span>}
            </dd>
          </>
        )}
      </dl>
    </section>
  );
}

/** By the names that policies use. Those that a deciding policy mentions are marked. */
function Facts({ view }: { view: WhyView }) {
  if (view.facts === undefined) return null;
  const mentioned = (view.policies ?? []).map(({ text }) => text).join('\n');
  const rows = (['task', 'flow', 'env'] as const).flatMap(group =>
    Object.entries(view.facts?.[group] ?? {})
      .filter(([name]) => name !== 'ways')
      .map(([name, value]) => ({ path: `${group}.${name}`, name, value })),
  );
  const decisive = rows.filter(({ path }) => mentioned.includes(`context.${path}`));
  const rest = rows.filter(row => !decisive.includes(row));
  return (
    <section>
      <h3>Facts</h3>
      <FactList rows={decisive} isMarked />
      <details class="facts-rest" open={decisive.length === 0}>
        <summary>{rest.length} others, which the deciding rules do not mention</summary>
        <FactList rows={rest} isMarked={false} />
      </details>
    </section>
  );
}

interface Fact {
  readonly path: string;
  readonly name: string;
  readonly value: unknown;
}

function FactList({ rows, isMarked }: { rows: readonly Fact[]; isMarked: boolean }) {
  return (
    <dl class="facts facts-mono">
      {rows.map(({ path, name, value }) => (
        <div key={path} class={isMarked ? 'is-mentioned' : ''}>
          <dt>{path}</dt>
          <dd>
            {name === 'now' && typeof value === 'number' ? (
              clock(value)
            ) : (
              <Foreign text={typeof value === 'string' ? value : JSON.stringify(value)} max={300} />
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Ground({ view }: { view: WhyView }) {
  return (
    <section>
      <h3>Ground</h3>
      <dl class="facts facts-mono">
        <dt>entry</dt>
        <dd>{view.seq}</dd>
        <dt>decided in</dt>
        <dd>{micros(view.timings.decideMicros)}</dd>
        {view.timings.performMicros !== undefined && (
          <>
            <dt>performed in</dt>
            <dd>{micros(view.timings.performMicros)}</dd>
          </>
        )}
        <dt>size</dt>
        <dd>{bytes(view.action.bytes)}</dd>
        <dt>digest</dt>
        <dd class="digest">{view.action.digest}</dd>
        <dt>pin</dt>
        <dd class="digest">{view.action.pin}</dd>
        <dt>world</dt>
        <dd class="digest">
          {view.world}
          {view.worldInForce ? '' : ' (not in force)'}
        </dd>
      </dl>
    </section>
  );
}
