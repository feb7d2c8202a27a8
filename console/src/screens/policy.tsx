import type { PolicySetView, PolicyView } from '@sallyport/gateway/api/view/policy.ts';
import { useEffect, useState } from 'preact/hooks';
import { get, post, wordsOf } from '../data/api.ts';
import { fromUrl, inUrl, moment, plural } from '../data/format.ts';
import { allRows, recordVersion } from '../data/record.ts';
import { subject } from '../data/route.ts';
import { may } from '../data/session.ts';
import { refreshStatus, status } from '../data/status.ts';
import { useLoaded } from '../parts/load.ts';
import { Foreign } from '../parts/text.tsx';
import { Twin } from '../parts/twin.tsx';
import { AskingRules } from './asking.tsx';
import { PolicyTests } from './policy-tests.tsx';

export function Policy() {
  const loaded = useLoaded(() => get<{ policy: PolicyView }>('policy'), [status.value?.world, status.value?.candidate]);
  const named = fromUrl(subject.value);
  useEffect(() => {
    if (named !== '') document.getElementById(`rule-${named}`)?.scrollIntoView({ block: 'center' });
  }, [named, loaded.kind]);
  if (loaded.kind === 'loading') return <section class="blank" />;
  if (loaded.kind === 'failed') return <p class="problem">{loaded.why}</p>;
  const { active, candidate } = loaded.value.policy;
  return (
    <section>
      <div class="heading">
        <h1>Policy</h1>
        <p class="quiet">
          {active.policies.length} rules
          {active.activatedAt !== undefined && `, in force since ${moment(active.activatedAt)} by ${active.by ?? '?'}`}
        </p>
      </div>
      {candidate !== undefined && <Candidate candidate={candidate} active={active} />}
      <AskingRules />
      <PolicyTests />
      <Rules set={active} named={named} />
      <Twin line="sallyport policy check" />
    </section>
  );
}

function Candidate({ candidate, active }: { candidate: NonNullable<PolicyView['candidate']>; active: PolicySetView }) {
  const [problem, setProblem] = useState('');
  const before = new Set(active.policies.map(({ id }) => id));
  const after = new Set(candidate.policies.map(({ id }) => id));
  const come = [...after].filter(id => !before.has(id));
  const gone = [...before].filter(id => !after.has(id));
  const activate = async (): Promise<void> => {
    try {
      await post('policy/activate', { digest: candidate.digest });
      refreshStatus();
    } catch (thrown) {
      setProblem(wordsOf(thrown));
    }
  };
  return (
    <article class="card">
      <header class="card-head">
        <h2>A changed policy set waits</h2>
      </header>
      <p>
        The files are not what is in force. Nothing of them counts until somebody with the right to do so activates
        them.
      </p>
      {candidate.problems.length > 0 ? (
        <ul class="plain problems">
          {candidate.problems.map(({ file, line, message, fix }) => (
            <li key={`${file}:${line}:${message}`}>
              {file !== '' && (
                <code>
                  {file.split('/').at(-1)}:{line}
                </code>
              )}{' '}
              <Foreign text={message} max={500} /> {fix !== undefined && <span class="quiet">{fix}</span>}
            </li>
          ))}
        </ul>
      ) : (
        <p>
          It was checked as it stands: {plural(candidate.policies.length, 'rule')}, no error. The tests below run
          against it. {come.length === 0 && gone.length === 0 ? 'The same rules, with other text.' : ''}
          {come.length > 0 && `New: ${come.join(', ')}. `}
          {gone.length > 0 && `Gone: ${gone.join(', ')}.`}
        </p>
      )}
      {problem !== '' && <p class="problem">{problem}</p>}
      {candidate.problems.length === 0 && may('admin') && (
        <footer class="card-end">
          <button type="button" class="primary" onClick={() => void activate()}>
            Activate exactly this set
          </button>
        </footer>
      )}
      <Twin line="sallyport policy activate" />
    </article>
  );
}

/** How often each rule decided, of the decisions that this page has seen. */
function Rules({ set, named }: { set: PolicySetView; named: string }) {
  recordVersion.value;
  const uses = new Map<string, { decided: number; asked: number }>();
  for (const { entry } of allRows())
    if (entry.kind === 'decided')
      for (const { rule } of entry.reasons) {
        const use = uses.get(rule) ?? { decided: 0, asked: 0 };
        use.decided += 1;
        if (entry.answer === 'ask') use.asked += 1;
        uses.set(rule, use);
      }
  return (
    <div class="table-wrap">
      <table class="stacks">
        <thead>
          <tr>
            <th scope="col">Rule</th>
            <th scope="col">Says</th>
            <th scope="col">Decided</th>
            <th scope="col">Asked</th>
            <th scope="col">Where</th>
          </tr>
        </thead>
        <tbody>
          {set.policies.map(({ id, effect, file, line, annotations }) => (
            <tr key={id} id={`rule-${id}`} class={id === named ? 'is-named' : ''}>
              <td>
                <span class="rule-cell">
                  <span class={`effect effect-${effect}`}>{effect}</span>
                  <a href={`/now?rule=${inUrl(id)}`}>{id}</a>
                </span>
              </td>
              <td class="description">
                <Foreign text={annotations.reason ?? ''} max={200} />
              </td>
              <td class="number" data-label="decided">
                {uses.get(id)?.decided ?? 0}
              </td>
              <td class="number" data-label="asked">
                {uses.get(id)?.asked ?? 0}
              </td>
              <td class="quiet">
                {file.split('/').at(-1)}:{line}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
