import type { SignedIn } from '../people/role.ts';
import type { OAuthFault } from './oauth-fault.ts';
import { escaped, type Page } from './page.ts';
import type { SignInUnderWay } from './sign-ins.ts';

/** What a person is asked, in facts that the client cannot word. */
export function consentPage({ id, request }: SignInUnderWay, person: SignedIn | undefined): Page {
  if (request === undefined) return { title: 'Sign in', body: '' };
  const { client, redirectUri, resource, scope } = request;
  const facts: readonly (readonly [string, string])[] = [
    ['Client', client.name],
    ['Its id', client.clientId],
    ['Returns to', new URL(redirectUri).host === '' ? redirectUri : new URL(redirectUri).host],
    ...(client.agent === undefined
      ? []
      : ([
          ['Agent', client.agent.id],
          ['May ask for', `${resource} (${scope.join(' ')})`],
        ] as const)),
    ...(person === undefined ? [] : ([['You are', person.name]] as const)),
  ];
  const rows = facts.map(([name, value]) => `<dt>${escaped(name)}</dt><dd>${escaped(value)}</dd>`).join('');
  const code =
    person === undefined
      ? '<p><label>One-time code, as <code>sallyport login --code</code> prints it<br><input type="text" name="code" autocomplete="off" required></label></p>'
      : '';
  return {
    title:
      client.agent === undefined
        ? 'Sign in on the command line?'
        : `Let ${client.name} act as the agent ${client.agent.id}?`,
    body: `<dl>${rows}</dl><p class="note">Policy still decides every single action. Say no unless you have just asked for this.</p>
<form method="post" action="consent"><input type="hidden" name="sign_in" value="${escaped(id)}">${code}
<button name="answer" value="allow">Allow</button><button name="answer" value="refuse" formnovalidate>Refuse</button></form>`,
    leadsTo: redirectUri,
  };
}

export function faultPage(fault: OAuthFault): Page {
  return {
    title: 'This did not work',
    body: `<p>${escaped(fault.message)}.</p><p class="note">Error <code>${escaped(fault.code)}</code>. Nothing was granted.</p>`,
    status: fault.status,
  };
}
