import { nearest } from '@sallyport/core/model/nearest.ts';
import { type ApiResponse, failure } from './answer.ts';
import type { Control } from './control.ts';
import { Malformed } from './fields.ts';
import { type Route, routes } from './routes.ts';

export interface ApiRequest {
  readonly method: string;
  /** What follows `/api/v1/`. */
  readonly path: string;
  /** Without the question mark. */
  readonly query: string | undefined;
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  /** Reads it; called once, and only after the sender has proved to be the operator. */
  readonly body: () => Promise<Uint8Array>;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
}

/** Holds the value of an `Authorization` header against the operator's key. */
export type ProvesOperator = (authorization: string | undefined) => boolean;

/**
 * The JSON control API (docs/reference/api.md). Origin and proof come first: whoever is not the operator learns nothing,
 * not even which routes there are (L-10). Never throws.
 */
export function createApi(control: Control, proves: ProvesOperator): (request: ApiRequest) => Promise<ApiResponse> {
  return async request => {
    const { operator } = control;
    if (!sameOrigin(request.headers)) return failure(operator, foreign);
    if (!proves(request.headers.get('authorization')))
      return failure(operator, unproven, { 'www-authenticate': 'Bearer' });
    try {
      const found = findRoute(request.method, request.path);
      if (found.kind === 'none')
        return failure(operator, found.error, found.allow === '' ? {} : { allow: found.allow });
      const { query, signal } = request;
      const body = await request.body();
      return await found.route({ control, id: found.id, query, body, signal });
    } catch (thrown) {
      if (thrown instanceof Malformed) return failure(operator, thrown.error);
      // What was thrown may hold anything: it is never shown.
      return failure(operator, fault);
    }
  };
}

/** A page of our own listener, or no page at all. `Host` was held against the names we answer to by the listener. */
function sameOrigin(headers: ReadonlyMap<string, string>): boolean {
  const origin = headers.get('origin');
  return origin === undefined || origin === `http://${headers.get('host') ?? ''}`;
}

type FoundRoute =
  | { readonly kind: 'route'; readonly route: Route; readonly id: string }
  | { readonly kind: 'none'; readonly error: Parameters<typeof failure>[1]; readonly allow: string };

const table = Object.entries(routes).map(([key, route]) => {
  const [method = '', path = ''] = key.split(' ');
  return { method, path, pattern: new RegExp(`^${path.replace(':id', '([A-Za-z0-9._-]{1,64})')}$`), route };
});

function findRoute(method: string, path: string): FoundRoute {
  const here = table.flatMap(row => {
    const match = row.pattern.exec(path);
    return match === null ? [] : [{ ...row, id: match[1] ?? '' }];
  });
  const row = here.find(candidate => candidate.method === method);
  if (row !== undefined) return { kind: 'route', route: row.route, id: row.id };
  const allow = here.map(candidate => candidate.method).join(', ');
  if (allow !== '')
    return {
      kind: 'none',
      allow,
      error: { code: 'method', field: 'method', message: `only ${allow} is offered here` },
    };
  const near = nearest(
    path,
    table.map(candidate => candidate.path),
  );
  const message = `there is no such route${near === undefined ? '' : `; did you mean ${near}?`}`;
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
  message: "the operator's key is missing or wrong",
  fix: 'send Authorization: Bearer with the key in operator.key of the state directory',
} as const;

const fault = {
  code: 'fault',
  message: 'the gateway could not do this',
  fix: 'look at its log, and at: sallyport status',
} as const;
