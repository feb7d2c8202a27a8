import { peerServer } from '@sallyport/core/catalogue/peer.ts';
import type { Sha256 } from '@sallyport/core/model/action.ts';
import type { CatalogueServer } from '@sallyport/core/model/tool.ts';
import { workspaceServer } from '../../transports/hook/tools.ts';
import type { Config } from './config.ts';

/** Servers whose tools are ours to define, so that they stand in no pins: what coding clients do by themselves, and other agents. */
export function ownServers({ hooks, workspaceSegment, peers }: Config, sha256: Sha256): CatalogueServer[] {
  const clients = hooks.length > 0 ? [workspaceServer(workspaceSegment, sha256)] : [];
  return [...clients, ...peers.map(peer => peerServer(peer, sha256))];
}
