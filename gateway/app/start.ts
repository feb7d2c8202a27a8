import type { NewId } from '@sallyport/core/model/ids.ts';
import type { RunsFrom } from '../api/view/status.ts';
import type { Listener } from '../transports/http/listener.ts';
import type { McpCore } from '../transports/mcp/core.ts';
import type { HandOver } from '../upstreams/a2a/hand-over.ts';
import type { Config } from './config/config.ts';
import type { Log } from './host/log.ts';
import { createNewId } from './host/new-id.ts';
import { openStateDir } from './host/state-dir.ts';
import type { Servers } from './servers/servers.ts';

export interface GatewayOptions {
  readonly config: Config;
  readonly stateDir: string;
  readonly version: string;
  readonly log: Log;
  /** The built console; undefined where there is none. */
  readonly consoleDir?: string | undefined;
  /** The user id that agents run under; undefined: the gateway's own. */
  readonly agentsUid?: number | undefined;
  /** Called once if the gateway can no longer keep its promises: the process has to end, and not with 0. */
  readonly onFailure: (why: string) => void;
  /** What its process loaded its code from; for people. */
  readonly runsFrom?: RunsFrom;
  /** What a long start is at, for people. */
  readonly onProgress?: (text: string) => void;
  /** Called once when an operator asks it to stop. */
  readonly onShutdown: () => void;
  /** How long what there is waits for servers that nobody knows, from the start on; who is slower is told of when it comes. */
  readonly meetMillisMax?: number;
}

/** What every step of a start goes by. */
export interface Start extends GatewayOptions {
  readonly newId: NewId;
  readonly late: Late;
  /** Where the one listener is; as configured before it listens. */
  readonly port: () => number;
}

/** What earlier steps ask for and later ones bring. */
interface Late {
  stopping: boolean;
  servers: Servers | undefined;
  core: McpCore | undefined;
  handOver: HandOver | undefined;
  listener: Listener | undefined;
}

export function beginStart(options: GatewayOptions): Start {
  const late: Late = { stopping: false, servers: undefined, core: undefined, handOver: undefined, listener: undefined };
  return {
    ...options,
    stateDir: openStateDir(options.stateDir),
    newId: createNewId(),
    late,
    port: () => late.listener?.port ?? options.config.port,
  };
}

/** No call comes in before every room is there. */
export function ready<T>(room: T | undefined): T {
  if (room === undefined) throw new Error('a call came before the gateway was ready');
  return room;
}
