import { type Endorsed, reachOf, sourceReachOf } from '@sallyport/core/model/endorsement.ts';
import type { Way } from '@sallyport/core/model/way.ts';
import { type Approval, needsSeveral } from '@sallyport/core/task/approval.ts';
import { findByPrefix } from '@sallyport/core/task/find.ts';
import { actedBy } from '../api/caller.ts';
import type { AnswerOrder, ApprovalControl, Done, StandBehindOrder } from '../api/control.ts';
import type { ApprovalView } from '../api/view/approval.ts';
import type { FactsView } from '../api/view/decision.ts';
import type { ApprovalPorts, ApprovalRoom } from './approvals.ts';
import type { createEndorse } from './endorse.ts';
import { createViews, type EvidencePorts } from './view.ts';

export function createApprovalControl(
  room: Pick<ApprovalRoom, 'answer' | 'obstacle' | 'lapsed' | 'stillSaid'>,
  ports: Pick<ApprovalPorts, 'state' | 'now' | 'world'> & { readonly endorse: ReturnType<typeof createEndorse> },
  evidence: EvidencePorts,
): ApprovalControl & { readonly view: (approval: Approval) => Promise<ApprovalView> } {
  const { state, now } = ports;
  const { view, shown } = createViews(room, ports, evidence);

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
