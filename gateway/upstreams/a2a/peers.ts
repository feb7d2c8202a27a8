import { peerServer } from '@sallyport/core/catalogue/peer.ts';
import type { PerformOptions, Ready, UpstreamReply } from '@sallyport/core/mediate/ports.ts';
import { isMessage } from '@sallyport/core/model/a2a.ts';
import type { Action, Sha256 } from '@sallyport/core/model/action.ts';
import type { Agent } from '@sallyport/core/model/agent.ts';
import type { CallSignal } from '@sallyport/core/model/call-signal.ts';
import type { ServerId } from '@sallyport/core/model/ids.ts';
import { member, normalText, stringMember } from '@sallyport/core/model/json.ts';
import { type Checked, passed, refused } from '@sallyport/core/model/refusal.ts';
import type { Task } from '@sallyport/core/model/task.ts';
import type { CatalogueServer } from '@sallyport/core/model/tool.ts';
import { credentialsIn } from '../config.ts';
import { type Credentials, wantedFor } from '../credentials.ts';
import type { ListenAddress } from '../http/dial.ts';
import { type OwnHeaders, readOwnHeaders } from '../http/secrets.ts';
import { type Line, Lines } from '../http/sockets.ts';
import { keyFor } from '../key.ts';
import { upstreamLimits } from '../limits.ts';
import type { PeerCard } from './card.ts';
import { type CardPorts, Cards } from './cards.ts';
import type { PeerConfig } from './config.ts';
import { Exchange } from './exchange.ts';
import type { HandedOver, HandOver } from './hand-over.ts';
import { operationRequest } from './request.ts';

export interface PeerPorts extends Omit<CardPorts, 'lineTo'> {
  readonly peers: readonly PeerConfig[];
  readonly credentials: Credentials;
  readonly listening: () => readonly ListenAddress[];
  readonly sha256: Sha256;
  /** Made later than this. */
  readonly handOver: () => HandOver;
}

/** Agents behind the gateway, as the line needs them. */
export interface Peers {
  readonly servers: readonly CatalogueServer[];
  readonly has: (server: ServerId) => boolean;
  /** Reads the cards that need no credential, so that what is wrong with one is known before anybody calls. */
  readonly look: () => void;
  readonly stateOf: Cards['stateOf'];
  readonly prepare: (action: Action, agent: Agent, task: Task, signal: CallSignal) => Promise<Checked<Ready>>;
}

const streamMillisMax = 3_600_000;

export function createPeers(ports: PeerPorts): Peers {
  const byId = new Map(ports.peers.map(peer => [peer.id, peer]));
  /** A line of its own for each exchange: nothing is shared between agents, and a stream may last. */
  const lineTo = (url: URL, signal: CallSignal): Promise<Checked<Line>> =>
    new Lines(url, upstreamLimits, ports.listening).take(signal);
  const rooms: Rooms = { ports, cards: new Cards({ ...ports, lineTo }), lineTo };
  return {
    servers: ports.peers.map(peer => peerServer(peer, ports.sha256)),
    has: server => byId.has(server),
    look: () => {
      for (const peer of ports.peers) void lookAt(peer, rooms);
    },
    stateOf: peer => rooms.cards.stateOf(peer),
    prepare: async (action, agent, task, signal) => {
      const peer = byId.get(action.server);
      if (peer === undefined || !action.method.startsWith('a2a/'))
        return refused({ code: 'tool-unknown', what: action.server, why: 'it is an agent, and is spoken to over A2A' });
      const wanted = wantedFor(keyFor(peer.id, agent, task, false), task, action);
      const own = await readOwnHeaders(peer.headers, name => ports.credentials.issue(name, wanted));
      if (!own.ok) return own;
      if (action.method === 'a2a/GetAgentCard') return await cardReady(peer, own.value, signal, rooms);
      return await operationReady({ peer, own: own.value, action, task, signal }, rooms);
    },
  };
}

/** With what nobody has to be asked for: a credential is issued for somebody's task. */
async function lookAt(peer: PeerConfig, { cards }: Rooms): Promise<void> {
  if (credentialsIn({ kind: 'http', url: peer.url, headers: peer.headers }).length > 0) return;
  const own = await readOwnHeaders(peer.headers, async name =>
    refused({ code: 'credential-unavailable', what: name, why: 'nobody is there to need it' }),
  );
  if (own.ok) await cards.of(peer, own.value, AbortSignal.timeout(upstreamLimits.askMillisMax));
}

interface Rooms {
  readonly ports: PeerPorts;
  readonly cards: Cards;
  readonly lineTo: CardPorts['lineTo'];
}

/** Read anew each time, signature included: what is answered is what counts now. */
async function cardReady(
  peer: PeerConfig,
  own: OwnHeaders,
  signal: CallSignal,
  { cards }: Rooms,
): Promise<Checked<Ready>> {
  const reading = await cards.reading(peer, own, signal);
  if (!reading.ok) return reading;
  const { read, abandon } = reading.value;
  const perform = (): Promise<UpstreamReply> =>
    read().then(card => {
      if (!card.ok) return { kind: 'unusable', why: card.refusal.why, bytes: 0 };
      return { kind: 'result', result: card.value.card, bytes: Buffer.byteLength(normalText(card.value.card)) };
    });
  return passed({ perform, abandon });
}

interface Wanted {
  readonly peer: PeerConfig;
  readonly own: OwnHeaders;
  readonly action: Action;
  readonly task: Task;
  readonly signal: CallSignal;
}

async function operationReady(wanted: Wanted, rooms: Rooms): Promise<Checked<Ready>> {
  const { peer, own, signal } = wanted;
  const card = await rooms.cards.of(peer, own, signal);
  if (!card.ok) return card;
  const line = await rooms.lineTo(card.value.endpoint, signal);
  if (!line.ok) return line;
  let ready: Ready | undefined;
  try {
    const handed = await handedOver(wanted, rooms);
    if (!handed.ok) return handed;
    ready = readyOn(line.value, wanted, card.value, handed.value, rooms);
    return passed(ready);
  } finally {
    if (ready === undefined) line.value.close();
  }
}

async function handedOver({ peer, action, task }: Wanted, { ports }: Rooms): Promise<Checked<HandedOver | undefined>> {
  const { method, input } = action;
  const handOver = ports.handOver();
  const message = member(input, 'message');
  if (isMessage(method))
    return await handOver.begin(peer, task, stringMember(message, 'taskId'), stringMember(message, 'messageId'));
  const about = stringMember(input, telling.get(method) ?? '');
  if (about !== undefined) await handOver.tell(peer, task, about);
  return passed(undefined);
}

/** Operations besides messages that hold words for the other agent, and their member that names a task there. */
const telling: ReadonlyMap<string, string> = new Map([
  ['a2a/CancelTask', 'id'],
  ['a2a/CreateTaskPushNotificationConfig', 'taskId'],
]);

function readyOn(
  line: Line,
  { peer, own, action, task }: Wanted,
  card: PeerCard,
  handed: HandedOver | undefined,
  { ports, cards }: Rooms,
): Ready {
  const handOver = ports.handOver();
  const abandon = (): void => {
    line.close();
    if (handed !== undefined) handOver.over(peer, handed);
  };
  const perform = ({ signal, replyBytesMax, onNotice }: PerformOptions): Promise<UpstreamReply> => {
    const exchange = new Exchange({
      ...{ line, own, signal, bytesMax: replyBytesMax },
      millisMax: isStreaming(action) ? streamMillisMax : upstreamLimits.callMillisMax,
      speaks: card.binding,
      onEvent: event => {
        handOver.heard(peer, task, event, handed);
        onNotice({ method: 'a2a/event', params: event });
      },
    });
    const sent = line.ask(operationRequest(card, own, action, handed?.token), 'utf8', exchange);
    if (!sent) exchange.fault('the connection was closed');
    return exchange.reply.then(reply => {
      if (reply.kind === 'result') handOver.heard(peer, task, reply.result, handed);
      else if (handed !== undefined && (reply.kind === 'error' || !sent)) handOver.over(peer, handed);
      if (!sent && reply.kind === 'lost') return { ...reply, sent: false };
      if (handed !== undefined && (reply.kind === 'lost' || reply.kind === 'unusable')) {
        const left = handOver.lost(peer, task, handed, stringMember(member(action.input, 'message'), 'messageId'));
        return left === undefined ? reply : { ...reply, why: `${reply.why}; ${left}` };
      }
      return action.method === 'a2a/GetExtendedAgentCard' ? cards.checkedExtended(reply, peer) : reply;
    });
  };
  return { perform, abandon };
}

function isStreaming({ method }: Action): boolean {
  return method === 'a2a/SendStreamingMessage' || method === 'a2a/SubscribeToTask';
}
