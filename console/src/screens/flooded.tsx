import { plural } from '../data/format.ts';
import { allRows, recordVersion } from '../data/record.ts';
import { gatewayNow } from '../data/status.ts';
import { Foreign } from '../parts/text.tsx';

const lookedBackMillis = 3_600_000;

/** Agents that asked more than people can answer: what was refused for that is said, so that nothing is missed by not being asked. */
export function Flooded() {
  recordVersion.value;
  const since = gatewayNow() - lookedBackMillis;
  const byAgent = new Map<string, number>();
  for (const { at, entry, outcome } of allRows())
    if (at >= since && entry.kind === 'decided' && outcome?.kind === 'refused' && outcome.code === 'overloaded')
      byAgent.set(entry.agent, (byAgent.get(entry.agent) ?? 0) + 1);
  if (byAgent.size === 0) return null;
  return (
    <ul class="plain flooded">
      {[...byAgent].map(([agent, count]) => (
        <li key={agent}>
          <strong>
            <Foreign text={agent} max={80} />
          </strong>{' '}
          asked more than people can answer: {plural(count, 'call')} of the last hour {count === 1 ? 'was' : 'were'}{' '}
          refused without a question. Others are not affected.
        </li>
      ))}
    </ul>
  );
}
