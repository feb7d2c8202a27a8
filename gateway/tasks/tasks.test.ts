import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import type { Agent } from '@sallyport/core/model/agent.ts';
import type { TaskId } from '@sallyport/core/model/ids.ts';
import type { LabelSource } from '@sallyport/core/model/label.ts';
import type { Task } from '@sallyport/core/model/task.ts';
import { endedTasksMax } from '@sallyport/core/task/task.ts';
import { fakeManifest, fakeOrder } from '@sallyport/testkit/fakes/task.ts';
import { theOperator } from '@sallyport/testkit/fakes/the-operator.ts';
import { agentA, agentB, openRoom, type Room, restart, roomLimits, testId } from '@sallyport/testkit/rooms/tasks.ts';
import type { TaskOrder } from '../api/control.ts';

const byOperator = { kind: 'operator', acted: { by: 'operator', proof: 'shared-uid' } } as const;
const untrusted: LabelSource = { label: 'untrusted', entry: 'o_1', server: 'web', tool: 'fetch', at: 1 };

async function taskOf(room: Room, agent: Agent = agentA, token?: string): Promise<Task> {
  const task = await room.room.tasks.require(agent, token);
  assert.ok(task.ok, task.ok ? '' : task.refusal.why);
  return task.value;
}

async function codeOf(room: Room, agent: Agent, token?: string): Promise<string> {
  const task = await room.room.tasks.require(agent, token);
  return task.ok ? 'ok' : task.refusal.code;
}

async function openedTask(room: Room, over: Partial<TaskOrder> = {}): Promise<{ id: `t_${string}`; token: string }> {
  const opened = await room.control.open(fakeOrder(over), theOperator);
  assert.ok(opened.ok, opened.ok ? '' : opened.error.message);
  return { id: opened.value.task.id as `t_${string}`, token: opened.value.token ?? '' };
}

test('however many first calls come at once, one ambient task is opened, durably, before any of them goes on', async () => {
  const room = openRoom();
  const release = room.journal.hold();
  let passed = 0;
  const all = Array.from({ length: 50 }, async () => {
    const { id } = await taskOf(room);
    passed += 1;
    return id;
  });
  await new Promise(setImmediate);
  assert.equal(passed, 0, 'a call went on before the task was durable');
  release();
  assert.equal(new Set(await Promise.all(all)).size, 1);
  assert.deepEqual(
    room.journal.entries.map(entry => entry.kind),
    ['task.opened'],
  );
});

test('an ambient task is shared by one agent and one principal and by nobody else', async () => {
  const room = openRoom();
  const [a, again, b, forPaul] = await Promise.all([
    taskOf(room),
    taskOf(room),
    taskOf(room, agentB),
    taskOf(room, { ...agentA, principal: 'user:paul' }),
  ]);
  assert.equal(a.id, again.id);
  assert.equal(new Set([a.id, b.id, forPaul.id]).size, 3);
  assert.equal(a.opener, 'gateway');
});

test('a task that cannot be recorded is not opened', async () => {
  const room = openRoom();
  room.journal.fail();
  await assert.rejects(taskOf(room), /down/);
  await assert.rejects(taskOf(room), /down/);
  assert.equal(room.state.tasks.size, 0);
});

test('K-10 reconnecting, restarting and being ended by the operator do not wash an ambient task', async () => {
  const room = openRoom();
  const first = await taskOf(room);
  room.room.tasks.raise(first.id, [untrusted]);
  assert.deepEqual([...(await taskOf(room)).labels], ['untrusted']);
  await room.control.end(first.id, 'over', theOperator);
  const second = await taskOf(room);
  assert.notEqual(second.id, first.id);
  assert.deepEqual(second.sources, [untrusted]);
  const later = await restart(room);
  assert.deepEqual((await taskOf(later)).sources, [untrusted]);
});

test('F-9 leaving the task token off, or adding it, washes nothing', async () => {
  const room = openRoom();
  const task = await openedTask(room);
  room.room.tasks.raise(task.id, [untrusted]);
  assert.deepEqual((await taskOf(room)).sources, [untrusted], 'the first ambient task knows what the given one read');

  const clean = await openedTask(room);
  assert.deepEqual((await taskOf(room, agentA, clean.token)).sources, [], 'its principal starts a task clean');
  room.room.tasks.raise((await taskOf(room)).id, [untrusted]);
  assert.deepEqual((await taskOf(room, agentA, clean.token)).sources, [untrusted]);

  assert.deepEqual((await taskOf(room, agentB)).sources, [], 'another agent is not concerned');
});

test('F-9 what a given task reads reaches an ambient task that is there already, also after its end', async () => {
  for (const end of [false, true]) {
    const room = openRoom();
    await taskOf(room);
    const task = await openedTask(room);
    if (end) await room.control.end(task.id, 'over', theOperator);
    room.room.tasks.raise(task.id, [untrusted]);
    assert.deepEqual((await taskOf(room)).sources, [untrusted], String(end));
  }
});

test('an ambient task whose time is over gives way to a successor that knows what it had read', async () => {
  const room = openRoom();
  const first = await taskOf(room);
  room.room.tasks.raise(first.id, [untrusted]);
  room.clock.now += first.limits.secondsMax * 1000;
  const second = await taskOf(room);
  assert.notEqual(second.id, first.id);
  assert.deepEqual(second.sources, [untrusted]);
  assert.deepEqual(
    room.journal.entries.flatMap(entry => (entry.kind === 'task.ended' ? [entry.why] : [])),
    ['its time was over'],
  );
});

test('only the operator can start an ambient task clean; calls meanwhile wait for it', async () => {
  const room = openRoom();
  const dirty = await taskOf(room);
  room.room.tasks.raise(dirty.id, [untrusted]);
  const release = room.journal.hold();
  const opening = openedTask(room, { kind: 'ambient', purpose: '' });
  await new Promise(setImmediate);
  const calls = Array.from({ length: 10 }, () => taskOf(room));
  release();
  const { id, token } = await opening;
  assert.equal(token, '');
  for (const task of await Promise.all(calls)) assert.deepEqual([task.id, [...task.labels]], [id, []]);
  assert.equal(room.state.tasks.get(dirty.id)?.task.state.kind, 'ended');
});

test('F-9 what is read while an opening is written down comes after it: the new task knows of it, as after a restart', async () => {
  const self = { kind: 'workload', agent: agentA.id, principal: agentA.principal } as const;
  for (const [where, order, by] of [
    ['ambient', {}, byOperator],
    ['ambient', {}, self],
    ['given', { kind: 'ambient', purpose: '' }, undefined],
  ] as const) {
    const room = openRoom();
    const [ambient, given] = [await taskOf(room), await openedTask(room)];
    const { id: from } = await openedTask(room, { agent: agentB.id, principal: agentA.principal });
    room.room.tasks.raise(from, [untrusted]);
    const { promise: written, resolve: write } = Promise.withResolvers<void>();
    const { promise: writing, resolve: writes } = Promise.withResolvers<TaskId>();
    const { place } = room.journal;
    mock.method(room.journal, 'place', (...[draft, bodies]: Parameters<typeof place>) => {
      const { at, durable } = place(draft, bodies);
      if (draft.kind !== 'task.opened') return { at, durable };
      writes(draft.task);
      return { at, durable: written.then(() => durable) };
    });
    const opening =
      by === undefined ? room.control.open(fakeOrder(order), theOperator) : room.opening(fakeOrder(order), by);
    const opened = await writing;
    const said = room.state.tasks.get(from)?.task ?? assert.fail();
    assert.ok(await room.room.reach(where === 'ambient' ? ambient.id : given.id, said));
    write();
    assert.ok((await opening).ok);
    const labels = [room, await restart(room)].map(({ state }) => [...(state.tasks.get(opened)?.task.labels ?? [])]);
    assert.deepEqual(labels, [['untrusted'], ['untrusted']], `${where} ${by?.kind}`);
  }
});

test('memory does not grow with the tasks that end: the oldest are forgotten, but for what they read and what is still under way', async () => {
  const room = openRoom();
  const [read, running] = [await openedTask(room), await openedTask(room)];
  const reserved = await room.room.tasks.reserve(
    running.id,
    { bytes: 1, replyBytesMax: 1_000 },
    new AbortController().signal,
  );
  room.room.tasks.raise(read.id, [untrusted]);
  for (const { id } of [read, running]) await room.control.end(id, '', theOperator);
  const parent = await openedTask(room, { agent: agentB.id, principal: agentA.principal, segments: ['office'] });
  const below = {
    agent: agentB.id,
    principal: agentA.principal,
    parent: parent.id,
    limits: { callsMax: 1, bytesMax: 9 },
  };
  for (let n = 0; n < 2 * endedTasksMax; n++) {
    const opened = await room.opening(fakeOrder(below), byOperator);
    assert.ok(opened.ok);
    await room.room.end(opened.value.task.id, { by: 'operator' }, '');
  }
  const { tasks, tokens } = room.state;
  assert.ok(tasks.size <= 2 * endedTasksMax && tokens.size <= 2 * endedTasksMax, `${tasks.size} ${tokens.size}`);
  assert.deepEqual([tasks.has(read.id), tasks.has(running.id), tasks.get(parent.id)?.children], [false, true, []]);
  assert.ok(reserved.ok);
  reserved.value.commit(1);
  assert.deepEqual((await taskOf(room)).sources, [untrusted]);
});

test('a clean ambient task is bounded as its opener says: no higher, and nowhere else', async () => {
  const room = openRoom();
  await openedTask(room, { kind: 'ambient', purpose: '', ceiling: 'internal', segments: ['office'] });
  const { ceiling, segments, opener } = await taskOf(room);
  assert.deepEqual([ceiling, segments, opener], ['internal', ['office'], 'operator']);
});

test('a clean ambient task that cannot be written down is a fault for whoever asked for it, and for nobody else', async () => {
  const room = openRoom();
  await taskOf(room);
  const unheard: unknown[] = [];
  const hear = (thrown: unknown): number => unheard.push(thrown);
  process.on('unhandledRejection', hear);
  room.journal.fail();
  const at = { agent: agentA.id, principal: agentA.principal, taskKind: 'ambient', opener: 'operator' } as const;
  const id = testId('t');
  const draft = {
    ...at,
    kind: 'task.opened',
    id,
    task: id,
    manifest: fakeManifest({}),
    limits: roomLimits,
    labels: [],
  } as const;
  await assert.rejects(room.room.replaceAmbient(draft, { by: 'operator' }), /down/);
  await new Promise(setImmediate);
  process.off('unhandledRejection', hear);
  assert.deepEqual(unheard, []);
});

test('an ambient task that idles too long is ended, and its successor inherits', async () => {
  const room = openRoom({ idle: 60 });
  const first = await taskOf(room);
  room.room.tasks.raise(first.id, [untrusted]);
  room.clock.now += 60_000;
  assert.equal((await taskOf(room)).id, first.id);
  room.clock.now += 60_001;
  const second = await taskOf(room);
  assert.notEqual(second.id, first.id);
  assert.deepEqual([...second.labels], ['untrusted']);
});

test('an ambient task does not idle while one that it delegated to is open', async () => {
  const room = openRoom({ idle: 60 });
  const { id, agent, principal } = await taskOf(room);
  assert.ok(room.room.tasks.enter(id, 'office'));
  const below = { agent: agentB.id, principal, parent: id, limits: { callsMax: 5, bytesMax: 10_000 } };
  const opened = await room.opening(fakeOrder(below), { kind: 'workload', agent, principal });
  assert.ok(opened.ok, JSON.stringify(opened));
  room.clock.now += 60_001;
  assert.equal((await taskOf(room)).id, id);
  assert.equal(room.state.tasks.get(opened.value.task.id)?.task.state.kind, 'open');
});

test('F-9 an ambient task that a task below kept from resting gives all it has read to the one after it', async () => {
  const room = openRoom({ idle: 60 });
  const { id, agent, principal } = await taskOf(room);
  assert.ok(room.room.tasks.enter(id, 'office'));
  const below = { parent: id, limits: { callsMax: 5, bytesMax: 10_000, secondsMax: 120 } };
  const opened = await room.opening(fakeOrder(below), { kind: 'workload', agent, principal });
  assert.ok(opened.ok, JSON.stringify(opened));
  room.clock.now += 60_001;
  room.room.tasks.raise(opened.value.task.id, [untrusted]);
  room.clock.now += 60_000;
  await room.room.endOverdue();
  assert.equal((await taskOf(room)).id, id, 'its rest begins with the end of the other');
  room.clock.now += 60_001;
  const next = await taskOf(room);
  assert.notEqual(next.id, id);
  assert.deepEqual([...next.labels], ['untrusted']);
});

test('a task in which a call is still running does not idle', async () => {
  const room = openRoom({ idle: 60 });
  const first = await taskOf(room);
  const running = await room.room.tasks.reserve(
    first.id,
    { bytes: 1, replyBytesMax: 1_000 },
    new AbortController().signal,
  );
  assert.ok(running.ok);
  room.clock.now += 3_600_000;
  assert.equal((await taskOf(room)).id, first.id);
});

test('a task token names its task, for its own agent only, and only its hash is kept', async () => {
  const room = openRoom();
  const { id, token } = await openedTask(room, {
    manifest: fakeManifest({ tools: ['files/*'] }),
    limits: { callsMax: 5 },
  });
  assert.match(token, /^spt_[A-Za-z0-9_-]{43}$/);
  const task = await taskOf(room, agentA, token);
  assert.deepEqual(
    [task.id, task.purpose, task.opener, task.manifest.tools, task.limits.callsMax],
    [id, 'sum up', 'operator', ['files/*'], 5],
  );
  assert.doesNotMatch(JSON.stringify([room.journal.entries, [...room.state.tokens]]), new RegExp(token.slice(4)));
});

test('D-12 K-10 a wrong token and the token of another agent are refused in the same words', async () => {
  const room = openRoom();
  const { token } = await openedTask(room);
  const others = await room.room.tasks.require(agentB, token);
  const wrong = await room.room.tasks.require(agentB, `spt_${'A'.repeat(43)}`);
  const empty = await room.room.tasks.require(agentB, '');
  assert.ok(!others.ok && others.refusal.code === 'task-unknown');
  assert.deepEqual(others, wrong);
  assert.deepEqual(empty, wrong);
});

test('a task that ended is refused from then on, and so is one whose time is over', async () => {
  const room = openRoom();
  const { id, token } = await openedTask(room, { limits: { secondsMax: 10 } });
  const second = await openedTask(room);
  room.clock.now += 10_000;
  assert.equal(await codeOf(room, agentA, token), 'limit-seconds');
  await room.control.end(second.id, '', theOperator);
  assert.equal(await codeOf(room, agentA, second.token), 'task-ended');
  const late = await room.room.tasks.require(agentA, second.token);
  assert.ok(!late.ok && late.task === second.id, 'the record says in which task');
  const standing = room.room.tasks.standing(second.id, 'assistant');
  assert.ok(!standing.ok && standing.refusal.code === 'task-ended');
  assert.equal((await room.control.find(id)).ok, true);
});

test('an end acts before it is recorded', async () => {
  const room = openRoom();
  const { id, token } = await openedTask(room);
  const release = room.journal.hold();
  const ending = room.control.end(id, '', theOperator);
  assert.equal(await codeOf(room, agentA, token), 'task-ended');
  release();
  assert.ok((await ending).ok);
});

test('R17 E-10 a kill stops the next call and the next check before the first byte, at every level, at once', async () => {
  const room = openRoom();
  const { id, token } = await openedTask(room);
  await taskOf(room);
  const wish = { bytes: 1, replyBytesMax: 1_000 };
  const release = room.journal.hold();
  for (const [scope, code] of [
    ['all', 'agent-killed'],
    ['agent:assistant', 'agent-killed'],
    [`task:${id}`, 'task-ended'],
  ] as const) {
    const waiting = await room.room.tasks.reserve(id, wish, new AbortController().signal);
    const killing = room.kills.kill(scope, 'drill', theOperator);
    assert.equal(await codeOf(room, agentA, token), code, scope);
    const standing = room.room.tasks.standing(id, 'assistant');
    assert.ok(!standing.ok && standing.refusal.code === code, scope);
    release();
    assert.ok((await killing).ok);
    assert.ok((await room.kills.unkill(scope, '', theOperator)).ok);
    assert.ok(waiting.ok && waiting.value.stopped, 'what waited is not sent after the release');
    waiting.value.release();
    assert.equal(await codeOf(room, agentA), 'ok', scope);
    assert.equal(await codeOf(room, agentA, token), 'task-unknown', 'a token does not survive a stop of its task');
  }
});

test('R17 a kill of one agent stops it with and without a token, and nobody else', async () => {
  const room = openRoom();
  const { token } = await openedTask(room);
  await room.kills.kill('agent:assistant', '', theOperator);
  assert.deepEqual(
    [await codeOf(room, agentA, token), await codeOf(room, agentA), await codeOf(room, agentB)],
    ['agent-killed', 'agent-killed', 'ok'],
  );
  assert.equal(
    room.journal.entries.filter(entry => entry.kind === 'task.opened').length,
    2,
    'a killed agent opened a task',
  );
});

test('R17 a stop of one server stops every task there, at once and after a restart, and nobody elsewhere', async () => {
  const room = openRoom();
  const tasks = [(await openedTask(room)).id, (await taskOf(room, agentB)).id];
  const at = (where: Room, server: string): string[] =>
    tasks.map((id, n) => {
      const standing = where.room.tasks.standing(id, [agentA, agentB][n]?.id ?? '', server);
      return standing.ok ? 'ok' : standing.refusal.code;
    });
  const release = room.journal.hold();
  const killing = room.kills.kill('server:files', 'drill', theOperator);
  assert.deepEqual(at(room, 'files'), ['server-killed', 'server-killed']);
  release();
  assert.ok((await killing).ok);
  for (const each of [room, await restart(room)])
    assert.deepEqual([...at(each, 'files'), ...at(each, 'mail')], ['server-killed', 'server-killed', 'ok', 'ok']);
  assert.ok((await room.kills.unkill('server:files', '', theOperator)).ok);
  assert.deepEqual(at(room, 'files'), ['ok', 'ok']);
});

test('R17 E-10 a call that waits for its turn is refused the moment it is stopped, suspended or ended', async () => {
  const rows: readonly (readonly [string, (room: Room, id: `t_${string}`) => Promise<unknown>])[] = [
    ['agent-killed', room => room.kills.kill('all', '', theOperator)],
    ['agent-killed', room => room.kills.kill('agent:assistant', '', theOperator)],
    ['task-ended', (room, id) => room.kills.kill(`task:${id}`, '', theOperator)],
    ['task-ended', (room, id) => room.control.end(id, '', theOperator)],
    ['task-suspended', (room, id) => room.control.suspend(id, '', theOperator)],
    ['task-suspended', (room, id) => room.room.tasks.suspend(id, 'p')],
  ];
  for (const [code, stop] of rows) {
    const room = openRoom();
    const { id } = await openedTask(room, { limits: { callsMax: 1 } });
    const reserve = () => room.room.tasks.reserve(id, { bytes: 1, replyBytesMax: 1_000 }, new AbortController().signal);
    assert.ok((await reserve()).ok);
    let answer = 'it waits';
    const waiting = Promise.resolve(reserve()).then(checked => {
      answer = checked.ok ? 'granted' : checked.refusal.code;
    });
    await new Promise(setImmediate);
    assert.equal(answer, 'it waits');
    const release = room.journal.hold();
    const stopping = stop(room, id);
    await new Promise(setImmediate);
    assert.equal(answer, code, 'at once, and not when it is durable');
    release();
    await Promise.all([stopping, waiting]);
  }
});

test('R17 a kill survives a restart, and so does its release', async () => {
  const room = openRoom();
  await room.kills.kill('all', 'drill', theOperator);
  const second = await restart(room);
  assert.equal(await codeOf(second, agentA), 'agent-killed');
  assert.deepEqual(second.kills.list(), [{ scope: 'all', at: 1_000_000, by: 'operator', why: 'drill' }]);
  await room.kills.unkill('all', '', theOperator);
  assert.equal(await codeOf(await restart(room), agentA), 'ok');
});

test('an unkill acts only once it is recorded, and never undoes a kill that came meanwhile', async () => {
  const room = openRoom();
  await room.kills.kill('all', 'first', theOperator);
  const release = room.journal.hold();
  const unkilling = room.kills.unkill('all', '', theOperator);
  assert.equal(await codeOf(room, agentA), 'agent-killed');
  const killing = room.kills.kill('all', 'second', theOperator);
  release();
  await Promise.all([unkilling, killing]);
  assert.equal(await codeOf(room, agentA), 'agent-killed');
  assert.equal(await codeOf(await restart(room), agentA), 'agent-killed');
});

test('E-10 what tightens while something that loosens is written down stands behind it, here as in the record', async () => {
  const stops: Record<string, (room: Room, id: TaskId) => Promise<unknown>> = {
    operator: (room, id) => room.control.suspend(id, 'again', theOperator),
    policy: (room, id) => room.room.tasks.suspend(id, 'too-odd'),
  };
  for (const [by, stop] of Object.entries(stops)) {
    const room = openRoom();
    const { id, token } = await openedTask(room);
    await room.control.suspend(id, 'lunch', theOperator);
    const release = room.journal.hold();
    const both = [room.control.resume(id, theOperator), stop(room, id)];
    release();
    await Promise.all(both);
    assert.equal(await codeOf(room, agentA, token), 'task-suspended', by);
    assert.equal(await codeOf(await restart(room), agentA, token), 'task-suspended', by);
  }
});

test('E-10 a token that was on its way when its task was stopped counts no more after the stop', async () => {
  const tokens: Record<string, (room: Room, id: TaskId) => Promise<string>> = {
    renewed: async (room, id) => {
      const renewed = await room.control.renew(id, undefined, theOperator);
      return renewed.ok ? renewed.value.token : '';
    },
    opened: async room => (await openedTask(room)).token,
  };
  for (const [way, give] of Object.entries(tokens)) {
    const room = openRoom();
    const { id } = await openedTask(room);
    const release = room.journal.hold();
    const given = give(room, id);
    await new Promise(setImmediate);
    const killed = room.kills.kill('all', 'drill', theOperator);
    release();
    await killed;
    await room.kills.unkill('all', '', theOperator);
    assert.equal(await codeOf(room, agentA, await given), 'task-unknown', way);
    assert.equal(await codeOf(await restart(room), agentA, await given), 'task-unknown', way);
  }
});

test('a kill of somebody unknown is an error, not a stop of nobody', async () => {
  const room = openRoom();
  const typo = await room.kills.kill('agent:asistant', '', theOperator);
  assert.ok(!typo.ok);
  assert.match(typo.error.message, /did you mean assistant/);
  for (const scope of ['', 'everything', 'agent:', 'task:t_nope', 'agent:../x', 'server:filez']) {
    assert.equal((await room.kills.kill(scope, '', theOperator)).ok, false, scope);
    assert.equal((await room.kills.unkill(scope, '', theOperator)).ok, false, scope);
  }
  assert.equal(room.journal.entries.length, 0);
  const { id } = await openedTask(room);
  await room.control.end(id, '', theOperator);
  assert.equal((await room.kills.kill(`task:${id}`, '', theOperator)).ok, false, 'it has ended');
  assert.deepEqual(room.kills.list(), []);
});

test('an order is held against what is configured, and each error names its field', async () => {
  const room = openRoom();
  const tools = (...names: string[]) => ({ manifest: fakeManifest({ tools: names }) });
  const wrong: [Partial<TaskOrder>, string, RegExp][] = [
    [{ agent: 'asistant' }, 'agent', /did you mean assistant/],
    [{ principal: 'a\nb' }, 'principal', /visible/],
    [{ principal: '' }, 'principal', /visible/],
    [{ purpose: ' ' }, 'purpose', /what the task is for/],
    [{ purpose: 'x'.repeat(4_001) }, 'purpose', /4000/],
    [tools('files/raed_file'), 'tools[0]', /did you mean files\/read_file/],
    [tools('files/read_file', 'FILES'), 'tools[1]', /SERVER\/TOOL/],
    [tools('file/*'), 'tools[0]', /of no configured server; did you mean files/],
    [tools('elsewhere/any'), 'tools[0]', /of no configured server$/],
    [{ manifest: fakeManifest({ resources: ['/a', '*'] }) }, 'resources[1]', /may only end it/],
    [{ manifest: fakeManifest({ destinations: ['a b'] }) }, 'destinations[0]', /without spaces/],
    [{ manifest: fakeManifest({ destinations: Array(257).fill('a') }) }, 'destinations', /more than 256/],
    [{ limits: { depthMax: 4 } }, 'limits.depthMax', /at most 3/],
    [{ limits: { spendCentsMax: 100_001 } }, 'limits.spendCentsMax', /at most 100000/],
    [{ limits: { callsMax: 1_001 } }, 'limits.callsMax', /at most 1000/],
    [{ limits: { secondsMax: 86_401 } }, 'limits.secondsMax', /at most/],
    [{ kind: 'ambient' }, 'kind', /neither purpose nor manifest/],
  ];
  for (const [over, field, message] of wrong) {
    const opened = await room.control.open(fakeOrder(over), theOperator);
    assert.ok(!opened.ok, field);
    assert.equal(opened.error.field, field);
    assert.match(opened.error.message, message);
  }
  assert.equal(room.journal.entries.length, 0);
  // A server that has not been reached yet is taken at its word.
  assert.ok((await room.control.open(fakeOrder(tools('mail/any', 'files/*')), theOperator)).ok);
});

test('tasks whose time is over are ended when the next one is opened', async () => {
  const room = openRoom();
  const first = await openedTask(room, { limits: { secondsMax: 10 } });
  room.clock.now += 10_000;
  await openedTask(room);
  const found = await room.control.find(first.id);
  assert.ok(found.ok);
  assert.deepEqual([found.value.state, found.value.ended?.by], ['ended', 'gateway']);
});

test('ids may be shortened as long as they name one task', async () => {
  const room = openRoom();
  const { id } = await openedTask(room);
  await openedTask(room);
  const find = async (text: string): Promise<string> => {
    const found = await room.control.find(text);
    return found.ok ? found.value.id : found.error.code;
  };
  assert.deepEqual(
    [await find(id), await find('t_'), await find('t_nope'), await find('t_00')],
    [id, 'not-found', 'not-found', 'ambiguous'],
  );
});

test('modes: what an operator sets goes before the configuration, survives a restart and can be taken back', async () => {
  const room = openRoom();
  assert.equal(room.modes.table().fallback, 'enforce');
  assert.ok((await room.modes.set('default', 'observe', theOperator)).ok);
  assert.ok((await room.modes.set('server:files', 'enforce', theOperator)).ok);
  const second = await restart(room);
  assert.deepEqual(
    [second.modes.table().fallback, second.modes.table().scopes.get('server:files')],
    ['observe', 'enforce'],
  );
  assert.ok((await second.modes.set('server:files', 'unset', theOperator)).ok);
  assert.equal(second.modes.table().scopes.get('server:files'), 'shadow');
  assert.deepEqual(
    second.modes.view().scopes.map(({ scope, source }) => [scope, source]),
    [
      ['server:files', 'config'],
      ['default', 'operator'],
    ],
  );
});

test('a mode is loosened only once that is recorded', async () => {
  const room = openRoom();
  const release = room.journal.hold();
  const setting = room.modes.set('default', 'observe', theOperator);
  await new Promise(setImmediate);
  assert.equal(room.modes.table().fallback, 'enforce');
  release();
  await setting;
  assert.equal(room.modes.table().fallback, 'observe');
});

test('K-13 a mode for something that does not exist is an error', async () => {
  const room = openRoom();
  for (const scope of ['', 'files', 'agent:nobody', 'server:filez', 'tool:files/nope', 'class:wirte', '__proto__:x'])
    assert.equal((await room.modes.set(scope, 'observe', theOperator)).ok, false, scope);
  const typo = await room.modes.set('class:wirte', 'observe', theOperator);
  assert.ok(!typo.ok);
  assert.match(typo.error.message, /did you mean write/);
  assert.match(typo.error.fix ?? '', /^there are read, write, /);
  const nobody = await room.modes.set('agent:nobody', 'observe', theOperator);
  assert.deepEqual(nobody.ok ? '' : nobody.error.fix, 'see: sallyport agents ls');
});

test('a task is shown as what it is: open, killed, over its time, or ended, with what it used and set aside', async () => {
  const room = openRoom();
  const { id } = await openedTask(room, { manifest: fakeManifest({ tools: ['files/*'] }), limits: { secondsMax: 10 } });
  const shown = async () => {
    const found = await room.control.find(id);
    assert.ok(found.ok);
    return found.value;
  };
  const first = await room.room.tasks.reserve(id, { bytes: 100, replyBytesMax: 1_000 }, new AbortController().signal);
  const second = await room.room.tasks.reserve(id, { bytes: 100, replyBytesMax: 1_000 }, new AbortController().signal);
  assert.ok(first.ok && second.ok);
  first.value.commit(150);
  room.room.tasks.raise(id, [untrusted]);
  const open = await shown();
  assert.deepEqual([open.state, open.endsAt, open.tools], ['open', 1_010_000, ['files/*']]);
  assert.deepEqual(
    [open.used, open.reserved],
    [
      { calls: 1, bytes: 150, spendCents: 0 },
      { calls: 1, bytes: 1_100, spendCents: 0 },
    ],
  );
  assert.deepEqual(open.labels, [untrusted]);
  await room.kills.kill(`task:${id.slice(0, -1)}${id.slice(-1)}`, '', theOperator);
  assert.equal((await shown()).state, 'killed');
  await room.kills.unkill(`task:${id}`, '', theOperator);
  room.clock.now += 10_000;
  assert.equal((await shown()).state, 'expired');
  await room.control.end(id, 'finished', theOperator);
  const over = await shown();
  assert.deepEqual([over.state, over.ended], ['ended', { at: 1_010_000, by: 'operator', why: 'finished' }]);
  const again = await room.control.end(id, '', theOperator);
  assert.ok(!again.ok && again.error.code === 'conflict');
});

test('tasks are listed newest first, by state and agent', async () => {
  const room = openRoom();
  const first = await openedTask(room);
  const second = await openedTask(room, { agent: 'other' });
  const third = await openedTask(room);
  await room.control.end(first.id, '', theOperator);
  const list = async (state: 'open' | 'ended' | 'all', agent?: string, limit = 10): Promise<string[]> =>
    (await room.control.list({ state, agent, parent: undefined, limit })).map(task => task.id);
  assert.deepEqual(await list('all'), [third.id, second.id, first.id]);
  assert.deepEqual(await list('open'), [third.id, second.id]);
  assert.deepEqual(await list('ended'), [first.id]);
  assert.deepEqual(await list('all', 'assistant', 1), [third.id]);
});

test('a task that a policy suspends does nothing more until a person resumes it, also after a restart', async () => {
  const room = openRoom();
  const { id, token } = await openedTask(room);
  await room.room.tasks.suspend(id, 'too-odd');
  await room.room.tasks.suspend(id, 'too-odd');
  assert.equal(await codeOf(room, agentA, token), 'task-suspended');
  assert.equal(room.journal.entries.filter(({ kind }) => kind === 'task.suspended').length, 1);
  const after = await restart(room);
  assert.equal(await codeOf(after, agentA, token), 'task-suspended');
  const suspended = after.state.tasks.get(id)?.task.suspended;
  assert.equal(suspended?.by, 'policy:too-odd');
  assert.ok((await after.control.resume(id, theOperator)).ok);
  assert.equal(await codeOf(after, agentA, token), 'ok');
});
