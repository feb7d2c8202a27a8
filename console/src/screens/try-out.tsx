import { plainJson } from '@sallyport/core/model/json.ts';
import type { TryView, WhyView } from '@sallyport/gateway/api/view/decision.ts';
import { useEffect, useState } from 'preact/hooks';
import { post, wordsOf } from '../data/api.ts';
import { short } from '../data/format.ts';
import { AnswerMark } from '../parts/marks.tsx';
import { Foreign, sentence } from '../parts/text.tsx';
import { quoted, Twin } from '../parts/twin.tsx';
import { argumentsOf, parsed } from '../parts/value.tsx';

/** What could be otherwise: as in the task as it stands, or in a new one that its principal opens. */
interface Supposed {
  readonly isNew: boolean;
  readonly named: boolean;
  readonly untrusted: boolean;
}

/** The smallest change that would permit, tried on the spot: decided by the gateway, performed by nobody. */
export function TryOut({ view }: { view: WhyView }) {
  const hadRead = isUntrusted(view);
  const [supposed, setSupposed] = useState<Supposed>(suggested(view));
  const [answer, setAnswer] = useState<TryView | string | undefined>(undefined);
  const tool = `${view.action.server}/${view.action.tool}`;
  useEffect(() => {
    let isOld = false;
    const body = bodyOf(view, tool, supposed);
    if (body === undefined) return setAnswer('its arguments are not kept any more');
    post<{ try: TryView }>('try', body).then(
      tried => isOld || setAnswer(tried.try),
      thrown => isOld || setAnswer(wordsOf(thrown)),
    );
    return () => {
      isOld = true;
    };
  }, [view.id, supposed]);
  const flip = (over: Partial<Supposed>) => () => setSupposed({ ...supposed, ...over });
  return (
    <section class="try">
      <h3>What would have to be different</h3>
      {view.change !== undefined && (
        <p class="change">
          <Foreign text={view.change.text} max={600} />
        </p>
      )}
      <fieldset>
        <legend>Try it: the same call, if</legend>
        <label>
          <input type="checkbox" checked={supposed.isNew} onChange={flip({ isNew: !supposed.isNew })} /> its principal
          opened a new task for it
        </label>
        <label>
          <input
            type="checkbox"
            checked={supposed.isNew && supposed.named}
            disabled={!supposed.isNew}
            onChange={flip({ named: !supposed.named })}
          />{' '}
          that named this tool
        </label>
        <label>
          <input
            type="checkbox"
            checked={supposed.isNew ? !supposed.untrusted : !hadRead}
            disabled={!supposed.isNew}
            onChange={flip({ untrusted: !supposed.untrusted })}
          />{' '}
          and it had read nothing untrusted
        </label>
      </fieldset>
      <p class="try-answer" role="status" aria-busy={answer === undefined}>
        {answer === undefined ? (
          '…'
        ) : typeof answer === 'string' ? (
          <span class="problem">{answer}</span>
        ) : (
          <Tried view={answer} />
        )}
      </p>
      <Twin line={twinOf(view, tool, supposed)} />
    </section>
  );
}

function Tried({ view }: { view: TryView }) {
  const [first] = view.reasons.filter(({ effect }) => view.answer === 'permit' || effect !== 'permit');
  return (
    <>
      <AnswerMark answer={view.answer} word />
      {first !== undefined && (
        <span>
          {' '}
          <Foreign text={sentence(first.text)} max={300} />{' '}
          <span class="rule-name">
            <Foreign text={first.rule} max={80} />
          </span>
        </span>
      )}
      <span class="quiet"> Nothing was done and nothing was recorded.</span>
    </>
  );
}

/** Begins with what the change says, as far as it speaks of the task. */
function isUntrusted({ labels }: Pick<WhyView, 'labels'>): boolean {
  return labels.some(({ label }) => label === 'untrusted');
}

function suggested({ change, labels }: WhyView): Supposed {
  const text = change?.text ?? '';
  const named = /manifest/.test(text);
  const clean = /not read untrusted/.test(text);
  return {
    isNew: named || clean || /opened by its principal/.test(text),
    named,
    untrusted: isUntrusted({ labels }) && !clean,
  };
}

function bodyOf(view: WhyView, tool: string, { isNew, named, untrusted }: Supposed): object | undefined {
  const found = argumentsOf(view.arguments);
  if (parsed(view.arguments) === undefined || found === undefined) return undefined;
  const input = plainJson({ kind: 'object', members: found });
  const base = { agent: view.agent.id, tool, input };
  if (!isNew) return { ...base, task: view.task.id };
  return { ...base, purpose: view.task.purpose || 'tried out', ...(named ? { tools: [tool] } : {}), untrusted };
}

function twinOf(view: WhyView, tool: string, { isNew, named, untrusted }: Supposed): string {
  const params = [...(argumentsOf(view.arguments) ?? [])].flatMap(([name, node]) =>
    node.kind === 'string' && node.value.length < 80 ? [quoted(`${name}=${node.value}`)] : [],
  );
  const rest = isNew
    ? [...(named ? [`--expect ${quoted(tool)}`] : []), ...(untrusted ? ['--untrusted'] : [])]
    : [`--task ${short(view.task.id)}`];
  return ['sallyport try', view.agent.id, quoted(tool), ...params, ...rest].join(' ');
}
