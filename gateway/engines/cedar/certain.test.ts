import assert from 'node:assert/strict';
import { test } from 'node:test';
import { certainAgainstEngine } from '@sallyport/testkit/policy/certain.ts';
import { type Certainty, failsBy, type Known } from './certain.ts';
import type { Condition, Node } from './expression.ts';

const outcomes = 60_000;

test('R1 what is said to fail before the engine is asked fails there, without an error, in 60,000 random outcomes', context => {
  const seed = Math.floor(Math.random() * 2 ** 32);
  const report = certainAgainstEngine({ seed, outcomes });
  context.diagnostic(`seed ${seed}, ${JSON.stringify(report.engine)}, ${report.certain} certain`);
  assert.deepEqual(report.differences, []);
  for (const [what, count] of Object.entries({ ...report.engine, certain: report.certain }))
    assert.ok(count >= outcomes / 50, `${what} came ${count} times only: the conditions are too alike`);
});

/** Mistakes that could be made here. A comparison that does not see them proves nothing. */
const bugs: Readonly<Record<string, (conditions: readonly Condition[]) => readonly Condition[]>> = {
  'the kind of a condition is not looked at': conditions => conditions.map(({ body }) => ({ kind: 'when', body })),
  'conditions are taken in any order': conditions => conditions.toReversed(),
  'only the last condition counts': conditions => conditions.slice(-1),
  'both operators are one': inEach(node => (node.kind === 'logic' ? { ...node, operator: '&&' } : node)),
  'the sides of an operator are taken in any order': inEach(node =>
    node.kind === 'logic' ? { ...node, left: node.right, right: node.left } : node,
  ),
  'a negation is not seen': inEach(node =>
    node.kind === 'operation' && node.name === '!' ? (node.parts[0] ?? node) : node,
  ),
};

for (const [name, spoil] of Object.entries(bugs))
  test(`R1 the comparison notices a mistake: ${name}`, () => {
    const fails: typeof failsBy = (conditions, known) => failsBy(spoil(conditions), known);
    assert.notDeepEqual(certainAgainstEngine({ seed: 7, outcomes, fails }).differences, []);
  });

test('R1 the comparison notices a mistake: what is not there counts as false', () => {
  const fails: typeof failsBy = (conditions, known) => failsBy(conditions, asFalse(known));
  assert.notDeepEqual(certainAgainstEngine({ seed: 7, outcomes, fails }).differences, []);
});

function asFalse<F>(known: Known<F>): Known<F> {
  return (variable, path) => {
    const certainty: Certainty<F> | undefined = known(variable, path);
    return certainty === undefined ? undefined : facts => certainty(facts) ?? false;
  };
}

function inEach(change: (node: Node) => Node): (conditions: readonly Condition[]) => readonly Condition[] {
  const visit = (node: Node): Node => {
    if (node.kind === 'logic') return change({ ...node, left: visit(node.left), right: visit(node.right) });
    return change(node.kind === 'operation' ? { ...node, parts: node.parts.map(visit) } : node);
  };
  return conditions => conditions.map(({ kind, body }) => ({ kind, body: visit(body) }));
}
