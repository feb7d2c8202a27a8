import type { Decided, Entry } from '@sallyport/core/model/entry.ts';
import { get } from '../data/api.ts';
import { inUrl, plural } from '../data/format.ts';
import { gatewayNow, status } from '../data/status.ts';
import { useLoaded } from '../parts/load.ts';
import { Foreign } from '../parts/text.tsx';

const weekMillis = 7 * 86_400_000;
const pageEntriesMax = 1_000;
const pagesMax = 20;

/** What passed this week, in a mode that stops nothing, and would not have passed had it been enforced. */
interface Week {
  readonly asked: number;
  readonly refused: number;
  readonly scopes: readonly {
    readonly scope: string;
    readonly asked: number;
    readonly refused: number;
    readonly rules: readonly string[];
  }[];
  /** There was more than was looked at. */
  readonly isPart: boolean;
}

/** Before a mode is changed: what it would have meant, out of the record of the last seven days. */
export function WeekPreview() {
  const loaded = useLoaded(readWeek, [JSON.stringify(status.value?.modes)]);
  if (loaded.kind === 'loading') return <p class="quiet">The record of the last seven days is being read.</p>;
  if (loaded.kind === 'failed') return <p class="problem">{loaded.why}</p>;
  const { asked, refused, scopes, isPart } = loaded.value;
  if (asked + refused === 0)
    return <p>In the last seven days nothing passed that enforcing would have refused or asked about.</p>;
  return (
    <>
      <p>
        In the last seven days {plural(refused, 'call')} passed that enforcing would have <strong>refused</strong>, and{' '}
        {plural(asked, 'call')} that it would have <strong>asked</strong> about{isPart ? ', at least' : ''}.{' '}
        <a href="/now?would=1">See the newest</a>
      </p>
      <div class="table-wrap">
        <table class="stacks">
          <thead>
            <tr>
              <th scope="col">Enforcing this alone</th>
              <th scope="col">would have refused</th>
              <th scope="col">would have asked</th>
              <th scope="col">by</th>
            </tr>
          </thead>
          <tbody>
            {scopes.slice(0, 12).map(each => (
              <tr key={each.scope}>
                <td>
                  <code>
                    <Foreign text={each.scope} max={120} />
                  </code>
                </td>
                <td class="number" data-label="would have refused">
                  {each.refused}
                </td>
                <td class="number" data-label="would have asked">
                  {each.asked}
                </td>
                <td class="quiet">
                  {each.rules.slice(0, 3).map(rule => (
                    <a key={rule} class="id" href={`/policy/${inUrl(rule)}`}>
                      <Foreign text={rule} max={80} />
                    </a>
                  ))}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

type Passed = Entry & Decided;

async function readWeek(): Promise<Week> {
  const from = gatewayNow() - weekMillis;
  const [denied, asked] = await Promise.all([passedOf('deny', from), passedOf('ask', from)]);
  const all = [...denied.found, ...asked.found];
  const byScope = new Map<string, Passed[]>();
  for (const entry of all)
    for (const scope of [`server:${entry.action.server}`, `agent:${entry.agent}`])
      byScope.set(scope, [...(byScope.get(scope) ?? []), entry]);
  return {
    asked: asked.found.length,
    refused: denied.found.length,
    scopes: [...byScope]
      .map(([scope, entries]) => ({
        scope,
        refused: entries.filter(({ answer }) => answer === 'deny').length,
        asked: entries.filter(({ answer }) => answer === 'ask').length,
        rules: [...new Set(entries.flatMap(({ reasons }) => reasons.slice(0, 1).map(({ rule }) => rule)))],
      }))
      .sort((a, b) => b.refused + b.asked - a.refused - a.asked),
    isPart: denied.isPart || asked.isPart,
  };
}

async function passedOf(answer: 'deny' | 'ask', from: number): Promise<{ found: Passed[]; isPart: boolean }> {
  const found: Passed[] = [];
  let after = -1;
  for (let page = 0; page < pagesMax; page++) {
    const query = { kind: 'decided', answer, after, limit: pageEntriesMax };
    const { entries } = await get<{ entries: Passed[] }>('entries', query);
    found.push(...entries.filter(({ at, verdict }) => at >= from && verdict === 'pass'));
    const last = entries.at(-1);
    if (last === undefined || entries.length < pageEntriesMax) return { found, isPart: false };
    after = last.seq;
  }
  return { found, isPart: true };
}
