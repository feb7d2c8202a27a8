import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Listener, type ListenLimits, listen } from '@sallyport/gateway/transports/http/listener.ts';
import { createRouter } from '@sallyport/gateway/transports/http/router.ts';
import type { Left } from '@sallyport/gateway/transports/mcp/audience.ts';
import { createMcpCore, type LeadsHere, type McpCore } from '@sallyport/gateway/transports/mcp/core.ts';
import { createMcpDoor } from '@sallyport/gateway/transports/mcp/http/door.ts';
import type { McpLimits } from '@sallyport/gateway/transports/mcp/limits.ts';
import { listenSocket, type SocketDoor } from '@sallyport/gateway/transports/stdio/socket.ts';
import { createDoorWorld, type DoorWorld, type Permits, type Upstream } from './door-world.ts';

/** Both MCP doors on fake ports. `await using`: it closes what it opened. */
export interface OpenDoor extends AsyncDisposable {
  readonly world: DoorWorld;
  readonly core: McpCore;
  readonly listener: Listener;
  readonly socket: SocketDoor;
  /** Who wants no longer to hear of what, oldest first. */
  readonly left: readonly Parameters<Left>[];
}

export interface OpenDoorOptions {
  readonly upstream?: Upstream;
  readonly permits?: Permits;
  readonly limits?: Partial<McpLimits>;
  readonly listenLimits?: Partial<ListenLimits>;
  readonly leadsHere?: LeadsHere;
}

export async function openDoor(options: OpenDoorOptions = {}): Promise<OpenDoor> {
  const { upstream, permits, limits, listenLimits, leadsHere } = options;
  const world = createDoorWorld(upstream, permits);
  const left: Parameters<Left>[] = [];
  const core = createMcpCore({
    ports: world.ports,
    version: '0.0.0-test',
    onLeft: (...gone) => left.push(gone),
    ...(limits && { limits }),
    ...(leadsHere && { leadsHere }),
  });
  const door = createMcpDoor(core);
  const router = createRouter();
  router.exact('/mcp', door.handle);
  router.under('/mcp/', door.handle);
  const listener = await listen({
    address: '127.0.0.1',
    port: 0,
    hosts: [],
    origins: ['https://console.example'],
    router,
    limits: { closeMillisMax: 20, ...listenLimits },
  });
  const directory = await mkdtemp(join(tmpdir(), 'sallyport-door-'));
  const socket = await listenSocket({ path: join(directory, 'run', 'mcp.sock'), core });
  const close = async (): Promise<void> => {
    core.audience.endAll();
    door.close();
    await Promise.all([listener.close(), socket.close()]);
    await rm(directory, { recursive: true, force: true });
  };
  return { world, core, listener, socket, left, [Symbol.asyncDispose]: close };
}
