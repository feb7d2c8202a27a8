import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LinePorts } from '@sallyport/core/mediate/ports.ts';
import type { Reply } from '@sallyport/core/mediate/reply.ts';
import type { ApprovalId } from '@sallyport/core/model/ids.ts';
import { refused } from '@sallyport/core/model/refusal.ts';
import { dependOn } from '@sallyport/core/task/approve.ts';
import { allow, forbid } from '@sallyport/testkit/fakes/ports.ts';
import { theOperator } from '@sallyport/testkit/fakes/the-operator.ts';
import { openNode, restartNode, said, type TestNode } from '@sallyport/testkit/rooms/node.ts';
import { agentA } from '@sallyport/testkit/rooms/tasks.ts';
import type { ApprovalLimits } from './limits.ts';

/** What a yes is still worth: after a use of it that came to nothing, and when other rules ask than it was given to. */

function codeOf(reply: Reply): string {
  return reply.kind === 'refusal' ? reply.refusal.code : reply.kind;
}

function asked(reply: Reply): ApprovalId {
  assert.ok(reply.kind === 'refusal' && reply.approval !== undefined, `not asked: ${JSON.stringify(reply)}`);
  return reply.approval;
}

async function approve(node: TestNode): Promise<ApprovalId> {
  const id = asked(await node.call());
  const answer = await node.approvals.answer(id, said('approved'));
  assert.ok(answer.ok, answer.ok ? '' : answer.conflict);
  return id;
}

/** A node whose server is away for as long as it is told to, and whatever happens meanwhile. */
function openAway(): { node: TestNode; server: { away: boolean; meanwhile?: () => Promise<unknown> } } {
  const server: { away: boolean; meanwhile?: () => Promise<unknown> } = { away: true };
  const node = openNode({
    override: ports => ({ upstreams: { prepare: (...asked) => prepare(ports, ...asked) } }),
  });
  async function prepare(ports: LinePorts, ...asked: Parameters<LinePorts['upstreams']['prepare']>) {
    await server.meanwhile?.();
    if (server.away) return refused({ code: 'upstream-unavailable', what: 'files', why: 'it is away' });
    return await ports.upstreams.prepare(...asked);
  }
  return { node, server };
}

test('E-2 a yes whose use was never sent stands for the same action, and is used once', async () => {
  const { node, server } = openAway();
  const id = await approve(node);
  assert.deepEqual(
    [codeOf(await node.call()), codeOf(await node.call())],
    ['upstream-unavailable', 'upstream-unavailable'],
  );
  assert.deepEqual(node.sent, []);
  server.away = false;
  const replies = await Promise.all(Array.from({ length: 100 }, () => node.call()));
  assert.equal(replies.filter(({ kind }) => kind === 'result').length, 1);
  assert.equal(node.sent.length, 1);
  assert.equal(codeOf(await node.call()), 'needs-approval');
  const used = node.journal.entries.filter(entry => entry.kind === 'decided' && entry.approval === id);
  const back = node.journal.entries.filter(entry => entry.kind === 'faulted' && entry.givesBack === id);
  assert.deepEqual([used.length, back.length], [3, 2]);
});

test('E-2 what a yes is worth after a restart is what the record says', async () => {
  const { node, server } = openAway();
  await approve(node);
  await node.call();
  const second = await restartNode(node);
  assert.equal(codeOf(await second.call()), 'result');
  server.away = false;
  assert.equal(codeOf(await node.call()), 'result');
  const third = await restartNode(node);
  assert.equal(codeOf(await third.call()), 'needs-approval');
});

test('E-2 a use whose end is in no record has used up its yes', async () => {
  const { node } = openAway();
  await approve(node);
  Object.assign(node.journal, { append: () => assert.fail('the disk is full') });
  await node.call();
  assert.equal(node.state.approvals.values().next().value?.state, 'used');
});

test('E-2 a yes whose use could not be recorded was not used, as after a restart', async () => {
  const { node, server } = openAway();
  await approve(node);
  server.away = false;
  const { record } = node.journal;
  Object.assign(node.journal, { record: () => Promise.reject(new Error('too much waits for the disk')) });
  assert.equal(codeOf(await node.call()), 'fault');
  Object.assign(node.journal, { record });
  assert.deepEqual([codeOf(await node.call()), codeOf(await node.call())], ['result', 'needs-approval']);
  assert.equal(node.sent.length, 1);
});

test('E-10 a yes in use dies with a stop and with its task, also where its use comes to nothing afterwards', async () => {
  for (const end of ['stop', 'end'] as const) {
    const { node, server } = openAway();
    await approve(node);
    server.meanwhile = async () => {
      if (end === 'end') return await node.control.end([...node.state.tasks.keys()][0] ?? '', '', theOperator);
      await node.kills.kill(`agent:${agentA.id}`, '', theOperator);
      return await node.kills.unkill(`agent:${agentA.id}`, '', theOperator);
    };
    await node.call();
    Object.assign(server, { away: false, meanwhile: undefined });
    assert.equal(codeOf(await node.call()), 'needs-approval', end);
    const later = await restartNode(node);
    assert.equal(codeOf(await later.call()), 'needs-approval', `${end}, after a restart`);
    assert.deepEqual([...node.sent, ...later.sent], []);
  }
});

/** Whom the rules ask, which can change with what the task has read, in one and the same world. */
function openAsking(approvalLimits: Partial<ApprovalLimits> = {}): {
  node: TestNode;
  rule: { annotations: Record<string, string> };
} {
  const rule = { annotations: {} as Record<string, string> };
  const node = openNode({ evaluate: (_, approved) => (approved ? allow : forbid), approvalLimits });
  const { engine } = node.world.now;
  const policy = (id: string) => ({
    id,
    effect: 'permit' as const,
    file: 'p.cedar',
    line: 1,
    annotations: rule.annotations,
  });
  node.world.now = { ...node.world.now, engine: { ...engine, policy } };
  return { node, rule };
}

test('E-1 a yes answers what it was asked: where the rules ask for other people by now, they are asked', async () => {
  const rows: readonly (readonly [string, Record<string, string>, Record<string, string>, boolean])[] = [
    ['the same', { approver: 'desk' }, { approver: 'desk' }, true],
    ['somebody else', { approver: 'desk' }, { approver: 'security' }, false],
    ['fewer may answer', { approver: 'desk, security' }, { approver: 'security' }, false],
    ['more may answer', { approver: 'desk' }, { approver: 'desk, security' }, true],
    ['two', { approver: 'desk' }, { approver: 'desk', people: '2' }, false],
    ['others after a while', { approver: 'desk' }, { approver: 'desk', escalate: '5m: security' }, true],
    ['no others after a while', { approver: 'desk', escalate: '5m: security' }, { approver: 'desk' }, false],
    [
      'the same, and others after a while',
      { approver: 'desk', escalate: '5m: security' },
      { approver: 'desk', escalate: '5m: security' },
      true,
    ],
    ['a fresher one', { approver: 'desk', expires: '1h' }, { approver: 'desk', expires: '10m' }, false],
    ['one that may be older', { approver: 'desk', expires: '1h' }, { approver: 'desk', expires: '2h' }, true],
  ];
  for (const [what, before, now, stands] of rows) {
    const { node, rule } = openAsking();
    rule.annotations = before;
    const id = await approve(node);
    node.clock.now += 11 * 60_000 * (before.expires === undefined ? 0 : 1);
    rule.annotations = now;
    const reply = await node.call();
    assert.equal(codeOf(reply), stands ? 'result' : 'needs-approval', what);
    if (!stands) assert.notEqual(asked(reply), id, what);
  }
});

test('E-5 a question that closes because it is asked anew does not count against the one in its place', async () => {
  const { node, rule } = openAsking({ pendingPerTaskMax: 1 });
  rule.annotations = { approver: 'desk' };
  const first = asked(await node.call());
  rule.annotations = { approver: 'security' };
  const second = asked(await node.call());
  assert.deepEqual(
    [node.state.approvals.get(first)?.state, node.state.approvals.get(second)?.state],
    ['void', 'pending'],
  );
});

test('E-1 a question that waits is not found by a call that asks for other people', async () => {
  const { node, rule } = openAsking();
  rule.annotations = { approver: 'desk' };
  const first = asked(await node.call());
  dependOn(node.state, first, 'what builds on it', ['its name']);
  rule.annotations = { approver: 'security' };
  const second = asked(await node.call());
  const waits = { actions: new Set(['what builds on it']), coined: new Set(['its name']) };
  assert.deepEqual(node.state.approvals.get(second)?.dependents, waits, 'what builds on the action waits on');
  assert.notEqual(first, second);
  assert.equal(asked(await node.call()), second);
  for (const late of [node, await restartNode(node)]) {
    const answer = await late.approvals.answer(first, said('approved'));
    const fix = 'what waits now: sallyport approvals';
    assert.deepEqual(answer, { ok: false, conflict: `it counts no more: the same was asked anew (${second})`, fix });
    assert.deepEqual(
      [late.state.approvals.get(first)?.state, late.state.approvals.get(second)?.state],
      ['void', 'pending'],
    );
  }
  assert.equal(asked(await node.call()), second);
  await node.approvals.answer(second, said('approved'));
  assert.equal(codeOf(await node.call()), 'result');
  assert.equal(node.sent.length, 1);
});

test('E-3 a yes of the agent’s own client is none where the rules want somebody independent by now', async () => {
  const { node, rule } = openAsking();
  rule.annotations = { answer: 'client' };
  const id = asked(await node.call());
  await node.approvals.answeredByClient(id, 'approved');
  rule.annotations = {};
  assert.notEqual(asked(await node.call()), id);
  rule.annotations = { answer: 'client' };
  assert.equal(codeOf(await node.call()), 'result');
});

test('a no to an action stands, whoever is asked by then', async () => {
  const { node, rule } = openAsking();
  await node.approvals.answer(asked(await node.call()), said('refused'));
  rule.annotations = { approver: 'security' };
  assert.equal(codeOf(await node.call()), 'denied');
});
