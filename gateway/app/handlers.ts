import { createApi } from '../api/api.ts';
import { serveApi } from '../api/serve.ts';
import { createPages } from '../console/pages.ts';
import { keepPolling } from '../signals/poll.ts';
import { createPush } from '../signals/push.ts';
import { createReceiver } from '../signals/receiver.ts';
import { createLearning } from '../tasks/learning.ts';
import { createConnectPages } from '../tokens/connect-pages.ts';
import { SignIns } from '../tokens/sign-ins.ts';
import type { Handler } from '../transports/http/router.ts';
import { createControl } from './control/control.ts';
import { metricsText } from './control/metrics.ts';
import { createOpenings, taskTokens } from './control/openings.ts';
import { createHandOver } from './doors/hand-over.ts';
import { openHooks } from './doors/hooks.ts';
import type { Routes } from './doors/routes.ts';
import { now } from './host/ports.ts';
import { openOAuth } from './identity/oauth.ts';
import type { Kept } from './kept.ts';
import type { Line } from './line.ts';
import { credentialControl } from './servers/credentials.ts';
import { afterMeeting } from './servers/first-contact.ts';
import { ready, type Start } from './start.ts';
import { holding } from './tasks/watch.ts';
import { createObserved } from './views/observed.ts';
import type { Work } from './work.ts';

type Rooms = Start & Kept & Work & Line;

/** What answers behind each door, out of the gateway's rooms. */
export async function openHandlers(rooms: Rooms, opened: AsyncDisposableStack): Promise<Omit<Routes, 'mcp'>> {
  const { config, stateDir, newId, late, record, identity, lent, people, watch, ports } = rooms;
  const { taskRoom, taskPorts, modes, memories } = rooms;
  const signIns = new SignIns(now);
  const connect = createConnectPages({ ...lent.authorizing, signIns, issuer: identity.addresses.issuer, now });
  const learning = createLearning(record.page);
  const openings = createOpenings({ ...rooms, learning });
  const { opening } = openings;
  late.handOver = createHandOver(opening, taskRoom);
  const { hold, holdDoor } = holding(watch, ports);
  const observed = createObserved({
    ...{ page: record.page, now, stateDir },
    // Counting looks entries up: it is left out while that waits.
    isObserving: () => modes.view().fallback !== 'enforce' && record.filing() === undefined,
  });
  const control = createControl({
    ...rooms,
    ...openings,
    ...{ now, learning, observed, hold, runsFrom: rooms.runsFrom },
    credentials: credentialControl(lent, connect.invite),
    isStopping: () => late.stopping,
    url: () => ready(late.listener).origin,
    shutdown: rooms.onShutdown,
  });
  const events = openEvents(rooms, opened);
  const hooks = opened.adopt(
    openHooks({ config, identity, line: ports, memories, opening, taskRoom, taskPorts, newId, observed }),
    door => door.close(),
  );
  const api = createApi(
    afterMeeting(control, rooms.firstContact),
    held => identity.operator.callerOf(held) ?? people.signIn.callerOf(held),
  );
  return {
    hooks: hooks.handle,
    oauth: await openOAuth({
      ...{ config, identity, journal: record.journal, newId, signIn: people.signIn, signIns, connect },
      taskTokens: taskTokens(opening, watch.binds),
    }),
    api: serveApi(api, config.url),
    hold: holdDoor,
    events,
    a2a: await peerDoor(rooms),
    pages: createPages(rooms.consoleDir),
    starting: () => rooms.starting().length,
    unready: () => (late.stopping ? 'the gateway is stopping' : record.unready()),
    metrics: async () => metricsText(await control.status(), record.log.health().rejectedDropped),
  };
}

/** Security events that are asked for from now on; what takes those that are pushed. */
function openEvents({ config, log, identity, taskRoom }: Rooms, opened: AsyncDisposableStack): Handler {
  const { signals } = config;
  const { openTasks, end } = taskRoom;
  const { useOnce, isUsed } = identity.store;
  const audience = (): string => `${identity.addresses.base()}/ssf/events`;
  const receive = createReceiver({ signals, audience, openTasks, end, useOnce, isUsed, now });
  opened.defer(
    keepPolling(signals, receive, (name, why) => log('error', 'security events could not be asked for', { name, why })),
  );
  return createPush(receive);
}

async function peerDoor({ config, identity, core }: Rooms): Promise<Handler | undefined> {
  const { peers } = config;
  if (peers.length === 0) return undefined;
  const { createPeerDoor } = await import('./doors/peer-door.ts');
  return createPeerDoor(peers, core, identity.addresses.base);
}
