import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeAgent, fakeTool, jsonObject } from '@sallyport/testkit/fakes/ports.ts';
import { fakeTask } from '@sallyport/testkit/fakes/task.ts';
import fc from 'fast-check';
import { gather } from '../mediate/gather.ts';
import type { Actor } from '../model/agent.ts';
import type { ApprovalTerms, Decision } from '../model/decision.ts';
import { nothingLooked } from '../provenance/memories.ts';
import { decide } from './decide.ts';
import type { Evaluation, PolicyEngine, PolicyRequest } from './engine.ts';
import { quorumsOf } from './terms.ts';

/** What policies say to one agent, without and with a yes. */
const says = ['permit', 'nothing', 'forbid', 'ask', 'permit-with-yes', 'error'] as const;
type Says = (typeof says)[number];

const tool = fakeTool();
const input = jsonObject('{}');
const action = { method: 'tools/call', server: tool.server, tool, input, params: '{}', digest: 'd' } as const;
const request: PolicyRequest = gather({ agent: fakeAgent, task: fakeTask, action, looked: nothingLooked, now: 0 });

function engineOf(
  word: (agent: string) => Says,
  annotationsOf: (rule: string) => Readonly<Record<string, string>> = () => ({}),
): PolicyEngine & { readonly count: () => number } {
  let count = 0;
  return {
    count: () => count,
    couldPermit: () => true,
    policy: id => ({ id, effect: 'permit', file: '', line: 0, annotations: annotationsOf(id) }),
    evaluate: ({ agent }, approved): Evaluation => {
      count++;
      const said = word(agent.id);
      if (said === 'error') return { allowed: false, determining: [], errors: [{ policy: 'e', message: '' }] };
      const allowed = said === 'permit' || (approved && (said === 'ask' || said === 'permit-with-yes'));
      const stops = said === 'forbid' || (said === 'ask' && !approved);
      return { allowed, determining: allowed ? [`${agent.id}/p`] : stops ? [`${agent.id}/f`] : [], errors: [] };
    },
  };
}

const loosestFirst = ['permit', 'ask', 'deny'];
const agents = ['a', 'b', 'c', 'd', fakeAgent.id];
const words = fc.record(Object.fromEntries(agents.map(id => [id, fc.constantFrom(...says)])));
const actor: fc.Arbitrary<Actor> = fc
  .record({ id: fc.constantFrom(...agents), asks: fc.boolean() })
  .map(({ id, asks }) => ({ ...fakeAgent, id, ...(asks ? { asks } : {}) }) as Actor);

test('D-7 an actor more never makes an answer looser, wherever in the chain it stands', () => {
  fc.assert(
    fc.property(
      words,
      fc.array(actor, { maxLength: 6 }),
      actor,
      fc.nat(6),
      fc.boolean(),
      (said, chain, more, at, yes) => {
        const engine = engineOf(id => said[id] ?? 'nothing');
        const answer = (actors: readonly Actor[]) => decide({ ...request, actors }, yes, engine).decision.answer;
        const longer = [...chain.slice(0, at), more, ...chain.slice(at)];
        const [shorter, longest] = [answer(chain), answer(longer)];
        assert.ok(loosestFirst.indexOf(longest) >= loosestFirst.indexOf(shorter), `${shorter} became ${longest}`);
      },
    ),
    { seed: 20261122, numRuns: 5_000 },
  );
});

test('K-6 who asks another agent gets what both may do, and the lesser counts', () => {
  const decided = (asker: Says, asked: Says, asks = true) => {
    const engine = engineOf(id => (id === 'a' ? asker : asked));
    const { decision } = decide(
      { ...request, actors: [{ ...fakeAgent, id: 'a', ...(asks ? { asks: true as const } : {}) }] },
      false,
      engine,
    );
    return `${decision.answer} ${decision.reasons[0]?.rule.replace(/^.*\//, '')}`;
  };
  assert.equal(decided('permit', 'permit'), 'permit p');
  assert.equal(decided('nothing', 'permit'), 'deny asked-by-less');
  assert.equal(
    decided('nothing', 'permit', false),
    'permit p',
    'who hands on a part of its task need not be able to do it',
  );
  assert.equal(decided('forbid', 'permit'), 'deny f');
  assert.equal(decided('ask', 'permit'), 'ask f');
  assert.equal(decided('permit-with-yes', 'permit'), 'ask asked-by-less');
  assert.equal(decided('permit', 'nothing'), 'deny default-deny', 'and what it may do itself lends nothing');
});

test('D-7 a chain costs two questions for each agent in it, however often it stands there', () => {
  const engine = engineOf(() => 'ask');
  const chain = Array.from({ length: 16 }, (_, at): Actor => ({ ...fakeAgent, id: at % 2 === 0 ? 'a' : 'b' }));
  decide({ ...request, actors: chain }, false, engine);
  assert.equal(engine.count(), 6);
});

test('D-7 where an actor’s rule asks as well, the question is no easier to answer than that of either', () => {
  const asked = (annotationsOf: (rule: string) => Record<string, string>) => {
    const evaluate = ({ agent }: PolicyRequest, approved: boolean): Evaluation => ({
      allowed: approved,
      determining: approved ? ['p'] : [agent.id === 'a' ? 'inner' : 'own'],
      errors: [],
    });
    const policy: PolicyEngine['policy'] = id => ({
      ...{ id, effect: 'forbid', file: '', line: 0, annotations: annotationsOf(id) },
    });
    const engine: PolicyEngine = { couldPermit: () => true, evaluate, policy };
    const { decision } = decide({ ...request, actors: [{ ...fakeAgent, id: 'a' }] }, false, engine);
    return decision.answer === 'ask' ? decision.approval : undefined;
  };
  const strict = { approver: 'finance, desk', people: '2', escalate: '5m: board, desk', expires: '10m' };
  for (const strictRule of ['own', 'inner']) {
    const beside = (plain: Record<string, string>) =>
      asked(rule => (rule === 'p' ? {} : rule === strictRule ? strict : plain));
    const wanted = {
      approvers: ['finance', 'desk'],
      people: 2,
      escalation: { afterSeconds: 300, approvers: ['board', 'desk'] },
    };
    const terms = beside({ approver: 'night', expires: '1h' });
    assert.equal(terms?.expiresSeconds, 600);
    assert.deepEqual(
      quorumsOf(terms ?? assert.fail()).toSorted((one, other) => (one.people ?? 1) - (other.people ?? 1)),
      [{ approvers: ['night'] }, wanted],
    );
    const implied = beside({ approver: 'desk, finance, board', expires: '1h' });
    assert.deepEqual(implied, { ...wanted, expiresSeconds: 600 }, 'whoever says yes to one says it to both');
  }
});

test('D-7 whom a yes is asked of stands on the permit that it opens: through who asks as well', () => {
  const engine = engineOf(
    id => (id === 'a' ? 'permit-with-yes' : 'permit'),
    () => ({ people: '3', approver: 'board' }),
  );
  const { decision } = decide({ ...request, actors: [{ ...fakeAgent, id: 'a', asks: true }] }, false, engine);
  assert.deepEqual(decision.answer === 'ask' && decision.approval, {
    ...{ approvers: ['board'], expiresSeconds: 600, people: 3 },
  });
});

test('D-7 what the permits of each agent of a chain demand is demanded of it all', () => {
  const engine = engineOf(
    () => 'permit',
    id => ({ obligation: id === 'a/p' ? 'handles=external,result-bytes-max=10' : 'result-bytes-max=99' }),
  );
  const { decision } = decide({ ...request, actors: [{ ...fakeAgent, id: 'a' }] }, false, engine);
  assert.deepEqual(decision.answer === 'permit' && decision.obligations.map(({ name, value }) => `${name}=${value}`), [
    ...['result-bytes-max=99', 'handles=external', 'result-bytes-max=10'],
  ]);
  assert.deepEqual(
    decision.reasons.map(({ rule }) => rule),
    [`${fakeAgent.id}/p`],
    'the reasons are those of who acts, which a receipt is checked against',
  );
});

/** What the rules of one agent say beside yes and no. */
const annotations = fc.record(
  {
    approver: fc.constantFrom('operator', 'desk', 'desk, finance', 'finance'),
    people: fc.constantFrom('1', '2', '3'),
    expires: fc.constantFrom('30s', '10m', '2h'),
    escalate: fc.constantFrom('5m: board', '1m: board, desk', '1h: night'),
    answer: fc.constant('client'),
    obligation: fc.constantFrom(
      ...['result-bytes-max=10', 'result-bytes-max=99', 'handles=external', 'redact-result=secrets'],
      ...['redact-arguments=personal,handles=org', 'no-such-thing=1'],
    ),
  },
  { requiredKeys: [] },
);
const rules = fc.record(Object.fromEntries(agents.map(id => [id, annotations])));

test('D-7 an actor more never makes terms looser: obligations, who answers, how many, how soon, and who later', () => {
  const seen = { permits: 0, asks: 0, obligations: 0, several: 0, escalations: 0 };
  fc.assert(
    fc.property(
      ...([words, rules, fc.array(actor, { maxLength: 6 }), actor, fc.nat(6), fc.boolean()] as const),
      (said, terms, chain, more, at, yes) => {
        const engine = engineOf(
          id => said[id] ?? 'nothing',
          rule => terms[rule.split('/')[0] ?? ''] ?? {},
        );
        const answer = (actors: readonly Actor[]) => decide({ ...request, actors }, yes, engine).decision;
        const [shorter, longer] = [answer(chain), answer([...chain.slice(0, at), more, ...chain.slice(at)])];
        noLooser(shorter, longer);
        if (more.asks === true) noLooser(decide({ ...request, agent: more }, yes, engine).decision, longer);
        seen.permits += longer.answer === 'permit' ? 1 : 0;
        seen.obligations += longer.answer === 'permit' && longer.obligations.length > 1 ? 1 : 0;
        const asked = longer.answer === 'ask' ? longer.approval : undefined;
        seen.asks += asked === undefined ? 0 : 1;
        seen.several += asked?.and === undefined ? 0 : 1;
        seen.escalations += asked?.escalation === undefined ? 0 : 1;
      },
    ),
    { seed: 20261122, numRuns: 5_000 },
  );
  for (const [what, count] of Object.entries(seen)) assert.ok(count > 50, `${what}: ${count} only`);
});

function noLooser(shorter: Decision, longer: Decision): void {
  if (shorter.answer === 'permit' && longer.answer === 'permit') {
    const demanded = longer.obligations.map(({ name, value }) => `${name}=${value}`);
    for (const { name, value } of shorter.obligations)
      assert.ok(demanded.includes(`${name}=${value}`), `${name} is gone`);
  }
  if (shorter.answer !== 'ask' || longer.answer !== 'ask') return;
  const [one, other] = [shorter.approval, longer.approval];
  assert.ok(other.expiresSeconds <= one.expiresSeconds, 'a longer yes');
  assert.ok(other.answer === undefined || one.answer === other.answer, 'the client answers');
  for (const seconds of [0, 60, 300, 3_600])
    for (const yes of fewPeople)
      assert.ok(!isMet(other, yes, seconds) || isMet(one, yes, seconds), `${yes.join(', ')} after ${seconds} s`);
}

/** Up to four people, each of one group. */
const fewPeople: readonly (readonly string[])[] = (() => {
  const names = ['operator', 'desk', 'finance', 'board', 'night'];
  let of: string[][] = [[]];
  const all = [...of];
  for (let count = 1; count <= 4; count++) {
    of = of.flatMap(before => names.filter(name => name >= (before.at(-1) ?? '')).map(name => [...before, name]));
    all.push(...of);
  }
  return all;
})();

function isMet(terms: ApprovalTerms, yes: readonly string[], seconds: number): boolean {
  return [terms, ...(terms.and ?? [])].every(({ approvers, people = 1, escalation }) => {
    const later = escalation !== undefined && seconds >= escalation.afterSeconds ? escalation.approvers : [];
    return yes.filter(name => approvers.includes(name) || later.includes(name)).length >= people;
  });
}
