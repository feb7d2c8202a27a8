import type { Entry } from '@sallyport/core/model/entry.ts';
import type { DecisionId, Instant, TaskId } from '@sallyport/core/model/ids.ts';
import { applyEntry, resolvePending } from '@sallyport/core/task/fold.ts';
import { emptyState, type State } from '@sallyport/core/task/state.ts';

/** As many ids as surely fit into one entry. Those that are not listed were resolved all the same. */
export const unresolvedListedMax = 500;

export interface Rebuilt {
  readonly state: State;
  /** The first decisions without an outcome, for the entry `started`; the tasks of all have the worst labels now. */
  readonly unresolved: readonly DecisionId[];
}

/**
 * What was true when the last run stopped, from its journal: the entries that `state` does not hold yet, in lists, oldest
 * first. `purposeOf` reads a task's purpose from the bodies, and answers undefined where it is gone; it is asked only for
 * tasks that are open.
 */
export async function rebuildState(
  lists: Iterable<readonly Entry[]> | AsyncIterable<readonly Entry[]>,
  now: Instant,
  purposeOf: (task: TaskId) => Promise<string | undefined>,
  state = emptyState(),
): Promise<Rebuilt> {
  for await (const entries of lists) for (const entry of entries) applyEntry(state, entry);
  const unresolved = resolvePending(state, now).slice(0, unresolvedListedMax);
  for (const record of state.tasks.values()) {
    if (record.task.kind === 'ambient' || record.task.state.kind === 'ended') continue;
    const purpose = (await purposeOf(record.task.id)) ?? '';
    state.tasks.set(record.task.id, { ...record, task: { ...record.task, purpose } });
  }
  return { state, unresolved };
}
