import { readJws } from '@sallyport/core/identity/jws.ts';
import { byWorkload, type Client } from './client-auth.ts';
import { exchange } from './exchange.ts';
import { agentOf, type Granted, type GrantedToken, type GrantRequest } from './grant.ts';
import type { GrantPorts, GrantType } from './grant-type.ts';
import { idJagType } from './id-jag.ts';
import { tokenSecondsDefault } from './issuer.ts';
import { grantTypes } from './metadata.ts';
import { OAuthFault } from './oauth-fault.ts';
import { askedScopes } from './resources.ts';
import { openTask, taskDetails } from './task-tokens.ts';

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
async function forAgent(
  client: Extract<Client, { kind: 'agent' }>,
  { form, jkt }: GrantRequest,
  ports: GrantPorts,
): Promise<GrantedToken> {
  const { agent, proof, trust, origin, clientId, family, runsIn } = client;
  const details = taskDetails(form.get('authorization_details'));
  const task =
    details === undefined
      ? undefined
      : await openTask(ports.taskTokens, {
          ...{ agent: agent.id, principal: agent.principal, details, parent: undefined, runsIn },
        });
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
