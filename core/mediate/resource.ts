import type { Action, Digest } from '../model/action.ts';
import { member } from '../model/json.ts';
import type { LabelSource } from '../model/label.ts';
import type { Task } from '../model/task.ts';
import { labellingOf } from '../model/tool.ts';
import { fold } from '../provenance/spelling/fold.ts';
import { leavesSomething } from '../task/stores.ts';
import type { SharedStores } from './ports.ts';

/**
 * What exactly an action reads or writes on its server: the keyed digest of the name that stands in the argument which the
 * operator named. Undefined where there is none, and where the name can be read in more than one way: such a call may
 * concern anything.
 */
export function resourceOf({ server, tool, input }: Action, digest: Digest): string | undefined {
  const argument = labellingOf(tool).resource;
  const value = argument === undefined ? undefined : member(input, argument);
  if (value?.kind !== 'string' && value?.kind !== 'number') return undefined;
  const name = value.kind === 'number' ? value.text : value.value;
  if (!isPlain(name)) return undefined;
  // Where a path begins makes no difference that every server would keep.
  const plain = fold(name).replace(/^(?:file:\/\/)?\//, '');
  return digest(`sallyport resource v1\n${server}\n${plain}`);
}

/** How what others wrote where it reads is marked. */
export function inheritedBy(
  action: Action,
  resource: string | undefined,
  stores: SharedStores,
): readonly LabelSource[] {
  return labellingOf(action.tool).stores ? stores.held(action.server, resource) : [];
}

/** Whoever reads there from now on inherits what this task has read: called before the first byte is sent. */
export function leave(action: Action, resource: string | undefined, task: Task, stores: SharedStores): void {
  const { tool, server } = action;
  if (leavesSomething(tool.classes, labellingOf(tool).stores)) stores.write(server, resource, task.sources);
}

/** No step up or in place, no empty step, no escape, no other separator, nothing that is not seen. */
function isPlain(name: string): boolean {
  const path = name.replace(/^[a-z][a-z0-9+.-]*:\/\//i, '');
  return (
    name.trim() === name && name !== '' && !/(?:^|\/)(?:\.{0,2})(?:\/|$)|[\\%*?\p{C}]/u.test(path.replace(/^\//, ''))
  );
}
