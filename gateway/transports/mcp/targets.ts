import type { RequestMethod } from '@sallyport/core/model/call.ts';
import type { ServerId } from '@sallyport/core/model/ids.ts';
import { emptyObject, type JsonNode, type JsonObject, member, stringMember } from '@sallyport/core/model/json.ts';
import type { Caller } from './incoming.ts';
import { type Routed, routeName, routeUri } from './names.ts';
import { withMember } from './wire/json-edit.ts';
import { bad, invalidParams, type Read, read } from './wire/malformed.ts';

/** A request as the line will see it: to which server, under which name, with which input. */
export interface Target {
  readonly server: ServerId;
  readonly name: string;
  readonly input: JsonObject;
}

/** `tools/call` names its tool; every other method is the tool `mcp:<method>` of its server (docs/decisions/0003). */
export function targetOf(method: RequestMethod, params: JsonObject, { scope }: Pick<Caller, 'scope'>): Read<Target> {
  if (method === 'tools/call') return toolTarget(params, scope);
  const other = (routed: Routed, input: JsonObject): Read<Target> =>
    read({ server: routed.server, name: `mcp:${method}`, input });
  switch (method) {
    case 'prompts/get': {
      const routed = routeName(scope, stringMember(params, 'name') ?? '');
      return routed === undefined ? bad(unrouted('params.name')) : other(routed, named(params, 'name', routed.name));
    }
    case 'resources/read':
    case 'resources/subscribe':
    case 'resources/unsubscribe': {
      const routed = routeUri(scope, stringMember(params, 'uri') ?? '');
      return routed === undefined ? bad(unrouted('params.uri')) : other(routed, named(params, 'uri', routed.name));
    }
    case 'completion/complete':
      return completionTarget(params, scope, other);
    case 'resources/list':
    case 'logging/setLevel':
    case 'tasks/get':
    case 'tasks/update':
    case 'tasks/cancel':
      return scope.kind === 'one'
        ? other({ server: scope.server, name: '' }, params)
        : bad(invalidParams('params', 'names no server'));
  }
}

function toolTarget(params: JsonObject, scope: Caller['scope']): Read<Target> {
  const routed = routeName(scope, stringMember(params, 'name') ?? '');
  if (routed === undefined) return bad(unrouted('params.name'));
  const { server, name } = routed;
  // A colon would reach the protocol's own methods under a tool's name.
  if (!toolName.test(name)) return bad(invalidParams('params.name', 'is not the name of a tool'));
  const input = params.members.get('arguments');
  return read({ server, name, input: input?.kind === 'object' ? input : emptyObject });
}

const toolName = /^[A-Za-z0-9_./-]{1,128}$/;

function completionTarget(
  params: JsonObject,
  scope: Caller['scope'],
  other: (routed: Routed, input: JsonObject) => Read<Target>,
): Read<Target> {
  const ref = member(params, 'ref');
  const type = stringMember(ref, 'type');
  const key = type === 'ref/prompt' ? 'name' : type === 'ref/resource' ? 'uri' : undefined;
  if (ref?.kind !== 'object' || key === undefined)
    return bad(invalidParams('params.ref.type', 'must be ref/prompt or ref/resource'));
  const stranger = ref.members.has(key === 'name' ? 'uri' : 'name');
  const value = stringMember(ref, key);
  if (stranger || value === undefined)
    return bad(invalidParams('params.ref', `a ${type} has a ${key} and nothing else that names it`));
  const routed = key === 'name' ? routeName(scope, value) : routeUri(scope, value);
  if (routed === undefined) return bad(unrouted(`params.ref.${key}`));
  return other(routed, withMember(params, 'ref', named(ref, key, routed.name)));
}

function named(object: JsonObject, key: string, value: string): JsonObject {
  const node: JsonNode = { kind: 'string', value };
  return withMember(object, key, node);
}

function unrouted(field: string): ReturnType<typeof invalidParams> {
  return invalidParams(field, 'does not say which server it is for; take names and URIs from the lists');
}
