import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeAgent, fakeTool, jsonObject } from '@sallyport/testkit/fakes/ports.ts';
import { fakeTask } from '@sallyport/testkit/fakes/task.ts';
import fc from 'fast-check';
import { gather } from '../mediate/gather.ts';
import type { Actor } from '../model/agent.ts';
import { nothingLooked } from '../provenance/memories.ts';
import { decide } from './decide.ts';
import type { Evaluation, PolicyEngine, PolicyRequest } from './engine.ts';

/** What policies say to one agent, without and with a yes. */
const says = ['permit', 'nothing', 'forbid', 'ask', 'permit-with-yes', 'error'] as const;
type Says = (typeof says)[number];

const tool = fakeTool();
const input = jsonObject('{}');
const action = { method: 'tools/call', server: tool.server, tool, input, params: '{}', digest: 'd' } as const;
const request: PolicyRequest = gather(fakeAgent, fakeTask, action, nothingLooked, 0);

function engineOf(word: (agent: string) => Says): PolicyEngine & { readonly count: () => number } {
  let count = 0;
  return {
    count: () => count,
    couldPermit: () => true,
    policy: id => ({ id, effect: 'permit', file: '', line: 0, annotations: {} }),
    evaluate: ({ agent }, approved): Evaluation => {
      count++;
      const said = word(agent.id);
      if (said === 'error') return { allowed: false, determining: [], errors: [{ policy: 'e', message: '' }] };
      const allowed = said === 'permit' || (approved && (said === 'ask' || said === 'permit-with-yes'));
      const stops = said === 'forbid' || (said === 'ask' && !approved);
      return { allowed, determining: allowed ? ['p'] : stops ? ['f'] : [], errors: [] };
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
    return `${decision.answer} ${decision.reasons[0]?.rule}`;
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

test('D-7 where an actor’s rule asks as well, the question keeps how many people it needs and whom it goes to next', () => {
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
  const strict = { approver: 'finance', people: '2', escalate: '5m: board', expires: '10m' };
  const plain = { approver: 'desk', expires: '1h' };
  for (const strictRule of ['own', 'inner']) {
    const approval = asked(rule => (rule === strictRule ? strict : plain));
    assert.deepEqual(
      { ...approval, approvers: [...(approval?.approvers ?? [])].sort() },
      {
        ...{ approvers: ['desk', 'finance'], expiresSeconds: 600, people: 2 },
        escalation: { afterSeconds: 300, approvers: ['board'] },
      },
    );
  }
});
