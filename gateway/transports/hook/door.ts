import type { LinePorts } from '@sallyport/core/mediate/ports.ts';
import type { Instant } from '@sallyport/core/model/ids.ts';
import { type JsonObject, normalText, parseJsonBytes } from '@sallyport/core/model/json.ts';
import { type Label, sourcesOf } from '@sallyport/core/model/label.ts';
import { findTool } from '@sallyport/core/model/tool.ts';
import { labelsOf } from '@sallyport/core/provenance/label.ts';
import { readJsonBody } from '../http/body.ts';
import { type HttpFault, httpFault } from '../http/fault.ts';
import { sendFault, sendJson, sendMethodNotAllowed } from '../http/respond.ts';
import type { Exchange, Handler } from '../http/router.ts';
import { opaqueAct } from './acts.ts';
import { advise, reportOf } from './advise.ts';
import { hookClients } from './clients/all.ts';
import type { Desk } from './desk.ts';
import type { Advice, ClientShape, HookEvent } from './event.ts';
import { hookJsonLimits } from './members.ts';
import { type SessionAgents, type SessionPorts, Sessions } from './sessions.ts';
import { type WorkspaceTool, workspace } from './tools.ts';
import { keyOf, type UnderWay, UnderWays } from './under-way.ts';

/** A configured client, as the door needs it. */
export interface HookClient extends SessionAgents {
  /** MCP entries of its own that lead to this gateway. */
  readonly servers: Readonly<Record<string, string>>;
  /** Who asks where policy asks: the client its user, or the gateway whoever may answer. */
  readonly questions: 'client' | 'gateway';
}

export interface HookPorts extends SessionPorts {
  readonly line: LinePorts;
  readonly desk: Desk;
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

  async function answer(event: HookEvent, given: Given): Promise<Advice> {
    const { client } = given;
    switch (event.kind) {
      case 'nothing':
        return silent;
      case 'begun':
        sessions.begun(client.client, event.session, event.fresh, event.root);
        return silent;
      case 'prompt': {
        const id = `${client.client} ${event.session}`;
        const alone = !underWay.runsCode(id);
        underWay.loseOf(id);
        await sessions.hear(client, event.session, event.words, alone, event.root);
        return silent;
      }
      case 'ended':
        underWay.loseOf(`${client.client} ${event.session}`);
        await sessions.ended(client.client, event.session);
        return silent;
      case 'before':
        return await before(event, given);
      case 'after':
        after(event, given);
        return silent;
    }
  }

  async function before(
    event: HookEvent & { kind: 'before' },
    { client, shape, secret, body }: Given,
  ): Promise<Advice> {
    const { act } = event;
    // What leads here is decided here: asking twice would be two decisions of one action.
    if (act.kind === 'mcp' && Object.hasOwn(client.servers, act.entry)) return silent;
    const { name, input } = act.kind === 'mcp' ? opaqueAct(act) : act;
    const task = await sessions.taskFor(client, event);
    if (!task.ok) return { kind: 'deny', text: `Refused workspace/${name}: ${task.refusal.why}` };
    const mayAsk = client.questions === 'client' && shape.asks(body);
    const { advice, decided, settle } = await advise(
      {
        ...{ client: client.client, secret, subagent: event.subagent !== undefined, taskToken: task.value.token },
        ...{ tool: name, input, bytes: Buffer.byteLength(normalText(input)), mayAsk },
      },
      ports.line,
      ports.desk,
    );
    const fate: UnderWay['fate'] | undefined =
      settle !== undefined
        ? { kind: 'let-go', settle }
        : decided && { kind: 'turned-away', over: overOf(advice), decision: decided.id, task: decided.task };
    const session = `${client.client} ${event.session}`;
    if (fate !== undefined) underWay.add(keyOf(client.client, event, name, input), { session, tool: name, fate });
    return advice;
  }

  function after(event: HookEvent & { kind: 'after' }, { client }: Given): void {
    const { act } = event;
    if (act.kind === 'mcp' && Object.hasOwn(client.servers, act.entry)) return;
    const { name, input } = act.kind === 'mcp' ? opaqueAct(act) : act;
    const call = underWay.first(keyOf(client.client, event, name, input));
    if (call?.fate.kind === 'let-go') call.fate.settle(reportOf(event.said, event.failed));
    if (call?.fate.kind === 'turned-away') overruled(call.fate, name, event);
  }

  /** It was done although it had been turned away: what it brought is in the task, whoever allowed it. */
  function overruled(
    { over, decision, task }: UnderWay['fate'] & { kind: 'turned-away' },
    name: WorkspaceTool,
    { said }: HookEvent & { kind: 'after' },
  ): void {
    const { journal, tasks, newId, now, world } = ports.line;
    const tool = findTool(world().catalogue, workspace, name);
    const labels: readonly Label[] = tool === undefined ? ['untrusted'] : labelsOf(tool);
    const id = newId('e');
    const raise = (at: Instant): void =>
      tasks.raise(task, sourcesOf(labels, { entry: id, server: workspace, tool: name, at }));
    raise(now());
    const draft = { kind: 'overruled', id, decision, task, server: workspace, tool: name, over, labels } as const;
    raise(journal.append(draft, { result: normalText(said) }));
  }

  return { handle, close: () => underWay.close() };
}

interface Given {
  readonly client: HookClient;
  readonly shape: ClientShape;
  readonly secret: string;
  readonly body: JsonObject;
}

const silent: Advice = { kind: 'silent' };

/** What the user said, and that a session is a new one: whoever could say that for the agent could clear it of everything. */
function needsPrompt({ kind }: HookEvent): boolean {
  return kind === 'prompt' || kind === 'begun';
}

function overOf({ kind }: Advice): 'asked' | 'refused' {
  return kind === 'ask' ? 'asked' : 'refused';
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
