import { openDoors } from './doors.ts';
import { openHandlers } from './handlers.ts';
import { openKept } from './kept.ts';
import { openLine } from './line.ts';
import { beginStart, type GatewayOptions } from './start.ts';
import { keepUp } from './upkeep.ts';
import { openWork } from './work.ts';

export interface Gateway {
  /** `http://127.0.0.1:7420` */
  readonly url: string;
  /** Servers that have neither answered nor failed since the start, or of which what they offer is not known to the policies yet. */
  readonly starting: () => readonly string[];
  /** Resolves when every server that nobody knew has answered or failed, or is late. */
  readonly met: Promise<void>;
  /** Lets calls under way finish for a moment, ends every child process, writes the last checkpoint. */
  readonly close: () => Promise<void>;
}

/**
 * The composition root: what the state directory keeps is read, tasks, servers and policies are made of it, the line stands on
 * them, and the doors open last. `opened` gives all of it back in the opposite order, at the end or when a later step fails.
 * Nothing is decided in here.
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  await using opened = new AsyncDisposableStack();
  const start = beginStart(options);
  const kept = await openKept(start, opened);
  const work = await openWork({ ...start, ...kept }, opened);
  const line = openLine({ ...start, ...kept, ...work }, opened);
  const rooms = { ...start, ...kept, ...work, ...line };
  keepUp(rooms, opened);
  const handlers = await openHandlers(rooms, opened);
  const listener = await openDoors(
    { ...handlers, config: start.config, stateDir: start.stateDir, core: line.core },
    opened,
  );
  start.late.listener = listener;
  work.servers.lookAtKnown();

  const running = opened.move();
  return {
    url: listener.origin,
    starting: work.starting,
    met: work.firstContact.forList(undefined) ?? Promise.resolve(),
    close: async () => {
      start.late.stopping = true;
      await running.disposeAsync();
    },
  };
}
