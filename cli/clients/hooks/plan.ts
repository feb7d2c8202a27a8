import { existsSync, lstatSync, realpathSync } from 'node:fs';
import { decoded, EditFault } from '../edit/edit.ts';
import { whyUnreadable } from '../plan.ts';
import { bytesOf } from '../replace-file.ts';
import type { Machine } from '../table.ts';
import { type HookTarget, hookTargetsOn, isHere } from './table.ts';

/** What `wrap` would do with a client's hooks. Nothing has been written. */
export interface HookPlan {
  readonly target: HookTarget;
  /** Where the file really lies: links are followed, and stay. */
  readonly file: string;
  /** Undefined where there is none. */
  readonly before: Buffer | undefined;
  readonly after: Buffer;
}

export interface HookUnreadable {
  readonly target: HookTarget;
  readonly why: string;
}

/**
 * The hooks of the clients that are on this machine. `now`: what a file will hold once the servers in it are wrapped, where
 * they stand in the same file.
 */
export function planHooks(
  machine: Machine,
  chosen: readonly string[],
  stateDir: string,
  now: (file: string) => Buffer | undefined,
): readonly (HookPlan | HookUnreadable)[] {
  return hookTargetsOn(machine)
    .filter(({ client, alsoRead }) => [client, alsoRead].some(id => id !== undefined && chosen.includes(id)))
    .filter(isHere)
    .map(target => planOne(target, stateDir, now));
}

function planOne(
  target: HookTarget,
  stateDir: string,
  now: (file: string) => Buffer | undefined,
): HookPlan | HookUnreadable {
  try {
    const isThere = existsSync(target.path);
    if (!isThere && lstatSync(target.path, { throwIfNoEntry: false }) !== undefined)
      throw new EditFault('is a link that leads nowhere');
    const file = isThere ? realpathSync(target.path) : target.path;
    const before = bytesOf(file);
    const basis = now(file) ?? before;
    const text = basis && decoded(basis);
    return {
      target,
      file,
      before,
      after: Buffer.from(target.written(text?.trim() === '' ? undefined : text, stateDir)),
    };
  } catch (thrown) {
    return { target, why: whyUnreadable(thrown) };
  }
}
