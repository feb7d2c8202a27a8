import { type Listener, listen } from '../transports/http/listener.ts';
import { listenLocally } from '../transports/http/local-listener.ts';
import { createRouter, type Router } from '../transports/http/router.ts';
import { localPlace } from '../transports/local-place.ts';
import type { McpCore } from '../transports/mcp/core.ts';
import { createMcpDoor } from '../transports/mcp/http/door.ts';
import { listenSocket } from '../transports/stdio/socket.ts';
import type { Config } from './config/config.ts';
import { createRoutes, type Routes } from './doors/routes.ts';

export interface DoorPorts extends Omit<Routes, 'mcp'> {
  readonly config: Config;
  readonly stateDir: string;
  readonly core: McpCore;
}

/** Opens the doors: the sockets for local clients, and the one listener. They close before the rooms behind them. */
export async function openDoors(
  { config, stateDir, core, ...routes }: DoorPorts,
  opened: AsyncDisposableStack,
): Promise<Listener> {
  const mcp = createMcpDoor(core);
  opened.defer(() => mcp.close());
  opened.adopt(await listenSocket({ path: localPlace(stateDir, 'mcp.sock'), core }), door => door.close());
  if (config.hooks.length > 0) {
    const local = createRouter();
    local.under('/hooks/', routes.hooks);
    opened.adopt(await listenLocally(localPlace(stateDir, 'hook.sock'), local), door => door.close());
  }
  const { host: address, port, hosts } = config;
  const origins = config.url === undefined ? [] : [config.url];
  const router = createRoutes({ mcp, ...routes });
  const listener = opened.adopt(await listen({ address, port, hosts, origins, router }), door => door.close());
  if (config.tls !== undefined) {
    const { host: outer, port: outerPort, certificate, key } = config.tls;
    const names = config.url === undefined ? hosts : [...hosts, new URL(config.url).host];
    const tls = { certificate, key };
    const secured = await listen({
      address: outer,
      port: outerPort,
      hosts: names,
      origins,
      router: outward(router),
      tls,
    });
    opened.adopt(secured, door => door.close());
  }
  opened.defer(() => core.audience.endAll());
  return listener;
}

/** Numbers about everybody are for this machine. */
function outward(router: Router): Router {
  return { ...router, find: path => (path === '/metrics' ? undefined : router.find(path)) };
}
