import { didYouMean } from '@sallyport/core/model/nearest.ts';
import { type ApiResponse, done, failure } from './answer.ts';
import { type Authenticate, type Caller, isWithin, mayActAs, roleFor } from './caller.ts';
import type { Control } from './control.ts';
import { Malformed } from './fields.ts';
import { queryOf } from './query.ts';
import { type Route, routes } from './routes.ts';

export interface ApiRequest {
  readonly method: string;
  /** What follows `/api/v1/`. */
  readonly path: string;
  /** Without the question mark. */
  readonly query: string | undefined;
  /** By lower-case name. */
  readonly headers: Pick<ReadonlyMap<string, string>, 'get' | 'has'>;
  /** It came over TLS. */
  readonly secure?: boolean;
  /** The address that clients know us by, where the configuration names one. */
  readonly url?: string | undefined;
  /** Reads it; called once, and only after the sender has proved to be the operator. */
  readonly body: () => Promise<Uint8Array>;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
}

/**
 * The JSON control API (docs/reference/api.md). Origin and proof come first: whoever proves nothing learns nothing,
 * not even which routes there are (L-10); then the role. Never throws.
 */
export function createApi(control: Control, authenticate: Authenticate): (request: ApiRequest) => Promise<ApiResponse> {
  return async request => {
    const { operator } = control;
    if (!sameOrigin(request)) return failure(operator, foreign);
    const authorization = request.headers.get('authorization');
    try {
      if (request.method === 'POST' && request.path === 'session') return await redeemed(control, authorization);
      const caller = authenticate(authorization);
      if (caller === undefined) return failure(operator, unproven, { 'www-authenticate': 'Bearer' });
      const found = findRoute(request.method, request.path);
      if (found.kind === 'none')
        return failure(operator, found.error, found.allow === '' ? {} : { allow: found.allow });
      if (!isWithin(caller, request.method, found.path, found.id)) return failure(operator, elsewhere);
      const role = roleFor(request.method, found.path);
      if (!mayActAs(caller, role)) return failure(operator, tooLittle(caller, role));
      const query = queryOf(request.method, found.path, request.query);
      const signal = caller.ended === undefined ? request.signal : AbortSignal.any([request.signal, caller.ended]);
      const body = await request.body();
      return await found.route({ control, caller, authorization, id: found.id, query, body, signal });
    } catch (thrown) {
      if (thrown instanceof Malformed) return failure(operator, thrown.error);
      // What was thrown may hold anything: it is never shown.
      return failure(operator, fault);
    }
  };
}

/** A page of our own listener, or no page at all. `Host` was held against the names we answer to by the listener. */
function sameOrigin({ headers, secure, url }: ApiRequest): boolean {
  const origin = headers.get('origin');
  return (
    origin === undefined || origin === `${secure ? 'https' : 'http'}://${headers.get('host') ?? ''}` || origin === url
  );
}

const idPattern = /^[A-Za-z0-9._-]{1,64}$/;
const noId = {
  code: 'not-found',
  field: 'id',
  message: 'this is no id: those have at most 64 letters, digits, `.`, `_` and `-`',
} as const;

type FoundRoute =
  | { readonly kind: 'route'; readonly route: Route; readonly path: string; readonly id: string }
  | { readonly kind: 'none'; readonly error: Parameters<typeof failure>[1]; readonly allow: string };

const table = Object.entries(routes).map(([key, route]) => {
  const [method = '', path = ''] = key.split(' ');
  return { method, path, pattern: new RegExp(`^${path.replace(':id', '([^/]+)')}$`), route };
});

function findRoute(method: string, path: string): FoundRoute {
  const here = table.flatMap(row => {
    const match = row.pattern.exec(path);
    return match === null ? [] : [{ ...row, id: match[1] ?? '' }];
  });
  const row = here.find(candidate => candidate.method === method);
  if (row?.path.includes(':id') && !idPattern.test(row.id)) return { kind: 'none', allow: '', error: noId };
  if (row !== undefined) return { kind: 'route', route: row.route, path: row.path, id: row.id };
  const allow = here.map(candidate => candidate.method).join(', ');
  if (allow !== '')
    return {
      kind: 'none',
      allow,
      error: { code: 'method', field: 'method', message: `only ${allow} is offered here` },
    };
  const paths = table.map(candidate => candidate.path);
  const message = `there is no such route${didYouMean(path, paths)}`;
  return { kind: 'none', allow, error: { code: 'not-found', field: 'path', message } };
}

const foreign = {
  code: 'origin',
  field: 'origin',
  message: 'pages of another origin may not call this API',
} as const;

const unproven = {
  code: 'operator-proof',
  field: 'authorization',
  message: "the operator's key is missing or wrong, or the sign-in has ended",
  fix: 'send Authorization: Bearer with the key in operator.key of the state directory; for a page: sallyport console',
} as const;

/** The link is the proof: nobody is signed in yet. */
async function redeemed(control: Control, authorization: string | undefined): Promise<ApiResponse> {
  return done(control.operator, 'session', await control.session.redeem(authorization), 201);
}

function tooLittle({ role }: Caller, needed: string): Parameters<typeof failure>[1] {
  const message = `this needs the role ${needed}; you are signed in as ${role}`;
  return { code: 'role', field: 'authorization', message, fix: 'ask somebody who has it' };
}

const elsewhere = {
  code: 'role',
  field: 'authorization',
  message: 'the link in a message opens its own question, and nothing else',
  fix: 'sign in to see more',
} as const;

const fault = {
  code: 'fault',
  message: 'the gateway could not do this',
  fix: 'look at its log, and at: sallyport status',
} as const;
