import type { LinePorts } from '@sallyport/core/mediate/ports.ts';
import type { Instant } from '@sallyport/core/model/ids.ts';
import { type JsonObject, normalText } from '@sallyport/core/model/json.ts';
import { type Label, sourcesOf } from '@sallyport/core/model/label.ts';
import { findTool } from '@sallyport/core/model/tool.ts';
import { labelsOf } from '@sallyport/core/provenance/labels/label.ts';
import { opaqueAct } from './acts.ts';
import { advise, reportOf } from './advise.ts';
import type { Desk } from './desk.ts';
import type { Advice, ClientShape, HookEvent } from './event.ts';
import type { SessionAgents, Sessions } from './sessions.ts';
import { type WorkspaceTool, workspace } from './tools.ts';
import { keyOf, type UnderWay, type UnderWays } from './under-way.ts';

/** A configured client, as the door needs it. */
export interface HookClient extends SessionAgents {
  /** MCP entries of its own that lead to this gateway. */
  readonly servers: Readonly<Record<string, string>>;
  /** Who asks where policy asks: the client its user, or the gateway whoever may answer. */
  readonly questions: 'client' | 'gateway';
}

export interface AnswerPorts {
  readonly line: LinePorts;
  readonly desk: Desk;
}

/** What came with an event. */
export interface Given {
  readonly client: HookClient;
  readonly shape: ClientShape;
  readonly secret: string;
  readonly body: JsonObject;
}

const silent: Advice = { kind: 'silent' };

/** What an event does to its session and to the calls that are under way there, and what its client is told. */
export function createAnswer(
  { line, desk }: AnswerPorts,
  sessions: Sessions,
  underWay: UnderWays,
): (event: HookEvent, given: Given) => Promise<Advice> {
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
      line,
      desk,
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
    if (call?.fate.kind === 'turned-away') overruled(line, call.fate, name, event);
  }

  return answer;
}

/** It was done although it had been turned away: what it brought is in the task, whoever allowed it. */
function overruled(
  { journal, tasks, newId, now, world }: LinePorts,
  { over, decision, task }: UnderWay['fate'] & { kind: 'turned-away' },
  name: WorkspaceTool,
  { said }: HookEvent & { kind: 'after' },
): void {
  const tool = findTool(world().catalogue, workspace, name);
  const labels: readonly Label[] = tool === undefined ? ['untrusted'] : labelsOf(tool);
  const id = newId('e');
  const raise = (at: Instant): void =>
    tasks.raise(task, sourcesOf(labels, { entry: id, server: workspace, tool: name, at }));
  raise(now());
  const draft = { kind: 'overruled', id, decision, task, server: workspace, tool: name, over, labels } as const;
  raise(journal.append(draft, { result: normalText(said) }));
}

function overOf({ kind }: Advice): 'asked' | 'refused' {
  return kind === 'ask' ? 'asked' : 'refused';
}
