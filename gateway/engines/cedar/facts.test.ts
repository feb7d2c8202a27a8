import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noRisk, type PolicyRequest } from '@sallyport/core/policy/engine.ts';
import { environmentAt } from '@sallyport/core/policy/environment.ts';
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
  const facts = { task: fakeTaskFacts(), flow: fakeFlow(), env: environmentAt(Date.UTC(2030, 0, 1)), risk: noRisk };
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

/** What a condition holds a fact against; undefined where it is looked at otherwise. */
function conditionOn(path: string, value: unknown): string | undefined {
  if (Array.isArray(value)) return `${path}.contains("other")`;
  return typeof value === 'object' ? undefined : `${path} == ${JSON.stringify(value)}`;
}

function another(value: unknown): unknown {
  if (Array.isArray(value)) return [...value, 'other'];
  if (typeof value === 'boolean') return !value;
  return typeof value === 'number' ? value + 1 : 'other';
}

test('whichever fact is another one, by itself: the answer is that of an engine that remembers nothing', () => {
  const { task, flow, risk, env, input } = request('{"name":"a"}');
  const conditions: string[] = [];
  const changed: PolicyRequest[] = [];
  for (const [part, facts] of Object.entries({ task, flow, risk }))
    for (const [name, value] of Object.entries(facts)) {
      const condition = conditionOn(`context.${part}.${name}`, value);
      // How values came is for people: policies are not told.
      if (condition === undefined || name === 'ways') continue;
      conditions.push(condition);
      changed.push(request('{"name":"a"}', { [part]: { ...facts, [name]: another(value) } }));
    }
  const others: readonly (readonly [condition: string, changed: Partial<PolicyRequest>])[] = [
    ['context.input has name', { input: readObject('{}') }],
    ['!(context.input has tags)', { input: readObject('{"name":"a","tags":[]}') }],
    ['context.input has name && context.input.name == "a"', { input: readObject('{"name":"A"}') }],
    ['!(context.flow.arg has name)', { flow: fakeFlow([], { arg: { name: 'text' } }) }],
    ['context.env.now == datetime("2030-01-01T00:00:00.000Z")', { env: { ...env, now: env.now + 1 } }],
    ['context.env.local == datetime("2030-01-01T00:00:00.000Z")', { env: { ...env, local: env.local + 1 } }],
    ['context.env.weekday == "tuesday"', { env: { ...env, weekday: 'friday' } }],
    ['!context.paths.outside', { input: readObject('{"name":"/etc/a"}') }],
    ['principal.trust == 0', { agent: { ...agent, trust: agent.trust + 1 } }],
    ['principal.shared == false', { agent: { ...agent, shared: !agent.shared } }],
    ['principal in AgentClass::"c"', { agent: { ...agent, classes: ['c'] } }],
    ['principal in Team::"t"', { agent: { ...agent, team: 't' } }],
    [`principal == Agent::"${agent.id}"`, { agent: { ...agent, id: 'namesake' } }],
    ['resource.pinned', { tool: { ...tool, status: { kind: 'quarantined', why: 'it changed' } } }],
  ];
  for (const [condition, over] of others) {
    conditions.push(condition.replace('principal.trust == 0', `principal.trust == ${agent.trust}`));
    changed.push(request('{"name":"a"}', { input, ...over }));
  }
  assert.ok(conditions.length >= 54, 'facts of the task, the flow, the risk, and the others');
  const base = request('{"name":"a"}');
  // Records are never held against each other: beside one of them every question is looked up by its text.
  const isRecord = (condition: string): boolean => /context\.(?:input|env|flow\.arg)/.test(condition);
  for (const asked of [conditions, conditions.filter(one => !isRecord(one))]) {
    const policies = [...asked, 'context.approved'].map(
      (one, at) => `@id("fact-${at}") permit (principal, action, resource) when { ${one} };`,
    );
    const set = uncheckedSet(policies.join('\n'), catalogueOf([tool]));
    const [remembers, always] = [new CedarEngine(set), new CedarEngine({ ...set, asking: 'always' })];
    const ofBase = always.evaluate(base, false);
    for (const [at, one] of changed.entries()) {
      const condition = conditions[at] ?? '';
      for (const [which, approved] of [base, base, one, one].flatMap(each => [
        [each, false] as const,
        [each, true] as const,
      ])) {
        assert.deepEqual(remembers.evaluate(which, approved), always.evaluate(which, approved), condition);
        assert.deepEqual(remembers.told(which), always.told(which), condition);
      }
      for (const which of [base, base, one, one, base])
        assert.deepEqual(remembers.evaluate(which, false), always.evaluate(which, false), condition);
      if (asked.includes(condition)) assert.notDeepEqual(always.evaluate(one, false), ofBase, condition);
    }
  }
});
