import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Evaluation, noRisk, type PolicyRequest } from '@sallyport/core/policy/engine.ts';
import { environmentAt } from '@sallyport/core/policy/environment.ts';
import { fakeFlow } from '@sallyport/testkit/fakes/flow.ts';
import { fakeTaskFacts } from '@sallyport/testkit/fakes/task.ts';
import { uncheckedSet } from '@sallyport/testkit/policy/real-set.ts';
import { agentOf, catalogueOf, readObject, toolOf } from '@sallyport/testkit/policy/scene.ts';
import { CedarEngine, type CedarEngineOptions } from './engine.ts';
import { factsFor } from './facts.ts';
import { freshCedar } from './instance.ts';
import { mentionsOf } from './mentions.ts';
import { failsOf } from './narrow.ts';
import { partWantedMin } from './slices.ts';

const tool = toolOf({ server: 'shop', name: 'order', classes: ['write'] });
const agent = agentOf({});
const permit = '@id("p") permit (principal, action, resource);';

function request(task: Parameters<typeof fakeTaskFacts>[0] = {}): PolicyRequest {
  const flow = fakeFlow(['untrusted']);
  return { agent, tool, input: readObject('{}'), task: fakeTaskFacts(task), flow, env: environmentAt(0), risk: noRisk };
}

function engineOf(policies: string, more: Partial<CedarEngineOptions> = {}): CedarEngine {
  return new CedarEngine({
    ...uncheckedSet(policies, catalogueOf([tool])),
    asking: 'always',
    partWantedMin: 1,
    ...more,
  });
}

/** How often it was asked, of how many policies each time, and what it pre-parsed. */
function counted(policies: string, more: Partial<CedarEngineOptions> = {}) {
  const [asked, read]: [number[], number[]] = [[], []];
  const makeCedar: CedarEngineOptions['makeCedar'] = () => {
    const cedar = freshCedar();
    const sizes = new Map<string, number>();
    return {
      ...cedar,
      preparsePolicySet: (name, set) => {
        sizes.set(name, Object.keys(set.staticPolicies ?? {}).length);
        if (name !== 'canary') read.push(sizes.get(name) ?? 0);
        return cedar.preparsePolicySet(name, set);
      },
      statefulIsAuthorized: call => {
        if (call.preparsedPolicySetId !== 'canary') asked.push(sizes.get(call.preparsedPolicySetId) ?? 0);
        return cedar.statefulIsAuthorized(call);
      },
    };
  };
  return { engine: engineOf(policies, { makeCedar, ...more }), asked, read };
}

function essence({ allowed, determining, errors }: Evaluation): unknown {
  return { allowed, determining, errors: errors.map(({ policy }) => policy).sort() };
}

/** Both questions, narrowed and on the whole set. */
function bothOf(policies: string, asked = request()): readonly [unknown, unknown] {
  const [engine, whole] = [engineOf(policies), engineOf(policies, { slicing: 'off' })];
  const without = engine.evaluate(asked, false);
  assert.deepEqual(essence(without), essence(whole.evaluate(asked, false)));
  return [essence(engine.evaluate(asked, true, without)), essence(whole.evaluate(asked, true))];
}

describe('R1 a policy that certainly fails is not asked', () => {
  test('and its facts are not told', () => {
    const { engine, asked } = counted(
      `${permit}
       @id("f") forbid (principal, action, resource) when { context.task.crossesSegment && context.task.calls > 3 };`,
    );
    assert.deepEqual(essence(engine.evaluate(request(), false)), { allowed: true, determining: ['p'], errors: [] });
    assert.deepEqual(engine.evaluate(request({ crossesSegment: true, calls: 4 }), false).determining, ['f']);
    assert.deepEqual(asked, [1, 2]);
  });

  test('where nothing is left, nobody is asked, and nothing is permitted', () => {
    const { engine, asked } = counted('@id("p") permit (principal, action, resource) when { principal.shared };');
    assert.deepEqual(essence(engine.evaluate(request(), false)), { allowed: false, determining: [], errors: [] });
    assert.deepEqual(asked, []);
  });

  test('only once it comes up often is the rest read as a set of its own', () => {
    const set = `${permit}@id("f") forbid (principal, action, resource) when { context.task.crossesSegment };`;
    const { engine, asked } = counted(set, { partWantedMin });
    for (let count = 0; count <= partWantedMin; count++) engine.evaluate(request(), false);
    assert.deepEqual(asked, [...Array.from({ length: partWantedMin - 1 }, () => 2), 1, 1]);
  });

  test('sets of the rest are bounded; beyond, the slice is asked, with the same answers', () => {
    // Each request leaves out another of the forbids.
    const names = [
      'asked',
      'related',
      'delegated',
      'hasPurpose',
      'crossesSegment',
      'hasManifest',
      'inManifest',
    ] as const;
    const many = Array.from(
      { length: 100 },
      (_, i) => `@id("c${i}") permit (principal, action, resource) when { context.task.calls == ${i} };`,
    );
    const flagged = names.map(
      name => `@id("${name}") forbid (principal, action, resource) when { context.task.${name} };`,
    );
    const { engine, read } = counted([permit, ...many, ...flagged].join('\n'));
    for (let bits = 0; bits < 2 ** names.length; bits++) {
      const flags = Object.fromEntries(names.map((name, at) => [name, (bits & (1 << at)) !== 0]));
      const { determining } = engine.evaluate(request(flags), false);
      assert.deepEqual(determining, bits === 0 ? ['c0', 'p'] : names.filter(name => flags[name]).toSorted());
    }
    const [slice = 0, ...parts] = read;
    assert.equal(slice, 108);
    assert.ok(parts.length > 5 && parts.reduce((sum, size) => sum + size, 0) <= 1_000, `${parts}`);
  });
});

describe('R1 what is read to find out is the very fact that is named', () => {
  const { policies, schema } = uncheckedSet(
    `@id("known") forbid (principal, action, resource) when { context.task.hasManifest };
     @id("beside") forbid (principal, action, resource) when { context.task.inManifest };
     @id("part") forbid (principal, action, resource) when { context.task };
     @id("below") forbid (principal, action, resource) when { context.task.inManifest.deeper };
     @id("vendor") forbid (principal, action, resource) when { principal.vendor };
     @id("group") forbid (principal, action, resource) when { principal.shared.more };`,
    catalogueOf([tool]),
  );
  const action = [...schema.actions.values()].find(({ key }) => key === 'shop/order');
  assert.ok(action);
  const facts = factsFor(action, mentionsOf(policies.slice(0, 2).flatMap(({ conditions }) => conditions)));
  const fails = failsOf(policies, facts);
  const failing = (values: Record<string, unknown>, by = agent): string[] => {
    const known = { agent: by, values: facts.map(({ member }) => values[member ?? ''] as boolean) };
    return policies.filter(policy => fails.get(policy)?.(known) === true).map(({ info }) => info.id);
  };

  test('false', () =>
    assert.deepEqual(failing({ hasManifest: false, inManifest: false }), ['known', 'beside', 'vendor']));
  test('true', () => assert.deepEqual(failing({ hasManifest: true, inManifest: true }), ['vendor']));
  test('one of them', () => assert.deepEqual(failing({ hasManifest: true, inManifest: false }), ['beside', 'vendor']));
  test('missing, or something else: then the engine has to say', () => {
    assert.deepEqual(failing({ hasManifest: undefined, inManifest: 0 }), ['vendor']);
    assert.deepEqual(failing({ hasManifest: 'false', inManifest: null }), ['vendor']);
  });
  test('of the agent that asks', () => {
    const vendors = agentOf({ vendor: true });
    assert.deepEqual(failing({ hasManifest: true, inManifest: true }, vendors), []);
  });
});

describe('R1 with a yes only what a yes can change is asked again', () => {
  const asks =
    '@id("a") forbid (principal, action, resource) when { context.flow.untrusted } unless { context.approved };';
  const never = '@id("n") forbid (principal, action, resource) when { context.task.calls == 0 };';

  test('a forbid that it lifts is left out, and one that holds all the same is the answer', () => {
    const lifted = counted(permit + asks);
    const without = lifted.engine.evaluate(request(), false);
    assert.deepEqual(without.determining, ['a']);
    assert.deepEqual(lifted.engine.evaluate(request(), true, without).determining, ['p']);
    assert.deepEqual(lifted.asked, [2, 1]);
    const standing = counted(permit + asks + never);
    const denied = standing.engine.evaluate(request(), false);
    assert.deepEqual(denied.determining, ['a', 'n']);
    assert.deepEqual(essence(standing.engine.evaluate(request(), true, denied)), {
      allowed: false,
      determining: ['n'],
      errors: [],
    });
    assert.deepEqual(standing.asked, [3]);
  });

  test('an answer without a yes that has errors says nothing', () => {
    const { engine, asked } = counted(permit + asks + never);
    const faulty: Evaluation = { allowed: false, determining: ['n'], errors: [{ policy: 'a', message: 'it broke' }] };
    engine.evaluate(request(), true, faulty);
    assert.deepEqual(asked, [2]);
  });

  const odd: Readonly<Record<string, string>> = {
    'a permit that errs with a yes, beside a forbid that holds all the same': `${permit}${never}
      @id("e") permit (principal, action, resource) when { context.approved && context.task.nothing };`,
    'a forbid that errs with a yes before it is lifted': `${permit}${asks}
      @id("e") forbid (principal, action, resource)
      when { if context.approved then context.task.nothing else false } unless { context.approved };`,
    'a forbid that only a yes makes hold': `${permit}${asks}
      @id("e") forbid (principal, action, resource) when { context.approved };`,
    'a forbid that a yes lifts for some': `${permit}
      @id("e") forbid (principal, action, resource) unless { context.approved && context.task.asked };`,
    'a forbid that a yes or something else lifts': `${permit}
      @id("e") forbid (principal, action, resource) unless { context.approved || context.task.asked };`,
    'a forbid that looks at the context as a whole': `${permit}${asks}
      @id("e") forbid (principal, action, resource) when { context == context } unless { context.approved };`,
    'a permit that needs a yes': '@id("e") permit (principal, action, resource) when { context.approved };',
    'nothing that permits': asks + never,
  };
  for (const [name, policies] of Object.entries(odd))
    test(name, () => {
      const [narrowed, whole] = bothOf(policies);
      assert.deepEqual(narrowed, whole);
    });
});
