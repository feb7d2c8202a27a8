import type { RequestMethod } from '@sallyport/core/model/call.ts';
import type { JsonObject } from '@sallyport/core/model/json.ts';
import { invalidRequest, type Malformed } from './malformed.ts';
import { type Era, errorCodes } from './protocol.ts';
import { checkParams, members, type Shape } from './shape.ts';

/**
 * Every method of both eras, and what is done about it. What is not in this table is refused.
 *
 * `answer`: by the gateway itself, from pins and configuration. `act`: becomes a call on the line, decided and recorded
 * before anything is forwarded. `refuse`: known to the protocol, and not offered here, with the reason.
 */
export type MethodRow = {
  readonly eras: readonly Era[];
  /** Members of `params` besides `_meta`. */
  readonly params: Shape;
  /** The member that the header `Mcp-Name` repeats (2026-07-28, "Standard Request Headers"). */
  readonly mirrored?: 'name' | 'uri' | 'taskId';
} & (
  | { readonly way: 'answer' }
  | { readonly way: 'act'; readonly method: RequestMethod }
  | { readonly way: 'refuse'; readonly why: string }
);

const both: readonly Era[] = ['legacy', 'modern'];
const legacy: readonly Era[] = ['legacy'];
const modern: readonly Era[] = ['modern'];

const paged: Shape = members({ 'cursor?': 'string' });
const nothing: Shape = members({});
const uri: Shape = members({ uri: 'string' });
/** What a retry brings (2026-07-28, Multi Round-Trip Requests). In the handshake era no state was ever given. */
const retried = { 'inputResponses?': 'object', 'requestState?': 'string' } as const;
const serversOnly = 'only a server sends this request';
const noTasks = 'the experimental tasks of this protocol version are not relayed';
const mcpTask: Shape = members({ taskId: 'string' });

export const requestRows: ReadonlyMap<string, MethodRow> = new Map<string, MethodRow>([
  [
    'initialize',
    {
      eras: legacy,
      way: 'answer',
      params: members({ protocolVersion: 'string', capabilities: 'object', clientInfo: 'object' }),
    },
  ],
  ['ping', { eras: legacy, way: 'answer', params: nothing }],
  ['server/discover', { eras: modern, way: 'answer', params: nothing }],
  ['tools/list', { eras: both, way: 'answer', params: paged }],
  ['prompts/list', { eras: both, way: 'answer', params: paged }],
  ['resources/templates/list', { eras: both, way: 'answer', params: paged }],
  [
    'subscriptions/listen',
    {
      eras: modern,
      way: 'answer',
      params: members({
        notifications: members({
          'toolsListChanged?': 'boolean',
          'promptsListChanged?': 'boolean',
          'resourcesListChanged?': 'boolean',
          'resourceSubscriptions?': 'strings',
        }),
      }),
    },
  ],
  [
    'tools/call',
    {
      eras: both,
      way: 'act',
      method: 'tools/call',
      mirrored: 'name',
      // A server that makes no tasks on request is to ignore `task` (2025-11-25, Tasks).
      params: members({ name: 'string', 'arguments?': 'object', 'task?': 'object', ...retried }),
    },
  ],
  ['resources/list', { eras: both, way: 'act', method: 'resources/list', params: paged }],
  [
    'resources/read',
    {
      eras: both,
      way: 'act',
      method: 'resources/read',
      mirrored: 'uri',
      params: members({ uri: 'string', ...retried }),
    },
  ],
  ['resources/subscribe', { eras: legacy, way: 'act', method: 'resources/subscribe', params: uri }],
  ['resources/unsubscribe', { eras: legacy, way: 'act', method: 'resources/unsubscribe', params: uri }],
  [
    'prompts/get',
    {
      eras: both,
      way: 'act',
      method: 'prompts/get',
      mirrored: 'name',
      params: members({ name: 'string', 'arguments?': 'string-values', ...retried }),
    },
  ],
  [
    'completion/complete',
    {
      eras: both,
      way: 'act',
      method: 'completion/complete',
      params: members({
        ref: members({ type: 'string', 'name?': 'string', 'title?': 'string', 'uri?': 'string' }),
        argument: members({ name: 'string', value: 'string' }),
        'context?': members({ 'arguments?': 'string-values' }),
      }),
    },
  ],
  ['logging/setLevel', { eras: legacy, way: 'act', method: 'logging/setLevel', params: members({ level: 'level' }) }],
  ['tasks/get', { eras: modern, way: 'act', method: 'tasks/get', mirrored: 'taskId', params: mcpTask }],
  [
    'tasks/update',
    {
      eras: modern,
      way: 'act',
      method: 'tasks/update',
      mirrored: 'taskId',
      params: members({ taskId: 'string', inputResponses: 'object' }),
    },
  ],
  ['tasks/cancel', { eras: modern, way: 'act', method: 'tasks/cancel', mirrored: 'taskId', params: mcpTask }],
  ...['tasks/list', 'tasks/result'].map(refusal(noTasks, legacy)),
  ...['sampling/createMessage', 'elicitation/create', 'roots/list'].map(refusal(serversOnly, both)),
]);

function refusal(why: string, eras: readonly Era[]): (method: string) => [string, MethodRow] {
  return method => [method, { eras, way: 'refuse', why, params: 'object' }];
}

/**
 * Notifications from a client. `initialized` means that the handshake is over, `cancel` aborts a request of the same
 * session or connection, `drop` is taken and goes nowhere: no request of ours is open that it could be about. What is
 * not in this table is refused.
 */
const notificationRows: ReadonlyMap<
  string,
  { readonly way: 'initialized' | 'cancel' | 'drop'; readonly params: Shape }
> = new Map([
  ['notifications/initialized', { way: 'initialized', params: nothing }],
  ['notifications/cancelled', { way: 'cancel', params: members({ requestId: 'id', 'reason?': 'string' }) }],
  [
    'notifications/progress',
    {
      way: 'drop',
      params: members({ progressToken: 'id', progress: 'number', 'total?': 'number', 'message?': 'string' }),
    },
  ],
  ['notifications/roots/list_changed', { way: 'drop', params: nothing }],
]);

/** What is wrong with a notification, if anything is. */
export function notificationFault(method: string, params: JsonObject): Malformed | undefined {
  const row = notificationRows.get(method);
  if (row !== undefined) return checkParams(params, row.params);
  return { ...invalidRequest('method', 'this notification is not known'), code: errorCodes.methodNotFound };
}
