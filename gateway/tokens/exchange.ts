import type { AccessToken } from '@sallyport/core/identity/access-token.ts';
import { idPattern, type TaskId } from '@sallyport/core/model/ids.ts';
import { agentOf, type Granted, type GrantRequest } from './grant.ts';
import type { GrantPorts } from './grant-type.ts';
import { tokenSecondsDefault } from './issuer.ts';
import { OAuthFault } from './oauth-fault.ts';
import { askedScopes } from './resources.ts';
import { openTask, taskDetails } from './task-tokens.ts';

export const tokenTypes = {
  access: 'urn:ietf:params:oauth:token-type:access_token',
  jwt: 'urn:ietf:params:oauth:token-type:jwt',
  idJag: 'urn:ietf:params:oauth:token-type:id-jag',
} as const;

/** A chain that is longer than this has lost whoever began it (D-7). */
export const actorsMax = 8;
/** A token tells where it came from, and may not become longer and longer for it. */
export const exchangesMax = 16;

/**
 * RFC 8693. What comes out is never more than what went in: resource within resource, scope within scope, no later end,
 * the same task or one below it (R14). Another agent than the one the token was issued to gets a task of its own below
 * that one, or nothing.
 */
export async function exchange(request: GrantRequest, ports: GrantPorts): Promise<Granted> {
  const { form, jkt } = request;
  const client = agentOf(request.client);
  checkTypes(form.get('subject_token_type'), form.get('requested_token_type'));
  if (form.get('actor_token') !== undefined)
    throw new OAuthFault('invalid_request', 'who acts is who authenticates as the client; an actor token is not taken');
  const subject = await subjectToken(form.required('subject_token'), ports);
  if (subject.jkt !== undefined && subject.jkt !== jkt)
    throw new OAuthFault('invalid_grant', 'the subject token is bound to another key than was shown');
  const audience = narrowed(form.get('resource') ?? form.get('audience'), subject, ports);
  const scope = askedScopes(form.get('scope'), subject.scope);
  const task = await taskOf(request, subject, client, ports);
  const remaining = Math.floor((subject.expiresAt - ports.now()) / 1000);
  const own = subject.agent === client.agent.id;
  const origin = own ? subject.origin : client.origin;
  return {
    order: {
      ...{ agent: client.agent.id, principal: subject.subject, clientId: client.clientId },
      ...{ proof: own ? (subject.proof ?? client.proof) : client.proof, trust: own ? subject.trust : client.trust },
      ...(origin === undefined ? {} : { origin }),
      ...(task === undefined ? {} : { task: task.task }),
      ...(jkt === undefined ? {} : { cnf: { jkt } }),
      ...{ audience, scope, actors: actorsOf(subject, client.agent.id) },
      // Whatever ends the token that it came from ends it as well.
      ancestors: [...subject.ancestors, subject.jti],
      ...(subject.family === undefined ? {} : { family: subject.family }),
      seconds: Math.min(tokenSecondsDefault, remaining, task?.secondsMax ?? tokenSecondsDefault),
    },
    issuedTokenType: tokenTypes.access,
  };
}

function checkTypes(subject: string | undefined, requested: string | undefined): void {
  if (subject !== tokenTypes.access && subject !== tokenTypes.jwt)
    throw new OAuthFault('invalid_request', '`subject_token_type` must be that of an access token');
  if (requested !== undefined && requested !== tokenTypes.access && requested !== tokenTypes.jwt)
    throw new OAuthFault('invalid_request', 'only access tokens are issued here');
}

async function subjectToken(text: string, ports: GrantPorts): Promise<AccessToken> {
  const read = await ports.access.read(text, ports.resources.isOurs);
  if (!read.ok) throw new OAuthFault('invalid_grant', 'the subject token proves nothing', read.fault);
  if (read.value.expiresAt <= ports.now() || read.value.agent === undefined)
    throw new OAuthFault('invalid_grant', 'the subject token proves nothing');
  if (read.value.ancestors.length >= exchangesMax)
    throw new OAuthFault('invalid_grant', `the token was exchanged more than ${exchangesMax} times`);
  if (read.value.actors.length >= actorsMax)
    throw new OAuthFault('invalid_grant', `the chain of actors is longer than ${actorsMax}`);
  return read.value;
}

function narrowed(resource: string | undefined, subject: AccessToken, { resources }: GrantPorts): string {
  const audience = resource === undefined ? subject.audience : resources.asked(resource);
  if (resources.within(audience, subject.audience)) return audience;
  throw new OAuthFault('invalid_target', '`resource` lies outside that of the subject token');
}

/** The outermost actor is whoever asks now; who acted before stands inside, once. */
function actorsOf(subject: AccessToken, agent: string): readonly string[] {
  const before = subject.actors.length > 0 ? subject.actors : subject.agent === undefined ? [] : [subject.agent];
  return before[0] === agent ? before.slice(1) : before;
}

async function taskOf(
  { form }: GrantRequest,
  subject: AccessToken,
  { agent: { id: agent }, runsIn }: ReturnType<typeof agentOf>,
  ports: GrantPorts,
): Promise<{ readonly task: TaskId; readonly secondsMax: number } | undefined> {
  const details = taskDetails(form.get('authorization_details'));
  const parent = subject.task !== undefined && idPattern.test(subject.task) ? (subject.task as TaskId) : undefined;
  if (details !== undefined)
    return openTask(ports.taskTokens, { agent, principal: subject.subject, details, parent, runsIn });
  if (subject.agent !== agent)
    throw new OAuthFault(
      'access_denied',
      'another agent acts in a task of its own: ask for one with `authorization_details`',
    );
  return parent === undefined ? undefined : { task: parent, secondsMax: tokenSecondsDefault };
}
