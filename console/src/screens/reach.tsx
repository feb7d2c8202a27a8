import type { ReachedBy, ReachedTool, ReachView } from '@sallyport/gateway/api/view/reach.ts';
import { useEffect, useState } from 'preact/hooks';
import { get, wordsOf } from '../data/api.ts';
import { plural } from '../data/format.ts';
import { ToolName } from '../parts/marks.tsx';
import { Foreign } from '../parts/text.tsx';

/** Of whom, or of what, it is asked. */
export type Of = { readonly agent: string } | { readonly server: string };

type Shown =
  | { readonly kind: 'loading' }
  | { readonly kind: 'here'; readonly reach: ReachView }
  | { readonly kind: 'failed'; readonly why: string };

/** What an agent could do now, or who could reach a server. Decided like any call, and nothing is performed. */
export function Reach({ of }: { of: Of }) {
  const [shown, setShown] = useState<Shown>({ kind: 'loading' });
  const key = JSON.stringify(of);
  useEffect(() => {
    get<{ can: ReachView }>('can', { ...of }).then(
      ({ can }) => setShown({ kind: 'here', reach: can }),
      thrown => setShown({ kind: 'failed', why: wordsOf(thrown) }),
    );
  }, [key]);
  if (shown.kind === 'loading')
    return (
      <p class="quiet" aria-busy="true">
        Being decided.
      </p>
    );
  if (shown.kind === 'failed') return <p class="problem">{shown.why}</p>;
  const { agents, holds = [] } = shown.reach;
  return (
    <div class="reach">
      {holds.flatMap(({ server, credentials }) =>
        credentials.map(name => (
          <p key={`${server} ${name}`} class="quiet">
            <Foreign text={server} max={40} /> holds the credential <Foreign text={name} max={80} />, whatever is
            decided here.
          </p>
        )),
      )}
      {agents.length === 0 && <p class="quiet">No agent reaches it.</p>}
      {agents.map(each => (
        <One key={each.agent} reached={each} server={'server' in of ? of.server : undefined} />
      ))}
    </div>
  );
}

const words: Readonly<Record<ReachedTool['reach'], string>> = {
  free: 'without asking',
  ask: 'after a yes',
  depends: 'depending on the arguments',
  no: 'not at all',
};
const order: readonly ReachedTool['reach'][] = ['free', 'depends', 'ask', 'no'];

/** Of whoever could reach one server only that is shown: what they could do elsewhere is asked of them. */
function One({ reached: { agent, segments }, server }: { reached: ReachedBy; server: string | undefined }) {
  const tools = segments.flatMap(({ here, segment, servers }) =>
    servers
      .filter(({ id }) => server === undefined || id === server)
      .flatMap(({ id, tools: own }) => own.map(tool => ({ ...tool, tool: nameOf(id, tool.tool), here, segment }))),
  );
  return (
    <div class="reached">
      {server !== undefined && (
        <h4>
          <Foreign text={agent} max={80} />
        </h4>
      )}
      <dl>
        {order.flatMap(reach => {
          const all = tools.filter(tool => tool.reach === reach);
          if (all.length === 0) return [];
          const those = all.filter(({ tool }) => !tool.includes('/mcp:'));
          const methods = all.length - those.length;
          return [
            <dt key={`${reach} word`} class={`reach-${reach}`}>
              {words[reach]} <span class="quiet">{plural(those.length, 'tool')}</span>
            </dt>,
            <dd key={reach}>
              {those.map(({ tool, rules, here, segment }) => (
                <span key={tool} class="reached-tool" title={rules.join(', ')}>
                  <ToolName tool={tool} />
                  {!here && <span class="quiet"> in {segment}</span>}
                </span>
              ))}
              {methods > 0 && (
                <span class="quiet">
                  {those.length > 0 && 'and '}
                  {plural(methods, 'method')} of the protocol itself
                </span>
              )}
            </dd>,
          ];
        })}
      </dl>
    </div>
  );
}

function nameOf(server: string, tool: string): string {
  return tool.startsWith(`${server}/`) ? tool : `${server}/${tool}`;
}
