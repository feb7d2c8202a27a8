import assert from 'node:assert/strict';
import { describe, mock, test } from 'node:test';
import type { TaskId } from '@sallyport/core/model/ids.ts';
import type { Task } from '@sallyport/core/model/task.ts';
import type { TaskKindRule } from '@sallyport/core/task/kind.ts';
import { fakeManifest, fakeOrder, fakeUse } from '@sallyport/testkit/fakes/task.ts';
import { theOperator } from '@sallyport/testkit/fakes/the-operator.ts';
import { agentA, agentB, openRoom, type Room, restart } from '@sallyport/testkit/rooms/tasks.ts';
import type { TaskOrder } from '../api/control.ts';
import { readKinds } from '../policies/kinds.ts';
import { createAgentTasks } from './agent-task.ts';
import type { OpenedBy } from './may-open.ts';

const text = `
about: "Look after incoming invoices"
agents: [assistant]
openers: [operator, "agent:other"]
manifest: { tools: ["files/*"], destinations: ["*.example.org"] }
ceiling: internal
segments: [office]
audience: [files]
limits: { callsMax: 20, idleSecondsMax: 60 }
`;
const { kinds, problems } = readKinds([{ file: 'policies/invoices.kind.yaml', text }]);
assert.deepEqual(problems, []);

const byOperator: OpenedBy = { kind: 'operator', acted: { by: 'operator', proof: 'shared-uid' } };
const self: OpenedBy = { kind: 'workload', agent: agentA.id, principal: agentA.principal };
const other: OpenedBy = { kind: 'workload', agent: agentB.id, principal: agentA.principal };

async function fieldOf(room: Room, over: Partial<TaskOrder>, by: OpenedBy = byOperator): Promise<string | undefined> {
  const opened = await room.opening(fakeOrder(over), by);
  return opened.ok ? 'opened' : opened.error.field;
}

async function open(room: Room, over: Partial<TaskOrder> = {}, by: OpenedBy = byOperator) {
  const opened = await room.opening(fakeOrder(over), by);
  assert.ok(opened.ok, opened.ok ? '' : `${opened.error.field} ${opened.error.message}`);
  return opened.value;
}

describe('a kind of task', () => {
  test('says what every task of it is at most, and who may open one', async () => {
    const room = openRoom({ kinds });
    const { task } = await open(room, { kind: 'invoices' });
    assert.deepEqual(
      [
        task.kind,
        task.manifest.tools,
        task.ceiling,
        task.segments,
        task.audience,
        task.limits.callsMax,
        task.limits.idleSecondsMax,
      ],
      ['invoices', ['files/*'], 'internal', ['office'], ['files'], 20, 60],
    );
    const narrow = await open(room, { kind: 'invoices', ceiling: 'public', limits: { callsMax: 1 } });
    assert.deepEqual([narrow.task.ceiling, narrow.task.limits.callsMax], ['public', 1]);
    const wide: [Partial<TaskOrder>, string][] = [
      [{ manifest: fakeManifest({ tools: ['mail/send'] }) }, 'tools'],
      [{ manifest: fakeManifest({ destinations: ['*.example.com'] }) }, 'destinations'],
      [{ ceiling: 'secret' }, 'ceiling'],
      [{ segments: ['office', 'bank'] }, 'segments'],
      [{ audience: ['mail'] }, 'audience'],
      [{ limits: { callsMax: 21 } }, 'limits.callsMax'],
      [{ limits: { idleSecondsMax: 61 } }, 'limits.idleSecondsMax'],
      [{ agent: 'other', principal: agentA.principal }, 'agent'],
      [{ kind: 'invoice' }, 'kind'],
    ];
    for (const [over, field] of wide) assert.equal(await fieldOf(room, { kind: 'invoices', ...over }), field, field);
    assert.equal(await fieldOf(room, { kind: 'invoices' }, { kind: 'principal', principal: agentA.principal }), 'kind');
  });

  test('is read strictly: a misspelt bound is no bound', () => {
    const wrong: [string, string, RegExp][] = [
      ['a.kind.yaml', 'celing: internal', /did you mean `ceiling`/],
      ['a.kind.yaml', 'limits: { callMax: 1 }', /did you mean `callsMax`/],
      ['a.kind.yaml', 'manifest: { tools: ["*"] }', /SERVER\/TOOL/],
      ['a.kind.yaml', 'learnSince: 2026-12-01', /without `learn: true`/],
      ['a.kind.yaml', 'learn: true\nlearnSince: soon', /must be a day/],
      ['a.kind.yaml', 'openers: [anybody]', /`operator`, `principal` or `agent:ID`/],
      ['a.kind.yaml', 'audience: ["A B"]', /no id/],
      ['ambient.kind.yaml', 'about: x', /not ambient or opened/],
      ['A.kind.yaml', 'about: x', /NAME.kind.yaml/],
      ['a.kind.yaml', 'segments: [office, bnak]', /has one that is no segment; did you mean bank\?/],
    ];
    for (const [file, yaml, message] of wrong) {
      const read = readKinds([{ file, text: yaml }], new Set(['office', 'bank']));
      assert.equal(read.kinds.size, 0, yaml);
      assert.match(read.problems[0]?.message ?? '', message);
    }
  });
});

describe('who opens a task decides what counts', () => {
  test('a segment that does not exist is refused', async () => {
    const room = openRoom();
    for (const kind of ['opened', 'ambient'] as const) {
      const order = { kind, purpose: kind === 'ambient' ? '' : 'p', segments: ['office', 'bnak'] };
      const opened = await room.control.open(fakeOrder(order), theOperator);
      assert.ok(!opened.ok);
      const { code, field, message } = opened.error;
      assert.deepEqual([code, field, message], ['not-found', 'segments[1]', 'is no segment; did you mean bank?']);
    }
  });

  test('the operator and a signed-in principal vouch; nobody opens for a principal that it is not', async () => {
    const room = openRoom();
    assert.equal((await open(room)).task.opener, 'operator');
    const emma: OpenedBy = { kind: 'principal', principal: agentA.principal };
    assert.equal((await open(room, {}, emma)).task.opener, 'principal');
    assert.equal(await fieldOf(room, { principal: 'user:paul' }, emma), 'principal');
    assert.equal(await fieldOf(room, { principal: 'user:paul' }, self), 'principal');
  });

  test('what an agent says about its own task is claimed, and washes nothing off', async () => {
    const room = openRoom();
    const before = await open(room);
    room.room.tasks.raise(before.task.id, [{ label: 'untrusted', entry: 'o_1', server: 's', tool: 't', at: 1 }]);
    const { task } = await open(room, { manifest: fakeManifest({ tools: ['files/*'] }) }, self);
    assert.equal(task.opener, 'claimed');
    assert.ok(task.labels.has('untrusted'), 'a new task of its own forgot what the agent has read');
    assert.equal((await open(room)).task.labels.size, 0, 'whoever else opens one vouches for it');
  });

  test('a workload opens a task for another agent only where the kind of task lists it', async () => {
    const room = openRoom({ kinds });
    assert.equal((await open(room, { kind: 'invoices' }, other)).task.opener, 'workload');
    assert.equal(await fieldOf(room, {}, other), 'agent');
    assert.equal(await fieldOf(room, { kind: 'invoices' }, self), 'kind');
  });
});

describe('delegation', () => {
  const parentOrder = {
    segments: ['office'],
    manifest: fakeManifest({ tools: ['files/*'] }),
    limits: { callsMax: 10 },
  };
  const child = { agent: agentB.id, principal: agentA.principal };

  test('D-7 a child is recorded below its parent, within it, and comes back so after a restart', async () => {
    const room = openRoom();
    const { task: parent } = await open(room, parentOrder);
    const { task } = await open(
      room,
      { ...child, parent: parent.id, limits: { callsMax: 4 } },
      { kind: 'holder', task: parent.id },
    );
    assert.deepEqual(
      [task.parent, task.depth, task.manifest.tools, task.opener],
      [parent.id, 1, ['files/*'], 'operator'],
    );
    await open(room, parentOrder);
    const handedOn = await room.control.list({ state: 'all', agent: undefined, parent: parent.id, limit: 1 });
    assert.deepEqual(
      [handedOn[0]?.id, handedOn.length],
      [task.id, 1],
      'a limit counts those alone that were handed on',
    );
    assert.deepEqual(room.state.tasks.get(parent.id)?.task.lent.calls, 4);
    assert.deepEqual(
      room.room.tasks.actors(task).map(({ id }) => id),
      ['assistant'],
    );
    const again = await restart(room);
    assert.equal(again.state.tasks.get(parent.id)?.task.lent.calls, 4);
    assert.equal(again.state.tasks.get(task.id)?.task.parent, parent.id);
    await room.room.end(parent.id, { by: 'operator' }, 'done');
    const standing = room.room.tasks.standing(task.id, agentB.id);
    assert.equal(!standing.ok && standing.refusal.code, 'task-ended');
    const endings = room.journal.entries.filter(entry => entry.kind === 'task.ended').map(entry => entry.task);
    assert.deepEqual(endings, [task.id, parent.id], 'each end is written down, from below');
  });

  test('it works for whom the task above works, whoever its agent works for otherwise', async () => {
    const room = openRoom();
    const { task: parent } = await open(room, parentOrder);
    const { task } = await open(room, { agent: agentB.id, principal: undefined, parent: parent.id });
    assert.notEqual(agentB.principal, parent.principal);
    assert.equal(task.principal, parent.principal);
    assert.equal(
      await fieldOf(room, { agent: agentB.id, principal: agentB.principal, parent: parent.id }),
      'principal',
    );
  });

  test('D-7 nobody delegates from a task that is not theirs, is not there, or has ended, in the same words', async () => {
    const room = openRoom();
    const { task: parent } = await open(room, parentOrder);
    const order = { ...child, parent: parent.id };
    for (const by of [
      other,
      { kind: 'holder', task: 't_x' },
      { kind: 'principal', principal: agentA.principal },
    ] as OpenedBy[])
      assert.equal(await fieldOf(room, order, by), 'parent');
    assert.equal(await fieldOf(room, { ...order, parent: 't_gone' }), 'parent');
    assert.equal(await fieldOf(room, { ...order, principal: 'user:paul' }), 'principal');
    assert.equal(await fieldOf(room, { ...order, manifest: fakeManifest({ tools: ['mail/x'] }) }), 'tools');
    await room.room.end(parent.id, { by: 'operator' }, '');
    assert.equal(await fieldOf(room, order), 'parent');
  });

  test('D-7 K-9 tasks that are opened below one at the same time, and its calls meanwhile, share what it has left', async () => {
    const room = openRoom();
    const { task: parent } = await open(room, parentOrder);
    const below = { ...child, parent: parent.id, limits: { callsMax: 6 } };
    const by: OpenedBy = { kind: 'holder', task: parent.id };
    const opening = Promise.all([fieldOf(room, below, by), fieldOf(room, below, by), fieldOf(room, below, by)]);
    assert.deepEqual(await opening, ['opened', 'limits.callsMax', 'limits.callsMax']);
    assert.equal(room.state.tasks.get(parent.id)?.task.lent.calls, 6);
    assert.deepEqual(room.room.reservations.reserved(parent.id), fakeUse(), 'it is lent, and set aside no longer');
  });

  test('K-9 what a task below is opened with is nobody else’s while that is written down, and comes back where it cannot be', async () => {
    const room = openRoom();
    const { task: parent } = await open(room, parentOrder);
    const by: OpenedBy = { kind: 'holder', task: parent.id };
    const { promise: writing, resolve: writes } = Promise.withResolvers<void>();
    const { promise: written, reject } = Promise.withResolvers<void>();
    mock.method(room.journal, 'place', () => {
      writes();
      return { at: room.clock.now, durable: written };
    });
    const opening = room.opening(fakeOrder({ ...child, parent: parent.id, limits: { callsMax: 10 } }), by);
    await writing;
    const call = room.room.tasks.reserve(parent.id, { bytes: 1, replyBytesMax: 1 }, new AbortController().signal);
    assert.ok(call instanceof Promise, 'it waits: nothing is left for it, unless nothing comes of the other task');
    reject(new Error('the disk is full'));
    await assert.rejects(async () => await opening, /disk/);
    const reserved = await call;
    assert.ok(reserved.ok);
    reserved.value.release();
    assert.deepEqual(room.room.reservations.reserved(parent.id), fakeUse());
  });

  test('D-7 a task that ends while one below it is being opened opens none', async () => {
    const room = openRoom();
    const { task: parent } = await open(room, parentOrder);
    const opening = fieldOf(room, { ...child, parent: parent.id }, { kind: 'holder', task: parent.id });
    const ending = room.room.end(parent.id, { by: 'operator' }, 'done');
    assert.equal(await opening, 'parent');
    await ending;
  });

  test('D-7 a task that ends while the opening of one below it waits for the disk ends that one too, in memory as in the record', async () => {
    const room = openRoom();
    const { task: above } = await open(room, { ...parentOrder, limits: { callsMax: 10, depthMax: 2 } });
    const by = (task: Task): OpenedBy => ({ kind: 'holder', task: task.id });
    const { task: parent } = await open(room, { parent: above.id, limits: { callsMax: 6, depthMax: 1 } }, by(above));
    const { place } = room.journal;
    const { promise: placed, resolve: isPlaced } = Promise.withResolvers<TaskId>();
    const { promise: written, resolve: write } = Promise.withResolvers<void>();
    mock.method(room.journal, 'place', (...[draft, bodies]: Parameters<typeof place>) => {
      const { at, durable } = place(draft, bodies);
      if (draft.kind !== 'task.opened') return { at, durable };
      isPlaced(draft.task);
      return { at, durable: written.then(() => durable) };
    });
    const opening = fieldOf(room, { ...child, parent: parent.id, limits: { callsMax: 4 } }, by(parent));
    const id = await placed;
    room.clock.now += 1_000;
    await room.room.end(above.id, { by: 'operator' }, 'done');
    write();
    assert.equal(await opening, 'parent', 'nobody is given a token that is worth nothing');
    const ended = { kind: 'ended', at: room.clock.now, by: 'operator', why: 'the task that delegated to it ended' };
    for (const { state } of [room, await restart(room)]) {
      assert.deepEqual(state.tasks.get(id)?.task.state, ended);
      assert.deepEqual(state.tasks.get(parent.id)?.task.lent, fakeUse());
      assert.deepEqual(state.tasks.get(parent.id)?.children, []);
    }
  });

  test('by token exchange: the detail says what for, and never who', async () => {
    const room = openRoom();
    const { task: parent } = await open(room, parentOrder);
    const exchange = createAgentTasks(room.opening);
    const details = (more: object) => JSON.stringify({ type: 'agent_task', purpose: 'look it up', ...more });
    const who = { agent: agentB.id, principal: agentA.principal, parent: parent.id };
    const opened = await exchange({ ...who, details: details({ tools: ['files/read_file'] }) });
    assert.ok(opened.ok);
    const task = room.state.tasks.get(opened.value.task)?.task;
    assert.deepEqual([task?.agent, task?.manifest.tools, task?.depth], ['other', ['files/read_file'], 1]);
    assert.ok(opened.value.secondsMax <= (parent.limits.secondsMax ?? 0));
    for (const [more, field] of [
      [{ agent: 'assistant' }, 'agent'],
      [{ parent: parent.id }, 'parent'],
      [{ type: 'other' }, 'type'],
      [{ kind: 'ambient' }, 'kind'],
      [{ limits: { callsMax: 11 } }, 'limits.callsMax'],
    ] as const) {
      const refused = await exchange({ ...who, details: details(more) });
      assert.equal(!refused.ok && refused.error.field, field);
    }
    const alone = await exchange({
      agent: agentA.id,
      principal: agentA.principal,
      parent: undefined,
      details: details({}),
    });
    assert.equal(alone.ok && room.state.tasks.get(alone.value.task)?.task.opener, 'claimed');
  });
});

describe('waiting, going on, and another token', () => {
  const codeOf = async (room: Room, token: string): Promise<string> => {
    const task = await room.room.tasks.require(agentA, token);
    return task.ok ? 'ok' : task.refusal.code;
  };

  test('a suspended task waits until it is resumed, also over a restart', async () => {
    const room = openRoom();
    const { task, token } = await open(room);
    assert.ok((await room.control.suspend(task.id, 'lunch', theOperator)).ok);
    assert.equal(await codeOf(room, token), 'task-suspended');
    const again = await restart(room);
    assert.equal(await codeOf(again, token), 'task-suspended');
    assert.ok((await again.control.resume(task.id, theOperator)).ok);
    assert.equal(await codeOf(again, token), 'ok');
  });

  test('whoever resumes what is not suspended is told so, and nothing is written down', async () => {
    const room = openRoom();
    const { task } = await open(room, { segments: ['office'] });
    const below = await open(room, { parent: task.id });
    const written = room.journal.entries.length;
    const errorOf = async (id: string): Promise<object | undefined> => {
      const resumed = await room.control.resume(id, theOperator);
      return resumed.ok ? undefined : { message: resumed.error.message, fix: resumed.error.fix };
    };
    const { fix, message } = {
      fix: 'see: sallyport tasks',
      message: 'this task is not suspended: it was running already',
    };
    assert.deepEqual(await errorOf(task.id), { message, fix });
    await room.control.suspend(task.id, 'lunch', theOperator);
    assert.deepEqual(await errorOf(below.task.id), {
      message: 'this task is not suspended itself: the one above it is',
      fix: `resume that one: sallyport task resume ${task.id}`,
    });
    await room.control.resume(task.id, theOperator);
    await room.kills.kill(`agent:${agentA.id}`, '', theOperator);
    assert.deepEqual(await errorOf(task.id), {
      message: 'this task is not suspended: it is killed',
      fix: 'see: sallyport status',
    });
    assert.deepEqual(
      room.journal.entries.slice(written).map(({ kind }) => kind),
      ['task.suspended', 'task.resumed', 'killed'],
    );
  });

  test('a renewal replaces the token and cuts no call that is under way', async () => {
    const room = openRoom();
    const { task, token } = await open(room);
    const under = await room.room.tasks.reserve(task.id, { bytes: 1, replyBytesMax: 1 }, new AbortController().signal);
    const renewed = await room.control.renew(task.id, undefined, theOperator);
    assert.ok(renewed.ok && under.ok);
    assert.deepEqual([await codeOf(room, token), await codeOf(room, renewed.value.token)], ['task-unknown', 'ok']);
    assert.ok(room.room.tasks.standing(task.id, agentA.id).ok);
  });

  test('policy is asked again: a task whose kind has become narrower, or is gone, is not renewed', async () => {
    const now = new Map<string, TaskKindRule>(kinds);
    const room = openRoom({ kinds: now });
    const { task } = await open(room, { kind: 'invoices' });
    assert.ok((await room.control.renew(task.id, undefined, theOperator)).ok);
    const [kind] = [...kinds.values()];
    assert.ok(kind);
    now.set('invoices', { ...kind, ceiling: 'public' });
    const narrower = await room.control.renew(task.id, undefined, theOperator);
    assert.match(narrower.ok ? '' : narrower.error.message, /since its kind was changed/);
    now.clear();
    const gone = await room.control.renew(task.id, undefined, theOperator);
    assert.match(gone.ok ? '' : gone.error.message, /no such kind/);
    for (const no of [narrower, gone]) assert.equal(no.ok ? '' : no.error.fix, 'open another: sallyport task open');
  });

  test('an access token of a task ends no later than it, is for one resource, and carries the chain of actors', async () => {
    const issued: object[] = [];
    const access = {
      issue: async (order: object) => {
        issued.push(order);
        return { token: 'e.y.j', expiresAt: 1 };
      },
      isRevoked: () => false,
    };
    const room = openRoom({ access });
    const { task: parent } = await open(room, { segments: ['office'] });
    const { task } = await open(room, {
      ...{ agent: agentB.id, principal: agentA.principal, parent: parent.id, audience: ['files'] },
      limits: { secondsMax: 90 },
    });
    const ask = (audience: string) =>
      room.control.renew(task.id, { audience, seconds: undefined, jkt: 'k' }, theOperator);
    assert.ok((await ask('/mcp/files')).ok);
    assert.deepEqual(issued, [
      {
        ...{ agent: 'other', principal: 'user:emma', task: task.id, audience: '/mcp/files', seconds: 90, jkt: 'k' },
        actors: ['assistant'],
      },
    ]);
    for (const audience of ['/mcp', '/mcp/mail', '/api/v1', 'https://evil.example/mcp/files'])
      assert.equal(((await ask(audience)) as { error?: { field?: string } }).error?.field, 'access.audience', audience);
  });

  test('E-10 a task that was stopped once gets no access token any more, also when it may act again', async () => {
    const access = { issue: async () => assert.fail('none is issued'), isRevoked: () => true };
    const room = openRoom({ access });
    const { task } = await open(room, {});
    const renewed = await room.control.renew(task.id, { audience: '/mcp', seconds: 60, jkt: undefined }, theOperator);
    assert.match(renewed.ok ? '' : renewed.error.message, /were revoked when it was stopped/);
    assert.ok((await room.control.renew(task.id, undefined, theOperator)).ok, 'its own token is another matter');
  });
});

test('a call that takes longer than its task may rest is work: the task stands, for others of its calls as well', async () => {
  const room = openRoom();
  const { task, token } = await open(room, { limits: { idleSecondsMax: 10 } });
  const { tasks } = room.room;
  const under = await tasks.reserve(task.id, { bytes: 1, replyBytesMax: 1 }, new AbortController().signal);
  assert.ok(under.ok);
  room.clock.now += 11_000;
  assert.ok(tasks.standing(task.id, agentA.id).ok, 'its last check before it is sent');
  assert.ok((await tasks.require(agentA, token)).ok, 'another call beside it');
  room.clock.now += 11_000;
  under.value.commit(1);
  room.clock.now += 10_000;
  assert.ok(tasks.standing(task.id, agentA.id).ok, 'its rest begins with the answer');
  room.clock.now += 1;
  const late = await tasks.require(agentA, token);
  assert.equal(!late.ok && late.refusal.code, 'limit-seconds');
});

test('a task does not rest while one that it delegated to is open', async () => {
  const room = openRoom();
  const limits = { idleSecondsMax: 10 };
  const { task: parent } = await open(room, { segments: ['office'], limits: { ...limits, callsMax: 10 } });
  const ordered = { agent: agentB.id, principal: agentA.principal, parent: parent.id };
  const below = { ...ordered, limits: { ...limits, callsMax: 4 } };
  const { task: child } = await open(room, below, { kind: 'holder', task: parent.id });
  const under = await room.room.tasks.reserve(child.id, { bytes: 1, replyBytesMax: 1 }, new AbortController().signal);
  assert.ok(under.ok);
  room.clock.now += 11_000;
  assert.ok(room.room.tasks.standing(child.id, agentB.id).ok, 'its authority comes from a task that stands');
  assert.ok(room.room.tasks.standing(parent.id, agentA.id).ok);
  await room.room.end(child.id, { by: 'operator' }, 'done');
  room.clock.now += 10_000;
  assert.ok(room.room.tasks.standing(parent.id, agentA.id).ok, 'its rest begins with the end of the other');
  room.clock.now += 1;
  await room.room.endOverdue();
  assert.equal(room.state.tasks.get(parent.id)?.task.state.kind, 'ended');
});

test('K-9 nothing keeps a task beyond its time: no call that never ends, and no tasks below it, one after the other', async () => {
  const room = openRoom();
  const limits = { idleSecondsMax: 10, secondsMax: 100 };
  const { task, token } = await open(room, { segments: ['office'], limits });
  const hanging = await room.room.tasks.reserve(task.id, { bytes: 1, replyBytesMax: 1 }, new AbortController().signal);
  assert.ok(hanging.ok);
  const below = { parent: task.id, limits: { idleSecondsMax: 10, callsMax: 1, bytesMax: 1 } };
  for (let opened = 0; opened < 9; opened++) {
    room.clock.now += 11_000;
    const { task: child } = await open(room, below, self);
    assert.ok(child.limits.secondsMax * 1_000 <= task.openedAt + 100_000 - room.clock.now, 'it ends with its parent');
  }
  room.clock.now += 1_000;
  const late = await room.room.tasks.require(agentA, token);
  assert.equal(!late.ok && late.refusal.code, 'limit-seconds');
  assert.equal(await fieldOf(room, below, self), 'parent');
  await room.room.endOverdue();
  assert.deepEqual(room.room.openTasks(), [], 'and all below it have ended');
  hanging.value.commit(1);
  assert.equal(room.state.tasks.get(task.id)?.task.state.kind, 'ended', 'the answer revives nothing');
});

test('tasks that idled too long are ended, one with a call under way is not', async () => {
  const room = openRoom();
  const { task } = await open(room, { limits: { idleSecondsMax: 10 } });
  const under = await room.room.tasks.reserve(task.id, { bytes: 1, replyBytesMax: 1 }, new AbortController().signal);
  assert.ok(under.ok);
  room.clock.now += 11_000;
  await room.room.endOverdue();
  assert.equal(room.state.tasks.get(task.id)?.task.state.kind, 'open');
  under.value.release();
  await room.room.endOverdue();
  const { state } = room.state.tasks.get(task.id)?.task ?? assert.fail();
  assert.equal(state.kind === 'ended' && state.why, 'nothing was done in it for too long');
});
