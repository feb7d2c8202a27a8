import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Entry, EntryDraft } from '@sallyport/core/model/entry.ts';
import { refused } from '@sallyport/core/model/refusal.ts';
import { theOperator } from '@sallyport/testkit/fakes/the-operator.ts';
import { openNode, said } from '@sallyport/testkit/rooms/node.ts';
import { agentA } from '@sallyport/testkit/rooms/tasks.ts';
import { createWhy } from './why.ts';

function whyOf(node: ReturnType<typeof openNode>, decided: Entry): ReturnType<typeof createWhy> {
  const entries = node.journal.entries as (EntryDraft & Entry)[];
  return createWhy({
    find: () => ({ kind: 'found', entry: decided }),
    following: id => entries.filter(entry => 'decision' in entry && entry.decision === id),
    answerTo: () => undefined,
    bodies: async () => undefined,
    page: async () => ({ entries: [], newest: 0 }),
    taskOf: () => undefined,
    approvalOf: id => node.state.approvals.get(id),
    world: () => node.world.now,
    policies: () => [],
  });
}

test('a yes whose use came to nothing was given back, and is void where a stop came in between', async () => {
  for (const stops of [false, true]) {
    const node = openNode({
      override: () => ({
        upstreams: {
          prepare: async () => {
            if (stops) {
              await node.kills.kill(`agent:${agentA.id}`, '', theOperator);
              await node.kills.unkill(`agent:${agentA.id}`, '', theOperator);
            }
            return refused({ code: 'upstream-unavailable', what: 'files', why: 'it is away' });
          },
        },
      }),
    });
    await node.call();
    const [asked] = node.state.approvals.keys();
    await node.approvals.answer(asked ?? assert.fail('nobody was asked'), said('approved'));
    await node.call();
    const entries = node.journal.entries as (EntryDraft & Entry)[];
    const decided = entries.findLast(({ kind }) => kind === 'decided') ?? assert.fail('nothing was decided');
    const why = whyOf(node, decided);
    const told = await why(decided.id);
    assert.equal(told.ok && told.value.approval?.use, stops ? 'void' : 'given back');
  }
});

test('a question that a stop ended waits for no answer any more', async () => {
  const node = openNode();
  await node.call();
  const entries = node.journal.entries as (EntryDraft & Entry)[];
  const decided = entries.find(({ kind }) => kind === 'decided') ?? assert.fail('nothing was decided');
  const why = whyOf(node, decided);
  const isVoid = async (): Promise<boolean | undefined> => {
    const told = await why(decided.id);
    return told.ok ? told.value.approval?.isVoid : assert.fail('it is not known');
  };
  assert.equal(await isVoid(), undefined);
  await node.kills.kill(`agent:${agentA.id}`, '', theOperator);
  assert.equal(await isVoid(), true);
});
