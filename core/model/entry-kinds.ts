import type { EntryKind } from './entry.ts';

/** One row a kind, so that a new kind cannot be forgotten here. */
const rows: Readonly<Record<EntryKind, true>> = {
  decided: true,
  performed: true,
  reported: true,
  overruled: true,
  'task.heard': true,
  'task.reached': true,
  refused: true,
  rejected: true,
  faulted: true,
  indeterminate: true,
  withheld: true,
  asked: true,
  answered: true,
  seconded: true,
  'task.opened': true,
  'task.ended': true,
  'task.suspended': true,
  'task.resumed': true,
  'task.narrowed': true,
  'task.renewed': true,
  'task.endorsed': true,
  'task.declassified': true,
  'world.activated': true,
  pinned: true,
  killed: true,
  'mode.set': true,
  'agent.token': true,
  'credential.requested': true,
  'credential.issued': true,
  'credential.ended': true,
  started: true,
  erased: true,
};

export const entryKinds = Object.keys(rows) as readonly EntryKind[];

const known: ReadonlySet<string> = new Set(entryKinds);

/**
 * Whether this code knows what an entry of the record says. Of one that newer code wrote it knows nothing: to leave out a kill
 * or a narrowing would loosen what was decided, so that whoever rebuilds what was true from entries has to stop at it.
 */
export function isKnownEntry({ v, kind }: { readonly v: unknown; readonly kind: string }): boolean {
  return v === 1 && known.has(kind);
}
