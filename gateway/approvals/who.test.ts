import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Reply } from '@sallyport/core/mediate/reply.ts';
import type { ApprovalId } from '@sallyport/core/model/ids.ts';
import { theOperator } from '@sallyport/testkit/fakes/the-operator.ts';
import { openNode, restartNode, said, type TestNode } from '@sallyport/testkit/rooms/node.ts';
import type { Caller } from '../api/caller.ts';
import { createWho } from './who.ts';

const person = (name: string, groups: readonly string[] = [], role: Caller['role'] = 'approver'): Caller => ({
  name,
  role,
  groups,
  proof: 'separate-uid',
  expiresAt: undefined,
  ended: undefined,
});

function asked(reply: Reply): ApprovalId {
  assert.ok(reply.kind === 'refusal' && reply.approval !== undefined, `not asked: ${JSON.stringify(reply)}`);
  return reply.approval;
}

const codeOf = (reply: Reply): string => (reply.kind === 'refusal' ? reply.refusal.code : reply.kind);

async function answered(
  node: TestNode,
  id: ApprovalId,
  by: Caller,
  word: 'approved' | 'refused' = 'approved',
): Promise<string> {
  const answer = await node.approvals.answer(id, said(word, '', by));
  return answer.ok ? answer.approval.state : answer.conflict;
}

const house = createWho({
  groups: new Map([['finance', ['oidc:anna', 'oidc:ben']]]),
  deputies: new Map([['oidc:anna', ['oidc:cleo']]]),
});

test('E-3 policy says who may answer: the named, their groups, their deputies, the operator, and nobody else', async () => {
  const node = openNode({ annotations: { approver: 'finance' }, who: house });
  const ask = async (): Promise<ApprovalId> => asked(await node.call());
  const id = await ask();
  for (const [who, why] of [
    [person('oidc:dora'), 'is in no group'],
    [person('oidc:dora', ['security']), 'is in another group'],
    [person('oidc:dora', [], 'admin'), 'has a role, which is no group'],
    [person('finance-bot', []), 'has a name like the group'],
    [person('oidc:ANNA'), 'is written otherwise'],
  ] as const)
    assert.equal(await answered(node, id, who), 'it is asked of finance, and you are not among them', why);
  assert.equal(node.state.approvals.get(id)?.state, 'pending');
  assert.equal(await answered(node, id, person('oidc:cleo')), 'approved', 'the deputy of who is away');
  assert.equal(codeOf(await node.call()), 'result');
  for (const who of [person('oidc:ben'), person('oidc:eve', ['finance'])]) {
    const state = await answered(node, await ask(), who);
    await node.call();
    assert.equal(state, 'approved');
  }
});

test('where policy names the operator, whoever has that role may answer and an approver may not', async () => {
  const node = openNode({ who: house });
  const id = asked(await node.call());
  assert.match(await answered(node, id, person('oidc:anna')), /^it is asked of operator/);
  assert.equal(await answered(node, id, person('oidc:anna', [], 'operator')), 'approved');
});

test('E-3 a group at the provider that is called like the role, or like a person, makes nobody that', async () => {
  for (const [approver, group] of [
    ['operator', 'operator'],
    ['oidc:anna', 'oidc:anna'],
  ] as const) {
    const node = openNode({ annotations: { approver }, who: house });
    const id = asked(await node.call());
    const named = await answered(node, id, person('oidc:dora', ['staff', group]));
    assert.equal(named, `it is asked of ${approver}, and you are not among them`);
    assert.equal(node.state.approvals.get(id)?.state, 'pending');
  }
  const node = openNode({ annotations: { approver: 'operator, oidc:anna', people: '2' }, who: house });
  const id = asked(await node.call());
  assert.equal(await answered(node, id, person('oidc:anna')), 'pending');
  const deputy = await answered(node, id, person('oidc:cleo', ['operator', 'oidc:anna']));
  assert.match(deputy, /the same seat twice/, 'such a group is no seat of its own either');
  assert.equal(await answered(node, id, person('oidc:olga', [], 'operator')), 'approved');
});

test('four eyes are two people: the same one twice, and whoever the task works for, do not count', async () => {
  const node = openNode({ annotations: { approver: 'finance, oidc:emma', people: '2' }, who: house });
  const id = asked(await node.call());
  assert.equal(await answered(node, id, person('oidc:anna')), 'pending');
  assert.equal(codeOf(await node.call()), 'needs-approval', 'one yes of two permits nothing');
  assert.match(await answered(node, id, person('oidc:anna')), /you said yes already/);
  for (const self of ['oidc:emma', 'oidc:Emma'])
    assert.match(await answered(node, id, person(self, ['finance'])), /works for you/, 'the task is for `user:emma`');
  const deputy = createWho({ groups: new Map(), deputies: new Map([['oidc:emma', ['oidc:cleo']]]) });
  const beside = openNode({ annotations: { approver: 'oidc:cleo', people: '2' }, who: deputy });
  const other = asked(await beside.call());
  assert.match(await answered(beside, other, person('oidc:cleo')), /works for you/, 'nor does a deputy');
  assert.equal(node.state.approvals.get(id)?.state, 'pending');
  const again = await restartNode(node, { annotations: { approver: 'finance, oidc:emma', people: '2' }, who: house });
  assert.deepEqual(
    again.state.approvals.get(id)?.seconds.map(({ by }) => by),
    ['oidc:anna'],
    'the first yes survives a restart',
  );
  assert.equal(await answered(again, id, person('oidc:ben')), 'approved');
  const late = await answered(again, id, person('oidc:cid', ['finance']));
  assert.equal(late, 'it was approved already, by oidc:anna and oidc:ben');
  assert.equal(codeOf(await again.call()), 'result');
  const before = node.journal.entries.filter(({ kind }) => kind === 'seconded' || kind === 'answered');
  assert.deepEqual(
    before.map(({ kind }) => kind),
    ['seconded'],
    'the first yes is no answer',
  );
});

test('a no needs nobody else: who said yes takes it back with it, and so may whoever is asked and whose yes would not count', async () => {
  for (const name of ['oidc:anna', 'oidc:cleo', 'oidc:emma']) {
    const node = openNode({ annotations: { approver: 'finance, oidc:emma', people: '2' }, who: house });
    const id = asked(await node.call());
    assert.equal(await answered(node, id, person('oidc:anna')), 'pending');
    assert.equal(await answered(node, id, person(name), 'refused'), 'refused', name);
    assert.equal(codeOf(await node.call()), 'denied');
  }
  const node = openNode({ annotations: { approver: 'finance', people: '2' }, who: house });
  const id = asked(await node.call());
  assert.match(await answered(node, id, person('oidc:dora'), 'refused'), /you are not among them/);
});

test('four eyes are two seats: a person and their deputy have one, in either order', async () => {
  const terms = { annotations: { approver: 'finance', people: '2' }, who: house };
  for (const [first, second] of [
    ['oidc:anna', 'oidc:cleo'],
    ['oidc:cleo', 'oidc:anna'],
  ] as const) {
    const node = openNode(terms);
    const id = asked(await node.call());
    assert.equal(await answered(node, id, person(first)), 'pending');
    assert.match(await answered(node, id, person(second)), /the same seat twice, a person and their deputy/);
    assert.equal(await answered(node, id, person('oidc:ben')), 'approved');
  }
  const node = openNode(terms);
  const id = asked(await node.call());
  assert.equal(await answered(node, id, person('oidc:ben')), 'pending');
  assert.equal(await answered(node, id, person('oidc:cleo')), 'approved', 'for who is away, beside another');
  const member = openNode(terms);
  const own = asked(await member.call());
  assert.equal(await answered(member, own, person('oidc:anna')), 'pending');
  assert.equal(await answered(member, own, person('oidc:cleo', ['finance'])), 'approved', 'asked in her own right');
});

/** Two rules ask about one action, each of other people. */
const twoRules = (f: Record<string, string>, p: Record<string, string>) => ({
  evaluate: (_request: unknown, approved: boolean) => ({
    ...{ allowed: approved, determining: [approved ? 'p' : 'f'], errors: [] },
  }),
  rules: { f, p },
  who: house,
});

test('E-3 where two rules name different people each gets its own yes, in any order, and a yes for one is none for the other', async () => {
  const rules = twoRules({ approver: 'finance' }, { approver: 'security' });
  const [anna, ben, gus] = [person('oidc:anna'), person('oidc:ben'), person('oidc:gus', ['security'])];
  for (const [first, second, same] of [
    [anna, gus, ben],
    [gus, anna, person('oidc:hal', ['security'])],
  ] as const) {
    const node = openNode(rules);
    const id = asked(await node.call());
    assert.equal(
      await answered(node, id, person('oidc:dora')),
      'it is asked of finance and of security, and you are not among them',
    );
    assert.equal(await answered(node, id, first), 'pending');
    assert.equal(codeOf(await node.call()), 'needs-approval', 'one rule of two is content');
    assert.match(await answered(node, id, first), /you said yes already/);
    assert.match(await answered(node, id, same), /somebody with whom you answer said yes already/);
    const again = await restartNode(node, rules);
    assert.equal(codeOf(await again.call()), 'needs-approval', 'nor after a restart');
    assert.match(await answered(again, id, same), /somebody with whom you answer said yes already/);
    assert.equal(await answered(again, id, second), 'approved');
    assert.equal(codeOf(await again.call()), 'result');
  }
});

test('E-3 who is asked by both rules answers for both at once, and so does the operator’s key', async () => {
  const rules = twoRules({ approver: 'finance' }, { approver: 'security, oidc:ben' });
  for (const who of [
    person('oidc:anna', ['security']),
    person('oidc:ben'),
    { ...person('operator'), groups: 'all' as const },
  ]) {
    const node = openNode(rules);
    assert.equal(await answered(node, asked(await node.call()), who), 'approved', who.name);
    assert.equal(codeOf(await node.call()), 'result');
  }
});

test('E-3 a link opens no question of two rules, and one no ends it', async () => {
  const node = openNode(twoRules({ approver: 'finance' }, { approver: 'security' }));
  const id = asked(await node.call());
  assert.match(await answered(node, id, { ...person('oidc:anna'), proof: 'link' }), /each of them signs in/);
  assert.equal(await answered(node, id, person('oidc:anna')), 'pending');
  assert.equal(await answered(node, id, person('oidc:gus', ['security']), 'refused'), 'refused');
  const late = await answered(node, id, person('oidc:ben'));
  assert.equal(late, 'it was refused already, by oidc:gus', 'and not by who had said yes');
  assert.equal(codeOf(await node.call()), 'denied');
});

test('E-3 who said yes for one rule does so for the other once that is asked of them too', async () => {
  const rules = twoRules({ approver: 'security', escalate: '5m: finance' }, { approver: 'finance' });
  const node = openNode(rules);
  const id = asked(await node.call());
  assert.equal(await answered(node, id, person('oidc:anna')), 'pending');
  node.clock.now += 5 * 60_000;
  assert.equal(await answered(await restartNode(node, rules), id, person('oidc:anna')), 'approved');
});

test('E-3 of two rules that want two people the same two are enough where they are asked by both', async () => {
  const node = openNode(twoRules({ approver: 'finance', people: '2' }, { approver: 'finance, security' }));
  const id = asked(await node.call());
  assert.equal(await answered(node, id, person('oidc:anna')), 'pending');
  assert.equal(await answered(node, id, person('oidc:ben')), 'approved');
});

test('E-3 a yes for two rules of somebody who lost the right of one is no yes', async () => {
  const rules = twoRules({ approver: 'finance' }, { approver: 'board' });
  const groups = new Map([
    ['finance', ['oidc:anna']],
    ['board', ['oidc:bo']],
  ]);
  const node = openNode({ ...rules, who: createWho({ groups, deputies: new Map() }) });
  const id = asked(await node.call());
  assert.equal(await answered(node, id, person('oidc:anna')), 'pending');
  assert.equal(await answered(node, id, person('oidc:bo')), 'approved');
  groups.set('finance', []);
  assert.equal(codeOf(await node.call()), 'needs-approval');
  const both = openNode({ ...rules, who: createWho({ groups, deputies: new Map() }) });
  groups.set('finance', ['oidc:bo']);
  assert.equal(await answered(both, asked(await both.call()), person('oidc:bo')), 'approved');
  groups.set('finance', []);
  assert.equal(codeOf(await both.call()), 'needs-approval');
});

test('one no is enough where two have to say yes', async () => {
  const node = openNode({ annotations: { people: '2' } });
  const id = asked(await node.call());
  await node.approvals.answer(id, said('refused', 'not today'));
  const reply = await node.call();
  assert.ok(reply.kind === 'refusal');
  assert.deepEqual(
    [reply.refusal.rule, reply.refusal.why],
    ['approval-refused', 'a person was asked about exactly this and said no: not today'],
  );
});

test('when nobody answers it is asked of others as well, and only then', async () => {
  const node = openNode({ annotations: { approver: 'finance', escalate: '5m: security', expires: '10m' }, who: house });
  const id = asked(await node.call());
  const guard = person('oidc:gus', ['security']);
  assert.match(await answered(node, id, guard), /^it is asked of finance/);
  node.clock.now += 5 * 60_000;
  assert.equal(await answered(node, id, guard), 'approved');
});

test('E-3 a yes of somebody who lost the right before it was used is no yes', async () => {
  const node = openNode({ annotations: { approver: 'finance' }, who: house });
  const id = asked(await node.call());
  assert.equal(await answered(node, id, person('oidc:ben')), 'approved');
  const dismissed = createWho({ groups: new Map([['finance', ['oidc:anna']]]), deputies: new Map() });
  const after = await restartNode(node, { annotations: { approver: 'finance' }, who: dismissed });
  const anew = asked(await after.call());
  assert.notEqual(anew, id, 'nobody could answer the first one again');
  const answer = await after.approvals.answer(id, said('approved', '', person('oidc:anna')));
  assert.deepEqual(answer, {
    ok: false,
    conflict:
      'oidc:ben, who said yes, may not any more: the yes counts for nothing; if the agent tries again, it is asked anew',
  });
  assert.equal(await answered(after, anew, person('oidc:anna')), 'approved');
  assert.equal(codeOf(await after.call()), 'result');
});

test('E-3 of several yeses those of who lost the right count no longer: others are asked in their place', async () => {
  const groups = new Map([['finance', ['oidc:anna', 'oidc:ben', 'oidc:cid']]]);
  const terms = { annotations: { approver: 'finance', people: '2' }, who: createWho({ groups, deputies: new Map() }) };
  const node = openNode(terms);
  const id = asked(await node.call());
  assert.equal(await answered(node, id, person('oidc:anna')), 'pending');
  groups.set('finance', ['oidc:ben', 'oidc:cid']);
  const after = await restartNode(node, terms);
  assert.equal(await answered(after, id, person('oidc:ben')), 'pending', 'it is the first that counts');
  assert.equal(codeOf(await after.call()), 'needs-approval');
  assert.match(await answered(after, id, person('oidc:anna')), /you are not among them/);
  assert.match(await answered(after, id, person('oidc:ben')), /you said yes already/);
  assert.equal(
    await answered(after, id, person('oidc:cid')),
    'approved',
    'and not void because of the one that lapsed',
  );
  assert.equal(codeOf(await after.call()), 'result');
});

test('E-3 a yes for two rules of somebody who lost the right of one counts for the other, before it is enough as after', async () => {
  const groups = new Map([
    ['finance', ['oidc:anna', 'oidc:bo']],
    ['board', ['oidc:bo']],
  ]);
  const who = createWho({ groups, deputies: new Map() });
  const node = openNode({ ...twoRules({ approver: 'finance', people: '2' }, { approver: 'board' }), who });
  const id = asked(await node.call());
  assert.equal(await answered(node, id, person('oidc:bo')), 'pending');
  groups.set('finance', ['oidc:anna', 'oidc:cid']);
  assert.equal(await answered(node, id, person('oidc:anna')), 'pending', 'bo is no second of finance any more');
  assert.equal(await answered(node, id, person('oidc:cid')), 'approved', 'and still the board');
  groups.set('board', []);
  assert.equal(codeOf(await node.call()), 'needs-approval');
});

test('whoever waits for an answer is woken by it, by its end, and by giving up', async () => {
  const node = openNode();
  const id = asked(await node.call());
  const gone = new AbortController();
  const first = node.approvals.settled(id, gone.signal);
  gone.abort();
  await first;
  const second = node.approvals.settled(id, new AbortController().signal);
  await node.approvals.answer(id, said('approved'));
  await second;
  await node.approvals.settled(id, new AbortController().signal);
});

test('whoever waits for an answer to a question that nobody can say yes to any more waits no longer', async () => {
  const ends: readonly ((node: TestNode) => unknown)[] = [
    node => (node.clock.now += 600_000),
    node => (node.world.now = { ...node.world.now, digest: 'other' }),
    node => node.kills.kill('all', '', theOperator),
  ];
  for (const end of ends) {
    const node = openNode();
    const id = asked(await node.call());
    const waits = node.approvals.settled(id, AbortSignal.timeout(5_000));
    await end(node);
    const begun = performance.now();
    await waits;
    assert.ok(performance.now() - begun < 4_000, String(end));
  }
});
