import { type Endorsed, reachOf, sourceReachOf } from '@sallyport/core/model/endorsement.ts';
import type { Decided } from '@sallyport/core/model/entry.ts';
import type { AskedQuorum } from '@sallyport/core/model/entry-approval.ts';
import type { DecisionId, Instant, TaskId } from '@sallyport/core/model/ids.ts';
import type { Task } from '@sallyport/core/model/task.ts';
import { toolKey } from '@sallyport/core/model/tool.ts';
import type { Way } from '@sallyport/core/model/way.ts';
import { type Approval, isLive, isMet, needsSeveral, type Yes } from '@sallyport/core/task/approval.ts';
import { findByPrefix } from '@sallyport/core/task/find.ts';
import { actedBy } from '../api/caller.ts';
import type { AnswerOrder, ApprovalControl, Done, StandBehindOrder } from '../api/control.ts';
import type { ApprovalView, QuorumView } from '../api/view/approval.ts';
import type { FactsView, PlacedReason } from '../api/view/decision.ts';
import type { ValueView } from '../api/view/value.ts';
import type { ApprovalPorts, ApprovalRoom } from './approvals.ts';
import type { createEndorse } from './endorse.ts';
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

export function createApprovalControl(
  room: Pick<ApprovalRoom, 'answer' | 'obstacle' | 'lapsed' | 'stillSaid'>,
  ports: Pick<ApprovalPorts, 'state' | 'now' | 'world'> & { readonly endorse: ReturnType<typeof createEndorse> },
  evidence: EvidencePorts,
): ApprovalControl & { readonly view: (approval: Approval) => Promise<ApprovalView> } {
  const { state, now, world } = ports;
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

  async function answer(text: string, { answer: word, why, by }: AnswerOrder): Promise<Done<ApprovalView>> {
    const found = find(text);
    if (!found.ok) return found;
    const answered = await room.answer(found.value.id, { answer: word, why, by });
    if (answered.ok) return { ok: true, value: await view(answered.approval) };
    const { conflict: message, fix } = answered;
    return { ok: false, error: { code: 'conflict', field: 'id', message, ...(fix === undefined ? {} : { fix }) } };
  }

  /** Only what this very question is about can be endorsed: no answer can name anything that nobody looked at. */
  async function endorse(text: string, order: StandBehindOrder): Promise<Done<ApprovalView>> {
    const found = find(text);
    if (!found.ok) return found;
    const approval = found.value;
    if (order.why.trim() === '')
      return { ok: false, error: { code: 'malformed', field: 'why', message: 'is required: it stands in the record' } };
    const obstacle = needsSeveral(approval) ? 'it needs more than one person, so it can only be answered' : undefined;
    const conflict = obstacle ?? room.obstacle(approval, order.by);
    if (conflict !== undefined) return { ok: false, error: { code: 'conflict', field: 'id', message: conflict } };
    const asked = await evidence.evidenceOf(approval.decision);
    const endorsed = asked === undefined ? undefined : endorsedBy(order.what, approval, asked.facts);
    if (asked === undefined || endorsed === undefined)
      return {
        ok: false,
        error: { code: 'not-found', field: 'digest', message: 'the question is about no such thing' },
      };
    const { why, by, minutes } = order;
    const { classes } = asked.decided.action;
    const reach = endorsed.kind === 'source' ? sourceReachOf(classes) : reachOf(classes);
    const done = await ports.endorse({
      task: approval.task,
      endorsed,
      reach,
      why,
      ...(minutes === undefined ? {} : { until: now() + minutes * 60_000 }),
      approval: approval.id,
      ...actedBy(by),
    });
    if (!done.ok) return { ok: false, error: { code: 'conflict', field: 'id', message: done.conflict } };
    return { ok: true, value: await view(state.approvals.get(approval.id) ?? approval) };
  }

  function find(text: string): Done<Approval> {
    const found = findByPrefix(state.approvals.keys(), text);
    const approval = found.kind === 'found' ? state.approvals.get(found.id) : undefined;
    if (approval !== undefined) return { ok: true, value: approval };
    if (found.kind === 'many')
      return {
        ok: false,
        error: { code: 'ambiguous', field: 'id', message: 'more than one approval begins like this' },
      };
    const fix = 'see: sallyport approvals';
    return { ok: false, error: { code: 'not-found', field: 'id', message: 'there is no such approval', fix } };
  }

  return {
    list: async (wanted, only) => {
      const all = [...state.approvals.values()];
      const isShown = (each: Approval): boolean =>
        only === undefined ? wanted === 'all' || shown(each).state === 'pending' : each.id === only;
      return await Promise.all(all.filter(isShown).map(view));
    },
    answer,
    endorse,
    view,
  };
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

function endorsedBy(
  what: StandBehindOrder['what'],
  asked: Approval,
  facts: FactsView | undefined,
): Endorsed | undefined {
  if (what.kind === 'tool') return { kind: 'tool', server: asked.server, tool: asked.tool };
  const ways = (facts?.flow.ways ?? []) as readonly Way[];
  if (what.kind === 'value')
    return ways.some(({ digest }) => digest === what.digest) ? { kind: 'value', digest: what.digest } : undefined;
  const source = ways.flatMap(({ found }) => found).find(({ digest }) => digest === what.digest);
  return source && { kind: 'source', server: source.server, tool: source.tool, digest: source.digest };
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
