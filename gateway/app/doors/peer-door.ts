import { visitPeer } from '../../transports/a2a/door.ts';
import { PeerIds } from '../../transports/a2a/ids.ts';
import { OwnTasks } from '../../transports/a2a/own-tasks.ts';
import type { Handler } from '../../transports/http/router.ts';
import type { McpCore } from '../../transports/mcp/core.ts';
import type { PeerConfig } from '../../upstreams/a2a/config.ts';

/** The door to other agents. Loaded only where one is configured. */
export function createPeerDoor(peers: readonly PeerConfig[], mcp: McpCore, base: () => string): Handler {
  const push = new Map(peers.map(peer => [peer.id, peer.push]));
  const core = { mcp, ids: new PeerIds(mcp.ports.digest), own: new OwnTasks(), pushOf: push.get.bind(push), base };
  return exchange => visitPeer(exchange, core);
}
