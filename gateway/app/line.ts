import { join } from 'node:path';
import { riskOf } from '@sallyport/core/behaviour/behaviour.ts';
import type { LinePorts } from '@sallyport/core/mediate/ports.ts';
import { wallClockOf } from '@sallyport/core/policy/wall-clock.ts';
import { HeldValues } from '@sallyport/core/provenance/handles/held-values.ts';
import { portOf, TaskMemories } from '@sallyport/core/provenance/memories.ts';
import { storesPort } from '@sallyport/core/task/stores.ts';
import { personalReader } from '../facts/readers.ts';
import { onceSent } from '../transports/http/respond.ts';
import { createMcpCore, type McpCore } from '../transports/mcp/core.ts';
import { subscriptionKey } from '../transports/mcp/names.ts';
import type { Watch } from '../watch/watch.ts';
import type { Config } from './config/config.ts';
import { homeDir } from './host/home-dir.ts';
import { createOwnPlaces } from './host/own-places.ts';
import { micros, now } from './host/ports.ts';
import { leadsHere, type OwnPages } from './identity/addresses.ts';
import { challengeOf } from './identity/challenge.ts';
import type { Kept } from './kept.ts';
import { createRecall } from './record/recall.ts';
import { ready, type Start } from './start.ts';
import { openPeople, type People } from './tasks/people.ts';
import { openWatch } from './tasks/watch.ts';
import type { Work } from './work.ts';

/** What the line stands on, and those who are asked, listened to and watched on its way. */
export interface Line {
  readonly ports: LinePorts;
  readonly memories: TaskMemories;
  readonly people: People;
  readonly watch: Watch;
  readonly core: McpCore;
}

export function openLine(start: Start & Kept & Work, opened: AsyncDisposableStack): Line {
  const { config, version, newId, late, log, record, identity, taskRoom, servers, worlds } = start;
  const { journal } = record;
  const { tasks } = taskRoom;
  const world = worlds.current;
  const url = (): string => config.url ?? ready(late.listener).origin;
  const people = openPeople(
    { config: config.approvals, record, newId, now, standing: tasks.standing, world, url, log },
    opened,
  );
  const { digest, authenticate } = identity;
  const wallClock = wallClockOf(config.timeZone);
  const memories = new TaskMemories(digest);
  const handles = new HeldValues();
  const recall = createRecall({ record, memories, handles, catalogue: servers.catalogue, digest });
  const ports: LinePorts = {
    flow: { ...portOf(memories, onceSent), recall },
    handles,
    stores: storesPort(record.state.stores),
    behaviour: { look: step => riskOf(record.behaviour, step) },
    ...(wallClock === undefined ? {} : { wallClock }),
    ...{ now, micros, newId, journal, world, tasks, approvals: people.room.approvals, authenticate, digest },
    upstreams: servers.upstreams,
    limits: { replyBytesMax: config.replyBytesMax },
    readPersonal: personalReader,
    leadsToOurs: ownPlacesOf(start),
  };
  const watch = openWatch(
    {
      ...{ config: config.watch, openTasks: taskRoom.openTasks, end: taskRoom.end, now },
      log: (why, about) => log('error', 'what a task hangs on could not be seen', { why, ...about }),
    },
    opened,
  );
  const core = createMcpCore({
    ...{ ports, version, people: people.door, meeting: start.firstContact, onTaskEnded: watch.mcpTaskEnded },
    challenge: exchange => challengeOf(exchange, identity),
    leadsHere: page => leadsHere(page, ownPages(start)),
    onLeft: (agent, uris) =>
      servers.upstreams.left((key, uri) => key.agent === agent && uris.has(subscriptionKey(key.server, uri))),
  });
  late.core = core;
  servers.onNews({
    resourceUpdated: (key, uri) => void core.audience.resourceUpdated(key, key.server, uri),
    isAwaited: ({ agent, server }, uri) => core.audience.isListening(agent, subscriptionKey(server, uri)),
    isWanted: (key, uri) => core.audience.wants(key, subscriptionKey(key.server, uri)),
  });
  return { ports, memories, people, watch, core };
}

function ownPages({ config, identity, port }: Start & Kept): OwnPages {
  const { hosts, tls } = config;
  return { bases: identity.addresses.bases(), hosts, ports: [port(), ...(tls === undefined ? [] : [tls.port])] };
}

function ownPlacesOf({ config, stateDir }: Start): NonNullable<LinePorts['leadsToOurs']> {
  return createOwnPlaces({
    stateDir,
    open: [join(stateDir, 'example'), join(stateDir, 'servers')],
    written: [config.file, config.policies],
    // As programs do that are started without one.
    home: homeDir() ?? '/',
    cwdOf: server => cwdOf(config, server),
  });
}

/** Where the paths of a server's calls begin, if it is a process of ours. */
function cwdOf({ servers }: Config, id: string): string | undefined {
  const launch = servers.find(server => server.id === id)?.launch;
  return launch === undefined || launch.kind === 'http' ? undefined : launch.cwd;
}
