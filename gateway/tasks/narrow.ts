import { type Acted, byGateway } from '@sallyport/core/model/acted.ts';
import type { Manifest, Task } from '@sallyport/core/model/task.ts';
import type { TaskKindRule } from '@sallyport/core/task/kind.ts';
import { narrowTask, wouldNarrow } from '@sallyport/core/task/narrow.ts';
import type { TaskPorts, TaskRoom } from './tasks.ts';

export interface Narrowing {
  /** In force at once, for the task and all below it, and durable once it resolves. */
  readonly narrow: (task: Task, manifest: Manifest, why: string, acted: Acted) => Promise<void>;
  /** Open tasks whose kind expects less than it did expect less from now on. A kind that has become wider widens none. */
  readonly toKinds: (kinds: ReadonlyMap<string, TaskKindRule>) => void;
}

export function createNarrowing(room: Pick<TaskRoom, 'openTasks'>, { state, journal, newId }: TaskPorts): Narrowing {
  const made = (task: Task, manifest: Manifest, why: string, acted: Acted) => {
    const stated = Object.entries(manifest).filter(([, words]) => words !== undefined);
    const draft = {
      kind: 'task.narrowed' as const,
      id: newId('e'),
      task: task.id,
      manifest: Object.fromEntries(stated),
    };
    narrowTask(state, draft);
    return { ...draft, why, ...acted };
  };
  return {
    narrow: (task, manifest, why, acted) => journal.record(made(task, manifest, why, acted)),
    toKinds: kinds => {
      for (const task of room.openTasks()) {
        const kind = kinds.get(task.kind);
        if (kind !== undefined && wouldNarrow(task.manifest, kind.manifest))
          journal.append(made(task, kind.manifest, `less is expected of ${kind.name}`, byGateway));
      }
    },
  };
}
