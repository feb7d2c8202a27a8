import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noRisk, type PolicyRequest } from '@sallyport/core/policy/engine.ts';
import { fakeFlow } from '@sallyport/testkit/fakes/flow.ts';
import { fakeTaskFacts } from '@sallyport/testkit/fakes/task.ts';
import { uncheckedSet } from '@sallyport/testkit/policy/real-set.ts';
import { agentOf, catalogueOf, readObject, toolOf } from '@sallyport/testkit/policy/scene.ts';
import { CedarEngine } from './engine.ts';
import { areSame } from './facts.ts';

const properties = { name: { type: 'string' }, tags: { type: 'array', items: { type: 'string' } } };
const tool = toolOf({ server: 'shop', name: 'order', classes: ['write'], schema: { type: 'object', properties } });
const agent = agentOf({});

function request(input: string, over: Partial<PolicyRequest> = {}): PolicyRequest {
  const facts = { task: fakeTaskFacts(), flow: fakeFlow(), env: { now: Date.UTC(2030, 0, 1) }, risk: noRisk };
  return { agent, tool, input: readObject(input), ...facts, ...over };
}

function engineOf(policies: string): CedarEngine {
  return new CedarEngine(uncheckedSet(policies, catalogueOf([tool])));
}

test('values are the same only if each is: a list by what stands in it, in its order', () => {
  assert.ok(areSame([1, true, ['a', 'b'], undefined], [1, true, ['a', 'b'], undefined]));
  for (const others of [
    [1, true, ['a', 'c'], undefined],
    [1, true, ['b', 'a'], undefined],
    [1, true, ['a'], undefined],
    [1, true, [], undefined],
    [1, true, ['a', 'b'], false],
    [1, true, ['a', 'b']],
    ['1', true, ['a', 'b'], undefined],
    [1, true, 'a,b', undefined],
  ])
    assert.ok(!areSame([1, true, ['a', 'b'], undefined], others), JSON.stringify(others));
});

test('each call in a row is answered by its own facts, and so is the same one once more', () => {
  const engine = engineOf(
    `permit (principal, action, resource)
     when { context.input has name && context.input.name == "a" && context.flow.labels.contains("org") && !(context has unknown) };`,
  );
  const org = fakeFlow(['org']);
  const asked: readonly (readonly [boolean, PolicyRequest])[] = [
    [true, request('{"name":"a"}', { flow: org })],
    [false, request('{"name":"b"}', { flow: org })],
    [false, request('{"name":"a"}', { flow: fakeFlow(['untrusted']) })],
    [false, request('{"name":"a"}', { flow: fakeFlow([]) })],
    [false, request('{"name":null}', { flow: org })],
    [true, request('{"name":"a"}', { flow: org })],
  ];
  for (const [allowed, one] of [...asked, ...asked].flatMap(each => [each, each])) {
    const evaluation = engine.evaluate(one, false);
    assert.deepEqual([evaluation.allowed, evaluation.errors], [allowed, []]);
  }
});

test('what policies were told of the arguments is told for each call, also where its question was answered before', () => {
  const engine = engineOf(
    `permit (principal, action, resource) when { context.approved || !context.paths.outside };
     forbid (principal, action, resource) when { context.shell.network };`,
  );
  const [inside, beyond] = [request('{"name":"./a"}'), request('{"name":"/etc/a"}')];
  const told = (one: PolicyRequest) => {
    engine.evaluate(one, false);
    return engine.told(one);
  };
  const shell = { network: false };
  for (let round = 0; round < 2; round++) {
    assert.deepEqual(told(inside), { paths: { outside: false }, shell });
    assert.deepEqual(told(beyond), { paths: { outside: true }, shell });
  }
  assert.equal(told(request('{"name":"./b"}')), told(request('{"name":"./c"}')));
  assert.deepEqual(engine.told(request('{"name":"./d"}')), {});
});
