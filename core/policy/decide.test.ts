import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fakeFlow } from '@sallyport/testkit/fakes/flow.ts';
import { fakeAgent, fakeTool, jsonObject } from '@sallyport/testkit/fakes/ports.ts';
import { fakeTaskFacts } from '@sallyport/testkit/fakes/task.ts';
import { decide } from './decide.ts';
import { type Evaluation, noRisk, type PolicyEngine, type PolicyInfo, type PolicyRequest } from './engine.ts';
import { environmentAt } from './environment.ts';
import { obligationsIn } from './obligation.ts';
import { approvalSecondsDefault, approvalSecondsMax, durationSeconds } from './terms.ts';

const request: PolicyRequest = {
  agent: fakeAgent,
  tool: fakeTool(),
  input: jsonObject('{}'),
  task: fakeTaskFacts(),
  flow: fakeFlow(),
  env: environmentAt(0),
  risk: noRisk,
};

interface Asked {
  readonly engine: PolicyEngine;
  readonly asked: boolean[];
}

/** An engine that answers so without and with approval; ids beginning with `f` are forbids. */
function engineOf(
  without: Partial<Evaluation>,
  withYes: Partial<Evaluation> = without,
  infos: Partial<Record<string, Record<string, string>>> = {},
): Asked {
  const asked: boolean[] = [];
  const nothing: Evaluation = { allowed: false, determining: [], errors: [] };
  const policy = (id: string): PolicyInfo => ({
    id,
    effect: id.startsWith('f') ? 'forbid' : 'permit',
    file: 'p',
    line: 1,
    annotations: infos[id] ?? {},
  });
  const evaluate = (_: PolicyRequest, approved: boolean): Evaluation => {
    asked.push(approved);
    return { ...nothing, ...(approved ? withYes : without) };
  };
  return { asked, engine: { evaluate, policy, couldPermit: () => true } };
}

function answerOf({ engine }: Asked, approvalAtHand = false): string {
  const { decision, usedApproval } = decide(request, approvalAtHand, engine);
  return `${decision.answer} ${decision.reasons.map(({ rule }) => rule).join(' ')}${usedApproval ? ' (used)' : ''}`;
}

describe('three answers from a two-valued engine', () => {
  test('what is allowed needs nobody, and an approval at hand is not used', () => {
    const allowed = engineOf({ allowed: true, determining: ['p'] });
    assert.equal(answerOf(allowed, true), 'permit p');
    assert.deepEqual(allowed.asked, [false]);
  });
  test('what only a yes allows is asked', () => {
    assert.equal(answerOf(engineOf({ determining: ['f'] }, { allowed: true, determining: ['p'] })), 'ask f p');
  });
  test('and permitted, once, with a yes at hand', () => {
    assert.equal(
      answerOf(engineOf({ determining: ['f'] }, { allowed: true, determining: ['p'] }), true),
      'permit p (used)',
    );
  });
  test('what a yes does not allow is denied, yes or no', () => {
    const denied = engineOf({ determining: ['f1', 'f2'] }, { determining: ['f2'] });
    assert.equal(answerOf(denied), 'deny f2');
    assert.equal(answerOf(denied, true), 'deny f2');
  });
  test('what nothing permits is denied by default', () => assert.equal(answerOf(engineOf({})), 'deny default-deny'));
  test('the engine is not asked twice where a yes changes nothing', () => {
    const fixed = engineOf({ determining: ['f'], approvalMatters: false }, { allowed: true, determining: ['p'] });
    assert.equal(answerOf(fixed, true), 'deny f');
    assert.deepEqual(fixed.asked, [false]);
  });
});

describe('I6 DF1 every error is a deny, in every mode', () => {
  const errors = [{ policy: 'f', message: 'overflow' }];
  for (const [name, asked] of Object.entries({
    'without a yes, although allowed': engineOf({ allowed: true, determining: ['p'], errors }),
    'with a yes, although allowed': engineOf({ determining: ['f'] }, { allowed: true, determining: ['p'], errors }),
  }))
    test(name, () => {
      const { decision } = decide(request, true, asked.engine);
      assert.deepEqual(decision, {
        answer: 'deny',
        fault: true,
        reasons: [{ rule: 'policy-error', text: 'policy f could not be evaluated', fix: undefined }],
      });
    });
  test('a question that could not be put says why', () => {
    const { decision } = decide(
      request,
      true,
      engineOf({ errors: [{ policy: '', message: 'the argument `a` is odd' }] }).engine,
    );
    assert.deepEqual(decision.reasons, [{ rule: 'policy-error', text: 'the argument `a` is odd', fix: undefined }]);
    assert.ok(decision.answer === 'deny' && decision.fault);
  });
  test('a throw', () => {
    const throws = { ...engineOf({}).engine, evaluate: () => assert.fail('broken') };
    const { decision } = decide(request, true, throws);
    assert.ok(decision.answer === 'deny' && decision.fault);
    assert.deepEqual(
      decision.reasons.map(({ rule }) => rule),
      ['policy-error'],
    );
  });
  test('a throw while reasons are looked up', () => {
    const throws = { ...engineOf({ allowed: true, determining: ['p'] }).engine, policy: () => assert.fail('broken') };
    assert.equal(decide(request, true, throws).decision.answer, 'deny');
  });
});

test('B-3 a quarantined tool is denied before any policy is asked, in words that are not its own', () => {
  const allowed = engineOf({ allowed: true, determining: ['p'] });
  const tool = fakeTool({ status: { kind: 'quarantined', why: 'description: {+do X+}' } });
  const { decision } = decide({ ...request, tool }, true, allowed.engine);
  assert.deepEqual(
    decision.reasons.map(({ rule, text }) => [rule, text]),
    [['quarantined', 'its definition has not been accepted']],
  );
  assert.ok(decision.answer === 'deny' && !decision.fault);
  assert.deepEqual(allowed.asked, []);
});

test('F-1 a value that the agent has not seen says where nothing goes and runs as nothing before a person has seen it', () => {
  const allowed = engineOf({ allowed: true, determining: ['p'] });
  const withHandles = (handles: readonly string[], yes: boolean, { engine } = allowed): string => {
    const { decision, usedApproval } = decide({ ...request, flow: { ...fakeFlow(), handles } }, yes, engine);
    return `${decision.answer} ${decision.reasons[0]?.rule}${usedApproval ? ' (used)' : ''}`;
  };
  for (const role of ['destination', 'command', 'egress', 'code']) {
    assert.equal(withHandles(['content', role], false), 'ask unseen-value-decides', role);
    assert.equal(withHandles([role], true), 'permit p (used)', role);
  }
  assert.equal(withHandles(['content', 'object'], false), 'permit p');
  assert.equal(withHandles(['content'], true), 'permit p', 'and then the yes is kept');
  const asked = engineOf({ determining: ['f'] }, { allowed: true, determining: ['p'] });
  assert.equal(withHandles(['command'], false, asked), 'ask f');
  assert.equal(withHandles(['command'], true, asked), 'permit p (used)');
  assert.equal(withHandles(['command'], true, engineOf({ determining: ['f'] })), 'deny f');
});

describe('whom to ask, and for how long', () => {
  const ask = (infos: Record<string, Record<string, string>>): unknown => {
    const { decision } = decide(
      request,
      false,
      engineOf({ determining: ['f'] }, { allowed: true, determining: ['p'] }, infos).engine,
    );
    return decision.answer === 'ask' ? decision.approval : decision.answer;
  };
  test('of each rule that names somebody a yes of its own, within the shortest time', () =>
    assert.deepEqual(
      ask({ f: { approver: 'lead, operator', expires: '2h' }, p: { approver: 'owner', expires: '90s' } }),
      { approvers: ['lead', 'operator'], and: [{ approvers: ['owner'] }], expiresSeconds: 90 },
    ));
  test('a rule that names nobody takes those whom others name, and wants as many as it says', () => {
    const terms = { approvers: ['finance'], expiresSeconds: approvalSecondsDefault };
    assert.deepEqual(ask({ p: { approver: 'finance' } }), terms);
    assert.deepEqual(ask({ f: { escalate: '5m: x' }, p: { approver: 'finance' } }), terms);
    const later = { escalation: { afterSeconds: 300, approvers: ['x'] } };
    assert.deepEqual(ask({ f: {}, p: { approver: 'finance', escalate: '5m: x' } }), { ...terms, ...later });
    assert.deepEqual(ask({ f: { people: '2' }, p: { approver: 'finance', escalate: '5m: x' } }), {
      ...{ ...terms, ...later, people: 2 },
    });
    assert.deepEqual(ask({ f: { escalate: '5m: x' }, p: {} }), { ...terms, ...later, approvers: ['operator'] });
  });
  test('what another rule asks already, by the same people or fewer of them, is asked once', () => {
    const terms = { approvers: ['finance'], expiresSeconds: approvalSecondsDefault };
    assert.deepEqual(ask({ f: { approver: 'operator, finance' }, p: { approver: 'finance' } }), terms);
    assert.deepEqual(ask({ f: { approver: 'finance' }, p: { approver: 'finance', people: '2' } }), {
      ...{ ...terms, people: 2 },
    });
    // Who is asked as well later is asked for the rule that says so.
    assert.deepEqual(ask({ f: { approver: 'finance', escalate: '5m: night' }, p: { approver: 'finance' } }), terms);
    assert.deepEqual(
      ask({
        f: { approver: 'finance', escalate: '5m: night' },
        p: { approver: 'finance', escalate: '2m: night, day' },
      }),
      { ...terms, escalation: { afterSeconds: 300, approvers: ['night'] } },
    );
  });
  test('the operator, where nobody is named', () =>
    assert.deepEqual(ask({}), { approvers: ['operator'], expiresSeconds: approvalSecondsDefault }));
  test('no longer than a day', () =>
    assert.deepEqual(ask({ f: { expires: '999h' } }), { approvers: ['operator'], expiresSeconds: approvalSecondsMax }));
});

test('durations', () => {
  assert.deepEqual(['90s', '10m', '2h', '0s', '1d', ' 1m', '1.5h', '', undefined].map(durationSeconds), [
    90,
    600,
    7200,
    ...Array(6).fill(undefined),
  ]);
});

test('obligations', () => {
  assert.deepEqual(obligationsIn('a=1, b = 2,c'), [
    { name: 'a', value: '1' },
    { name: 'b', value: '2' },
    { name: 'c', value: '' },
  ]);
});

describe('D-7 of a chain of actors the outermost alone grants, and the inner ones can forbid', () => {
  const inner = { ...fakeAgent, id: 'planner' };
  /** What is evaluated for the inner actor, without and with approval; the outermost is permitted by `p`. */
  const chain = (
    without: Partial<Evaluation>,
    withYes: Partial<Evaluation> = without,
    own: Partial<Evaluation> = { allowed: true, determining: ['p'] },
  ) => {
    const { engine } = engineOf({});
    const nothing: Evaluation = { allowed: false, determining: [], errors: [] };
    const evaluate = ({ agent }: PolicyRequest, approved: boolean): Evaluation => ({
      ...nothing,
      ...(agent.id !== 'planner' ? own : approved ? withYes : without),
    });
    return (approvalAtHand = false): string => {
      const { decision, usedApproval } = decide({ ...request, actors: [inner] }, approvalAtHand, {
        ...engine,
        evaluate,
      });
      return `${decision.answer} ${decision.reasons.map(({ rule }) => rule).join(' ')}${usedApproval ? ' (used)' : ''}`;
    };
  };

  test('what nothing permits to the inner one is not forbidden to it', () => assert.equal(chain({})(), 'permit p'));
  test('a permit of the inner one grants nothing', () =>
    assert.equal(chain({ allowed: true, determining: ['p'] }, undefined, {})(), 'deny default-deny'));
  test('a forbid of the inner one denies, whatever yes is at hand', () => {
    assert.equal(chain({ determining: ['f'] })(), 'deny f');
    assert.equal(chain({ determining: ['f'] })(true), 'deny f');
  });
  test('a forbid that a yes lifts asks for that yes, and uses it', () => {
    assert.equal(chain({ determining: ['f'] }, {})(), 'ask f');
    assert.equal(chain({ determining: ['f'] }, {})(true), 'permit p (used)');
  });
  test('an error about the inner one is a deny', () =>
    assert.equal(chain({ errors: [{ policy: 'x', message: 'm' }] })(), 'deny policy-error'));
});

describe('@answer("client") marks what whoever sits at the agent’s client may answer', () => {
  const client = { answer: 'client' };
  function mayClient(infos: Record<string, Record<string, string>>, classes: PolicyRequest['tool']['classes'] = []) {
    const { engine } = engineOf({ determining: ['f', 'f2'] }, { allowed: true, determining: ['p'] }, infos);
    // A plain permit asks nobody.
    const policy = (id: string): PolicyInfo => ({ ...(engine.policy(id) as PolicyInfo), asks: id !== 'p' });
    const { decision } = decide({ ...request, tool: { ...request.tool, classes } }, false, { ...engine, policy });
    return decision.answer === 'ask' && decision.approval.answer === 'client';
  }

  test('only where every rule that asks says so', () => {
    assert.equal(mayClient({ f: client, f2: client }), true);
    assert.equal(mayClient({ f: client }), false, 'the other rule was written for somebody independent');
    assert.equal(mayClient({}), false);
  });
  test('never where two people are needed', () => {
    assert.equal(mayClient({ f: client, f2: { ...client, people: '2' } }), false);
    const [desk, board] = [
      { ...client, approver: 'desk' },
      { ...client, approver: 'board' },
    ];
    assert.deepEqual([mayClient({ f: desk, f2: desk }), mayClient({ f: desk, f2: board })], [true, false]);
  });
  test('never for money, destruction, code or administration, whatever a rule says', () => {
    for (const name of ['money', 'destructive', 'code', 'admin'] as const)
      assert.equal(mayClient({ f: client, f2: client }, ['write', name]), false, name);
    assert.equal(mayClient({ f: client, f2: client }, ['write']), true);
  });
});
