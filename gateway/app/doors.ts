import { join } from 'node:path';
import { type Listener, listen } from '../transports/http/listener.ts';
import type { McpCore } from '../transports/mcp/core.ts';
import { createMcpDoor } from '../transports/mcp/http-door.ts';
import { listenSocket } from '../transports/stdio/socket.ts';
import type { Config } from './config.ts';
import { createRoutes, type Routes } from './routes.ts';

export interface DoorPorts extends Omit<Routes, 'mcp'> {
  readonly config: Config;
  readonly stateDir: string;
  readonly core: McpCore;
}

/** Opens both doors, the socket for local clients and the one listener. They close before the rooms behind them. */
export async function openDoors(
  { config, stateDir, core, ...routes }: DoorPorts,
  opened: AsyncDisposableStack,
): Promise<Listener> {
  const mcp = createMcpDoor(core);
  opened.defer(() => mcp.close());
  opened.adopt(await listenSocket({ path: join(stateDir, 'mcp.sock'), core }), door => door.close());
  const { host: address, port, hosts } = config;
  const router = createRoutes({ mcp, ...routes });
  const listener = opened.adopt(await listen({ address, port, hosts, origins: [], router }), door => door.close());
  opened.defer(() => core.audience.endAll());
  return listener;
}
