import { randomBytes } from 'node:crypto';
import type { Instant, PrincipalId } from '@sallyport/core/model/ids.ts';
import type { Done } from '../api/control.ts';
import type { Exchange } from '../transports/http/router.ts';
import { type Parameters, parseParameters } from './form.ts';
import { OAuthFault } from './oauth-fault.ts';
import { escaped, type Page, sendPage, sendRedirect } from './page.ts';
import { cookieFor, isSecure, type SignIns, type SignInUnderWay } from './sign-ins.ts';

/** A person lets tasks of theirs act for them at an upstream: to its authorization server in their browser, and back. */
export interface ConnectPages {
  /** An address that works once, in the browser that opens it first: whoever signs in there does so for `principal`. */
  readonly invite: (credential: string, principal: PrincipalId) => string;
  /** Who came to sign in, if they were invited. */
  readonly invited: (parameters: Parameters) => Invited | undefined;
  readonly sendUpstream: (signIn: SignInUnderWay, invited: Invited, exchange: Exchange) => Promise<void>;
  /** They came back. */
  readonly connected: (exchange: Exchange) => Promise<void>;
}

export interface Invited {
  readonly credential: string;
  readonly principal: PrincipalId;
}

export interface ConnectPorts {
  readonly signIns: SignIns;
  readonly begin: (
    credential: string,
    principal: PrincipalId,
    state: string,
  ) => Promise<Done<{ readonly url: string }>>;
  readonly finish: (returned: string) => Promise<Done<Invited>>;
  readonly issuer: () => string;
  readonly now: () => Instant;
}

const invitationMillis = 600_000;
const invitationsMax = 1_000;

export function createConnectPages({ signIns, begin, finish, issuer, now }: ConnectPorts): ConnectPages {
  const invitations = new Map<string, Invited & { readonly until: Instant }>();
  return {
    invite: (credential, principal) => {
      for (const [ticket, { until }] of invitations) if (until < now()) invitations.delete(ticket);
      if (invitations.size >= invitationsMax) invitations.delete(invitations.keys().next().value ?? '');
      const ticket = randomBytes(24).toString('base64url');
      invitations.set(ticket, { credential, principal, until: now() + invitationMillis });
      return `${issuer()}/connect?invitation=${ticket}`;
    },
    invited: parameters => {
      const ticket = parameters.get('invitation');
      if (ticket === undefined) return undefined;
      const invitation = invitations.get(ticket);
      invitations.delete(ticket);
      if (invitation === undefined || invitation.until < now())
        throw new OAuthFault('invalid_request', 'this link was used already, or is too old: ask for a new one');
      return invitation;
    },
    sendUpstream: async (signIn, { credential, principal }, { res }) => {
      const begun = await begin(credential, principal, signIn.id);
      if (!begun.ok) throw new OAuthFault('invalid_request', begun.error.message);
      sendRedirect(res, begun.value.url, cookieFor(signIn, isSecure(issuer())));
    },
    connected: async ({ res, query, headers }) => {
      const found = signIns.find(
        parseParameters(query ?? '').required('state'),
        headers.get('cookie'),
        isSecure(issuer()),
      );
      signIns.end(found);
      const done = await finish(`${issuer()}/connected?${query}`);
      if (!done.ok) throw new OAuthFault('invalid_request', done.error.message);
      sendPage(res, connectedPage(done.value));
    },
  };
}

function connectedPage({ credential, principal }: Invited): Page {
  const rows = [
    ['Credential', credential],
    ['For', principal],
  ].map(([name = '', value = '']) => `<dt>${escaped(name)}</dt><dd>${escaped(value)}</dd>`);
  return {
    title: 'You have signed in',
    body: `<dl>${rows.join('')}</dl><p>Tasks of this principal can use it now. You can close this page.</p>`,
  };
}
