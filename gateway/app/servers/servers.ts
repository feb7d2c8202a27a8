import { join } from 'node:path';
import type { Journal, Upstreams } from '@sallyport/core/mediate/ports.ts';
import type { Sha256 } from '@sallyport/core/model/action.ts';
import type { Instant, NewId, ServerId } from '@sallyport/core/model/ids.ts';
import { stringMember } from '@sallyport/core/model/json.ts';
import { type Catalogue, type CatalogueServer, type Tool, toolKey } from '@sallyport/core/model/tool.ts';
import { judgementOf } from '@sallyport/core/policy/classify/by-call.ts';
import { labelsOf } from '@sallyport/core/provenance/labels/label.ts';
import { actedBy } from '../../api/caller.ts';
import type { ToolControl } from '../../api/control.ts';
import type { ServerState } from '../../api/view/status.ts';
import type { ToolDiffView, ToolView } from '../../api/view/tool.ts';
import { type Difference, Discovery, type DiscoveryOptions } from '../../discovery/discovery.ts';
import { filePinStore } from '../../discovery/pin-store.ts';
import { verifySignature } from '../../identity/verify.ts';
import type { HandOver } from '../../upstreams/a2a/hand-over.ts';
import { createPeers } from '../../upstreams/a2a/peers.ts';
import { credentialsIn } from '../../upstreams/config.ts';
import type { Credentials } from '../../upstreams/credentials.ts';
import type { ListenAddress } from '../../upstreams/http/dial.ts';
import { createUpstreams, type RunningUpstreams, type UpstreamEvents } from '../../upstreams/upstreams.ts';
import type { Config } from '../config/config.ts';
import { ownServers } from '../config/own-servers.ts';
import type { Log } from '../host/log.ts';
import { StartError } from '../host/start-error.ts';
import { peerState, stateOf } from './server-states.ts';

export interface ServerPorts {
  readonly config: Config;
  readonly stateDir: string;
  readonly sha256: Sha256;
  readonly now: () => Instant;
  readonly newId: NewId;
  readonly log: Log;
  readonly journal: Pick<Journal, 'append'>;
  readonly listening: () => ListenAddress | undefined;
  readonly credentials: Credentials;
  readonly handOver: () => HandOver;
}

/** Who listens for news of resources that were subscribed to. */
export type NewsAudience = Required<Pick<UpstreamEvents, 'resourceUpdated' | 'isAwaited' | 'isWanted'>>;

/** The configured servers: running, looked at, and pinned. */
export interface Servers {
  readonly upstreams: Upstreams & Pick<RunningUpstreams, 'endWhere' | 'left'>;
  readonly catalogue: () => Catalogue;
  /** Of which nothing was ever accepted, each with the end of the first look at it. */
  readonly strangers: ReadonlyMap<ServerId, Promise<void>>;
  /** Those whose pins say enough to decide: they are started once that stands, and what is asked of them waits for them. */
  readonly lookAtKnown: () => void;
  readonly toolKeys: () => readonly string[];
  readonly states: () => readonly ServerState[];
  /** Neither heard of nor failed since the start. */
  readonly starting: () => readonly ServerId[];
  readonly control: ToolControl;
  /** Those that are given this credential can be reached now, if that was what they lacked. */
  readonly hurry: (credential: string) => void;
  readonly onChange: (listener: (catalogue: Catalogue) => void) => void;
  readonly onNews: (audience: NewsAudience) => void;
  readonly close: () => Promise<void>;
}

/** How long what there is waits for servers that nobody knows; who is slower is told of when it comes. */
export const meetMillisMax = 5_000;

/** Whoever waits until the gateway is ready is answered first: to start a process holds up everything for a moment. */
const knownAfterMillis = 50;

/** Begins to look at the servers that nobody knows, and waits for none. */
export function openServers(ports: ServerPorts): Servers {
  const { config, stateDir, sha256, now, newId, log, journal } = ports;
  let looking: NodeJS.Timeout | undefined;
  let changed: () => void = () => {};
  let audience: NewsAudience = { resourceUpdated: () => {}, isAwaited: () => false, isWanted: async () => true };
  const say = (line: string): void => log('info', line);
  const discovery = openDiscovery({
    servers: config.servers,
    store: filePinStore(join(stateDir, 'pins.json')),
    sha256,
    now,
    log: say,
    onPinned: draft => journal.append({ ...draft, id: newId('e') }),
    onCatalogue: () => changed(),
  });
  const [only, second] = config.agents;
  const upstreams = createUpstreams({
    servers: config.servers,
    stateDir,
    sha256,
    log: say,
    // With one agent its own connection is the one that is looked at: a process less for each server.
    lookAs:
      only !== undefined && second === undefined && !only.shared
        ? { agent: only.id, principal: only.principal }
        : undefined,
    listening: () => [ports.listening()].filter(address => address !== undefined),
    credentials: ports.credentials,
    now,
    acceptedPin: (server, key) => discovery.acceptedPin(server, key),
    on: {
      listed: (server, listing, whole) => discovery.listed(server, listing, whole),
      resourceUpdated: (key, uri) => audience.resourceUpdated(key, uri),
      isAwaited: (key, uri) => audience.isAwaited(key, uri),
      isWanted: (key, uri) => audience.isWanted(key, uri),
    },
  });
  const peers = createPeers({
    ...{ peers: config.peers, credentials: ports.credentials, sha256, now, handOver: ports.handOver },
    listening: () => [ports.listening()].filter(address => address !== undefined),
    verify: verifySignature,
  });
  peers.look();
  void discovery.begin(upstreams, meetMillisMax, 'strangers');
  const catalogue = withServers(ownServers(config, sha256), () => discovery.catalogue());
  return {
    upstreams: {
      prepare: (action, agent, task, signal) =>
        (peers.has(action.server) ? peers : upstreams).prepare(action, agent, task, signal),
      endWhere: upstreams.endWhere,
      left: upstreams.left,
    },
    catalogue,
    strangers: strangersIn(discovery, config),
    lookAtKnown: () => {
      looking = setTimeout(() => void discovery.begin(upstreams, meetMillisMax), knownAfterMillis);
    },
    toolKeys: () => toolViews(catalogue()).map(({ tool }) => tool),
    states: () => [
      ...discovery.servers().map(report => stateOf(report, config, upstreams.status())),
      ...peers.servers.map(peer => peerState(peer, peers)),
    ],
    starting: () => discovery.servers().flatMap(({ server, state }) => (state === 'looking' ? [server] : [])),
    control: toolControl(discovery, catalogue),
    hurry: credential => {
      for (const { id, launch } of config.servers) if (credentialsIn(launch).includes(credential)) discovery.hurry(id);
    },
    onChange: listener => {
      changed = () => listener(catalogue());
    },
    onNews: listening => {
      audience = listening;
    },
    close: async () => {
      clearTimeout(looking);
      await discovery.close();
      await upstreams.close();
    },
  };
}

/** Pins that cannot be read are a reason not to start, told in the words of whoever could not read them. */
function openDiscovery(options: DiscoveryOptions): Discovery {
  try {
    return new Discovery(options);
  } catch (thrown) {
    throw new StartError(thrown instanceof Error ? thrown.message : 'the pins cannot be read');
  }
}

function strangersIn(discovery: Discovery, { servers }: Config): Map<ServerId, Promise<void>> {
  const met = servers.map(({ id }) => [id, discovery.firstContact(id)] as const);
  return new Map(met.flatMap(([id, looked]) => (looked === undefined ? [] : [[id, looked] as const])));
}

function toolControl(discovery: Discovery, catalogue: () => Catalogue): ToolControl {
  return {
    list: async () => toolViews(catalogue()),
    diff: async tool => {
      const only = tool === undefined ? undefined : split(tool);
      const found = discovery.differences(only);
      if (only !== undefined && found.length === 0)
        return {
          ok: false,
          error: { code: 'not-found', field: 'tool', message: 'there is no such tool', fix: 'see: sallyport tools ls' },
        };
      return { ok: true, value: found.map(diffView) };
    },
    accept: async (wanted, by) => {
      const accepted = await discovery.accept(
        wanted.map(({ tool, pin }) => ({ ...split(tool), pin })),
        actedBy(by),
      );
      if (accepted.ok) return { ok: true, value: toolViews(catalogue()) };
      const { what, why } = accepted.refusal;
      return {
        ok: false,
        error: { code: 'conflict', field: 'tools', message: `${what}: ${why}`, fix: 'see: sallyport tools diff' },
      };
    },
  };
}

/** What was discovered, and ours. The same value for the same catalogue: whoever compares sees no change where none is. */
function withServers(own: readonly CatalogueServer[], discovered: () => Catalogue): () => Catalogue {
  if (own.length === 0) return discovered;
  let last: { readonly of: Catalogue; readonly is: Catalogue } | undefined;
  return () => {
    const of = discovered();
    if (last?.of !== of)
      last = {
        of,
        is: { ...of, servers: new Map([...of.servers, ...own.map(server => [server.id, server] as const)]) },
      };
    return last.is;
  };
}

function split(tool: string): { server: string; key: string } {
  const slash = tool.indexOf('/');
  return { server: tool.slice(0, Math.max(0, slash)), key: tool.slice(slash + 1) };
}

function diffView({ server, key, pinned, offered, why, lines }: Difference): ToolDiffView {
  return {
    tool: toolKey(server, key),
    ...(pinned === undefined ? {} : { pinned }),
    ...(offered === undefined ? {} : { offered }),
    why,
    text: lines.join('\n'),
  };
}

function judgedOf(tool: Tool): Pick<ToolView, 'judged'> {
  const explained = judgementOf(tool);
  if (explained === undefined) return {};
  const because = explained.because.map(({ class: name, word, from }) => `${name}: ${word} (${from})`);
  return { judged: { confidence: explained.confidence, because } };
}

function toolViews(catalogue: Catalogue): ToolView[] {
  return [...catalogue.servers.values()].flatMap(({ tools }) =>
    [...tools.values()].map(tool => {
      const { server, name, status, pin, classes, segment, definition } = tool;
      const description = stringMember(definition, 'description');
      return {
        tool: toolKey(server, name),
        status: status.kind,
        ...(status.kind === 'quarantined' ? { why: status.why } : {}),
        pin,
        classes,
        ...judgedOf(tool),
        segment,
        labels: labelsOf(tool),
        ...(description === undefined ? {} : { description }),
      };
    }),
  );
}
