import type { ModesView } from '@sallyport/gateway/api/view/status.ts';
import { useState } from 'preact/hooks';
import { post, wordsOf } from '../data/api.ts';
import { may } from '../data/session.ts';
import { refreshStatus } from '../data/status.ts';
import { WeekPreview } from './week.tsx';

const meanings: Readonly<Record<string, string>> = {
  observe: 'records what policy says, and stops nothing',
  shadow: 'the same, and shows what enforcing would have stopped',
  enforce: 'stops what policy denies, and asks where it asks',
};

/** What each mode holds for, and what enforcing would have stopped this week. */
export function Modes({ modes }: { modes: ModesView }) {
  const [problem, setProblem] = useState('');
  const set = async (scope: string, mode: string): Promise<void> => {
    const loosens = mode !== 'enforce';
    if (loosens && prompt(`Calls that policy denies would pass. Type ${mode} to confirm.`)?.trim() !== mode) return;
    try {
      await post('modes', { scope, mode });
      refreshStatus();
    } catch (thrown) {
      setProblem(wordsOf(thrown));
    }
  };
  const scopes = [
    { scope: 'default', mode: modes.fallback, source: 'config' },
    ...modes.scopes.filter(({ scope }) => scope !== 'default'),
  ];
  return (
    <>
      <WeekPreview />
      <div class="table-wrap">
        <table>
          <thead>
            <tr>
              <th scope="col">For</th>
              <th scope="col">Mode</th>
              <th scope="col">What it does</th>
            </tr>
          </thead>
          <tbody>
            {scopes.map(({ scope, mode }) => (
              <tr key={scope}>
                <td>{scope === 'default' ? 'everything else' : scope}</td>
                <td>
                  <select
                    aria-label={`mode of ${scope}`}
                    value={mode}
                    disabled={!may('admin')}
                    onChange={event => void set(scope, event.currentTarget.value)}
                  >
                    {Object.keys(meanings).map(name => (
                      <option key={name} value={name}>
                        {name}
                      </option>
                    ))}
                  </select>
                </td>
                <td class="quiet">{meanings[mode]}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {problem !== '' && <p class="problem">{problem}</p>}
    </>
  );
}
