import { signal } from '@preact/signals';
import type { Asked, Decided, Entry, Rejected } from '@sallyport/core/model/entry.ts';
import { refreshStatus } from './status.ts';
import { followRecord } from './stream.ts';

/** One decision with what became of it, or a call that never became one. */
export interface Row {
  readonly seq: number;
  readonly at: number;
  readonly entry: Entry & (Decided | Rejected);
  outcome: Entry | undefined;
  asked: (Entry & Asked) | undefined;
}

const rowsMax = 10_000;

/** Newest last. The list is one and the same; `recordVersion` tells that it has grown or changed. */
const rows: Row[] = [];
const byDecision = new Map<string, Row>();
export const recordVersion = signal(0);
/** Grows with everything that may have changed the questions, the kills, tasks or the catalogue. */
export const approvalsVersion = signal(0);
export const newestSeq = signal(-1);

export function allRows(): readonly Row[] {
  return rows;
}

/** It passed because of the mode alone. */
export function wouldHaveStopped({ entry }: Row): boolean {
  return entry.kind === 'decided' && entry.verdict === 'pass' && entry.answer !== 'permit';
}

const ofApprovals: ReadonlySet<string> = new Set(['asked', 'answered', 'world.activated', 'task.ended', 'killed']);
const ofStatus: ReadonlySet<string> = new Set([
  'killed',
  'asked',
  'answered',
  'mode.set',
  'pinned',
  'world.activated',
  'started',
  'task.opened',
  'task.ended',
]);

export function followWhileSignedIn(ended: AbortSignal): void {
  rows.length = 0;
  byDecision.clear();
  void followRecord(take, ended);
}

function take(entries: readonly Entry[]): void {
  let approvals = false;
  let status = false;
  for (const entry of entries) {
    file(entry);
    const usesApproval = entry.kind === 'decided' && entry.approval !== undefined;
    approvals ||= ofApprovals.has(entry.kind) || usesApproval;
    status ||= ofStatus.has(entry.kind);
  }
  if (rows.length > rowsMax + 1_000)
    for (const row of rows.splice(0, rows.length - rowsMax)) byDecision.delete(row.entry.id);
  newestSeq.value = entries.at(-1)?.seq ?? newestSeq.value;
  recordVersion.value += 1;
  if (approvals) approvalsVersion.value += 1;
  if (status) refreshStatus();
}

function file(entry: Entry): void {
  switch (entry.kind) {
    case 'decided':
    case 'rejected': {
      const row: Row = { seq: entry.seq, at: entry.at, entry, outcome: undefined, asked: undefined };
      rows.push(row);
      if (entry.kind === 'decided') byDecision.set(entry.id, row);
      return;
    }
    case 'asked': {
      const row = byDecision.get(entry.decision);
      if (row !== undefined) row.asked = entry;
      return;
    }
    case 'performed':
    case 'reported':
    case 'refused':
    case 'withheld':
    case 'faulted':
    case 'indeterminate': {
      const row = byDecision.get(entry.decision);
      if (row !== undefined) row.outcome = entry;
    }
  }
}
