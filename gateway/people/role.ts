import { type Role, rolesLeastFirst } from '../api/caller.ts';
import type { PeopleConfig } from './config.ts';

/** What a provider said about somebody who signed in. */
export interface SignedIn {
  /** As the configured claim names them. */
  readonly name: string;
  readonly groups: readonly string[];
  readonly issuer: string;
  readonly subject: string;
}

/** The highest role that the person, or one of their groups, is named for; undefined: none. Nobody is a group by their name. */
export function roleOf({ name, groups }: SignedIn, { roles }: Pick<PeopleConfig, 'roles'>): Role | undefined {
  const ofGroups = new Set(groups.map(group => `group:${group}`));
  const isMeant = (listed: string): boolean => (listed.startsWith('group:') ? ofGroups.has(listed) : listed === name);
  return [...rolesLeastFirst].reverse().find(role => roles.get(role)?.some(isMeant));
}
