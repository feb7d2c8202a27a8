import type { ServerId } from '@sallyport/core/model/ids.ts';

/**
 * Which servers a connection reaches: all of them on `/mcp`, where names carry the server, or one on `/mcp/<server>`,
 * where every name is exactly the server's own. Both directions are pure text: nothing is remembered between requests.
 */
export type Scope = { readonly kind: 'all' } | { readonly kind: 'one'; readonly server: ServerId };

/** What a name or URI of the client's means: a server and the name there. */
export interface Routed {
  readonly server: ServerId;
  readonly name: string;
}

const separator = '__';
const uriPrefix = 'sallyport+';

export const serverIdPattern = /^[a-z0-9-]{1,24}$/;

/**
 * Tools and prompts: `<server>__<name>`, split at the first separator. Server ids hold no underscore, so every name of
 * every server survives the way there and back.
 */
export function outerName(scope: Scope, server: ServerId, name: string): string {
  return scope.kind === 'one' ? name : `${server}${separator}${name}`;
}

export function routeName(scope: Scope, name: string): Routed | undefined {
  if (scope.kind === 'one') return { server: scope.server, name };
  const at = name.indexOf(separator);
  return at < 0 ? undefined : routed(name.slice(0, at), name.slice(at + separator.length));
}

/** Resources and templates: `sallyport+<server>:<the server's own URI>` (docs/decisions/0011). */
export function outerUri(scope: Scope, server: ServerId, uri: string): string {
  return scope.kind === 'one' ? uri : `${uriPrefix}${server}:${uri}`;
}

export function routeUri(scope: Scope, uri: string): Routed | undefined {
  if (scope.kind === 'one') return { server: scope.server, name: uri };
  const at = uri.indexOf(':');
  return uri.startsWith(uriPrefix) && at > 0 ? routed(uri.slice(uriPrefix.length, at), uri.slice(at + 1)) : undefined;
}

function routed(server: string, name: string): Routed | undefined {
  return serverIdPattern.test(server) && name !== '' ? { server, name } : undefined;
}

/** One resource of one server, as a key. A line break cannot stand in a server's id. */
export function subscriptionKey(server: ServerId, uri: string): string {
  return `${server}\n${uri}`;
}
