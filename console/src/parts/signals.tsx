import type { Risk } from '@sallyport/core/model/risk.ts';
import { Foreign } from './text.tsx';

/** What is unusual about one action, beside what its agent usually does in such tasks. */
export function Signals({ risk: { score, signals } }: { risk: Risk }) {
  return (
    <ul class="plain">
      {signals.map(({ name, text }, at) => (
        <li key={name}>
          <Foreign text={text} max={300} />
          {at === 0 && <span class="quiet small"> score {score} of 100</span>}
        </li>
      ))}
    </ul>
  );
}
