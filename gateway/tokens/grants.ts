import { readJws } from '@sallyport/core/identity/jws.ts';
import { parseJson, stringMember } from '@sallyport/core/model/json.ts';
import { byWorkload, type Client, wrongClient } from './client-auth.ts';
import { exchange } from './exchange.ts';
import type { Granted, GrantedToken, GrantPorts, GrantRequest, GrantType } from './grant.ts';
import { idJagType } from './id-jag.ts';
import { tokenSecondsDefault } from './issuer.ts';
import { grantTypes } from './metadata.ts';
import { OAuthFault } from './oauth-fault.ts';
import { askedScopes } from './resources.ts';

/** Every grant type that there is (RFC 6749 §4, RFC 7523 §2.1, RFC 8693). */
export const grants: ReadonlyMap<string, GrantType> = new Map([
  [grantTypes.client, clientCredentials],
  [grantTypes.assertion, assertion],
  [grantTypes.exchange, exchange],
  [grantTypes.code, (request, ports) => ports.codes.redeem(request)],
  [grantTypes.refresh, (request, ports) => ports.refreshTokens.redeem(request)],
]);

async function clientCredentials(request: GrantRequest, ports: GrantPorts): Promise<Granted> {
  return forAgent(agentOf(request.client), request, ports);
}

/** RFC 7523 §2.1: an assertion in the place of a code. An ID-JAG speaks for a person, a platform's token for a workload. */
async function assertion(request: GrantRequest, ports: GrantPorts): Promise<Granted> {
  const text = request.form.required('assertion');
  const jws = readJws(text);
  if (jws.ok && jws.value.header.typ === idJagType) return ports.idJags.redeem(jws.value, request);
  const client = await byWorkload(text, ports).catch(thrown => {
    throw thrown instanceof OAuthFault
      ? new OAuthFault('invalid_grant', 'the assertion proves nobody', thrown.inside)
      : thrown;
  });
  if (request.client.kind === 'agent' && request.client.agent.id !== client.agent.id)
    throw new OAuthFault('invalid_grant', 'the assertion is that of another client');
  return forAgent(client, request, ports);
}

/** A token for the agent itself, in its ambient task or, if it asks for one, in a task of its own. */
export async function forAgent(
  client: Extract<Client, { kind: 'agent' }>,
  { form, jkt }: GrantRequest,
  ports: GrantPorts,
): Promise<GrantedToken> {
  const { agent, proof, trust, origin, clientId, family } = client;
  const details = taskDetails(form.get('authorization_details'));
  const task =
    details === undefined
      ? undefined
      : await openTask(ports, { agent: agent.id, principal: agent.principal, details, parent: undefined });
  return {
    order: {
      ...{ agent: agent.id, principal: agent.id, clientId, proof, trust },
      ...(origin === undefined ? {} : { origin }),
      ...(family === undefined ? {} : { family }),
      ...(jkt === undefined ? {} : { cnf: { jkt } }),
      ...(task === undefined ? {} : { task: task.task }),
      audience: ports.resources.asked(form.get('resource')),
      scope: askedScopes(form.get('scope')),
      seconds: Math.min(tokenSecondsDefault, task?.secondsMax ?? tokenSecondsDefault),
    },
    ...(details === undefined ? {} : { members: { authorization_details: [JSON.parse(details)] } }),
  };
}

/** Who proved nothing gets nothing but what a code gives. */
export function agentOf(client: Client): Extract<Client, { kind: 'agent' }> {
  if (client.kind === 'agent') return client;
  throw wrongClient();
}

const detailsLimits = {
  charsMax: 32_768,
  depthMax: 8,
  valuesMax: 2_000,
  numberCharsMax: 32,
  reservedMembers: 'refuse',
} as const;

/** RFC 9396 §2: one detail, of the one type that there is. */
export function taskDetails(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const parsed = parseJson(text, detailsLimits);
  const items = parsed.ok && parsed.node.kind === 'array' ? parsed.node.items : [];
  const [only] = items;
  if (items.length !== 1 || only?.kind !== 'object' || stringMember(only, 'type') !== 'agent_task')
    throw new OAuthFault('invalid_authorization_details', 'it must be one object of type `agent_task` in a list');
  return JSON.stringify(JSON.parse(text)[0]);
}

export function openTask(
  { taskTokens }: GrantPorts,
  order: Parameters<NonNullable<GrantPorts['taskTokens']>['open']>[0],
): ReturnType<NonNullable<GrantPorts['taskTokens']>['open']> {
  if (taskTokens === undefined) throw new OAuthFault('invalid_authorization_details', 'tasks are not opened here');
  return taskTokens.open(order);
}
