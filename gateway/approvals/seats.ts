import type { AskedQuorum } from '@sallyport/core/model/entry-approval.ts';
import { type Caller, mayActAs } from '../api/caller.ts';
import type { ApprovalConfig } from './config.ts';

/** In whose place somebody answers: their own, that of whoever they are a deputy of, and with which groups. */
export interface Seats {
  readonly standsFor: (name: string) => readonly string[];
  readonly isAsked: (caller: Caller, asked: readonly string[]) => boolean;
  readonly seatsOf: (name: string, asked: readonly string[], claims: readonly string[]) => readonly string[];
  readonly isStillAsked: (by: string, quorum: AskedQuorum) => boolean;
}

export function createSeats({ groups, deputies }: Pick<ApprovalConfig, 'groups' | 'deputies'>): Seats {
  /** Oneself, and everybody whom one answers for. */
  const standsFor = (name: string): string[] => [
    name,
    ...[...deputies].filter(([, people]) => people.includes(name)).map(([away]) => away),
  ];
  const groupsOf = (names: readonly string[]): string[] =>
    [...groups].filter(([, people]) => people.some(person => names.includes(person))).map(([group]) => group);

  function isAsked(caller: Caller, asked: readonly string[]): boolean {
    if (caller.groups === 'all') return true;
    if (asked.includes('operator') && mayActAs(caller, 'operator')) return true;
    const names = standsFor(caller.name);
    return [...names, ...groupsOf(names), ...claimed(caller.groups)].some(name => asked.includes(name));
  }

  /** Whose word somebody's yes is: their own where they are asked themselves, else that of those for whom they answer. */
  function seatsOf(name: string, asked: readonly string[], claims: readonly string[]): readonly string[] {
    const isOwn = (who: string): boolean => [who, ...groupsOf([who])].some(each => asked.includes(each));
    if (isOwn(name) || claims.some(claim => asked.includes(claim))) return [name];
    const away = standsFor(name).filter(isOwn);
    return away.length > 0 ? away : [name];
  }

  /** Whether what was asked of `by` in this quorum still is, as far as the configuration can tell. */
  function isStillAsked(by: string, { approvers, escalation }: AskedQuorum): boolean {
    const named = approvers.concat(escalation?.approvers ?? []);
    // Only what stands in the configuration can be known to have gone.
    const configured = named.filter(name => groups.has(name));
    if (configured.length < named.length || named.includes(by)) return true;
    const names = standsFor(by);
    return by === 'operator' || groupsOf(names).some(group => configured.includes(group));
  }

  return { standsFor, isAsked, seatsOf, isStillAsked };
}

/**
 * Those of a provider's groups that policy can mean by their names: what a group is called makes nobody an operator, which
 * is a role, and nobody another person.
 */
function claimed(groups: readonly string[]): readonly string[] {
  return groups.filter(group => group !== 'operator' && !group.startsWith('oidc:'));
}

/** What is asked of them because of their sign-in, not of the configuration. */
export function claimsOf(caller: Caller): readonly string[] {
  const asOperator = caller.groups === 'all' || mayActAs(caller, 'operator') ? ['operator'] : [];
  return caller.groups === 'all' ? asOperator : [...asOperator, ...claimed(caller.groups)];
}
