import type { Entry } from '@sallyport/core/model/entry.ts';
import { type LifeOfLease, livesOf } from '@sallyport/gateway/api/view/credential-lives.ts';
import { clock, duration } from '../data/format.ts';
import { gatewayNow } from '../data/status.ts';
import { Foreign } from '../parts/text.tsx';

/** When each credential of the task began and ended, and how. */
export function Credentials({ entries }: { entries: readonly Entry[] }) {
  const lives = livesOf(entries);
  if (lives.length === 0) return null;
  const now = gatewayNow();
  return (
    <section class="lives">
      <h2>Credentials</h2>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">Credential</th>
              <th scope="col">For</th>
              <th scope="col">From</th>
              <th scope="col">Lived</th>
              <th scope="col">End</th>
            </tr>
          </thead>
          <tbody>
            {lives.map(({ asked, issued, ended }) => (
              <tr key={asked.id}>
                <td>
                  <Foreign text={asked.credential} max={80} />
                </td>
                <td>
                  <Foreign text={asked.server} max={40} />
                </td>
                <td>{clock(asked.at)}</td>
                <td>{issued === undefined ? 'never issued' : duration((ended?.at ?? now) - issued.at)}</td>
                <td>
                  <Foreign text={endWords({ asked, ...(issued && { issued }), ...(ended && { ended }) })} max={200} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function endWords({ issued, ended }: LifeOfLease): string {
  if (ended?.outcome === 'outlives' && ended.expiresAt !== undefined)
    return `outlives the task until ${clock(ended.expiresAt)}: ${ended.why}`;
  if (ended !== undefined) return `${ended.outcome} at ${clock(ended.at)}: ${ended.why}`;
  if (issued === undefined) return 'it was asked for';
  return issued.expiresAt === undefined ? 'alive; it has no end of its own' : `alive until ${clock(issued.expiresAt)}`;
}
