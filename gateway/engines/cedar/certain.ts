import { type Condition, type Node, pathFrom, type Variable } from './expression.ts';

/** What an expression is worth, where that is certain before the engine is asked; undefined: it is not, or it may err. */
export type Certainty<F> = (facts: F) => boolean | undefined;

/** What is known of one place, `context.task.asked` as `context` and its path; undefined: nothing ever is. */
export type Known<F> = (variable: Variable, path: readonly string[]) => Certainty<F> | undefined;

/**
 * Follows `&&`, `||` and `!` over what is known to be `true` or `false`, and nothing else. Cedar evaluates them from left to right
 * and no further than it must, and an error on the way is the error of the policy (docs.cedarpolicy.com, "Operators and functions"). So
 * what stands behind something uncertain is uncertain too, whatever it is. Undefined where nothing ever is certain.
 */
function certaintyOf<F>(node: Node, known: Known<F>): Certainty<F> | undefined {
  if (node.kind === 'value') {
    const { value } = node;
    return typeof value === 'boolean' ? () => value : undefined;
  }
  const place = pathFrom(node);
  if (place !== undefined) return known(place.variable, place.path);
  const [first, second] = node.kind === 'logic' ? [node.left, node.right] : node.kind === 'operation' ? node.parts : [];
  const left = first === undefined ? undefined : certaintyOf(first, known);
  if (left === undefined) return undefined;
  if (node.kind === 'operation') return node.name === '!' && second === undefined ? negated(left) : undefined;
  const right = second === undefined ? undefined : certaintyOf(second, known);
  const decides = node.kind === 'logic' && node.operator === '||';
  return facts => {
    const is = left(facts);
    return is === undefined || is === decides ? is : right?.(facts);
  };
}

function negated<F>(of: Certainty<F>): Certainty<F> {
  return facts => {
    const is = of(facts);
    return is === undefined ? undefined : !is;
  };
}

/**
 * Whether a policy with these conditions certainly does not hold, and does not err either: it can change neither the decision nor its
 * reasons nor its errors.
 */
export function failsBy<F>(conditions: readonly Condition[], known: Known<F>): ((facts: F) => boolean) | undefined {
  const [first, ...others] = conditions;
  const certainty = first === undefined ? undefined : certaintyOf(first.body, known);
  if (first === undefined || certainty === undefined) return undefined;
  const wanted = first.kind === 'when';
  const behind = failsBy(others, known);
  return facts => {
    const is = certainty(facts);
    return is !== undefined && (is !== wanted || (behind?.(facts) ?? false));
  };
}
