import type { ChannelView } from '@sallyport/gateway/api/view/status.ts';
import { moment } from '../data/format.ts';
import { Foreign } from '../parts/text.tsx';

const words: Readonly<Record<ChannelView['state'], string>> = {
  unused: 'nothing sent yet',
  ok: 'took the newest message',
  failing: 'did not take the newest message',
};

/** How people hear of questions, in the order in which that is tried. */
export function Channels({ channels }: { channels: readonly ChannelView[] }) {
  if (channels.length === 0)
    return <p class="quiet">None: questions wait here and in the terminal, and nobody is told of them.</p>;
  return (
    <ol class="channels">
      {channels.map(({ id, state, at, why }) => (
        <li key={id} class={`channel-${state}`}>
          <strong>
            <Foreign text={id} max={60} />
          </strong>{' '}
          {words[state]}
          {at !== undefined && <span class="quiet"> at {moment(at)}</span>}
          {why !== undefined && (
            <span class="problem">
              {' '}
              <Foreign text={why} max={200} />
            </span>
          )}
        </li>
      ))}
    </ol>
  );
}
