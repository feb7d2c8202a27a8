import { useEffect, useState } from 'preact/hooks';
import { wordsOf } from '../data/api.ts';
import { redeem } from '../data/session.ts';
import { approvals, readApprovals } from '../data/status.ts';
import { useSeconds } from '../parts/load.ts';
import { Foreign } from '../parts/text.tsx';
import { Mark } from '../shell/icons.tsx';
import { Card } from './approval-card.tsx';

/** Where a link in a message leads: nothing is spent and nothing is shown until somebody wants to see it. */
export function LinkDoor({ link }: { link: string }) {
  return (
    <main class="door">
      <Mark />
      <h1>Sallyport</h1>
      <p>An agent asks for a yes, and the question is yours.</p>
      <p>
        <button type="button" class="primary" onClick={() => void redeem(link)}>
          Show me the question
        </button>
      </p>
      <p class="quiet">The link works once, for this question alone.</p>
    </main>
  );
}

const lookMillis = 2_000;

/** The question of a link, without anything around it. */
export function OneQuestion() {
  useSeconds();
  const [problem, setProblem] = useState('');
  useEffect(() => {
    const look = (): void => {
      readApprovals().then(
        () => setProblem(''),
        thrown => setProblem(wordsOf(thrown)),
      );
    };
    look();
    const timer = setInterval(look, lookMillis);
    return () => clearInterval(timer);
  }, []);
  const [view] = approvals.value ?? [];
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: pressing Enter on a link is a click
    <main class="one-question" onClick={stay}>
      <h1>A question to you</h1>
      {problem !== '' && (
        <p class="problem" role="alert">
          <Foreign text={problem} max={300} />
        </p>
      )}
      {view !== undefined && <Card view={view} others={[]} />}
    </main>
  );
}

function stay(event: MouseEvent): void {
  if ((event.target as Element | null)?.closest('a') !== null) event.preventDefault();
}
