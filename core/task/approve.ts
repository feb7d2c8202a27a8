import type { Answered, Asked, Seconded } from '../model/entry.ts';
import type { ApprovalId, DecisionId, Instant } from '../model/ids.ts';
import { type Approval, isBoundTo, isLive } from './approval.ts';
import type { State } from './state.ts';

/** The moves of an approval: asked, answered, used, given back, void. Each is made by the fold and by the running gateway alike. */

const settledApprovalsMax = 500;

export function applyAsked(state: State, entry: Asked, at: Instant): void {
  const { id, decision, task, agent, method, server, tool, digest, pin, world, expiresAt } = entry;
  const bond = { decision, task, agent, method, server, tool, digest, pin, world };
  const { approvers, people, escalation, and = [], answer, coined } = entry;
  const quorum = {
    approvers,
    ...(people === undefined ? {} : { people }),
    ...(escalation === undefined ? {} : { escalation }),
  };
  const marks = { ...(answer === undefined ? {} : { answer }), ...(coined === undefined ? {} : { coined }) };
  const asked = { quorums: [quorum, ...and], ...marks, seconds: [], askedAt: at, expiresAt };
  // The same is asked anew only where an answer to what was asked before is none to what is asked now: nobody waits for that one.
  const before = [...state.approvals.values()].filter(one => one.state === 'pending' && isBoundTo(one, bond));
  for (const one of before) voidApproval(state, one);
  state.approvals.set(id, { id, ...bond, ...asked, state: 'pending', answered: undefined });
  // What builds on the action waits on.
  for (const { dependents } of before)
    for (const digest of dependents?.actions ?? []) dependOn(state, id, digest, [...(dependents?.coined ?? [])]);
  if (state.approvals.size > 2 * settledApprovalsMax) forgetSettled(state, at);
}

const onlyOne: readonly number[] = [0];

/** Each person counts once for a quorum. */
export function applySeconded(
  state: State,
  { approval: id, by, proof, quorums = onlyOne }: Seconded,
  at: Instant,
): void {
  const approval = state.approvals.get(id);
  if (approval?.state !== 'pending') return;
  const isNew = (quorum: number): boolean =>
    !approval.seconds.some(yes => yes.by === by && yes.quorums.includes(quorum));
  const counted = quorums.filter(isNew);
  if (counted.length > 0)
    change(state, approval, { seconds: [...approval.seconds, { at, by, proof, quorums: counted }] });
}

/** The first answer counts; that of the agent's own client only where policy said so when it was asked. */
export function applyAnswered(state: State, entry: Answered, at: Instant): void {
  const approval = state.approvals.get(entry.approval);
  if (approval?.state !== 'pending' || (entry.proof === 'client' && approval.answer !== 'client')) return;
  const { answer, expiresAt, by, proof, why } = entry;
  const quorums = answer === 'refused' ? [] : (entry.quorums ?? onlyOne);
  change(state, approval, { state: answer, expiresAt, answered: { at, by, proof, quorums, why } });
}

/** False if it is not an unused yes: whoever comes second gets nothing. */
export function useApproval(state: State, id: ApprovalId, usedBy: DecisionId): boolean {
  const approval = state.approvals.get(id);
  if (approval?.state !== 'approved') return false;
  change(state, approval, { state: 'used', usedBy });
  return true;
}

/** Nothing was sent of what it was used for: it is a yes like before, until it expires. */
export function giveApprovalBack(state: State, id: ApprovalId, usedBy: DecisionId): void {
  const approval = state.approvals.get(id);
  if (approval?.state === 'used' && approval.usedBy === usedBy)
    change(state, approval, { state: 'approved', usedBy: undefined });
}

/** What it belongs to was stopped, or has ended, or it was asked anew: what is in use stays used, whatever comes of it. */
export function voidApproval(state: State, approval: Approval): void {
  change(state, approval, approval.state === 'used' ? { usedBy: undefined } : { state: 'void' });
}

/** The action `digest` waits for this answer. */
export function dependOn(state: State, id: ApprovalId, digest: string, coined: readonly string[] = []): void {
  const approval = state.approvals.get(id);
  if (approval === undefined) return;
  const { dependents } = approval;
  const actions = new Set(dependents?.actions).add(digest);
  change(state, approval, { dependents: { actions, coined: new Set([...(dependents?.coined ?? []), ...coined]) } });
}

/** Keeps every approval that can still be answered or used, and the newest of the others for people to look at. */
function forgetSettled(state: State, now: Instant): void {
  const settled = [...state.approvals.values()].filter(approval => !isLive(approval, now));
  for (const { id } of settled.slice(0, Math.max(0, settled.length - settledApprovalsMax))) state.approvals.delete(id);
}

function change(state: State, approval: Approval, over: Partial<Approval>): void {
  state.approvals.set(approval.id, { ...approval, ...over });
}
