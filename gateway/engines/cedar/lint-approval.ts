import { childrenOf, type Node, pathFrom } from './expression.ts';
import { type ParsedPolicy, problemAt } from './parsed.ts';
import type { PolicyProblem } from './problem.ts';

/**
 * A yes may only ever help: with it, permits can only come to hold and forbids can only cease to (it is "used
 * positively only"). So `context.approved` may stand only in `when` of a permit and in `unless` of a forbid, joined by
 * `&&` and `||`; every other place is refused, also those in which it would happen to be harmless.
 */
export function lintApproval(policy: ParsedPolicy): PolicyProblem[] {
  const { effect, conditions, place } = policy;
  for (const { kind, body } of conditions) {
    const allowed = effect === 'permit' ? kind === 'when' : kind === 'unless';
    const fault = faultIn(body, allowed);
    if (fault === undefined) continue;
    const fix =
      effect === 'permit'
        ? 'write `permit … when { … && context.approved }`'
        : 'write `forbid … when { … } unless { context.approved }`';
    return [problemAt(place, fault, fix, offsetOf(place.text))];
  }
  return [];
}

const mustBeRequired = '`context.approved` may only be required, never negated, compared or passed on';
const mustBeNamed = '`context` as a whole would hold the approval; name the attribute that is meant';

function faultIn(node: Node, allowed: boolean): string | undefined {
  const place = node.kind === 'has' ? pathFrom(node.left) : pathFrom(node);
  if (place?.variable === 'context') {
    const path = node.kind === 'has' ? [...place.path, ...node.path] : place.path;
    if (path.length === 0) return mustBeNamed;
    return path[0] === 'approved' && (!allowed || node.kind === 'has') ? mustBeRequired : undefined;
  }
  const below = node.kind === 'logic' && allowed;
  for (const child of childrenOf(node)) {
    const fault = faultIn(child, below);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function offsetOf(text: string): number {
  return Math.max(0, text.search(/\bapproved\b/));
}
