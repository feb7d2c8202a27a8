import { OAuthFault } from './oauth-fault.ts';

/** What our tokens can be for (RFC 8707): `/mcp` with every server, `/mcp/<server>` with one, and the control API. */
export interface Resources {
  /** The resource that a client asked for, as its token will name it. Without one: `/mcp`. */
  readonly asked: (resource: string | undefined) => string;
  /** True if `part` is `whole` or lies within it. */
  readonly within: (part: string, whole: string) => boolean;
  /** Every address under which a resource of ours may stand in a token. */
  readonly isOurs: (resource: string) => boolean;
}

const path = /^\/mcp(?:\/[a-z0-9][a-z0-9-]{0,23})?$/;

export function createResources(base: () => string, bases: () => readonly string[]): Resources {
  const pathOf = (resource: string): string | undefined => {
    const found = bases().find(each => resource.startsWith(`${each}/`));
    const rest = found === undefined ? undefined : resource.slice(found.length);
    return rest !== undefined && path.test(rest) ? rest : undefined;
  };
  return {
    asked: resource => {
      if (resource === undefined) return `${base()}/mcp`;
      // One spelling: what is not exactly a resource of ours is none (D-3).
      if (pathOf(resource) === undefined) throw new OAuthFault('invalid_target', '`resource` is none of this gateway');
      return resource;
    },
    within: (part, whole) => {
      const [inner, outer] = [pathOf(part), pathOf(whole)];
      return inner !== undefined && outer !== undefined && (inner === outer || inner.startsWith(`${outer}/`));
    },
    isOurs: resource => pathOf(resource) !== undefined,
  };
}

/** What a token lets its agent ask for at all. Policy still decides every action. */
export const scopes = ['tools:read', 'tools:call'] as const;

/** The scopes that were asked for, or all; never more than `most`. */
export function askedScopes(text: string | undefined, most: readonly string[] = scopes): readonly string[] {
  if (text === undefined) return most;
  const words = text.split(' ').filter(word => word !== '');
  // `openid` and the like concern a sign-in, which is not what a token is for.
  const wanted = words.filter(word => !['openid', 'profile', 'email', 'offline_access'].includes(word));
  const odd = wanted.find(word => !most.includes(word));
  if (odd !== undefined) throw new OAuthFault('invalid_scope', `the scopes here are ${most.join(' ')}`);
  return wanted.length === 0 ? most : [...new Set(wanted)];
}
