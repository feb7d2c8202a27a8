import type { FindingView } from '@sallyport/gateway/api/view/finding.ts';
import { short } from '../data/format.ts';
import { Foreign } from '../parts/text.tsx';

/** What was unusual beside what the agent usually does in such tasks. */
export function Unusual({ findings }: { findings: readonly FindingView[] }) {
  if (findings.length === 0) return null;
  return (
    <section class="unusual">
      <h2>Unusual</h2>
      <ul>
        {findings.flatMap(({ decision, score, actions, signals }) =>
          signals.map(signal => (
            <li key={`${decision} ${signal.name}`}>
              <Foreign text={signal.text} max={300} />{' '}
              <span class="quiet">
                <Foreign text={signal.name} max={60} />, score {score} over{' '}
                {actions === 1 ? 'one action' : `${actions} actions`},{' '}
                <a href={`/why/${decision}`}>{short(decision)}</a>
              </span>
            </li>
          )),
        )}
      </ul>
    </section>
  );
}
