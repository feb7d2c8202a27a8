import assert from 'node:assert/strict';
import { test } from 'node:test';
import { differential } from '@sallyport/testkit/policy/differential.ts';
import type { Node } from './expression.ts';
import type { PolicySet } from './load.ts';
import type { LoadedPolicy } from './policy.ts';

const small = { policiesMax: 24, requestsPerSet: 100, wholeSetEvery: 4 };

test('R1 DF7 decide, on slices and on whole sets, agrees with the reference on 5,000 random requests', context => {
  const seed = Math.floor(Math.random() * 2 ** 32);
  const report = differential({ ...small, seed, requests: 5_000 });
  context.diagnostic(`seed ${seed}, ${report.sets} sets, ${JSON.stringify(report.answers)}`);
  assert.deepEqual(report.differences, []);
  assert.equal(report.requests, 5_000);
  for (const [answer, count] of Object.entries(report.answers))
    assert.ok(count >= 50, `${answer} was given only ${count} times: the requests are too alike`);
});

function isNot(body: Node): body is Node & { readonly kind: 'operation' } {
  return body.kind === 'operation' && body.name === '!';
}

/** Bugs that slicing, lean requests and loading could have. A comparison that does not see them proves nothing. */
const bugs: Readonly<Record<string, (policy: LoadedPolicy) => LoadedPolicy>> = {
  'a mentioned fact is left out': policy => ({ ...policy, conditions: [] }),
  'a scope that names a class of agents matches all': policy => ({
    ...policy,
    scope: {
      ...policy.scope,
      principal: policy.scope.principal.kind === 'in' ? { kind: 'any' } : policy.scope.principal,
    },
  }),
  'only the first of several actions counts': policy => {
    const { action } = policy.scope;
    const cut = action.kind === 'in' ? { ...action, entities: action.entities.slice(0, 1) } : action;
    return { ...policy, scope: { ...policy.scope, action: cut } };
  },
  'a resource in a segment is looked for as itself': policy => {
    const { resource } = policy.scope;
    const entity = resource.kind === 'in' ? resource.entities[0] : undefined;
    return entity === undefined
      ? policy
      : { ...policy, scope: { ...policy.scope, resource: { kind: 'equals', entity } } };
  },
  'the type in a scope is not looked at': policy => ({
    ...policy,
    scope: {
      ...policy.scope,
      principal: policy.scope.principal.kind === 'is' ? { kind: 'any' } : policy.scope.principal,
    },
  }),
  'a condition is lost on the way to the slice': policy => ({
    ...policy,
    unscoped: policy.unscoped.replace(/\nunless[\s\S]*$/, ';'),
  }),
  'a `when` is taken for an `unless`': policy => ({
    ...policy,
    conditions: policy.conditions.map(({ kind, body }) => ({ kind: kind === 'when' ? 'unless' : 'when', body })),
  }),
  'an `&&` is taken for an `||`': policy => ({
    ...policy,
    conditions: policy.conditions.map(({ kind, body }) => ({
      kind,
      body: body.kind === 'logic' ? { ...body, operator: body.operator === '&&' ? '||' : '&&' } : body,
    })),
  }),
  'a negation is not seen': policy => ({
    ...policy,
    conditions: policy.conditions.map(({ kind, body }) => ({
      kind,
      body: (isNot(body) ? body.parts[0] : body) ?? body,
    })),
  }),
  'a later condition counts before an earlier one that may err': policy => ({
    ...policy,
    conditions: policy.conditions.toReversed(),
  }),
  'a permit is lifted by a yes like a forbid': policy =>
    policy.info.effect === 'permit' ? { ...policy, info: { ...policy.info, effect: 'forbid' } } : policy,
  'forbids are read as permits': policy => ({ ...policy, unscoped: policy.unscoped.replace(/^forbid/m, 'permit') }),
};

for (const [name, spoil] of Object.entries(bugs))
  test(`R1 the comparison notices a seeded bug: ${name}`, () => {
    const tamper = (set: PolicySet): PolicySet => ({ ...set, policies: set.policies.map(spoil) });
    const report = differential({ ...small, seed: 7, requests: 5_000, tamper });
    assert.equal(report.differences.length, 1);
  });

test('R1 the comparison notices a seeded bug: a policy is missing', () => {
  const tamper = (set: PolicySet): PolicySet => ({ ...set, policies: set.policies.slice(1) });
  assert.equal(differential({ ...small, seed: 7, requests: 5_000, tamper }).differences.length, 1);
});
