import type { ApprovalView } from '@sallyport/gateway/api/view/approval.ts';
import { type WiderChoice, widerChoices } from '@sallyport/gateway/api/view/wider.ts';
import { useState } from 'preact/hooks';
import { post, wordsOf } from '../data/api.ts';
import { duration } from '../data/format.ts';
import { readApprovals } from '../data/status.ts';
import { isGrave } from '../parts/marks.tsx';
import { Foreign } from '../parts/text.tsx';

/** A separate, wider answer, spelled out. It is a fact for what comes, and permits nothing by itself. */
export function Wider({ view }: { view: ApprovalView }) {
  const [chosen, setChosen] = useState('');
  const [minutes, setMinutes] = useState(0);
  const [why, setWhy] = useState('');
  const [said, setSaid] = useState('');
  const choices = widerChoices(view);
  if (choices.length === 0) return null;
  const choice = choices.find(one => keyOf(one) === chosen);
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (choice === undefined || why.trim() === '') return;
    try {
      await post(`approvals/${view.id}/endorse`, {
        what: choice.what,
        ...(choice.digest === undefined ? {} : { digest: choice.digest }),
        ...(minutes === 0 ? {} : { minutes }),
        why: why.trim(),
      });
      await readApprovals();
      setSaid('Done. It counts from the next call of this task on; this question itself is still open.');
    } catch (thrown) {
      setSaid(wordsOf(thrown));
    }
  };
  return (
    <details class="wider">
      <summary>A wider answer, for more than this one call</summary>
      <form onSubmit={event => void submit(event)}>
        <p class="quiet small">
          {minutes === 0 ? 'Until this task ends' : `For ${duration(minutes * 60_000)}, or until this task ends`}, the
          following would count as if <Foreign text={view.principal} max={80} /> had said it, for actions as grave as
          this one and no graver. Everything is still decided each time, and other rules still hold.
        </p>
        {choices.map(one => (
          <label key={keyOf(one)} class="choice">
            <input
              type="radio"
              name={`wider-${view.id}`}
              checked={one === choice}
              onChange={() => setChosen(keyOf(one))}
            />
            <span>
              <Foreign text={one.text} max={240} />
            </span>
          </label>
        ))}
        <label class="choice-why">
          For how long
          <select value={minutes} onChange={event => setMinutes(Number(event.currentTarget.value))}>
            <option value={15}>15 minutes</option>
            <option value={60}>an hour</option>
            <option value={0}>the rest of this task</option>
          </select>
        </label>
        <label class="choice-why">
          Why you stand behind it
          <input required maxLength={300} value={why} onInput={event => setWhy(event.currentTarget.value)} />
        </label>
        <button
          type="submit"
          disabled={choice === undefined || why.trim() === ''}
          class={isGrave(view.classes) ? 'danger' : ''}
        >
          Stand behind this
        </button>
        {said !== '' && <p role="status">{said}</p>}
      </form>
    </details>
  );
}

function keyOf({ what, digest = '' }: WiderChoice): string {
  return `${what} ${digest}`;
}
