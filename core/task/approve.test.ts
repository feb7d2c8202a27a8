import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Answered, Asked } from '../model/entry.ts';
import { isBoundTo, isLive, isMet } from './approval.ts';
import { applyAnswered, applyAsked, applySeconded, giveApprovalBack, useApproval } from './approve.ts';
import { emptyState } from './state.ts';

const asked: Asked = {
  ...{ kind: 'asked', id: 'ap_1', decision: 'd_1', task: 't_1', agent: 'a', method: 'tools/call', server: 's' },
  ...{ tool: 'act', digest: 'x', pin: 'p', world: 'w', approvers: ['desk'], expiresAt: 9_000 },
};
const answer = (over: Partial<Answered> = {}): Answered => ({
  ...{
    kind: 'answered',
    id: 'e_1',
    task: 't_1',
    approval: 'ap_1',
    answer: 'approved',
    by: 'ann',
    proof: 'oidc',
    expiresAt: 9_000,
  },
  ...over,
});

function open(over: Partial<Asked> = {}) {
  const state = emptyState();
  applyAsked(state, { ...asked, ...over }, 1_000);
  const approval = () => state.approvals.get('ap_1') ?? assert.fail('it is not there');
  return { state, approval };
}

test('E-2 each person counts once, and only while it is asked', () => {
  const { state, approval } = open({ people: 3 });
  const second = (by: string): void =>
    applySeconded(state, { kind: 'seconded', id: 'e_2', task: 't_1', approval: 'ap_1', by, proof: 'oidc' }, 2_000);
  for (const by of ['ann', 'ann', 'bob', 'ann']) second(by);
  assert.deepEqual(
    approval().seconds.map(({ by }) => by),
    ['ann', 'bob'],
  );
  applyAnswered(state, answer({ by: 'cid' }), 3_000);
  second('dan');
  assert.equal(approval().seconds.length, 2);
});

test('E-3 each person counts once for each of several quorums', () => {
  const { state, approval } = open({ people: 2, and: [{ approvers: ['board'] }] });
  const second = (by: string, quorums: readonly number[]): void =>
    applySeconded(
      state,
      { kind: 'seconded', id: 'e_2', task: 't_1', approval: 'ap_1', by, proof: 'oidc', quorums },
      2_000,
    );
  second('ann', [0]);
  second('ann', [0, 1]);
  assert.deepEqual([isMet(approval(), 0), isMet(approval(), 1)], [false, true]);
  second('bob', [0]);
  assert.equal(isMet(approval(), 0), true);
});

test('E-2 the first answer counts, and a yes is used once', () => {
  const { state, approval } = open();
  assert.equal(useApproval(state, 'ap_1', 'd_2'), false, 'nobody said yes yet');
  applyAnswered(state, answer(), 2_000);
  applyAnswered(state, answer({ answer: 'refused', by: 'bob' }), 3_000);
  assert.deepEqual([approval().state, approval().answered?.by], ['approved', 'ann']);
  assert.deepEqual([useApproval(state, 'ap_1', 'd_2'), useApproval(state, 'ap_1', 'd_2')], [true, false]);
  const no = open();
  applyAnswered(no.state, answer({ answer: 'refused' }), 2_000);
  assert.equal(useApproval(no.state, 'ap_1', 'd_2'), false);
});

test('E-3 the agent’s own client answers only what policy let it answer', () => {
  const client = answer({ by: 'client:a', proof: 'client' });
  for (const [over, state] of [
    [{}, 'pending'],
    [{ answer: 'client' }, 'approved'],
  ] as const) {
    const one = open(over);
    applyAnswered(one.state, client, 2_000);
    assert.equal(one.approval().state, state);
  }
});

test('E-1 a yes is bound to one action of one task of one agent, as it was pinned, under the rules of that day', () => {
  const { approval } = open();
  const bond = { task: 't_1', agent: 'a', digest: 'x', pin: 'p', world: 'w' } as const;
  assert.equal(isBoundTo(approval(), bond), true);
  for (const other of [{ task: 't_2' }, { agent: 'b' }, { digest: 'y' }, { pin: 'q' }, { world: 'v' }] as const)
    assert.equal(isBoundTo(approval(), { ...bond, ...other }), false, JSON.stringify(other));
});

test('E-2 a yes lives until its end, and not once it is used; only the decision that used it can give it back', () => {
  const { state, approval } = open();
  applyAnswered(state, answer(), 2_000);
  assert.deepEqual([isLive(approval(), 8_999), isLive(approval(), 9_000)], [true, false]);
  useApproval(state, 'ap_1', 'd_2');
  assert.equal(isLive(approval(), 2_000), false);
  giveApprovalBack(state, 'ap_1', 'd_3');
  assert.equal(approval().state, 'used', 'given back by another decision');
  giveApprovalBack(state, 'ap_1', 'd_2');
  assert.deepEqual([approval().state, isLive(approval(), 2_000)], ['approved', true]);
});
