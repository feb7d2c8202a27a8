import type { TaskNarrowed } from '../model/entry.ts';
import { type Manifest, noManifest } from '../model/task.ts';
import { descent } from './lineage.ts';
import { meet, narrows } from './manifest.ts';
import type { State } from './state.ts';

/**
 * What is expected of a task becomes less: what its manifest and the other one both name, for the task and for all below it.
 * There is no way back; what it then turns out to need, a person says yes to.
 */
export function narrowTask(state: State, { task: id, manifest }: Pick<TaskNarrowed, 'task' | 'manifest'>): void {
  const within: Manifest = { ...noManifest, ...manifest };
  for (const below of descent(state, id)) {
    const record = state.tasks.get(below);
    if (record === undefined || record.task.state.kind === 'ended') continue;
    state.tasks.set(below, { ...record, task: { ...record.task, manifest: meet(record.task.manifest, within) } });
  }
}

/** Whether something would be left out of it. */
export function wouldNarrow(manifest: Manifest, within: Manifest): boolean {
  return narrows(within, manifest) !== undefined;
}
