import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Notice } from '@sallyport/core/model/call.ts';
import type { TaskId } from '@sallyport/core/model/ids.ts';
import type { Question } from '@sallyport/core/model/question.ts';
import { httpUpstream, linesOf, stdioUpstream, temporaryFolder, until } from '@sallyport/testkit/upstream/fixture.ts';
import { startHttpUpstream } from '@sallyport/testkit/upstream/http.ts';
import { type Rig, type RigOptions, startRig, textOf } from '@sallyport/testkit/upstream/rig.ts';
import type { Script } from '@sallyport/testkit/upstream/script.ts';

async function run(
  over: 'stdio' | 'http',
  script: Script,
  limits: RigOptions['limits'] = {},
): Promise<Rig & AsyncDisposable> {
  const stack = new AsyncDisposableStack();
  const folder = stack.use(temporaryFolder());
  const server =
    over === 'stdio'
      ? stdioUpstream('s', script)
      : httpUpstream('s', stack.use(await startHttpUpstream({ ...script, stream: true })).url);
  const rig = stack.use(await startRig({ servers: [server], stateDir: folder.path, limits }));
  return { ...rig, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

for (const over of ['stdio', 'http'] as const) {
  test(`${over}: a question in the middle of a call is put to whoever made it, and the answer goes back word for word`, async () => {
    await using rig = await run(over, {});
    const questions: Question[] = [];
    const reply = rig.call({
      server: 's',
      tool: 'elicit-wait',
      onQuestion: question => {
        questions.push(question);
        assert.equal(question.answer('{"action":"accept","content":{"name":"Ümit"}}'), true);
        assert.equal(question.answer('{"action":"accept"}'), false, 'once');
      },
    });
    assert.equal(textOf(await reply), '{"action":"accept","content":{"name":"Ümit"}}');
    assert.deepEqual(
      questions.map(({ method }) => method),
      ['elicitation/create'],
    );
  });

  test(`${over}: a question that nobody answers is refused in our words`, async () => {
    await using rig = await run(over, {});
    for (const [why, code] of [
      ['unsupported', -32601],
      ['declined', -1],
      ['refused', -32603],
    ] as const) {
      const reply = await rig.call({ server: 's', tool: 'elicit-wait', onQuestion: question => question.refuse(why) });
      assert.equal((JSON.parse(textOf(reply)) as { code: number }).code, code, why);
    }
    assert.equal(
      (JSON.parse(textOf(await rig.call({ server: 's', tool: 'elicit-wait' }))) as { code: number }).code,
      -32601,
    );
  });

  test(`${over}: people are slow: while a question is open the call may take longer`, async () => {
    await using rig = await run(over, {}, { callMillisMax: 1_000 });
    const reply = rig.call({
      server: 's',
      tool: 'elicit-wait',
      onQuestion: question => setTimeout(() => question.answer('{"action":"decline"}'), 1_500),
    });
    assert.equal(textOf(await reply), '{"action":"decline"}');
  });

  test(`${over}: the answer to a call that is over goes nowhere`, async () => {
    using folder = temporaryFolder();
    await using rig = await run(over, { record: folder.file('record') });
    const cancel = new AbortController();
    let asked: Question | undefined;
    const reply = rig.call({
      server: 's',
      tool: 'elicit-wait',
      signal: cancel.signal,
      onQuestion: question => {
        asked = question;
        cancel.abort();
      },
    });
    assert.equal((await reply).kind, 'lost');
    assert.equal(asked?.answer('{"action":"accept"}'), false);
    assert.equal(textOf(await rig.call({ server: 's', tool: 'echo', input: '{"text":"x"}' })), 'x');
    assert.ok(!linesOf(folder.file('record')).some(line => line.includes('"action"')));
  });
}

test('stdio: with several calls under way a question has no address, and is refused', async () => {
  await using rig = await run('stdio', {});
  const cancel = new AbortController();
  const waiting = rig.call({ server: 's', tool: 'never', signal: cancel.signal });
  await until('the first is under way', () => rig.upstreams.status().some(({ callsInFlight }) => callsInFlight === 1));
  const asked: unknown[] = [];
  const reply = await rig.call({ server: 's', tool: 'elicit-wait', onQuestion: question => asked.push(question) });
  assert.deepEqual(asked, []);
  assert.equal((JSON.parse(textOf(reply)) as { code: number }).code, -32601);
  cancel.abort();
  await waiting;
});

test('A-5 stdio: what may be of a call that was given up is heard in its own task, and in no other while it may be under way', async () => {
  using folder = temporaryFolder();
  const record = folder.file('record');
  await using rig = await run('stdio', { record }, { callMillisMax: 5_000 });
  const giveUp = new AbortController();
  const given = rig.call({ server: 's', tool: 'never', signal: giveUp.signal, task: { id: 't_one' } });
  await until('the server has it', () => linesOf(record).some(line => line.includes('"never"')));
  giveUp.abort();
  await given;
  const heard = async (id: TaskId): Promise<{ readonly questions: number; readonly notices: number }> => {
    const notices: Notice[] = [];
    let questions = 0;
    const onQuestion = (question: Question): void => {
      questions++;
      question.answer('{"action":"accept"}');
    };
    await rig.call({ server: 's', tool: 'elicit-wait', task: { id }, onQuestion });
    await rig.call({ server: 's', tool: 'log', task: { id }, notices });
    return { questions, notices: notices.length };
  };
  assert.deepEqual(await heard('t_two'), { questions: 0, notices: 0 });
  assert.deepEqual(await heard('t_one'), { questions: 1, notices: 1 });
  await until('it is over', async () => (await heard('t_two')).questions === 1);
});

test('A-5 http: what a server says on its stream of news after it broke off an answer is heard in its own task alone', async () => {
  await using http = await startHttpUpstream({ era: 'legacy' });
  using folder = temporaryFolder();
  await using rig = await startRig({
    servers: [httpUpstream('s', http.url)],
    stateDir: folder.path,
    limits: { callMillisMax: 1_000 },
    lookAs: { agent: 'assistant', principal: 'user:emma' },
  });
  const heardBy = async (id: TaskId): Promise<readonly unknown[]> => {
    const notices: Notice[] = [];
    const broken = await rig.call({ server: 's', tool: 'breaks-and-logs-elsewhere', task: { id: 't_one' } });
    assert.equal(broken.kind, 'lost');
    await rig.call({ server: 's', tool: 'never', task: { id }, notices });
    return notices.map(({ method }) => method);
  };
  assert.deepEqual(await heardBy('t_one'), ['notifications/message']);
  assert.deepEqual(await heardBy('t_two'), []);
});
