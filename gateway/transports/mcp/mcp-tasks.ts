import { tasksExtension } from '@sallyport/core/catalogue/protocol-tools.ts';
import type { Reply } from '@sallyport/core/mediate/reply.ts';
import type { RequestMethod } from '@sallyport/core/model/call.ts';
import { type JsonNode, type JsonObject, member, normalText, stringMember } from '@sallyport/core/model/json.ts';
import type { Refusal } from '@sallyport/core/model/refusal.ts';
import { type AskedCall, questionsIn } from './asked-back.ts';
import { allAskedBy } from './asked-by.ts';
import type { McpCore } from './core.ts';
import type { TaskHandle } from './handles.ts';
import type { Incoming } from './incoming.ts';
import { outwardResult } from './outward.ts';
import { perform } from './perform.ts';
import { type Answer, refusalAnswer, relayedCode, replyAnswer } from './render.ts';
import { performRetry, type Retry } from './retry.ts';
import { requireTask } from './standing.ts';
import { refuseRequest, turnAway } from './turn-away.ts';
import { mapMember, withMember } from './wire/json-edit.ts';
import { invalidParams, type Malformed } from './wire/malformed.ts';
import { errorCodes } from './wire/protocol.ts';
import { resultWithoutOurs, withoutOurs } from './without-ours.ts';

export type TaskMethod = Extract<RequestMethod, `tasks/${string}`>;

/**
 * `tasks/get`, `tasks/update` and `tasks/cancel` of the extension `io.modelcontextprotocol/tasks`: each is a call on the
 * line. A task that is another's does not exist, in the very words in which one that never was does not.
 */
export async function actOnTask(method: TaskMethod, incoming: Incoming, core: McpCore): Promise<Answer> {
  const { request, caller } = incoming;
  if (!caller.offers.has('tasks')) return turnAway(undeclared, caller, core);
  const task = await requireTask(caller, core);
  if (!task.ok) return refuseRequest(task.refusal, request, caller, core);
  const shown = stringMember(request.params, 'taskId') ?? '';
  const handle = core.handles.open(shown, caller.agent.id, task.value.id);
  if (handle === undefined || (caller.scope.kind === 'one' && caller.scope.server !== handle.server))
    return turnAway(invalidParams('params.taskId', 'is no task of this agent'), caller, core);

  const { server } = handle;
  const { answers, responses } = answersIn(request.params.members.get('inputResponses'), handle, core);
  const id: JsonNode = { kind: 'string', value: handle.mcpTask };
  const members = new Map<string, JsonNode>([['taskId', id]]);
  if (method === 'tasks/update') members.set('inputResponses', responses);
  const target = { server, name: `mcp:${method}`, input: { kind: 'object', members } as const };
  const retry: Retry = { open: undefined, round: undefined, answers };
  const nested = answers.length > 0;
  const send = (): Promise<Reply> => perform(method, target, incoming, core, undefined, nested);
  const reply = await performRetry(retry, send, { server, incoming, core });
  const status = reply.kind === 'result' ? statusAfter(method, reply.result) : undefined;
  if (status !== undefined) core.onTaskEnded(shown, status);
  const result = reply.kind === 'result' ? outward(reply.result, { handle, shown, incoming }, core) : undefined;
  if (typeof result === 'string') return refusalAnswer(keptBack(handle, method, result), method, caller.era);
  const whole: Reply = result === undefined ? reply : { kind: 'result', result };
  return replyAnswer(whole, { method, caller, server, leadsHere: core.leadsHere });
}

/** Extension `io.modelcontextprotocol/tasks`: how it ended, if it has. A server that took a `tasks/cancel` says no more than that. */
function statusAfter(method: TaskMethod, result: JsonObject): string | undefined {
  const status = stringMember(result, 'status') ?? (method === 'tasks/cancel' ? 'cancelled' : '');
  return ['completed', 'failed', 'cancelled'].includes(status) ? status : undefined;
}

/** MCP 2026-07-28, MissingRequiredClientCapabilityError. */
const undeclared: Malformed = {
  code: errorCodes.capabilityRequired,
  status: 400,
  field: `params._meta."io.modelcontextprotocol/clientCapabilities".extensions`,
  why: `must name ${tasksExtension}`,
  data: { requiredCapabilities: { extensions: { [tasksExtension]: {} } } },
};

/** Answers to questions that this task did ask, under the server's own keys; all others are ignored (SEP-2663). */
function answersIn(
  node: JsonNode | undefined,
  handle: TaskHandle,
  core: McpCore,
): { readonly answers: Retry['answers']; readonly responses: JsonObject } {
  const given = node?.kind === 'object' ? [...node.members] : [];
  const known = given.flatMap(([shown, input]) => {
    const question = core.handles.questionOf(handle, shown);
    return question === undefined || input.kind !== 'object' ? [] : [{ ...question, input }];
  });
  const members = new Map<string, JsonNode>(known.map(({ key, input }) => [key, input]));
  return { answers: known, responses: { kind: 'object', members } };
}

interface Shown {
  readonly handle: TaskHandle;
  /** The id under which the client asked. */
  readonly shown: string;
  readonly incoming: Incoming;
}

/** A task as its agent may see it, or why it is kept from it. */
function outward(
  result: JsonObject,
  { handle, shown, incoming: { caller } }: Shown,
  core: McpCore,
): JsonObject | string {
  const questions = questionsIn(member(result, 'inputRequests'), caller.offers, core);
  if (typeof questions === 'string') return questions;
  let out = allAskedBy(handle.server, result);
  if (result.members.has('taskId')) out = withMember(out, 'taskId', { kind: 'string', value: shown });
  const requests = member(out, 'inputRequests');
  if (requests?.kind === 'object') {
    const keyed = [...requests.members].map(([key, request]): [string, JsonNode] => {
      const method = questions[key];
      return [method === undefined ? key : core.handles.questionKey(handle, method, key), request];
    });
    out = withMember(out, 'inputRequests', { kind: 'object', members: new Map(keyed) });
  }
  const error = member(result, 'error');
  if (error !== undefined) out = withMember(out, 'error', mapMember(error, 'code', relayed));
  const inner = member(result, 'result');
  if (inner?.kind !== 'object') return out;
  if ((stringMember(inner, 'resultType') ?? 'complete') !== 'complete')
    return 'the server’s task came to a kind of result that no task comes to';
  return withMember(out, 'result', outwardResult('tools/call', resultWithoutOurs(inner), caller.scope, handle.server));
}

/** Its error is the one that the call would have had. */
function relayed(code: JsonNode): JsonNode {
  if (code.kind !== 'number') return code;
  const value = relayedCode(code.value);
  return value === code.value ? code : { kind: 'number', value, text: String(value) };
}

function keptBack({ server }: TaskHandle, method: RequestMethod, why: string): Refusal {
  return { code: 'withheld', what: `${server} ${method}`, why };
}

/** The answer to a call that its server runs as a task (`resultType: "task"`); undefined if it does not. */
export async function startedTask(reply: Reply, call: AskedCall, core: McpCore): Promise<Answer | undefined> {
  if (reply.kind !== 'result' || stringMember(reply.result, 'resultType') !== 'task') return undefined;
  const { caller } = call.incoming;
  const mcpTask = stringMember(reply.result, 'taskId');
  // A client that did not ask for tasks could not follow one; what it gets says so.
  if (!caller.offers.has('tasks') || caller.era === 'legacy' || mcpTask === undefined) return undefined;
  const task = await requireTask(caller, core);
  if (!task.ok) return refusalAnswer(task.refusal, call.method, caller.era);
  const { server } = call.target;
  const handle: TaskHandle = { server, mcpTask, agent: caller.agent.id, task: task.value.id };
  const result = outward(reply.result, { handle, shown: core.handles.close(handle), incoming: call.incoming }, core);
  if (typeof result === 'string') return refusalAnswer(keptBack(handle, call.method, result), call.method, caller.era);
  return { kind: 'result', text: normalText(withoutOurs(result)) };
}
