import { peerServer } from '@sallyport/core/catalogue/peer.ts';
import type { PerformOptions, Ready, UpstreamReply } from '@sallyport/core/mediate/ports.ts';
import { a2aVersion } from '@sallyport/core/model/a2a.ts';
import type { Action, Sha256 } from '@sallyport/core/model/action.ts';
import type { Agent } from '@sallyport/core/model/agent.ts';
import type { ServerId } from '@sallyport/core/model/ids.ts';
import { type JsonObject, normalText, stringMember } from '@sallyport/core/model/json.ts';
import { type Checked, passed, refused } from '@sallyport/core/model/refusal.ts';
import type { Task } from '@sallyport/core/model/task.ts';
import type { CatalogueServer } from '@sallyport/core/model/tool.ts';
import { type Credentials, wantedFor } from '../credentials.ts';
import type { ListenAddress } from '../http/dial.ts';
import { type OwnHeaders, readOwnHeaders } from '../http/secrets.ts';
import { type Line, Lines } from '../http/sockets.ts';
import { keyFor } from '../key.ts';
import { upstreamLimits } from '../limits.ts';
import { type PeerCard, readCard } from './card.ts';
import { isSigned, type VerifySignature } from './card-signature.ts';
import type { PeerConfig } from './config.ts';
import { Exchange } from './exchange.ts';

export interface PeerPorts {
  readonly peers: readonly PeerConfig[];
  readonly credentials: Credentials;
  readonly listening: () => readonly ListenAddress[];
  readonly verify: VerifySignature;
  readonly sha256: Sha256;
  readonly now: () => number;
  /** Made later than this. */
  readonly handOver: () => HandOver;
}

/**
 * What goes along with a message to an agent of this installation: a task below the one that sends, in which that agent
 * does what it is asked. Its labels and its authority are the sender's, and it ends with what it was opened for.
 */
export interface HandOver {
  /** The token of that task, made if there is none for `a2aTask`; undefined: nothing goes along. */
  readonly begin: (
    peer: PeerConfig,
    task: Task,
    a2aTask: string | undefined,
  ) => Promise<Checked<HandedOver | undefined>>;
  /** What the agent said of its tasks, in an answer or an event. */
  readonly heard: (peer: PeerConfig, said: JsonObject, handed: HandedOver | undefined) => void;
  /** It was not sent, or nothing more will be heard. */
  readonly over: (peer: PeerConfig, handed: HandedOver) => void;
}

export interface HandedOver {
  readonly task: string;
  readonly token: string;
}

/** Agents behind the gateway, as the line needs them. */
export interface Peers {
  readonly servers: readonly CatalogueServer[];
  readonly has: (server: ServerId) => boolean;
  readonly prepare: (action: Action, agent: Agent, task: Task, signal: AbortSignal) => Promise<Checked<Ready>>;
}

const cardMillisMax = 300_000;
const streamMillisMax = 3_600_000;
const cardPath = '/.well-known/agent-card.json';

export function createPeers(ports: PeerPorts): Peers {
  const byId = new Map(ports.peers.map(peer => [peer.id, peer]));
  const cards = new Map<ServerId, { readonly at: number; readonly card: PeerCard }>();
  const servers = ports.peers.map(peer => peerServer(peer, ports.sha256));

  async function cardOf(peer: PeerConfig, own: OwnHeaders, signal: AbortSignal): Promise<Checked<PeerCard>> {
    const known = cards.get(peer.id);
    if (known !== undefined && ports.now() - known.at < cardMillisMax) return passed(known.card);
    const url = new URL(peer.url + cardPath);
    const line = await lineTo(url, signal);
    return line.ok ? await readOn(line.value, url, peer, own, signal) : line;
  }

  /** Asks before it returns its promise. */
  async function readOn(line: Line, url: URL, peer: PeerConfig, own: OwnHeaders, signal: AbortSignal) {
    const exchange = exchangeOn(line, own, {
      bytesMax: upstreamLimits.askBytesMax,
      millisMax: upstreamLimits.askMillisMax,
      ...{ signal, onEvent: () => {}, plain: true },
    });
    if (!line.ask(`GET ${headOf(url, own)}accept: application/json\r\n\r\n`, exchange))
      exchange.fault('the connection was closed');
    const reply = await exchange.reply;
    if (reply.kind !== 'result') {
      const why = 'why' in reply ? reply.why : 'it answered with an error';
      return refused({ code: 'upstream-unavailable', what: peer.id, why: `its card could not be read: ${why}` });
    }
    const card = await readCard(reply.result, peer, ports.verify);
    if (card.ok) cards.set(peer.id, { at: ports.now(), card: card.value });
    return card;
  }

  /** A line of its own for each exchange: nothing is shared between agents, and a stream may last. */
  async function lineTo(url: URL, signal: AbortSignal): Promise<Checked<Line>> {
    return await new Lines(url, upstreamLimits, ports.listening).take(signal);
  }

  async function prepare(action: Action, agent: Agent, task: Task, signal: AbortSignal): Promise<Checked<Ready>> {
    const peer = byId.get(action.server);
    if (peer === undefined || !action.method.startsWith('a2a/'))
      return refused({ code: 'tool-unknown', what: action.server, why: 'it is an agent, and is spoken to over A2A' });
    const wanted = wantedFor(keyFor(peer.id, agent, task, false), task, action);
    const own = await readOwnHeaders(peer.headers, name => ports.credentials.issue(name, wanted));
    if (!own.ok) return own;
    if (action.method === 'a2a/GetAgentCard') return await cardReading(peer, own.value, signal);
    const card = await cardOf(peer, own.value, signal);
    if (!card.ok) return card;
    const line = await lineTo(card.value.endpoint, signal);
    if (!line.ok) return line;
    const handed = isSending(action)
      ? await ports.handOver().begin(peer, task, stringMember(messageOf(action), 'taskId'))
      : passed(undefined);
    if (handed.ok)
      return passed(readyOn(line.value, { peer, own: own.value, action, handed: handed.value, card: card.value }));
    line.value.close();
    return handed;
  }

  /** Read anew each time, signature included: what is answered is what counts now. */
  async function cardReading(peer: PeerConfig, own: OwnHeaders, signal: AbortSignal): Promise<Checked<Ready>> {
    const url = new URL(peer.url + cardPath);
    const line = await lineTo(url, signal);
    if (!line.ok) return line;
    const perform = async (): Promise<UpstreamReply> => {
      const card = await readOn(line.value, url, peer, own, signal);
      if (!card.ok) return { kind: 'unusable', why: card.refusal.why, bytes: 0 };
      return { kind: 'result', result: card.value.card, bytes: Buffer.byteLength(normalText(card.value.card)) };
    };
    return passed({ perform, abandon: () => line.value.close() });
  }

  /** More is said in it than in the card that everybody gets, and it is held to the same keys. */
  async function signedCard(reply: UpstreamReply, { keys }: PeerConfig): Promise<UpstreamReply> {
    if (reply.kind !== 'result' || keys === undefined || (await isSigned(reply.result, keys, ports.verify)))
      return reply;
    const why = 'its extended card is not signed with a key that is configured for it';
    return { kind: 'unusable', why, bytes: reply.bytes };
  }

  interface Sending {
    readonly peer: PeerConfig;
    readonly own: OwnHeaders;
    readonly action: Action;
    readonly handed: HandedOver | undefined;
    readonly card: PeerCard;
  }

  function readyOn(line: Line, { peer, own, action, handed, card }: Sending): Ready {
    const abandon = (): void => {
      line.close();
      if (handed !== undefined) ports.handOver().over(peer, handed);
    };
    const perform = ({ signal, replyBytesMax, onNotice }: PerformOptions): Promise<UpstreamReply> => {
      const exchange = exchangeOn(line, own, {
        bytesMax: replyBytesMax,
        millisMax: isStreaming(action) ? streamMillisMax : upstreamLimits.callMillisMax,
        signal,
        onEvent: event => {
          ports.handOver().heard(peer, event, handed);
          onNotice({ method: 'a2a/event', params: event });
        },
      });
      const sent = line.ask(requestText(card.endpoint, own, action, handed), exchange);
      if (!sent) exchange.fault('the connection was closed');
      return exchange.reply.then(async reply => {
        if (reply.kind === 'result') ports.handOver().heard(peer, reply.result, handed);
        else if (handed !== undefined && (reply.kind === 'error' || !sent)) ports.handOver().over(peer, handed);
        if (!sent && reply.kind === 'lost') return { ...reply, sent: false };
        return action.method === 'a2a/GetExtendedAgentCard' ? await signedCard(reply, peer) : reply;
      });
    };
    return { perform, abandon };
  }

  return { servers, has: server => byId.has(server), prepare };
}

function exchangeOn(
  line: Line,
  own: OwnHeaders,
  options: Omit<ConstructorParameters<typeof Exchange>[0], 'line' | 'own'>,
): Exchange {
  return new Exchange({ line, own, ...options });
}

function headOf(url: URL, own: OwnHeaders): string {
  return `${url.pathname}${url.search} HTTP/1.1\r\nhost: ${url.host}\r\nuser-agent: sallyport\r\naccept-encoding: identity\r\nconnection: close\r\na2a-version: ${a2aVersion}\r\n${own.lines}`;
}

/** `params` are the very bytes that were decided on. The task goes along in a header, which no agent's words can be. */
function requestText(url: URL, own: OwnHeaders, action: Action, handed: HandedOver | undefined): string {
  const body = `{"jsonrpc":"2.0","id":1,"method":"${action.method.slice('a2a/'.length)}","params":${action.params}}`;
  const task = handed === undefined ? '' : `sallyport-task: ${handed.token}\r\n`;
  return `POST ${headOf(url, own)}${task}content-type: application/json\r\naccept: application/json, text/event-stream\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

function isSending({ method }: Action): boolean {
  return method === 'a2a/SendMessage' || method === 'a2a/SendStreamingMessage';
}

function isStreaming({ method }: Action): boolean {
  return method === 'a2a/SendStreamingMessage' || method === 'a2a/SubscribeToTask';
}

function messageOf({ input }: Action): JsonObject | undefined {
  const message = input.members.get('message');
  return message?.kind === 'object' ? message : undefined;
}
