import type { Role } from '../api/caller.ts';
import { rolesLeastFirst } from '../api/caller.ts';
import type { PeopleConfig } from './config.ts';

/** What a provider said about somebody who signed in. */
export interface SignedIn {
  /** As the configured claim names them. */
  readonly name: string;
  readonly groups: readonly string[];
  readonly issuer: string;
  readonly subject: string;
}

/** The highest role that the person, or one of their groups, is named for; undefined: none. */
export function roleOf({ name, groups }: SignedIn, { roles }: PeopleConfig): Role | undefined {
  const names = new Set([name, ...groups.map(group => `group:${group}`)]);
  return [...rolesLeastFirst].reverse().find(role => roles.get(role)?.some(listed => names.has(listed)));
}
