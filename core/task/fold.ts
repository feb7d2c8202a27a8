import type { Decided, Entry, ModeSet } from '../model/entry.ts';
import type { DecisionId, Instant, OutcomeId } from '../model/ids.ts';
import { type Label, sourcesOf } from '../model/label.ts';
import { applyAnswered, applyAsked, applySeconded, dependOn, giveApprovalBack, useApproval } from './approve.ts';
import { declassifyTask } from './declassify.ts';
import { endorseTask } from './endorse.ts';
import { applyKill } from './kill.ts';
import { narrowTask } from './narrow.ts';
import { renewTask, resumeTask, suspendTask } from './pause.ts';
import { raiseTask, reachTask } from './raise.ts';
import type { State } from './state.ts';
import { leavesSomething, write } from './stores.ts';
import { endTask, enterSegment, forgetEnded, openTask, spendTask, touchTask } from './task.ts';

/**
 * Moves `state` by one entry of the journal. Deterministic; no I/O and no clock: entries carry their time. Kinds that
 * say nothing about tasks, kills, modes or approvals change nothing.
 */
export function applyEntry(state: State, entry: Entry): void {
  const at = entry.clock ?? entry.at;
  switch (entry.kind) {
    case 'task.opened':
      // Its purpose is personal and lies with the bodies; whoever rebuilds adds it.
      openTask(state, entry, at, '');
      break;
    case 'task.ended':
      forgetEnded(state);
      endTask(state, entry, at);
      break;
    case 'task.suspended':
      suspendTask(state, entry, at);
      break;
    case 'task.resumed':
      resumeTask(state, entry, at);
      break;
    case 'task.narrowed':
      narrowTask(state, entry);
      break;
    case 'task.renewed':
      renewTask(state, entry);
      break;
    case 'task.endorsed':
      endorseTask(state, entry, at);
      break;
    case 'task.declassified':
      declassifyTask(state, entry, at);
      break;
    case 'task.reached':
      reachTask(state, entry.task, entry.from, entry.labels);
      break;
    case 'decided':
      applyDecided(state, entry, at);
      break;
    case 'performed':
    case 'reported':
    case 'withheld':
    case 'indeterminate':
      settle(state, entry.decision, entry, at);
      touchTask(state, entry.task, at);
      break;
    case 'overruled':
      raiseTask(
        state,
        entry.task,
        sourcesOf(entry.labels, { entry: entry.id, server: entry.server, tool: entry.tool, at }),
      );
      break;
    case 'faulted':
    case 'refused':
      state.pending.delete(entry.decision);
      if (entry.givesBack !== undefined) giveApprovalBack(state, entry.givesBack, entry.decision);
      break;
    case 'asked':
      applyAsked(state, entry, at);
      break;
    case 'answered':
      applyAnswered(state, entry, at);
      break;
    case 'seconded':
      applySeconded(state, entry, at);
      break;
    case 'killed':
      applyKill(state, entry, at);
      break;
    case 'mode.set':
      applyMode(state, entry, at);
      break;
    case 'started':
      // Whatever an earlier run left without an outcome will never have one.
      resolvePending(state, at);
      break;
  }
}

/**
 * A passed decision without an outcome may have been performed, and its result may have reached the agent: it counts
 * as a call, and its task gets the worst labels that it could have brought. Returns the decisions that were so resolved.
 */
export function resolvePending(state: State, at: Instant): DecisionId[] {
  const unresolved = [...state.pending.keys()];
  for (const id of unresolved) {
    const yields = state.pending.get(id)?.yields ?? [];
    settle(state, id, { id, bytes: 0, labels: ['untrusted', 'unlabelled', ...yields] }, at);
  }
  return unresolved;
}

export function applyMode(state: State, { scope, mode, by }: ModeSet, at: Instant): void {
  if (mode === 'unset') state.modes.delete(scope);
  else state.modes.set(scope, { mode, at, by });
}

interface Outcome {
  readonly id: OutcomeId | DecisionId;
  readonly bytes: number;
  readonly labels: readonly Label[];
  readonly spendCents?: number;
}

function settle(state: State, decision: DecisionId, outcome: Outcome, at: Instant): void {
  const action = state.pending.get(decision);
  if (action === undefined) return;
  state.pending.delete(decision);
  const { task, server, tool, spendCents } = action;
  raiseTask(state, task, sourcesOf(outcome.labels, { entry: outcome.id, server, tool, at }));
  spendTask(state, task, {
    calls: 1,
    bytes: action.bytes + outcome.bytes,
    spendCents: outcome.spendCents ?? spendCents,
  });
}

function applyDecided(state: State, entry: Decided, at: Instant): void {
  const { id, task, action, verdict, approval } = entry;
  touchTask(state, task, at);
  if (approval !== undefined) useApproval(state, approval, id);
  if (entry.awaits !== undefined) dependOn(state, entry.awaits, action.digest, entry.coined);
  const { server, tool, bytes, spendCents = 0, yields = [] } = action;
  if (verdict === 'pass' && action.segment !== undefined) enterSegment(state, task, action.segment);
  if (verdict === 'pass' && leavesSomething(action.classes, action.leaves))
    write(state.stores, server, action.resource, entry.labels);
  if (verdict === 'pass') state.pending.set(id, { task, server, tool, bytes, spendCents, yields });
}
