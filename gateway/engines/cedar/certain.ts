import { type Condition, type Node, pathFrom, type Variable } from './expression.ts';

/** What an expression is worth, where that is certain before the engine is asked; undefined: it is not, or it may err. */
export type Certainty<F> = (facts: F) => boolean | undefined;

/** What is known of one place, `context.task.asked` as `context` and its path; undefined: nothing ever is. */
export type Known<F> = (variable: Variable, path: readonly string[]) => Certainty<F> | undefined;

type Logic = Extract<Node, { readonly kind: 'logic' }>;

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
  if (node.kind === 'logic') return certaintyOfBoth(node, known);
  const [only] = node.kind === 'operation' && node.name === '!' ? node.parts : [];
  const negated = only === undefined ? undefined : certaintyOf(only, known);
  if (negated === undefined) return undefined;
  return facts => {
    const is = negated(facts);
    return is === undefined ? undefined : !is;
  };
}

function certaintyOfBoth<F>({ operator, left, right }: Logic, known: Known<F>): Certainty<F> | undefined {
  const first = certaintyOf(left, known);
  if (first === undefined) return undefined;
  const second = certaintyOf(right, known);
  const decides = operator === '||';
  return facts => {
    const is = first(facts);
    return is === undefined || is === decides ? is : second?.(facts);
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
