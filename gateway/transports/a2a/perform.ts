import { mediate } from '@sallyport/core/mediate/line.ts';
import type { Reply } from '@sallyport/core/mediate/reply.ts';
import type { Operation } from '@sallyport/core/model/a2a-operations.ts';
import type { Call } from '@sallyport/core/model/call.ts';
import { Cancellation } from '@sallyport/core/model/call-signal.ts';
import { type JsonObject, member, stringMember } from '@sallyport/core/model/json.ts';
import { noteRejected } from '../mcp/core.ts';
import { headerNames, proofOf } from '../mcp/http/head.ts';
import { requireTask } from '../mcp/standing.ts';
import { type Binding, EventAnswer, sendError, sendResult } from './answer.ts';
import { outwardCard } from './card.ts';
import { type A2aError, invalid, refusedError, taskNotFound, upstreamError } from './errors.ts';
import type { Owner } from './ids.ts';
import type { Visit } from './visit.ts';

/** One operation, as either binding read it. */
export interface Asked {
  readonly operation: Operation;
  readonly input: JsonObject;
  readonly bytes: number;
  readonly binding: Binding;
}

/** Takes one operation through the line, and answers in the binding that it came in. */
export async function perform(asked: Asked, visit: Visit): Promise<void> {
  const { exchange, core, agent, peer } = visit;
  const { res } = exchange;
  const refuse = (error: A2aError): void => sendError(res, asked.binding, error);
  const taskToken = exchange.headers.get(headerNames.task);
  const task = await requireTask({ agent, taskToken }, core.mcp);
  if (!task.ok) return refuse(refusedError(task.refusal));
  const owner: Owner = { peer, agent: agent.id, principal: task.value.principal };
  const input = core.ids.inward(asked.input, owner, asked.operation.byTask);
  if (input === undefined) {
    noteRejected(core.mcp, 'a2a', 'task-unknown', 'the task of another agent', agent);
    return refuse(taskNotFound);
  }
  const push = pushAddressOf(input);
  if (push !== undefined && !mayReportTo(push, core.pushOf(peer) ?? [])) {
    noteRejected(core.mcp, 'a2a', 'malformed', 'url', agent);
    return refuse(invalid('This address is not one that the agent may be told to report to.'));
  }
  const signal = new Cancellation();
  res.on('close', () => {
    if (!res.writableFinished) signal.abort();
  });
  const events = asked.operation.streams
    ? new EventAnswer(res, asked.binding, core.mcp.limits.unsentBytesMax)
    : undefined;
  const call: Call = {
    door: 'a2a',
    receivedAt: core.mcp.ports.now(),
    proof: proofOf(exchange),
    taskToken,
    method: `a2a/${asked.operation.name}`,
    server: peer,
    name: `a2a:${asked.operation.name}`,
    input,
    bytes: asked.bytes,
    wantsProgress: false,
    signal,
    relay: ({ params }) => events?.event(outward(params, asked.operation, owner, visit)),
  };
  answer(await mediate(call, core.mcp.ports), asked, owner, visit, events);
}

function answer(reply: Reply, { operation, binding }: Asked, owner: Owner, visit: Visit, events?: EventAnswer): void {
  const { res } = visit.exchange;
  if (reply.kind === 'result') {
    if (events === undefined) sendResult(res, binding, outward(reply.result, operation, owner, visit));
    else afterStream(reply.result, operation, owner, visit, events);
    return;
  }
  const error = reply.kind === 'refusal' ? refusedError(reply.refusal) : upstreamError(reply.error.code);
  if (events === undefined) sendError(res, binding, error);
  else events.fail(error);
}

/** What was streamed has been relayed. An agent that does not stream answers once. */
function afterStream(result: JsonObject, operation: Operation, owner: Owner, visit: Visit, events: EventAnswer): void {
  if (member(result, 'events') === undefined) events.event(outward(result, operation, owner, visit));
  events.end();
}

function outward(result: JsonObject, operation: Operation, owner: Owner, { core, peer }: Visit): JsonObject {
  if (operation.name === 'GetAgentCard' || operation.name === 'GetExtendedAgentCard')
    return outwardCard(result, `${core.base()}/a2a/${peer}`, (core.pushOf(peer) ?? []).length > 0);
  if (operation.name === 'ListTasks') return core.ids.outward(core.own.only(result, owner), owner);
  core.own.noteAll(result, owner, operation.givesTask);
  return core.ids.outward(result, owner, operation.givesTask);
}

/** Where the other agent would report to: its own parameter, or a part of a message's configuration. */
function pushAddressOf(input: JsonObject): string | undefined {
  const inner = member(member(input, 'configuration'), 'taskPushNotificationConfig');
  return stringMember(inner, 'url') ?? stringMember(input, 'url');
}

/**
 * The other agent may read addresses otherwise than we do: of `https://a.example\@b.example/` some take the one host and
 * some the other. Only what is spelt as every reader would spell it counts, and no path that a reader could shorten.
 */
function mayReportTo(text: string, beginnings: readonly string[]): boolean {
  const url = URL.parse(text);
  if (url === null || url.href !== text || url.username !== '' || url.password !== '') return false;
  if (/%(?:2e|2f|5c)/i.test(text)) return false;
  return beginnings.some(beginning => text.startsWith(beginning));
}
