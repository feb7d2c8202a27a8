import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { World } from '@sallyport/core/mediate/ports.ts';
import type { Reply } from '@sallyport/core/mediate/reply.ts';
import type { Agent } from '@sallyport/core/model/agent.ts';
import type { Call } from '@sallyport/core/model/call.ts';
import type { ApprovalId } from '@sallyport/core/model/ids.ts';
import type { Tool } from '@sallyport/core/model/tool.ts';
import { fakeTool, jsonObject } from '@sallyport/testkit/fakes/ports.ts';
import { fakeOrder } from '@sallyport/testkit/fakes/task.ts';
import { theOperator } from '@sallyport/testkit/fakes/the-operator.ts';
import { openNode, restartNode, said, type TestNode } from '@sallyport/testkit/rooms/node.ts';
import { agentA, agentB } from '@sallyport/testkit/rooms/tasks.ts';

const open: Partial<Tool> = { definition: jsonObject('{"inputSchema":{"type":"object","additionalProperties":true}}') };
const many = { pendingPerTaskMax: 1_000, pendingPerAgentMax: 1_000, asksPerAgentMinuteMax: 1_000 };

function codeOf(reply: Reply): string {
  return reply.kind === 'refusal' ? reply.refusal.code : reply.kind;
}

function asked(reply: Reply): ApprovalId {
  assert.ok(reply.kind === 'refusal' && reply.approval !== undefined, `not asked: ${JSON.stringify(reply)}`);
  return reply.approval;
}

/** Asks about `call`, and answers yes. */
async function approve(node: TestNode, call: Partial<Call> = {}): Promise<ApprovalId> {
  const id = asked(await node.call(call));
  const answer = await node.approvals.answer(id, said('approved'));
  assert.ok(answer.ok, answer.ok ? '' : answer.conflict);
  return id;
}

async function conflictOf(node: TestNode, id: ApprovalId, word: 'approved' | 'refused' = 'approved'): Promise<string> {
  const answer = await node.approvals.answer(id, said(word));
  return answer.ok ? 'ok' : answer.conflict;
}

test('what was approved passes once, is decided again in full, and the entry names the approval', async () => {
  const node = openNode();
  const id = await approve(node);
  assert.equal(codeOf(await node.call()), 'result');
  const decided = node.journal.entries.filter(entry => entry.kind === 'decided').at(-1);
  assert.equal(decided?.approval, id);
  assert.equal(codeOf(await node.call()), 'needs-approval');
  assert.equal(node.sent.length, 1);
});

const approved = '{"path":"a.txt","n":1,"list":["x","y"],"deep":{"a":1,"b":[true,null]}}';
const mutatedInputs = [
  '{"path":"b.txt","n":1,"list":["x","y"],"deep":{"a":1,"b":[true,null]}}',
  '{"path":"A.txt","n":1,"list":["x","y"],"deep":{"a":1,"b":[true,null]}}',
  '{"path":"a.txt ","n":1,"list":["x","y"],"deep":{"a":1,"b":[true,null]}}',
  '{"path":" a.txt","n":1,"list":["x","y"],"deep":{"a":1,"b":[true,null]}}',
  '{"path":"./a.txt","n":1,"list":["x","y"],"deep":{"a":1,"b":[true,null]}}',
  '{"path":"\u0430.txt","n":1,"list":["x","y"],"deep":{"a":1,"b":[true,null]}}',
  '{"path":"a\u0301.txt","n":1,"list":["x","y"],"deep":{"a":1,"b":[true,null]}}',
  '{"path":"a\u200b.txt","n":1,"list":["x","y"],"deep":{"a":1,"b":[true,null]}}',
  '{"path":"\u202ea.txt","n":1,"list":["x","y"],"deep":{"a":1,"b":[true,null]}}',
  '{"path":"\uff41.txt","n":1,"list":["x","y"],"deep":{"a":1,"b":[true,null]}}',
  '{"path":"a.txt\\u0000","n":1,"list":["x","y"],"deep":{"a":1,"b":[true,null]}}',
  '{"path":"a.txt\\n","n":1,"list":["x","y"],"deep":{"a":1,"b":[true,null]}}',
  '{"path":"","n":1,"list":["x","y"],"deep":{"a":1,"b":[true,null]}}',
  '{"path":["a.txt"],"n":1,"list":["x","y"],"deep":{"a":1,"b":[true,null]}}',
  '{"path":null,"n":1,"list":["x","y"],"deep":{"a":1,"b":[true,null]}}',
  '{"path":"a.txt","n":1.0,"list":["x","y"],"deep":{"a":1,"b":[true,null]}}',
  '{"path":"a.txt","n":1e0,"list":["x","y"],"deep":{"a":1,"b":[true,null]}}',
  '{"path":"a.txt","n":10,"list":["x","y"],"deep":{"a":1,"b":[true,null]}}',
  '{"path":"a.txt","n":-1,"list":["x","y"],"deep":{"a":1,"b":[true,null]}}',
  '{"path":"a.txt","n":2,"list":["x","y"],"deep":{"a":1,"b":[true,null]}}',
  '{"path":"a.txt","n":"1","list":["x","y"],"deep":{"a":1,"b":[true,null]}}',
  '{"path":"a.txt","n":true,"list":["x","y"],"deep":{"a":1,"b":[true,null]}}',
  '{"path":"a.txt","n":null,"list":["x","y"],"deep":{"a":1,"b":[true,null]}}',
  '{"path":"a.txt","list":["x","y"],"deep":{"a":1,"b":[true,null]}}',
  '{"path":"a.txt","n":1,"list":["y","x"],"deep":{"a":1,"b":[true,null]}}',
  '{"path":"a.txt","n":1,"list":["x"],"deep":{"a":1,"b":[true,null]}}',
  '{"path":"a.txt","n":1,"list":["x","y","z"],"deep":{"a":1,"b":[true,null]}}',
  '{"path":"a.txt","n":1,"list":["x","y","y"],"deep":{"a":1,"b":[true,null]}}',
  '{"path":"a.txt","n":1,"list":["x,y"],"deep":{"a":1,"b":[true,null]}}',
  '{"path":"a.txt","n":1,"list":[["x","y"]],"deep":{"a":1,"b":[true,null]}}',
  '{"path":"a.txt","n":1,"list":[],"deep":{"a":1,"b":[true,null]}}',
  '{"path":"a.txt","n":1,"list":["x","y"],"deep":{"a":2,"b":[true,null]}}',
  '{"path":"a.txt","n":1,"list":["x","y"],"deep":{"b":[true,null],"a":1}}',
  '{"path":"a.txt","n":1,"list":["x","y"],"deep":{"a":1,"b":[null,true]}}',
  '{"path":"a.txt","n":1,"list":["x","y"],"deep":{"a":1,"b":[false,null]}}',
  '{"path":"a.txt","n":1,"list":["x","y"],"deep":{"a":1}}',
  '{"path":"a.txt","n":1,"list":["x","y"],"deep":{"a":1,"b":[true,null],"c":0}}',
  '{"path":"a.txt","n":1,"list":["x","y"],"deep":"{\\"a\\":1}"}',
  '{"n":1,"path":"a.txt","list":["x","y"],"deep":{"a":1,"b":[true,null]}}',
  '{"path":"a.txt","n":1,"list":["x","y"],"deep":{"a":1,"b":[true,null]},"extra":1}',
  '{"path":"a.txt","n":1,"list":["x","y"],"deep":{"a":1,"b":[true,null]},"Path":"b.txt"}',
  '{"path":"a.txt","N":1,"list":["x","y"],"deep":{"a":1,"b":[true,null]}}',
  '{"path":"a.txt","n":1,"list":["x","y"],"deep":{"a":1,"b":[true,null]},"":1}',
  '{}',
];

/** A world with these tools instead of the one there was. */
function worldOf(world: World, digest: string, ...tools: readonly Tool[]): World {
  const base = [...world.catalogue.servers.values()][0];
  assert.ok(base);
  const servers = new Map(
    tools.map(tool => [
      tool.server,
      {
        ...base,
        id: tool.server,
        tools: new Map(tools.filter(each => each.server === tool.server).map(each => [each.name, each])),
      },
    ]),
  );
  return { ...world, digest, catalogue: { servers } };
}

test('E-1 K-2 a yes to one action is not a yes to any other: 54 mutations', async () => {
  const node = openNode({ tool: open, approvalLimits: many });
  const tool = (over: Partial<Tool> = {}): Tool => fakeTool({ ...open, ...over });
  const resource = tool({ name: 'mcp:resources/read' });
  const whole = worldOf(
    node.world.now,
    'world',
    tool(),
    tool({ name: 'write_file' }),
    tool({ server: 'mail' }),
    resource,
  );
  node.world.now = whole;
  const call = { input: jsonObject(approved) };
  const opened = await node.control.open(fakeOrder({ agent: agentA.id }), theOperator);
  assert.ok(opened.ok);
  const { task, token } = opened.value;
  await approve(node, call);

  const mutations: [string, Partial<Call>, Agent?, World?][] = [
    ...mutatedInputs.map((text): [string, Partial<Call>] => [text, { input: jsonObject(text) }]),
    ['another tool', { ...call, name: 'write_file' }],
    ['another server', { ...call, server: 'mail' }],
    ['another method', { ...call, name: 'mcp:resources/read', method: 'resources/read' }],
    ['another agent', call, agentB],
    ['another principal', call, { ...agentA, principal: 'user:paul' }],
    ['another task', { ...call, taskToken: token }],
    ['another pin', call, agentA, worldOf(whole, 'world', tool({ pin: 'other' }))],
    ['another world', call, agentA, { ...whole, digest: 'other' }],
    ['another world and pin', call, agentA, worldOf(whole, 'other', tool({ pin: 'other' }))],
    ['another class, hence another world', call, agentA, worldOf(whole, 'w2', tool({ classes: ['write'] }))],
  ];
  assert.ok(mutations.length >= 54, `${mutations.length}`);
  for (const [what, over, agent, world] of mutations) {
    node.world.now = world ?? whole;
    assert.equal(codeOf(await node.call(over, agent)), 'needs-approval', what);
  }
  assert.deepEqual(node.sent, []);
  node.world.now = whole;
  assert.equal(codeOf(await node.call(call)), 'result', 'the approved action itself no longer passes');
  assert.equal(node.sent.length, 1);
  assert.equal(task.agent, agentA.id);
});

test('E-1 another spelling of the same JSON is the same action: the same bytes are sent', async () => {
  const node = openNode({ tool: open });
  await approve(node, { input: jsonObject('{"path":"a/b"}') });
  assert.equal(codeOf(await node.call({ input: jsonObject('{ "p\\u0061th" : "a\\/b" }') })), 'result');
  assert.deepEqual(node.sent, ['{"name":"read_file","arguments":{"path":"a/b"}}']);
});

test('E-2 of a thousand concurrent uses of one yes exactly one passes', async () => {
  const node = openNode();
  await approve(node);
  const replies = await Promise.all(Array.from({ length: 1_000 }, () => node.call()));
  assert.equal(replies.filter(reply => reply.kind === 'result').length, 1);
  assert.equal(node.sent.length, 1);
});

test('E-2 use is compare-and-swap: of two who found the same yes the second is refused', async () => {
  const node = openNode();
  const id = await approve(node);
  assert.deepEqual([node.approvals.approvals.use(id, 'd_2'), node.approvals.approvals.use(id, 'd_2')], [true, false]);
});

test('E-2 a yes is not used after its time, after its task, or in another world', async () => {
  const late = openNode();
  await approve(late);
  late.clock.now += 600_000;
  assert.equal(codeOf(await late.call()), 'needs-approval');

  const over = openNode();
  await approve(over);
  const first = [...over.state.tasks.keys()][0] ?? '';
  await over.control.end(first, '', theOperator);
  assert.equal(codeOf(await over.call()), 'needs-approval');

  const changed = openNode();
  await approve(changed);
  changed.world.now = { ...changed.world.now, digest: 'other' };
  assert.equal(codeOf(await changed.call()), 'needs-approval');
  assert.deepEqual([...late.sent, ...over.sent, ...changed.sent], []);
});

test('a late answer leaves as much time to use it as an early one', async () => {
  const node = openNode();
  const id = asked(await node.call());
  node.clock.now += 599_000;
  assert.equal(await conflictOf(node, id), 'ok');
  node.clock.now += 599_000;
  assert.equal(codeOf(await node.call()), 'result');
});

test('E-2 a yes survives a restart unused, and a used one stays used', async () => {
  const node = openNode();
  await approve(node);
  const second = await restartNode(node);
  assert.equal(codeOf(await second.call()), 'result');
  // The second life's own entries follow those of the first.
  node.journal.entries.push(...second.journal.entries);
  const third = await restartNode(node);
  assert.equal(codeOf(await third.call()), 'needs-approval');
  assert.deepEqual(third.sent, []);
});

test('the same pending question is asked once, however often and concurrently it comes', async () => {
  const node = openNode();
  const replies = await Promise.all(Array.from({ length: 100 }, () => node.call()));
  assert.equal(new Set(replies.map(asked)).size, 1);
  assert.equal(node.journal.entries.filter(entry => entry.kind === 'asked').length, 1);
});

test('a question is durable before its id is given out, also to those who asked it again', async () => {
  const node = openNode();
  await node.call({ input: jsonObject('{"path":"first"}') });
  const { place } = node.journal;
  let release = (): void => {};
  const held = new Promise<void>(resolve => {
    release = resolve;
  });
  let answered = 0;
  Object.assign(node.journal, {
    place: (...args: Parameters<typeof place>) => {
      const { at, durable } = place(...args);
      return { at, durable: args[0].kind === 'asked' ? held.then(() => durable) : durable };
    },
  });
  const calls = [node.call(), node.call()].map(async reply => {
    asked(await reply);
    answered += 1;
  });
  for (let n = 0; n < 5; n++) await new Promise(setImmediate);
  assert.equal(answered, 0);
  release();
  await Promise.all(calls);
  assert.equal(answered, 2);
});

test('a no is in force before it is recorded, and also where it cannot be', async () => {
  const node = openNode();
  const id = asked(await node.call());
  const { place } = node.journal;
  Object.assign(node.journal, {
    place: (...args: Parameters<typeof place>) =>
      args[0].kind === 'answered' ? { at: 1, durable: Promise.reject(new Error('the disk is full')) } : place(...args),
  });
  const answer = node.approvals.answer(id, said('refused'));
  const meanwhile = await node.call();
  assert.equal(meanwhile.kind === 'refusal' && meanwhile.refusal.rule, 'approval-refused');
  await assert.rejects(answer, /the disk is full/);
  const after = await node.call();
  assert.equal(after.kind === 'refusal' && after.refusal.rule, 'approval-refused');
});

test('a question that cannot be recorded was not asked: nobody can answer it, and it is asked anew', async () => {
  const node = openNode();
  await node.call({ input: jsonObject('{"path":"first"}') });
  const { place } = node.journal;
  let asks = 0;
  Object.assign(node.journal, {
    place: (...args: Parameters<typeof place>) =>
      args[0].kind === 'asked' && ++asks === 1
        ? { at: 1, durable: Promise.reject(new Error('the disk took no byte')) }
        : place(...args),
  });
  assert.deepEqual((await Promise.all([node.call(), node.call()])).map(codeOf), ['fault', 'fault']);
  assert.equal([...node.state.approvals.values()].length, 1);
  const id = asked(await node.call());
  assert.equal(node.journal.entries.filter(entry => entry.kind === 'asked' && entry.id === id).length, 1);
});

test('E-5 a flood of questions from one agent is cut off, and others are not affected', async () => {
  const node = openNode();
  const codes = new Map<string, number>();
  for (let n = 0; n < 10_000; n++) {
    const reply = await node.call({ input: jsonObject(`{"path":"${n}"}`) });
    codes.set(codeOf(reply), (codes.get(codeOf(reply)) ?? 0) + 1);
    if (codeOf(reply) === 'overloaded' && reply.kind === 'refusal') {
      assert.match(reply.refusal.why, /wait for a person already/);
      assert.ok(reply.refusal.fix);
    }
  }
  assert.deepEqual([codes.get('needs-approval'), codes.get('overloaded')], [8, 9_992]);
  assert.equal(node.journal.entries.filter(entry => entry.kind === 'asked').length, 8);
  assert.equal(codeOf(await node.call({}, agentB)), 'needs-approval');
  assert.deepEqual(node.sent, []);
});

test('E-5 an agent that spreads its questions over tasks and time is cut off all the same', async () => {
  const node = openNode({ approvalLimits: { pendingPerTaskMax: 1_000, pendingPerAgentMax: 1_000 } });
  for (let n = 0; n < 30; n++)
    assert.equal(codeOf(await node.call({ input: jsonObject(`{"path":"${n}"}`) })), 'needs-approval');
  assert.equal(codeOf(await node.call({ input: jsonObject('{"path":"more"}') })), 'overloaded');
  node.clock.now += 60_000;
  assert.equal(codeOf(await node.call({ input: jsonObject('{"path":"more"}') })), 'needs-approval');
});

test('a no stands: the same action is refused and not asked again until it expires', async () => {
  const node = openNode();
  const id = asked(await node.call());
  assert.equal(await conflictOf(node, id, 'refused'), 'ok');
  const again = await node.call();
  assert.ok(again.kind === 'refusal');
  assert.deepEqual([again.refusal.code, again.refusal.rule], ['denied', 'approval-refused']);
  assert.match(again.refusal.decision ?? '', /^d_/);
  assert.equal(codeOf(await node.call({ input: jsonObject('{"path":"other"}') })), 'needs-approval');
  node.clock.now += 600_000;
  assert.notEqual(asked(await node.call()), id);
});

test('the first answer counts, whatever comes after it and at the same time', async () => {
  const node = openNode();
  const id = asked(await node.call());
  const [yes, no] = await Promise.all([conflictOf(node, id, 'approved'), conflictOf(node, id, 'refused')]);
  assert.deepEqual([yes, no], ['ok', 'somebody is answering it']);
  assert.match(await conflictOf(node, id, 'refused'), /approved already/);
  assert.equal(codeOf(await node.call()), 'result');
});

test('a yes is in force only once it is durable', async () => {
  const node = openNode();
  const id = asked(await node.call());
  const release = node.journal.hold();
  const answer = node.approvals.answer(id, said('approved'));
  await new Promise(setImmediate);
  assert.equal(node.state.approvals.get(id)?.state, 'pending');
  release();
  assert.ok((await answer).ok);
  assert.equal(node.state.approvals.get(id)?.state, 'approved');
});

test('a yes that could not be used is not taken, and says why', async () => {
  const expired = openNode();
  const late = asked(await expired.call());
  expired.clock.now += 600_000;
  assert.match(await conflictOf(expired, late), /expired/);

  const changed = openNode();
  const old = asked(await changed.call());
  changed.world.now = { ...changed.world.now, digest: 'other' };
  assert.match(await conflictOf(changed, old), /changed since/);

  const ended = openNode();
  const orphan = asked(await ended.call());
  await ended.control.end([...ended.state.tasks.keys()][0] ?? '', '', theOperator);
  assert.match(await conflictOf(ended, orphan), /task has ended/);

  const killed = openNode();
  const stopped = asked(await killed.call());
  await killed.kills.kill('all', '', theOperator);
  assert.match(await conflictOf(killed, stopped), /stopped every agent/);
});

test('whoever answers what is settled is told what became of it, and what can still be done: a yes that ran out is no yes', async () => {
  const told = async (word: 'approved' | 'refused', change: (node: TestNode) => unknown) => {
    const node = openNode();
    const id = asked(await node.call());
    assert.equal(await conflictOf(node, id, word), 'ok');
    await change(node);
    const late = await node.approvals.answer(id, said('approved'));
    assert.ok(!late.ok);
    return [late.conflict, late.fix?.replace(/[a-z]_\w+/, 'ID')];
  };
  const runOut = (node: TestNode): number => (node.clock.now += 600_000);
  const again = 'if the agent tries again, it asks again';
  assert.deepEqual(await told('approved', () => {}), [
    'it was approved already, by operator',
    'to take the yes back, stop its task: sallyport kill task:ID',
  ]);
  assert.deepEqual(await told('refused', () => {}), [
    'it was refused already, by operator',
    'the agent can ask again once the no has run out',
  ]);
  assert.deepEqual(await told('approved', node => node.call()), [
    'it was approved already, by operator, and used',
    'see: sallyport why ID',
  ]);
  assert.deepEqual(await told('approved', runOut), [
    `it was approved by operator, and the yes ran out unused; ${again}`,
    undefined,
  ]);
  assert.deepEqual(await told('refused', runOut), [
    `it was refused by operator, and the no holds no longer; ${again}`,
    undefined,
  ]);
});

test('E-10 a task that ends while its yes is being written down gets no yes', async () => {
  const node = openNode();
  const id = asked(await node.call());
  const release = node.journal.hold();
  const answer = node.approvals.answer(id, said('approved'));
  const ending = node.control.end([...node.state.tasks.keys()][0] ?? '', '', theOperator);
  release();
  await Promise.all([answer, ending]);
  assert.equal(node.state.approvals.get(id)?.state, 'void');
  assert.equal((await restartNode(node)).state.approvals.get(id)?.state, 'void');
});

test('memory does not grow with questions', async () => {
  const node = openNode({ approvalLimits: many });
  for (let n = 0; n < 3_000; n++) {
    await node.call({ input: jsonObject(`{"path":"${n}"}`) });
    node.clock.now += 60_000;
  }
  assert.ok(node.state.approvals.size <= 1_001, `${node.state.approvals.size}`);
});

test('E-5 a restart gives no agent more questions in a minute', async () => {
  const approvalLimits = { ...many, asksPerAgentMinuteMax: 2 };
  const node = openNode({ approvalLimits });
  for (const path of ['a', 'b']) asked(await node.call({ input: jsonObject(`{"path":"${path}"}`) }));
  const again = await restartNode(node, { approvalLimits });
  const third = { input: jsonObject('{"path":"c"}') };
  assert.equal(codeOf(await again.call(third)), 'overloaded');
  again.clock.now += 60_000;
  assert.equal(codeOf(await again.call(third)), 'needs-approval');
});
