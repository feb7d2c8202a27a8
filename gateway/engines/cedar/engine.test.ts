import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { JsonNode, JsonObject } from '@sallyport/core/model/json.ts';
import { decide } from '@sallyport/core/policy/decide.ts';
import { noRisk, type PolicyRequest } from '@sallyport/core/policy/engine.ts';
import { environmentAt } from '@sallyport/core/policy/environment.ts';
import { fakeFlow } from '@sallyport/testkit/fakes/flow.ts';
import { fakeTaskFacts } from '@sallyport/testkit/fakes/task.ts';
import { uncheckedSet } from '@sallyport/testkit/policy/real-set.ts';
import { agentOf, catalogueOf, readObject, toolOf } from '@sallyport/testkit/policy/scene.ts';
import { CedarEngine } from './engine.ts';
import { type Cedar, freshCedar } from './instance.ts';
import { buildsMax, buildsWindowMillis } from './instances.ts';
import { loadPolicies } from './load.ts';

const tool = toolOf({
  server: 'shop',
  name: 'order-1.x',
  classes: ['write', 'money'],
  segment: 'finance',
  schema: {
    type: 'object',
    properties: {
      count: { type: 'integer' },
      price: { type: 'number' },
      name: { type: 'string' },
      tags: { type: 'array', items: { type: 'string' } },
      note: { type: ['string', 'null'] },
      to: { oneOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] },
      owner: { type: 'object', properties: { id: { type: 'string' } } },
      'my-key $': { type: 'boolean' },
    },
  },
});
const other = toolOf({ server: 'shop', name: 'list', classes: ['read'] });
const catalogue = catalogueOf([tool, other]);

function engineOf(policies: string, more: Partial<ConstructorParameters<typeof CedarEngine>[0]> = {}): CedarEngine {
  return new CedarEngine({ ...uncheckedSet(policies, catalogue), ...more });
}

function request(input: string | JsonObject = '{}', over: Partial<PolicyRequest> = {}): PolicyRequest {
  return {
    agent: agentOf({ classes: ['support'] }),
    tool,
    input: typeof input === 'string' ? readObject(input) : input,
    task: fakeTaskFacts(),
    flow: fakeFlow(),
    env: environmentAt(Date.UTC(2030, 0, 1)),
    risk: noRisk,
    ...over,
  };
}

const all = '@id("all") permit (principal, action, resource);\n';

describe('arguments are put to policy exactly', () => {
  const held: readonly (readonly [string, string, string])[] = [
    ['an integer', '{"count":7}', 'context.input.count == 7'],
    ['the same integer as 7.0', '{"count":7.0}', 'context.input.count == 7'],
    ['the same integer as 70e-1', '{"count":70e-1}', 'context.input.count == 7'],
    ['the largest integer', '{"count":9007199254740991}', 'context.input.count == 9007199254740991'],
    ['minus zero', '{"count":-0}', 'context.input.count == 0'],
    ['a decimal from its text', '{"price":0.1}', 'context.input.price == decimal("0.1")'],
    ['a decimal with trailing zeros', '{"price":50.000000}', 'context.input.price == decimal("50.0")'],
    ['a decimal with an exponent', '{"price":1.25e2}', 'context.input.price == decimal("125.0")'],
    ['a negative decimal', '{"price":-0.0001}', 'context.input.price == decimal("-0.0001")'],
    ['the largest decimal', '{"price":922337203685477.5807}', 'context.input.price == decimal("922337203685477.5807")'],
    [
      'DF6 a text in its own normal form only',
      '{"name":"é"}',
      'context.input.name == "é" && context.input.name != "e\\u{301}"',
    ],
    ['a set', '{"tags":["a","b","a"]}', 'context.input.tags == ["b", "a"]'],
    ['one where there may be a list of them', '{"to":"a"}', 'context.input has to && context.input.to == ["a"]'],
    ['the list itself', '{"to":["a","b"]}', 'context.input has to && context.input.to == ["b","a"]'],
    ['null as absence', '{"note":null}', '!(context.input has note)'],
    ['an odd name', '{"my-key $":true}', 'context.input["my-key $"]'],
  ];
  for (const [name, input, condition] of held)
    test(name, () => {
      const engine = engineOf(`@id("holds") permit (principal, action, resource) when { ${condition} };`);
      const { allowed, errors } = engine.evaluate(request(input), false);
      assert.deepEqual({ allowed, errors }, { allowed: true, errors: [] });
    });
});

describe('an argument without an exact form denies where a policy names it, and only there', () => {
  const number = (text: string): JsonNode => ({ kind: 'number', value: Number(text), text });
  const object = (name: string, node: JsonNode): JsonObject => ({ kind: 'object', members: new Map([[name, node]]) });
  const unfit: readonly (readonly [string, string, string | JsonObject, RegExp])[] = [
    ['five fraction digits', 'price', '{"price":0.12345}', /`price` has more than 4 digits after the point/],
    ['a tiny number', 'price', '{"price":1e-9}', /`price` has more than 4 digits/],
    ['more than a decimal holds', 'price', '{"price":922337203685478}', /`price` lies beyond what a decimal can hold/],
    ['a huge number', 'price', object('price', number('1e300')), /`price` lies beyond/],
    [
      'DF8 an integer beyond 2^53 that strict JSON did not see',
      'count',
      object('count', number('9007199254740993')),
      /`count` lies beyond ±\(2\^53−1\)/,
    ],
    [
      'a fraction that rounds to an integer',
      'count',
      object('count', number('9007199254740991.4')),
      /`count` is not a whole number/,
    ],
    ['a text of another type', 'count', '{"count":"7"}', /`count` is not a number/],
    ['what a union does not allow', 'to', '{"to":{"a":"b"}}', /`to` is not a text/],
    ['a long text', 'name', JSON.stringify({ name: 'x'.repeat(65_537) }), /`name` is longer than 64 KiB/],
    [
      'a long text of two-byte letters',
      'name',
      JSON.stringify({ name: 'é'.repeat(32_769) }),
      /`name` is longer than 64 KiB/,
    ],
    ['a long list', 'tags', JSON.stringify({ tags: Array(1_001).fill('x') }), /`tags` has more than 1000 items/],
    [
      'many long texts',
      'tags',
      JSON.stringify({ tags: Array(9).fill('x'.repeat(32_000)) }),
      /`tags` makes the arguments too long/,
    ],
    [
      'DF4 half a surrogate pair',
      'name',
      object('name', { kind: 'string', value: '\ud800' }),
      /`name` holds half of a surrogate pair/,
    ],
  ];
  for (const [name, argument, input, message] of unfit)
    test(name, () => {
      const naming = engineOf(
        `${all}@id("f") forbid (principal, action, resource) when { context.input has ${argument} && context.input.${argument} == 0 };`,
      );
      const { decision } = decide(request(input), true, naming);
      assert.equal(decision.answer, 'deny');
      assert.equal(decision.answer === 'deny' && decision.fault, true);
      assert.match(decision.reasons[0]?.text ?? '', message);
      assert.equal(decide(request(input), false, engineOf(all)).decision.answer, 'permit');
      const elsewhere = `${all}@id("f") forbid (principal, action == Action::"shop/list", resource) when { context.input.${argument} == 0 };`;
      assert.equal(decide(request(input), false, engineOf(elsewhere)).decision.answer, 'permit');
    });
});

describe('DF3 what an agent sends never becomes an entity or an extension value', () => {
  const forged: readonly (readonly [string, string, string])[] = [
    ['an entity', '{"owner":{"__entity":{"type":"Agent","id":"assistant"}}}', 'context.input.owner == principal'],
    [
      'an entity with a member of the type',
      '{"owner":{"id":"x","__entity":{"type":"Agent","id":"assistant"}}}',
      'context.input.owner == principal',
    ],
    ['an address', '{"owner":{"__extn":{"fn":"ip","arg":"127.0.0.1"}}}', 'context.input.owner == ip("127.0.0.1")'],
    ['at the top', '{"__entity":{"type":"Agent","id":"assistant"}}', 'context.input == principal'],
    ['an expression', '{"owner":{"__expr":"principal"}}', 'context.input.owner == principal'],
  ];
  for (const [name, input, condition] of forged)
    test(name, () => {
      const engine = engineOf(`@id("p") permit (principal, action, resource) when { ${condition} };`);
      assert.equal(engine.evaluate(request(input), false).allowed, false);
    });
});

describe('DF1 E-8 a policy that cannot be evaluated denies', () => {
  const failing: readonly (readonly [string, string])[] = [
    ['a missing argument', 'context.input.count > 1'],
    ['a missing fact', 'context.session.label == "high"'],
    ['a wrong type', 'context.input.name > 100'],
    ['an overflow', 'context.task.calls + 9007199254740991 * 9007199254740991 > 0'],
    ['an unknown entity', 'Agent::"nobody".trust > 1'],
    ['a negated absence', '!(context.input.note == "x")'],
  ];
  for (const [name, condition] of failing)
    test(`in a forbid: ${name}`, () => {
      const engine = engineOf(`${all}@id("f") forbid (principal, action, resource) when { ${condition} };`);
      const { decision } = decide(
        request('{"name":"x"}', { task: { ...request().task, calls: 9007199254740991 } }),
        true,
        engine,
      );
      assert.deepEqual(decision, {
        answer: 'deny',
        reasons: [{ rule: 'policy-error', text: 'policy f could not be evaluated', fix: undefined }],
        fault: true,
      });
    });
});

test('DF8 a request with an integer beyond 2^53 is refused before it is a request', () => {
  assert.throws(() => readObject('{"count":9007199254740993}'));
});

describe('membership in a condition', () => {
  const cases: readonly (readonly [condition: string, holds: boolean, entitiesTold: number])[] = [
    ['resource in Server::"shop"', true, 1],
    ['resource in Server::"elsewhere"', false, 0],
    ['!(resource in Server::"elsewhere")', true, 0],
    ['resource in [Server::"elsewhere", Segment::"finance"]', true, 1],
    ['resource in [Server::"elsewhere", Segment::"other"]', false, 0],
    ['principal in AgentClass::"support"', true, 1],
    ['principal in AgentClass::"other" || principal.shared', false, 1],
    ['action in Action::"money"', true, 1],
    ['action in Action::"read"', false, 0],
    ['resource in (if context.approved then Server::"elsewhere" else Server::"shop")', true, 1],
  ];
  for (const [condition, holds, entitiesTold] of cases)
    test(`${condition} ${holds ? 'holds' : 'does not hold'}, told ${entitiesTold} entities`, () => {
      const told: number[] = [];
      const makeCedar = (): Cedar => {
        const cedar = freshCedar();
        return {
          ...cedar,
          statefulIsAuthorized: call => {
            told.push(call.entities.length);
            return cedar.statefulIsAuthorized(call);
          },
        };
      };
      const policies = `@id("p") permit (principal, action, resource) when { ${condition} };`;
      const { allowed, errors } = engineOf(policies, { makeCedar }).evaluate(request(), false);
      assert.deepEqual([allowed, errors, told.at(-1)], [holds, [], entitiesTold]);
      assert.equal(engineOf(policies, { slicing: 'off' }).evaluate(request(), false).allowed, holds, 'the whole set');
    });
});

describe('what an agent may be shown', () => {
  const shown: readonly (readonly [string, string, boolean])[] = [
    [
      'a permit with conditions could apply',
      '@id("p") permit (principal, action, resource) when { context.approved };',
      true,
    ],
    [
      'a permit for another class of agents could not',
      '@id("p") permit (principal in AgentClass::"other", action, resource);',
      false,
    ],
    [
      'a permit for its class could',
      '@id("p") permit (principal in AgentClass::"support", action in Action::"money", resource);',
      true,
    ],
    [
      'a permit for another tool could not',
      '@id("p") permit (principal, action == Action::"shop/list", resource);',
      false,
    ],
    [
      'a forbid without conditions hides it',
      `${all}@id("f") forbid (principal, action, resource in Segment::"finance");`,
      false,
    ],
    [
      'a forbid with conditions does not',
      `${all}@id("f") forbid (principal, action, resource) when { context.flow.untrusted };`,
      true,
    ],
  ];
  for (const [name, policies, expected] of shown)
    test(name, () => assert.equal(engineOf(policies).couldPermit(agentOf({ classes: ['support'] }), tool), expected));
  test('a tool that is not in the catalogue could not', () =>
    assert.equal(engineOf(all).couldPermit(agentOf(), { ...tool, name: 'other' }), false));
});

describe('a tool that is not the one the set was loaded with', () => {
  for (const [name, changed] of Object.entries({
    'has another name': { ...tool, name: 'order-2' },
    'has another pin': { ...tool, pin: 'another' },
    'has other classes': { ...tool, classes: ['read'] as const },
    'is in another segment': { ...tool, segment: 'elsewhere' },
  }))
    test(`${name}: denied`, () => {
      const { decision } = decide(request('{}', { tool: changed }), false, engineOf(all));
      assert.deepEqual(
        decision.reasons.map(({ rule }) => rule),
        ['policy-error'],
      );
      // The moment between a new definition and the policies that were read for it is nobody's fault, and passes.
      assert.match(
        decision.reasons[0]?.text ?? '',
        /have not been read for this tool as it is now; send it again in a moment/,
      );
    });
  test('an equal one is fine', () => {
    assert.equal(decide(request('{}', { tool: { ...tool } }), false, engineOf(all)).decision.answer, 'permit');
  });
});

test('a forbid that does not mention approval is asked once', () => {
  const engine = engineOf(`${all}@id("f") forbid (principal, action, resource) when { context.flow.untrusted };`);
  const untrusted = request('{}', { flow: fakeFlow(['untrusted']) });
  assert.equal(engine.evaluate(untrusted, false).approvalMatters, false);
  const lifted = engineOf(`${all}@id("f") forbid (principal, action, resource) unless { context.approved };`);
  assert.equal(lifted.evaluate(untrusted, false).approvalMatters, true);
});

/** Breaks the instance for good, as DF2 says. */
function poison(cedar: Cedar): void {
  const deep = `permit (principal, action, resource) when { ${'('.repeat(500)}true${')'.repeat(500)} };`;
  assert.throws(() => cedar.checkParsePolicySet({ staticPolicies: { deep } }));
}

describe('DF2 R12 a broken instance', () => {
  test('denies once, is made anew, and serves again', () => {
    const made: Cedar[] = [];
    const engine = engineOf(all, {
      asking: 'always',
      makeCedar: () => {
        const cedar = freshCedar();
        made.push(cedar);
        return cedar;
      },
    });
    assert.equal(decide(request(), false, engine).decision.answer, 'permit');
    const [first] = made;
    assert.ok(first);
    poison(first);
    assert.deepEqual(
      decide(request(), false, engine).decision.reasons.map(({ text }) => text),
      ['the policy engine failed'],
    );
    assert.equal(decide(request(), false, engine).decision.answer, 'permit');
    assert.equal(engine.rebuilds, 1);
    assert.equal(made.length, 2);
  });

  test('that is broken again and again rests, and comes back', () => {
    let now = 0;
    let broken = true;
    const engine = engineOf(all, {
      clock: () => now,
      makeCedar: () => {
        const cedar = freshCedar();
        const statefulIsAuthorized: Cedar['statefulIsAuthorized'] = call => {
          if (broken && call.preparsedPolicySetId !== 'canary') throw new Error('memory access out of bounds');
          return cedar.statefulIsAuthorized(call);
        };
        return { ...cedar, statefulIsAuthorized };
      },
    });
    for (let call = 0; call < 50; call++) assert.equal(decide(request(), false, engine).decision.answer, 'deny');
    assert.equal(engine.rebuilds, buildsMax - 1);
    broken = false;
    assert.equal(decide(request(), false, engine).decision.answer, 'deny');
    now = buildsWindowMillis;
    assert.equal(decide(request(), false, engine).decision.answer, 'permit');
  });

  test('whose successor does not answer the canary never serves', () => {
    const wrong = (): Cedar => {
      const cedar = freshCedar();
      const statefulIsAuthorized: Cedar['statefulIsAuthorized'] = call => {
        const answer = cedar.statefulIsAuthorized(call);
        return answer.type === 'success' ? { ...answer, response: { ...answer.response, decision: 'allow' } } : answer;
      };
      return { ...cedar, statefulIsAuthorized };
    };
    assert.throws(() => engineOf(all, { makeCedar: wrong }), /does not answer as it must/);
  });

  test('what breaks it while it is made warm is a deny to whoever asks, and no more', async () => {
    const makeCedar = (): Cedar => {
      const cedar = freshCedar();
      const preparsePolicySet: Cedar['preparsePolicySet'] = (name, set) => {
        if (name !== 'canary' && name !== 'all') throw new Error('memory access out of bounds');
        return cedar.preparsePolicySet(name, set);
      };
      return { ...cedar, preparsePolicySet };
    };
    const engine = engineOf('@id("p") permit (principal, action, resource);', { makeCedar });
    engine.takeWhole();
    await engine.warm();
    assert.equal(engine.rebuilds, 0, 'the next one is made for whoever asks');
    assert.deepEqual(
      decide(request(), false, engine).decision.reasons.map(({ text }) => text),
      ['the policy engine failed'],
    );
  });

  test('and an answer that is a failure is a deny', () => {
    const makeCedar = (): Cedar => {
      const cedar = freshCedar();
      const statefulIsAuthorized: Cedar['statefulIsAuthorized'] = call =>
        call.preparsedPolicySetId === 'canary'
          ? cedar.statefulIsAuthorized(call)
          : { type: 'failure', errors: [], warnings: [] };
      return { ...cedar, statefulIsAuthorized };
    };
    const { decision } = decide(request(), false, engineOf(all, { makeCedar }));
    assert.deepEqual(
      decision.reasons.map(({ text }) => text),
      ['the policy engine refused the question'],
    );
  });
});

describe('a question that was answered', () => {
  const set = `${all}@id("f") forbid (principal, action, resource) when { context.task.calls > 3 || context.input.count == 9 };`;

  function counted(policies: string): { readonly engine: CedarEngine; readonly asked: () => number; fail: boolean } {
    let asked = 0;
    const state = { fail: false };
    const makeCedar = (): Cedar => {
      const cedar = freshCedar();
      const statefulIsAuthorized: Cedar['statefulIsAuthorized'] = call => {
        if (call.preparsedPolicySetId === 'canary') return cedar.statefulIsAuthorized(call);
        asked++;
        if (state.fail) throw new Error('broken');
        return cedar.statefulIsAuthorized(call);
      };
      return { ...cedar, statefulIsAuthorized };
    };
    return Object.assign(state, { engine: engineOf(policies, { makeCedar }), asked: () => asked });
  }

  test('is not asked again, and any fact that is mentioned makes another question', () => {
    const { engine, asked } = counted(set);
    const calls = (count: number): PolicyRequest => request('{"count":1}', { task: fakeTaskFacts({ calls: count }) });
    const first = engine.evaluate(calls(1), false);
    assert.deepEqual(engine.evaluate(calls(1), false), first);
    assert.equal(asked(), 1);
    assert.equal(engine.evaluate(calls(4), false).allowed, false);
    assert.equal(engine.evaluate(request('{"count":9}'), false).allowed, false);
    assert.equal(engine.evaluate(calls(1), false).allowed, true);
    assert.equal(asked(), 3);
  });

  test('is asked again by each agent and tool', () => {
    const { engine, asked } = counted(all);
    engine.evaluate(request(), false);
    engine.evaluate(request('{}', { agent: agentOf({ id: 'someone-else' }) }), false);
    engine.evaluate(request('{}', { tool: other }), false);
    assert.equal(asked(), 3);
  });

  test('is asked again of the instance that follows a broken one, and a throw is not kept', () => {
    const counting = counted(set);
    const { engine, asked } = counting;
    assert.equal(engine.evaluate(request(), false).allowed, true);
    counting.fail = true;
    assert.throws(() => engine.evaluate(request('{"count":2}'), false));
    counting.fail = false;
    assert.equal(engine.evaluate(request('{"count":2}'), false).allowed, true);
    assert.equal(engine.evaluate(request(), false).allowed, true);
    assert.equal(asked(), 4);
  });

  test('cannot be changed by who was given the answer', () => {
    const { engine } = counted(set);
    const { determining } = engine.evaluate(request(), false);
    assert.throws(() => (determining as string[]).push('x'), TypeError);
  });
});

test('sets beyond the bound on slices are asked as a whole, with the same answers', () => {
  // Each agent has a policy of its own, so each makes a slice of its own; the common ones fill the bound.
  const common = Array.from(
    { length: 300 },
    (_, i) => `@id("c${i}") permit (principal, action, resource) when { context.task.kind == "k${i}" };`,
  );
  const own = Array.from(
    { length: 40 },
    (_, i) => `@id("o${i}") permit (principal == Agent::"agent-${i}", action, resource);`,
  );
  const asks =
    '@id("ask") forbid (principal, action, resource) when { context.flow.untrusted } unless { context.approved };';
  const engine = engineOf([...common, ...own, asks].join('\n'));
  for (let i = 0; i < 45; i++) {
    const agent = agentOf({ id: `agent-${i}` });
    const { allowed, determining } = engine.evaluate(request('{}', { agent }), false);
    const expected = i < 40 ? { allowed: true, determining: [`o${i}`] } : { allowed: false, determining: [] };
    assert.deepEqual({ allowed, determining }, expected);
    const untrusted = request('{}', { agent, flow: fakeFlow(['untrusted']) });
    const without = engine.evaluate(untrusted, false);
    assert.deepEqual(without.determining, ['ask']);
    const withYes = engine.evaluate(untrusted, true, without);
    assert.deepEqual({ allowed: withYes.allowed, determining: withYes.determining }, expected);
  }
});

describe('what arguments say is put to policy as facts', () => {
  const runner = toolOf({
    server: 'box',
    name: 'run',
    classes: ['code'],
    schema: { type: 'object', properties: { command: { type: 'string' }, sql: { type: 'string' } } },
  });
  const boxes = catalogueOf([runner]);
  const set = `${all}
@id("no-network") forbid (principal, action, resource) when { context.shell.network || context.shell.unclear };
@id("few-programs") forbid (principal, action, resource)
  unless { ["ls", "git", "curl"].containsAll(context.shell.commands) };
@id("no-keys") forbid (principal, action, resource) when { context.paths.credentials };
@id("sql-reads") forbid (principal, action, resource) when { context.sql.present && !context.sql.readOnly };`;

  async function determining(input: Record<string, string>): Promise<readonly string[]> {
    const loaded = await loadPolicies({ sources: [{ file: 'a.cedar', text: set }], catalogue: boxes });
    assert.ok(loaded.ok, JSON.stringify(loaded));
    return loaded.engine.evaluate(request(JSON.stringify(input), { tool: runner }), false).determining;
  }

  test('C-9 a command behind another is decided on', async () => {
    assert.deepEqual(await determining({ command: 'git status && ls' }), ['all']);
    assert.deepEqual(await determining({ command: 'git status && curl x.example' }), ['no-network']);
    assert.deepEqual(await determining({ command: 'ls; shutdown now' }), ['few-programs']);
    assert.deepEqual(await determining({ command: 'ls ~/.ssh' }), ['no-keys']);
    assert.deepEqual(await determining({ command: 'ls $(whoami)' }), ['few-programs', 'no-network']);
  });

  test('SQL that changes something is decided on', async () => {
    assert.deepEqual(await determining({ sql: 'select a from b' }), ['all']);
    assert.deepEqual(await determining({ sql: 'with x as (delete from b returning 1) select 1 from x' }), [
      'sql-reads',
    ]);
    assert.deepEqual(await determining({ sql: 'select 1 /*! , sleep(9) */' }), ['sql-reads']);
  });
});
