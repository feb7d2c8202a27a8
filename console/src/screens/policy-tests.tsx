import type { PolicyTestsView } from '@sallyport/gateway/api/view/policy.ts';
import { useState } from 'preact/hooks';
import { get, wordsOf } from '../data/api.ts';
import { plural } from '../data/format.ts';
import { Foreign } from '../parts/text.tsx';

type Shown =
  | { readonly kind: 'not-yet' | 'running' }
  | { readonly kind: 'here'; readonly tests: PolicyTestsView }
  | { readonly kind: 'failed'; readonly why: string };

/** The tests that stand beside the policies, run when somebody wants to know. */
export function PolicyTests() {
  const [shown, setShown] = useState<Shown>({ kind: 'not-yet' });
  const run = async (): Promise<void> => {
    setShown({ kind: 'running' });
    try {
      const { tests } = await get<{ tests: PolicyTestsView }>('policy/tests');
      setShown({ kind: 'here', tests });
    } catch (thrown) {
      setShown({ kind: 'failed', why: wordsOf(thrown) });
    }
  };
  return (
    <section class="policy-tests">
      <div class="heading">
        <h2>Tests</h2>
        <p class="quiet" role="status">
          {shown.kind === 'not-yet' && 'The tests beside the policy files, against the tools as they are pinned.'}
          {shown.kind === 'running' && 'They run.'}
          {shown.kind === 'here' && summary(shown.tests)}
        </p>
        <button type="button" disabled={shown.kind === 'running'} onClick={() => void run()}>
          {shown.kind === 'here' ? 'Run again' : 'Run the tests'}
        </button>
      </div>
      {shown.kind === 'failed' && (
        <p class="problem" role="alert">
          {shown.why}
        </p>
      )}
      {shown.kind === 'here' && <Results tests={shown.tests} />}
    </section>
  );
}

function summary({ inForce, problems, tests }: PolicyTestsView): string {
  const of = inForce ? '' : ' of the set that waits';
  if (problems.length > 0) return `${plural(problems.length, 'problem')}${of}; nothing could be tested.`;
  const count = (outcome: string): number => tests.filter(test => test.outcome === outcome).length;
  const skipped = count('skipped') === 0 ? '' : `, ${count('skipped')} about servers that are not here`;
  return `${count('passed')} passed, ${count('failed')} failed${skipped}${of}.`;
}

/** What failed is shown at once; the rest is there for whoever wants to read it. */
function Results({ tests: { problems, tests } }: { tests: PolicyTestsView }) {
  const failed = tests.filter(({ outcome }) => outcome === 'failed');
  const others = tests.filter(({ outcome }) => outcome !== 'failed');
  const wrong = [...problems.map(problem => ({ ...problem, name: 'problem' })), ...failed];
  return (
    <>
      {wrong.length > 0 && (
        <ul class="plain problems">
          {wrong.map(({ file, line, name, message }) => (
            <li key={`${file}:${line}:${name}:${message}`}>
              <code>{place(file, line)}</code> <Foreign text={`${name}: ${message ?? ''}`} max={500} />
            </li>
          ))}
        </ul>
      )}
      {others.length > 0 && (
        <details>
          <summary>{plural(others.length, 'other test')}</summary>
          <ul class="plain tests">
            {others.map(({ file, line, name, outcome }) => (
              <li key={`${file}:${line}:${name}`}>
                <span class={`outcome outcome-${outcome}`}>{outcome}</span> <Foreign text={name} max={200} />{' '}
                <span class="quiet">{place(file, line)}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

function place(file: string, line: number): string {
  return `${file.split('/').at(-1)}:${line}`;
}
