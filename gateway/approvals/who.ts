import type { AskedQuorum } from '@sallyport/core/model/entry-approval.ts';
import type { Instant } from '@sallyport/core/model/ids.ts';
import { type Approval, isMet, needsSeveral, type Yes } from '@sallyport/core/task/approval.ts';
import type { Caller } from '../api/caller.ts';
import type { ApprovalConfig } from './config.ts';
import { claimsOf, createSeats } from './seats.ts';

/** Who may answer which question: policy names people and groups, the configuration says who is in them. */
export interface Who {
  /** What this person's yes to this question would count for now. `principal`: whom the task works for. */
  readonly yesOf: (caller: Caller, approval: Approval, principal: string, now: Instant) => Counting;
  /** Why not no: whoever is asked may, also after a yes of their own and where that would not count. */
  readonly obstacleToNo: (caller: Caller, approval: Approval, now: Instant) => string | undefined;
  /** The quorums for which somebody's earlier yes still counts: not those whose right the configuration took from them since. */
  readonly countsFor: (yes: Yes, approval: Approval) => readonly number[];
}

/** Quorums by their place, at least one; or why none. */
export type Counting =
  | { readonly ok: true; readonly quorums: readonly number[] }
  | { readonly ok: false; readonly why: string };

export function createWho(config: Pick<ApprovalConfig, 'groups' | 'deputies'>): Who {
  const { standsFor, isAsked, seatsOf, isStillAsked } = createSeats(config);

  function obstacleToNo(caller: Caller, approval: Approval, now: Instant): string | undefined {
    const asked = approval.quorums.map(quorum => askedNow(quorum, now));
    if (!asked.some(names => isAsked(caller, names)))
      return `it is asked of ${asked.map(names => names.join(', ')).join(' and of ')}, and you are not among them`;
    const isByLink = needsSeveral(approval) && caller.proof === 'link';
    return isByLink ? 'it needs more than one person, and each of them signs in' : undefined;
  }

  /** Four eyes that belong to one person, or to whoever wants it done, are two. So are those of somebody and their deputy. */
  function obstacleIn(
    quorum: AskedQuorum,
    said: readonly Yes[],
    { caller, principal, now }: { readonly caller: Caller; readonly principal: string; readonly now: Instant },
  ): string | undefined {
    if (said.some(({ by }) => by === caller.name))
      return 'you said yes already; somebody else has to say yes as well, or you say no';
    if ((quorum.people ?? 1) === 1) return undefined;
    const asked = askedNow(quorum, now);
    const taken = said.flatMap(({ by }) => seatsOf(by, asked, []));
    if (seatsOf(caller.name, asked, claimsOf(caller)).every(seat => taken.includes(seat)))
      return 'this would be the same seat twice, a person and their deputy; somebody else has to say yes as well';
    if (standsFor(caller.name).some(name => isWhom(name, principal)))
      return 'the task works for you, and this needs people who are independent of it';
    return undefined;
  }

  return {
    obstacleToNo,
    yesOf: (caller, approval, principal, now) => {
      const unasked = obstacleToNo(caller, approval, now);
      if (unasked !== undefined) return { ok: false, why: unasked };
      const asked = approval.quorums
        .map((quorum, at) => ({ quorum, at, said: approval.seconds.filter(yes => yes.quorums.includes(at)) }))
        .filter(({ quorum }) => isAsked(caller, askedNow(quorum, now)));
      const obstacles = asked.map(({ quorum, at, said }) => ({
        at,
        why: obstacleIn(quorum, said, { caller, principal, now }) ?? (isMet(approval, at) ? othersHave : undefined),
      }));
      const quorums = obstacles.filter(({ why }) => why === undefined).map(({ at }) => at);
      return quorums.length > 0 ? { ok: true, quorums } : { ok: false, why: obstacles[0]?.why ?? othersHave };
    },
    countsFor: ({ by, proof, quorums }, approval) =>
      quorums.filter(at => {
        const quorum = approval.quorums[at];
        // That the client may answer is the policy's word, and the yes is bound to the world of that policy.
        return proof === 'client' || (quorum !== undefined && isStillAsked(by, quorum));
      }),
  };
}

const othersHave = 'somebody with whom you answer said yes already; others have to say yes as well, or you say no';

/** A task that a sign-in opened works for `user:NAME`; whoever signs in to answer is `oidc:NAME`. Providers write addresses in any case. */
function isWhom(name: string, principal: string): boolean {
  const asPrincipal = name.startsWith('oidc:') ? `user:${name.slice('oidc:'.length)}` : name;
  return name === principal || asPrincipal.toLowerCase() === principal.toLowerCase();
}

/** Those who may answer at this moment. */
export function askedNow({ approvers, escalation }: AskedQuorum, now: Instant): readonly string[] {
  return escalation !== undefined && now >= escalation.at
    ? [...new Set([...approvers, ...escalation.approvers])]
    : approvers;
}
