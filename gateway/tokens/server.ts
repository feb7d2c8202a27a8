import type { Journal } from '@sallyport/core/mediate/ports.ts';
import type { NewId } from '@sallyport/core/model/ids.ts';
import { httpFault } from '../transports/http/fault.ts';
import { sendFault, sendJson, sendMethodNotAllowed } from '../transports/http/respond.ts';
import { type Exchange, type Handler, readOnly } from '../transports/http/router.ts';
import { resourceMetadata, serverMetadata } from './metadata.ts';
import { OAuthFault } from './oauth-fault.ts';
import type { SigningKeys } from './signing-keys.ts';
import { type TokenEndpointPorts, tokenEndpoint } from './token-endpoint.ts';
import { introspect, revoke } from './token-status.ts';

/** The authorization server: everything below `/oauth/` and `/.well-known/`. */
export interface AuthorizationServer {
  readonly oauth: (exchange: Exchange) => Promise<void>;
  readonly wellKnown: Handler;
}

export interface AuthorizationServerPorts extends TokenEndpointPorts {
  readonly signing: Pick<SigningKeys, 'jwks'>;
  readonly journal: Pick<Journal, 'append'>;
  readonly newId: NewId;
  /** Our address, in the spelling that the request used. */
  readonly baseFor: (host: string | undefined) => string;
  /** A provider is configured at which people sign in: our own command line asks before it waits for one. */
  readonly signsPeopleIn: boolean;
  /** The pages of a sign-in: `authorize` and what it leads to. */
  readonly pages: (page: string, exchange: Exchange) => Promise<boolean>;
}

type Endpoint = (exchange: Exchange, ports: AuthorizationServerPorts) => Promise<object>;

const endpoints: Readonly<Record<string, Endpoint>> = { token: tokenEndpoint, introspect, revoke };

export function createAuthorizationServer(ports: AuthorizationServerPorts): AuthorizationServer {
  const published: Readonly<Record<string, Handler>> = {
    jwks: readOnly(({ res }) => sendJson(res, 200, ports.signing.jwks())),
    '.well-known/openid-configuration': readOnly(({ res }) =>
      sendJson(res, 200, JSON.stringify(serverMetadata(ports.issuer(), ports.signsPeopleIn))),
    ),
  };
  return {
    oauth: async exchange => {
      const { rest, method, res } = exchange;
      const endpoint = Object.hasOwn(endpoints, rest) ? endpoints[rest] : undefined;
      if (endpoint !== undefined) {
        if (method !== 'POST') return sendMethodNotAllowed(res, 'POST');
        return answer(exchange, endpoint, ports);
      }
      if (Object.hasOwn(published, rest)) return published[rest]?.(exchange);
      if (!(await ports.pages(rest, exchange))) sendFault(res, notFound);
    },
    wellKnown: readOnly(({ rest, res, headers }) => {
      const document = wellKnownDocument(rest, ports, headers.get('host'));
      if (document === undefined) sendFault(res, notFound);
      else sendJson(res, 200, JSON.stringify(document));
    }),
  };
}

const notFound = httpFault(
  404,
  'not-found',
  'request-target',
  'there is nothing at this path',
  'read /.well-known/oauth-authorization-server',
);

/** RFC 8414 §3.1 and RFC 9728 §3.1 put the well-known part before the path of what they describe. */
function wellKnownDocument(
  rest: string,
  ports: AuthorizationServerPorts,
  host: string | undefined,
): object | undefined {
  if (rest === 'oauth-authorization-server/oauth' || rest === 'openid-configuration/oauth')
    return serverMetadata(ports.issuer(), ports.signsPeopleIn);
  const [, server] = /^oauth-protected-resource(?:\/mcp(?:\/([a-z0-9][a-z0-9-]{0,23}))?)?$/.exec(rest) ?? [];
  if (
    !rest.startsWith('oauth-protected-resource') ||
    (server === undefined && !/^oauth-protected-resource(?:\/mcp)?$/.test(rest))
  )
    return undefined;
  const resource = `${ports.baseFor(host)}/mcp${server === undefined ? '' : `/${server}`}`;
  return resourceMetadata(resource, ports.issuer(), server);
}

async function answer(exchange: Exchange, endpoint: Endpoint, ports: AuthorizationServerPorts): Promise<void> {
  const { res, headers } = exchange;
  // A client that shows a key learns the nonce for its next proof with every answer (RFC 9449 §8.2).
  const nonce = headers.has('dpop') ? ['dpop-nonce', ports.nonces.current()] : [];
  try {
    sendJson(res, 200, JSON.stringify(await endpoint(exchange, ports)), ['pragma', 'no-cache', ...nonce]);
  } catch (thrown) {
    const fault =
      thrown instanceof OAuthFault ? thrown : new OAuthFault('server_error', 'the gateway could not do this');
    note(fault, exchange, ports);
    // RFC 6749 §5.2: the scheme that was tried.
    const challenge =
      fault.status === 401 && headers.has('authorization') ? ['www-authenticate', 'Basic realm="sallyport"'] : [];
    const text = JSON.stringify({ error: fault.code, error_description: fault.message });
    sendJson(res, fault.status, text, ['connection', 'close', ...challenge, ...nonce]);
  }
}

/** What was refused here stands in the record like every call that proved nothing. */
function note(fault: OAuthFault, { rest }: Exchange, { journal, newId }: AuthorizationServerPorts): void {
  const proof = fault.inside ?? { reason: fault.code, detail: fault.message };
  try {
    journal.append({ kind: 'rejected', id: newId('e'), door: 'oauth', code: 'unauthenticated', what: rest, proof });
  } catch {
    // The line stops by itself when the journal is down; a refusal stays a refusal.
  }
}
