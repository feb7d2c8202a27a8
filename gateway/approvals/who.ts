import type { Instant } from '@sallyport/core/model/ids.ts';
import type { Approval } from '@sallyport/core/task/approval.ts';
import { type Caller, mayActAs } from '../api/caller.ts';
import type { ApprovalConfig } from './config.ts';

/** Who may answer which question: policy names people and groups, the configuration says who is in them. */
export interface Who {
  /** Why this person may not answer this question now, or undefined. `principal`: whom the task works for. */
  readonly obstacle: (caller: Caller, approval: Approval, principal: string, now: Instant) => string | undefined;
  /** Whether somebody's earlier yes still counts: it does not once the configuration took it from them. */
  readonly stillCounts: (by: string, approval: Approval) => boolean;
}

export function createWho({ groups, deputies }: Pick<ApprovalConfig, 'groups' | 'deputies'>): Who {
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
    return [...names, ...groupsOf(names), ...caller.groups].some(name => asked.includes(name));
  }

  return {
    obstacle: (caller, approval, principal, now) => {
      const asked = askedNow(approval, now);
      if (!isAsked(caller, asked)) return `it is asked of ${asked.join(', ')}, and you are not among them`;
      if (approval.people === 1) return undefined;
      if (caller.proof === 'link') return 'it needs more than one person, and each of them signs in';
      // Four eyes that belong to one person, or to whoever wants it done, are two.
      if (approval.seconds.some(({ by }) => by === caller.name))
        return 'you said yes already; somebody else has to say yes as well';
      if (standsFor(caller.name).includes(principal))
        return 'the task works for you, and this needs people who are independent of it';
      return undefined;
    },
    stillCounts: (by, approval) => {
      const named = approval.approvers.concat(approval.escalation?.approvers ?? []);
      // Only what stands in the configuration can be known to have gone.
      const configured = named.filter(name => groups.has(name));
      if (configured.length < named.length || named.includes(by)) return true;
      const names = standsFor(by);
      return by === 'operator' || groupsOf(names).some(group => configured.includes(group));
    },
  };
}

/** Those who may answer at this moment. */
export function askedNow({ approvers, escalation }: Approval, now: Instant): readonly string[] {
  return escalation !== undefined && now >= escalation.at
    ? [...new Set([...approvers, ...escalation.approvers])]
    : approvers;
}
