import type { AgentView } from '@sallyport/gateway/api/view/agent.ts';
import type { ToolDiffView, ToolView } from '@sallyport/gateway/api/view/tool.ts';
import { useState } from 'preact/hooks';
import { get, post, wordsOf } from '../data/api.ts';
import { inUrl, plural } from '../data/format.ts';
import { query, setQuery } from '../data/route.ts';
import { may } from '../data/session.ts';
import { refreshStatus, status } from '../data/status.ts';
import { useLoaded } from '../parts/load.ts';
import { Classes, ToolName } from '../parts/marks.tsx';
import { Foreign } from '../parts/text.tsx';
import { quoted, Twin } from '../parts/twin.tsx';
import { Reach } from './reach.tsx';

export function Agents() {
  const wanted = (query.value.get('q') ?? '').toLowerCase();
  const loaded = useLoaded(readAll, [status.value?.world, status.value?.quarantined, status.value?.killed.length]);
  if (loaded.kind === 'loading') return <section class="blank" />;
  if (loaded.kind === 'failed') return <p class="problem">{loaded.why}</p>;
  const { agents, tools, diffs } = loaded.value;
  const has = (...texts: readonly (string | undefined)[]): boolean =>
    texts.some(text => text?.toLowerCase().includes(wanted));
  const shownAgents = agents.filter(({ id, principal, team, classes }) => has(id, principal, team, ...classes));
  const shownTools = tools.filter(({ tool, description, classes, segment }) =>
    has(tool, description, segment, ...classes),
  );
  const methods = shownTools.filter(tool => !isCalled(tool));
  return (
    <section>
      <div class="heading">
        <h1>Agents &amp; tools</h1>
        <label class="search">
          <span class="unsaid">Search</span>
          <input
            type="search"
            placeholder="Search agents and tools"
            value={query.value.get('q') ?? ''}
            onInput={event => setQuery('q', event.currentTarget.value)}
          />
        </label>
      </div>
      <Quarantine diffs={diffs} />
      <ReachPanel />
      <h2>Agents</h2>
      <div class="table-wrap">
        <table class="stacks">
          <thead>
            <tr>
              <th scope="col">Agent</th>
              <th scope="col">For</th>
              <th scope="col">Classes</th>
              <th scope="col">Owner</th>
              <th scope="col">Proves itself by</th>
              <th scope="col">Reach</th>
            </tr>
          </thead>
          <tbody>
            {shownAgents.map(agent => (
              <tr key={agent.id}>
                <td>
                  <a href={`/now?agent=${inUrl(agent.id)}`}>
                    <Foreign text={agent.id} max={80} />
                  </a>{' '}
                  {agent.killed && <span class="state state-killed">stopped</span>}
                </td>
                <td data-label="for">
                  <Foreign text={agent.principal} max={80} />
                </td>
                <td>
                  {agent.classes.map(name => (
                    <span key={name} class="tag">
                      {name}
                    </span>
                  ))}
                </td>
                <td class="quiet" data-label="owned by">
                  <Foreign text={agent.owner ?? 'nobody'} max={80} />
                </td>
                <td class="quiet" data-label="proven by">
                  <Foreign text={proofs(agent)} max={200} />
                </td>
                <td>
                  <a href={`/agents?can=${inUrl(`agent:${agent.id}`)}`}>what it can do</a>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <h2>Tools</h2>
      <Servers tools={tools} />
      <ToolTable tools={shownTools.filter(isCalled)} />
      {methods.length > 0 && (
        <details class="methods" open={wanted !== ''}>
          <summary>{plural(methods.length, 'method')} of the protocol itself</summary>
          <ToolTable tools={methods} />
        </details>
      )}
      <Twin line="sallyport tools ls" />
    </section>
  );
}

/** What an agent calls as a tool; the others are resources, prompts and answers, which are decided like tools. */
function isCalled({ tool }: ToolView): boolean {
  return !tool.includes('/mcp:');
}

function ToolTable({ tools }: { tools: readonly ToolView[] }) {
  return (
    <div class="table-wrap">
      <table class="stacks">
        <thead>
          <tr>
            <th scope="col">Tool</th>
            <th scope="col">Can</th>
            <th scope="col">What it says it does</th>
            <th scope="col">Result</th>
          </tr>
        </thead>
        <tbody>
          {tools.map(tool => (
            <tr key={tool.tool}>
              <td>
                <a href={`/now?tool=${inUrl(tool.tool)}`}>
                  <ToolName tool={tool.tool} />
                </a>{' '}
                {tool.status === 'quarantined' && <span class="state state-void">quarantined</span>}
              </td>
              <td>
                <Classes classes={tool.classes} />
              </td>
              <td class="description">
                <Foreign text={tool.description ?? ''} max={600} />
              </td>
              <td class="quiet">{tool.labels.join(' ')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Who-can and can-what: the answer to the address, above the lists it was asked from. */
function ReachPanel() {
  const [kind, id] = (query.value.get('can') ?? '').split(/:(.*)/s, 2);
  if (id === undefined || id === '' || (kind !== 'agent' && kind !== 'server')) return null;
  return (
    <article class="card reach-card">
      <header class="card-head">
        <h2>{kind === 'agent' ? 'What this agent can do now' : 'Who can reach this server'}</h2>
        <a href="/agents">close</a>
      </header>
      <p class="quiet">
        <Foreign text={id} max={80} />: decided like a call in its task as it stands. Nothing is performed.
      </p>
      <Reach of={kind === 'agent' ? { agent: id } : { server: id }} />
      <Twin line={kind === 'agent' ? `sallyport can ${quoted(id)}` : `sallyport can --server ${quoted(id)}`} />
    </article>
  );
}

function Servers({ tools }: { tools: readonly ToolView[] }) {
  const servers = [...new Set(tools.map(({ tool }) => tool.slice(0, tool.indexOf('/'))))].sort();
  return (
    <p class="servers">
      <span class="quiet">Who can reach</span>{' '}
      {servers.map(server => (
        <a key={server} href={`/agents?can=${inUrl(`server:${server}`)}`}>
          <Foreign text={server} max={40} />
        </a>
      ))}
    </p>
  );
}

async function readAll(): Promise<{ agents: AgentView[]; tools: ToolView[]; diffs: ToolDiffView[] }> {
  const [{ agents }, { tools }, { diffs }] = await Promise.all([
    get<{ agents: AgentView[] }>('agents'),
    get<{ tools: ToolView[] }>('tools'),
    get<{ diffs: ToolDiffView[] }>('tools/diff'),
  ]);
  return { agents, tools, diffs };
}

function proofs({ tokens, entries }: AgentView): string {
  const parts = [
    ...(tokens.length > 0 ? [`${tokens.length} ${tokens.length === 1 ? 'token' : 'tokens'}`] : []),
    ...(entries.length > 0 ? [`local entry ${entries.join(', ')}`] : []),
  ];
  return parts.length === 0 ? 'nothing yet' : parts.join(', ');
}

/** What changed since somebody accepted it. Nothing of it can be used until it is accepted again, one by one. */
function Quarantine({ diffs }: { diffs: readonly ToolDiffView[] }) {
  const [problem, setProblem] = useState('');
  if (diffs.length === 0) return null;
  const accept = async ({ tool, offered }: ToolDiffView): Promise<void> => {
    try {
      await post('tools/accept', { tools: [{ tool, pin: offered }] });
      refreshStatus();
    } catch (thrown) {
      setProblem(wordsOf(thrown));
    }
  };
  return (
    <section class="quarantine">
      <h2>Quarantined</h2>
      {problem !== '' && <p class="problem">{problem}</p>}
      {diffs.map(diff => (
        <article key={diff.tool} class="card">
          <header class="card-head">
            <h3>
              <ToolName tool={diff.tool} />
            </h3>
          </header>
          <p>
            <Foreign text={diff.why} max={400} />
          </p>
          <pre class="diff">
            {diff.text.split(/(\[-.*?-\]|\{\+.*?\+\})/s).map((piece, index) => (
              <span key={index} class={index % 2 === 0 ? '' : piece.startsWith('{+') ? 'diff-new' : 'diff-old'}>
                <Foreign text={piece} max={20_000} />
              </span>
            ))}
          </pre>
          {diff.offered !== undefined && may('admin') && (
            <footer class="card-end">
              <button type="button" class="primary" onClick={() => void accept(diff)}>
                Accept exactly this definition
              </button>
            </footer>
          )}
          <Twin line={`sallyport tools accept ${quoted(diff.tool)}`} />
        </article>
      ))}
    </section>
  );
}
