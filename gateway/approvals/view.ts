import type { Decided } from '@sallyport/core/model/entry.ts';
import type { AskedQuorum } from '@sallyport/core/model/entry-approval.ts';
import type { DecisionId, Instant, TaskId } from '@sallyport/core/model/ids.ts';
import type { Task } from '@sallyport/core/model/task.ts';
import { toolKey } from '@sallyport/core/model/tool.ts';
import { type Approval, isLive, isMet, needsSeveral, type Yes } from '@sallyport/core/task/approval.ts';
import type { ApprovalView, QuorumView } from '../api/view/approval.ts';
import type { FactsView, PlacedReason } from '../api/view/decision.ts';
import type { ValueView } from '../api/view/value.ts';
import type { ApprovalPorts, ApprovalRoom } from './approvals.ts';
import { lapsedYes } from './settled.ts';
import { askedNow } from './who.ts';

/** What people have to see before they answer, from the journal. */
export interface Evidence {
  readonly decided: Pick<Decided, 'principal' | 'labels' | 'action' | 'risk'>;
  readonly reasons: readonly PlacedReason[];
  readonly facts: FactsView | undefined;
  readonly values: readonly ValueView[];
  /** The parameters exactly as they would be sent; undefined where the body is gone. */
  readonly arguments: string | undefined;
}

export interface EvidencePorts {
  readonly evidenceOf: (decision: DecisionId) => Promise<Evidence | undefined>;
  readonly taskOf: (task: TaskId) => Pick<Task, 'purpose' | 'opener'> | undefined;
}

export interface Views {
  /** All that is shown of a question. */
  readonly view: (approval: Approval) => Promise<ApprovalView>;
  readonly shown: (approval: Approval) => Pick<ApprovalView, 'state' | 'why'>;
}

/** What people are shown of questions. */
export function createViews(
  room: Pick<ApprovalRoom, 'lapsed' | 'stillSaid'>,
  { now, world }: Pick<ApprovalPorts, 'now' | 'world'>,
  evidence: EvidencePorts,
): Views {
  const shown = (approval: Approval): Pick<ApprovalView, 'state' | 'why'> =>
    shownState(approval, now(), world(), room.lapsed(approval));

  async function view(approval: Approval): Promise<ApprovalView> {
    const found = await evidence.evidenceOf(approval.decision);
    const opener = evidence.taskOf(approval.task)?.opener;
    const { id, decision, task, agent, digest, pin, askedAt, expiresAt } = approval;
    return {
      id,
      ...shown(approval),
      decision,
      task,
      agent,
      principal: found?.decided.principal ?? '',
      purpose: evidence.taskOf(task)?.purpose ?? '',
      ...(found === undefined ? {} : { classes: found.decided.action.classes }),
      ...(opener === undefined ? {} : { opener }),
      tool: toolKey(approval.server, approval.tool),
      digest,
      pin,
      world: approval.world,
      ...(found?.arguments === undefined ? {} : { arguments: found.arguments }),
      ...(found?.facts === undefined ? {} : { facts: found.facts }),
      reasons: found?.reasons ?? [],
      values: found?.values ?? [],
      ...(found?.decided.risk === undefined ? {} : { risk: found.decided.risk }),
      labels: found?.decided.labels ?? [],
      ...whoIsAsked(approval.state === 'pending' ? room.stillSaid(approval) : approval, now()),
      askedAt,
      expiresAt,
      ...(approval.answered === undefined ? {} : { answered: said(approval.answered) }),
    };
  }

  return { view, shown };
}

/** Of whom a yes is still wanted, and who said it. */
function whoIsAsked(approval: Approval, now: Instant): Asked {
  const { quorums, seconds } = approval;
  const open = quorums.filter((_, at) => !isMet(approval, at));
  const asked = open.length > 0 ? open : quorums;
  const [only] = quorums;
  const later = asked.flatMap(({ escalation }) => escalation ?? []).sort((one, other) => one.at - other.at);
  const escalation = later.find(({ at }) => at > now) ?? later[0];
  return {
    approvers: [...new Set(asked.flatMap(quorum => askedNow(quorum, now)))],
    ...(needsSeveral(approval) ? { seconds: seconds.map(said) } : {}),
    ...(quorums.length > 1 ? { quorums: quorums.map((quorum, at) => shownQuorum(approval, quorum, at, now)) } : {}),
    ...(quorums.length > 1 || only?.people === undefined ? {} : { people: only.people }),
    ...(escalation === undefined ? {} : { escalation }),
  };
}

type Asked = Pick<ApprovalView, 'approvers' | 'people' | 'seconds' | 'quorums' | 'escalation'>;

function shownQuorum({ seconds, answered }: Approval, quorum: AskedQuorum, at: number, now: Instant): QuorumView {
  const yeses = answered === undefined ? seconds : [...seconds, answered];
  return {
    approvers: askedNow(quorum, now),
    people: quorum.people ?? 1,
    yes: yeses.filter(({ quorums }) => quorums.includes(at)).map(({ by }) => by),
  };
}

/** Which quorums it counts for is shown with these. */
function said<Y extends Yes>({ quorums: _, ...shown }: Y): Omit<Y, 'quorums'> {
  return shown;
}

/** What a person should believe: a yes that can no longer be used is not shown as one. */
function shownState(
  approval: Approval,
  now: Instant,
  world: string,
  lapsed: readonly string[],
): Pick<ApprovalView, 'state' | 'why'> {
  if (approval.state === 'void') return { state: 'void', why: 'its task has ended, or was stopped' };
  if (approval.state === 'used' || approval.state === 'refused') return { state: approval.state };
  if (!isLive(approval, now)) return { state: 'expired' };
  if (approval.world !== world) return { state: 'void', why: 'policies or tools have changed since' };
  if (lapsed.length > 0) return { state: 'void', why: lapsedYes(lapsed) };
  return { state: approval.state };
}
