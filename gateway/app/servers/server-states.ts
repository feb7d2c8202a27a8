import type { CatalogueServer } from '@sallyport/core/model/tool.ts';
import type { ServerState } from '../../api/view/status.ts';
import type { ServerReport } from '../../discovery/reports.ts';
import type { Peers } from '../../upstreams/a2a/peers.ts';
import type { ConnectionStatus } from '../../upstreams/status.ts';
import type { Config } from '../config/config.ts';

/** How each server stands, for people: what was last seen of it, why it is down, and what it said of that itself. */
export function peerState({ id, tools }: CatalogueServer, peers: Peers): ServerState {
  const { state, why = 'its card is read when somebody speaks to it' } = peers.stateOf(id);
  const base = { id, transport: 'a2a', tools: tools.size } as const;
  if (state === 'read') return { ...base, state: 'ready' };
  return { ...base, state: state === 'failed' ? 'down' : 'starting', why };
}

export function stateOf(
  { server: id, state: seen, tools, why: failure, refused }: ServerReport,
  config: Config,
  connections: readonly ConnectionStatus[],
): ServerState {
  const launch = config.servers.find(server => server.id === id)?.launch;
  const transport = launch?.kind === 'http' ? 'http' : 'stdio';
  const own = connections.filter(({ key }) => key.server === id);
  const failed = own.some(({ state }) => state === 'open') ? undefined : own.find(({ state }) => state === 'failed');
  const state = seen === 'looking' ? 'starting' : seen === 'down' || isDown(failed) ? 'down' : 'ready';
  const why = failure ?? (failed === undefined ? undefined : failedWhy(failed));
  const said = failed === undefined ? undefined : tellingLine(failed.lastWords);
  return {
    ...{ id, transport, state, tools },
    ...(refused.length === 0
      ? {}
      : { leftOut: refused.map(({ kind, shown, why: fault }) => ({ kind, name: shown, why: fault })) }),
    ...(why === undefined ? {} : { why }),
    ...(said === undefined ? {} : { said }),
  };
}

/** One that fell over once is picked up with the next call. */
function isDown(failed: ConnectionStatus | undefined): boolean {
  return failed !== undefined && failed.failures > 1;
}

function failedWhy({ failures, lastFailure = 'no reason is known' }: ConnectionStatus): string {
  return failures > 1
    ? `it failed ${failures} times in a row, most recently because ${lastFailure}`
    : `${lastFailure}; it is started again with the next call`;
}

const frame = /^\s*at /;
const telling = /error|exception|panic|fatal/i;

/** Below the line that says what happened mostly stands where: frames of a stack, and the runtime's version. */
function tellingLine(lines: readonly string[]): string | undefined {
  const said = lines.filter(line => line.trim() !== '' && !frame.test(line));
  return (said.findLast(line => telling.test(line)) ?? said.at(-1))?.trim();
}
