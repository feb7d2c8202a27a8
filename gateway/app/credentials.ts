import type { Entry } from '@sallyport/core/model/entry.ts';
import type { TaskId } from '@sallyport/core/model/ids.ts';
import type { State } from '@sallyport/core/task/state.ts';
import type { Broker } from '../credentials/broker.ts';
import { FrameSplitter } from '../journal/frames.ts';
import type { Credentials } from '../upstreams/credentials.ts';

/** The broker as servers see it: they are lent secrets and give them back. */
export function lending(broker: Broker): Credentials {
  return {
    issue: (credential, wanted) => broker.issue(credential, wanted),
    release: (lease, why) => broker.release(lease, why),
    isPerTask: credential => broker.source(credential)?.sharedBy === 'task',
  };
}

const ending = ['"kind":"task.ended"', '"kind":"killed"'].map(text => Buffer.from(text));

/** The entries of a durable batch that end something: looked for as bytes, since most batches hold none. */
export function endingsIn(frames: Buffer): Entry[] {
  if (!ending.some(kind => frames.includes(kind))) return [];
  const entries = new FrameSplitter().push(frames).filter(({ bytes }) => ending.some(kind => bytes.includes(kind)));
  return entries.map(({ bytes }) => JSON.parse(bytes.toString('utf8')) as Entry);
}

/**
 * Ends credentials with what they hang on. Called for entries as they become durable; that a killed or ended task can
 * use nothing more is checked in `require`, long before this is through.
 */
export function endWith(entries: readonly Entry[], broker: Broker, state: State): void {
  for (const entry of entries) {
    if (entry.kind === 'task.ended') void broker.endTask(entry.task, `the task ended: ${entry.why}`);
    if (entry.kind !== 'killed' || !entry.stop) continue;
    const { scope } = entry;
    const agentOf = (task: TaskId): string | undefined => state.tasks.get(task)?.task.agent;
    void broker.endWhere(({ task, agent }) => {
      if (scope.kind === 'all') return true;
      if (scope.kind === 'task') return task === scope.task;
      return scope.kind === 'agent' && (agent === scope.agent || (task !== undefined && agentOf(task) === scope.agent));
    }, 'it was stopped by a person');
  }
}
