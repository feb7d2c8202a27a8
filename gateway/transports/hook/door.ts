import { parseJsonBytes } from '@sallyport/core/model/json.ts';
import { readJsonBody } from '../http/body.ts';
import { type HttpFault, httpFault } from '../http/fault.ts';
import { sendFault, sendJson, sendMethodNotAllowed } from '../http/respond.ts';
import type { Exchange, Handler } from '../http/router.ts';
import { type AnswerPorts, createAnswer, type HookClient } from './answer.ts';
import { hookClients } from './clients/all.ts';
import type { HookEvent } from './event.ts';
import { hookJsonLimits } from './members.ts';
import { type SessionPorts, Sessions } from './sessions.ts';
import { UnderWays } from './under-way.ts';

export interface HookPorts extends SessionPorts, AnswerPorts {
  readonly clients: ReadonlyMap<string, HookClient>;
  /** What a client's user should hear today, if anything, and has not yet. */
  readonly sayOnceADay: () => Promise<string | undefined>;
  readonly isTool: (client: string, secret: string) => boolean;
  readonly isPrompt: (client: string, secret: string) => boolean;
}

export interface HookDoor {
  readonly handle: Handler;
  /** Every call that is under way gets an end. */
  readonly close: () => void;
}

/** A whole file may be written at once, and what a command printed comes back. */
const hookBytesMax = 16 * 1024 * 1024;

/**
 * `POST /hooks/<client>`: what a client's hooks say, and what they are told. An advising door (ARCHITECTURE.md): whoever asks
 * performs. The client's words become an action and go down the line; nothing is decided in here.
 */
export function createHookDoor(ports: HookPorts): HookDoor {
  const underWay = new UnderWays();
  const sessions = new Sessions(ports, client => underWay.runsCodeOf(client));
  const answer = createAnswer(ports, sessions, underWay);
  const shapes = new Map(hookClients.map(shape => [shape.id, shape]));

  async function handle(exchange: Exchange): Promise<void> {
    const { method, rest, headers, res } = exchange;
    if (method !== 'POST') return sendMethodNotAllowed(res, 'POST');
    const client = ports.clients.get(rest);
    const shape = shapes.get(rest);
    const secret = /^Bearer (\S{1,200})$/.exec(headers.get('authorization') ?? '')?.[1] ?? '';
    const holds = { tool: ports.isTool(rest, secret), prompt: ports.isPrompt(rest, secret) };
    if (client === undefined || shape === undefined || !(holds.tool || holds.prompt)) return sendFault(res, unproven);
    const body = await readJsonBody(exchange, hookBytesMax);
    if (!body.ok) return sendFault(res, body.fault);
    const parsed = parseJsonBytes(body.bytes, hookJsonLimits);
    if (!parsed.ok || parsed.node.kind !== 'object')
      return sendFault(res, malformed('body', parsed.ok ? 'must be an object' : parsed.fault.message));
    const told = shape.read(parsed.node, {
      rootOf: session => sessions.rootOf(client.client, session),
      entries: Object.keys(client.servers),
    });
    if (!told.ok) return sendFault(res, malformed(told.field, told.why));
    if (
      needsPrompt(told.event)
        ? !holds.prompt
        : told.event.kind !== 'nothing' && told.event.kind !== 'ended' && !holds.tool
    )
      return sendFault(res, otherSecret);
    const advice = await answer(told.event, { client, shape, secret, body: parsed.node });
    const words = told.event.kind === 'begun' && shape.tell !== undefined ? await ports.sayOnceADay() : undefined;
    sendJson(res, 200, words === undefined ? shape.answer(advice, parsed.node) : (shape.tell?.(words) ?? ''));
  }

  return { handle, close: () => underWay.close() };
}

/** What the user said, and that a session is a new one: whoever could say that for the agent could clear it of everything. */
function needsPrompt({ kind }: HookEvent): boolean {
  return kind === 'prompt' || kind === 'begun';
}

const unproven = httpFault(
  401,
  'unauthenticated',
  'authorization',
  'this is not the secret of a configured client',
  'start the gateway, and run the command that stands in the client',
);
const otherSecret = httpFault(
  403,
  'other-secret',
  'authorization',
  "a client's prompt hook and its tool hooks have a secret each, and this event needs the other one",
  'run for each event the command that stands for it in the client',
);

function malformed(field: string, why: string): HttpFault {
  return httpFault(400, 'malformed', field, why, 'send what the client gave its hook, as it came');
}
