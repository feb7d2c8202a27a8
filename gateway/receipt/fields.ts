import type { OpenedPart } from '../journal/opened-body.ts';
import type { PolicyEvidence } from './evidence.ts';

/**
 * Names of what can be shown of a decision: `agent`, `actors`, `task`, `flow`, `env` and whatever else was gathered, `arguments`
 * for all of them and `arguments.path` for one; `needed` is what the policies look at, `all` is everything.
 */
export type Wanted = (steps: readonly string[]) => boolean;

export function wantedOf(names: readonly string[], needed: readonly string[]): Wanted {
  const list = names.flatMap(name => (name === 'needed' ? needed : [name]));
  const all = list.includes('all');
  const isNamed = (steps: readonly string[]): boolean =>
    steps.some((_, at) => list.includes(steps.slice(0, at + 1).join('.')));
  // What was kept as one is shown as one, where anything of it is wanted.
  const isInside = (steps: readonly string[]): boolean => list.some(name => name.startsWith(`${steps.join('.')}.`));
  return steps => all || isNamed(steps) || (steps.length === 1 && isInside(steps));
}

/** Where a part stands, step by step; undefined for a list of paths (of an earlier version), which goes with whatever is shown of its body. */
export function stepsOf(body: string, { path }: Pick<OpenedPart, 'path'>, method: string): string[] | undefined {
  if (path === '[]') return undefined;
  if (path === '*') return [body === 'arguments' ? body : 'all facts'];
  const steps = JSON.parse(path) as string[];
  return body === 'arguments' ? ['arguments', ...inputPath(steps, method)] : steps;
}

/** Where a part of the parameters stands below `context.input`. */
function inputPath(steps: readonly string[], method: string): readonly string[] {
  return method === 'tools/call' && steps[0] === 'arguments' ? steps.slice(1) : steps;
}

/**
 * What has to be shown so that these policies can be asked again. Which agent it was decides whose scopes match, and so does who
 * delegated to it, where anybody did.
 */
export function neededBy(policies: readonly PolicyEvidence[]): string[] {
  const needed = new Set<string>(['actors', 'agent']);
  for (const { looksAt } of policies) {
    if (looksAt === undefined) return ['all'];
    for (const [first, second] of looksAt) {
      if (first === undefined) return ['all'];
      if (first === 'input') needed.add(second === undefined ? 'arguments' : `arguments.${second}`);
      else if (first !== 'approved' && first !== 'principal') needed.add(first);
    }
  }
  return [...needed].sort();
}
