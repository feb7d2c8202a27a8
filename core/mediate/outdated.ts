import type { Mode, Obligation } from '../model/decision.ts';
import type { Refusal } from '../model/refusal.ts';
import type { Task } from '../model/task.ts';
import { toolKey } from '../model/tool.ts';
import { decide } from '../policy/decide.ts';
import { modeFor, verdictOf } from '../policy/mode.ts';
import type { Judged } from './decided.ts';
import type { World } from './ports.ts';

/**
 * What came into force while a decision was written down, or waited for its server, holds for it as well: policies, modes, and what
 * the task is expected to do. Undefined where nothing did, or where all of it permits the same on the same terms.
 */
export function outdated(judged: Judged, decidedIn: World, world: World, task: Task): Refusal | undefined {
  const isNarrower = task.manifest !== judged.task.manifest;
  if (!isNarrower && world === decidedIn) return undefined;
  const { agent, action } = judged;
  const mode = modeFor(world.modes, agent, action.tool);
  if (isPermittedIn(world, mode, judged) && !(isNarrower && mode === 'enforce')) return undefined;
  const why = isNarrower ? 'less is expected of its task' : 'other rules are in force';
  return {
    code: 'denied',
    what: toolKey(action.server, action.tool.name),
    why: `${why} than when this was decided`,
    fix: 'send it again, and it is decided anew',
  };
}

function isPermittedIn(world: World, mode: Mode, { request, approval, verdict, world: before }: Judged): boolean {
  // A yes was given to the rules of its own world.
  const { decision } = decide(request, approval !== undefined && world.digest === before, world.engine);
  const now = verdictOf(decision, mode);
  return now.kind === 'pass' && verdict.kind === 'pass' && areSame(now.obligations, verdict.obligations);
}

function areSame(some: readonly Obligation[], others: readonly Obligation[]): boolean {
  return JSON.stringify(some) === JSON.stringify(others);
}
