import type { Instant } from '@sallyport/core/model/ids.ts';
import { mayActAs, type Role } from '../api/caller.ts';
import type { PeopleConfig } from '../people/config.ts';
import type { Provider } from '../people/provider.ts';
import { roleOf, type SignedIn } from '../people/role.ts';
import type { Exchange } from '../transports/http/router.ts';
import { ReturnedFault, readAuthorization, returnAddress } from './authorize.ts';
import type { Codes } from './codes.ts';
import type { ConnectPages } from './connect-pages.ts';
import { consentPage, faultPage } from './consent.ts';
import { parseParameters, readForm } from './form.ts';
import { OAuthFault } from './oauth-fault.ts';
import { sendPage, sendRedirect } from './page.ts';
import type { PeopleClients } from './people-clients.ts';
import type { Resources } from './resources.ts';
import { cookieFor, isSecure, type SignIns, type SignInUnderWay } from './sign-ins.ts';

export interface SignInPorts {
  readonly clients: PeopleClients;
  readonly resources: Resources;
  readonly codes: Codes;
  readonly signIns: SignIns;
  readonly connect: ConnectPages;
  /** Undefined: there is no provider, and the operator signs in with a one-time code. */
  readonly people: { readonly config: PeopleConfig; readonly provider: Provider } | undefined;
  /** Redeems a one-time code that an operator printed. */
  readonly redeem: (code: string) => Promise<{ readonly name: string; readonly role: Role } | undefined>;
  /** A one-time link into the console. */
  readonly consoleLink: (person: SignedIn, role: Role) => Promise<string>;
  readonly issuer: () => string;
  readonly now: () => Instant;
}

type PageHandler = (exchange: Exchange, ports: SignInPorts) => Promise<void>;

/** `METHOD page` → what it does. */
const pages: Readonly<Record<string, PageHandler>> = {
  'GET authorize': authorize,
  'GET sign-in': signIn,
  'GET callback': callback,
  'POST consent': consent,
  'GET connect': connect,
  'GET connected': (exchange, ports) => ports.connect.connected(exchange),
};

/** True if there is such a page. What goes wrong is said on a page, or to the client once its address was checked. */
export function createSignInPages(ports: SignInPorts): (page: string, exchange: Exchange) => Promise<boolean> {
  return async (page, exchange) => {
    const key = `${exchange.method} ${page}`;
    const handler = Object.hasOwn(pages, key) ? pages[key] : undefined;
    if (handler === undefined) return false;
    try {
      await handler(exchange, ports);
    } catch (thrown) {
      if (thrown instanceof ReturnedFault) {
        const members = { error: thrown.code, error_description: thrown.message, state: thrown.state };
        sendRedirect(exchange.res, returnAddress(thrown.redirectUri, ports.issuer(), members));
      } else {
        const known =
          thrown instanceof OAuthFault ? thrown : new OAuthFault('server_error', 'the sign-in did not succeed');
        sendPage(exchange.res, faultPage(known));
      }
    }
    return true;
  };
}

async function authorize(exchange: Exchange, ports: SignInPorts): Promise<void> {
  const request = await readAuthorization(parseParameters(exchange.query ?? ''), ports.clients, ports.resources);
  // On the gateway's own machine the operator's key is the proof; a code must not become a session elsewhere.
  if (request.client.agent === undefined && ports.people === undefined)
    throw new OAuthFault('invalid_request', 'no provider is configured: nobody can sign in on the command line');
  await start(ports.signIns.begin(request), exchange, ports);
}

/** Into the console, for people whom a provider knows; the operator's link needs no page. */
async function signIn(exchange: Exchange, ports: SignInPorts): Promise<void> {
  if (ports.people === undefined)
    throw new OAuthFault('invalid_request', 'no provider is configured; `sallyport console` prints a link');
  await start(ports.signIns.begin(undefined), exchange, ports);
}

/** To an upstream's authorization server: at an operator's invitation, or as whoever the provider says one is. */
async function connect(exchange: Exchange, ports: SignInPorts): Promise<void> {
  const parameters = parseParameters(exchange.query ?? '');
  const invited = ports.connect.invited(parameters);
  if (invited !== undefined)
    return ports.connect.sendUpstream(ports.signIns.begin(undefined, invited.credential), invited, exchange);
  const credential = parameters.required('credential');
  if (ports.people === undefined)
    throw new OAuthFault(
      'invalid_request',
      'no provider is configured that could say who you are: `sallyport credentials authorize` prints a link for one principal',
    );
  await start(ports.signIns.begin(undefined, credential), exchange, ports);
}

async function start(begun: SignInUnderWay, { res }: Exchange, ports: SignInPorts): Promise<void> {
  const cookie = cookieFor(begun, isSecure(ports.issuer()));
  if (ports.people === undefined) return sendPage(res, { ...consentPage(begun, undefined), cookie });
  const { url, pending } = await ports.people.provider.begin(begun.id, `${ports.issuer()}/callback`);
  ports.signIns.update(begun, { pending });
  sendRedirect(res, url, cookie);
}

async function callback(exchange: Exchange, ports: SignInPorts): Promise<void> {
  const { res, query, headers } = exchange;
  const parameters = parseParameters(query ?? '');
  const found = ports.signIns.find(parameters.required('state'), headers.get('cookie'), isSecure(ports.issuer()));
  if (ports.people === undefined || found.pending === undefined)
    throw new OAuthFault('invalid_request', 'nobody signs in');
  const { config, provider } = ports.people;
  const { pending } = found;
  // Whatever comes of it, the answer counts once.
  const waiting = ports.signIns.update(found, { pending: undefined });
  const person = await provider.finish(new URLSearchParams(query), found.id, pending);
  const role = roleOf(person, config);
  if (role === undefined) throw new OAuthFault('access_denied', 'this person has no role here');
  if (found.request !== undefined) return sendPage(res, consentPage(ports.signIns.update(waiting, { person }), person));
  if (found.connect !== undefined)
    return ports.connect.sendUpstream(
      waiting,
      { credential: found.connect, principal: `user:${person.name}` },
      exchange,
    );
  ports.signIns.end(found);
  sendRedirect(res, await ports.consoleLink(person, role));
}

async function consent(exchange: Exchange, ports: SignInPorts): Promise<void> {
  const form = await readForm(exchange);
  const found = ports.signIns.find(form.required('sign_in'), exchange.headers.get('cookie'), isSecure(ports.issuer()));
  const { request } = found;
  if (request === undefined) throw new OAuthFault('invalid_request', 'there is nothing to agree to');
  const { redirectUri, state } = request;
  if (form.get('answer') !== 'allow') {
    ports.signIns.end(found);
    throw new ReturnedFault(new OAuthFault('access_denied', 'the person said no'), redirectUri, state);
  }
  const agreed = await whoAgrees(found, form.get('code'), ports);
  ports.signIns.end(found);
  if (agreed === undefined)
    throw new OAuthFault('access_denied', 'the one-time code is wrong, used or too old: begin again');
  const code = ports.codes.issue({
    ...{ clientId: request.client.clientId, redirectUri, challenge: request.challenge },
    ...{ resource: request.resource, scope: request.scope, agent: request.client.agent?.id },
    principal: principalOf(agreed.signedIn, found),
    origin: { issuer: agreed.signedIn.issuer, subject: agreed.signedIn.subject },
    ...(request.client.agent === undefined ? { person: agreed } : {}),
  });
  sendRedirect(exchange.res, returnAddress(redirectUri, ports.issuer(), { code, state }));
}

/** Who came back from the provider, or holds a code that the operator printed for somebody who may act. */
async function whoAgrees(
  { person }: SignInUnderWay,
  code: string | undefined,
  { people, redeem, issuer }: SignInPorts,
): Promise<{ readonly signedIn: SignedIn; readonly role: Role } | undefined> {
  if (people !== undefined) {
    const role = person === undefined ? undefined : roleOf(person, people.config);
    return person === undefined || role === undefined ? undefined : { signedIn: person, role };
  }
  const operator = code === undefined ? undefined : await redeem(code.trim());
  if (operator === undefined || !mayActAs(operator, 'operator')) return undefined;
  const { name, role } = operator;
  return { signedIn: { name, groups: [], issuer: issuer(), subject: name }, role };
}

/** The operator lets the agent act for whomever it is configured for; somebody who signed in, for themselves. */
function principalOf(person: SignedIn, { request, person: atProvider }: SignInUnderWay): string {
  const configured = request?.client.agent?.principal;
  return atProvider === undefined && configured !== undefined ? configured : `user:${person.name}`;
}
