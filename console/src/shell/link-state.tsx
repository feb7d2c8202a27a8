import { clock, countdown } from '../data/format.ts';
import { link } from '../data/stream.ts';
import { useSeconds } from '../parts/load.ts';

/** Whether what is shown is what is. It never says "live" of something that is not. */
export function LinkState() {
  const state = link.value;
  return (
    <div class={`link-state link-${state.kind}`} role="status">
      <span class="dot" aria-hidden="true" />
      {state.kind === 'lost' ? <Lost {...state} /> : state.kind === 'live' ? 'Live' : 'Connecting'}
    </div>
  );
}

function Lost({ since, againAt, why }: { since: number; againAt: number; why: string }) {
  const now = useSeconds();
  const left = againAt - now;
  return (
    <span title={why}>
      Not connected. This is how it stood at {clock(since)}.{' '}
      <span class="quiet">{left > 0 ? `Trying again in ${countdown(left)}` : 'Trying again'}</span>
    </span>
  );
}
