import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFakeWorld, type FakeOptions, fakeCall, jsonObject } from '@sallyport/testkit/fakes/ports.ts';
import type { ReadPersonal } from '../facts/personal.ts';
import type { Call, Notice } from '../model/call.ts';
import { normalText } from '../model/json.ts';
import { mediate } from './line.ts';
import type { UpstreamReply } from './ports.ts';

const readPersonal: ReadPersonal = text =>
  [...text.matchAll(/[\w.]+@[\w.]+\w/g)].map(({ 0: run, index }) => ({
    ...{ kind: 'email', start: index, end: index + run.length },
  }));
const definition = jsonObject(`{"name":"send","inputSchema":{"type":"object","properties":{
  "to":{"type":"string"},"body":{"type":"string"},"note":{"type":"string","maxLength":20},"more":{"type":"object"}}}}`);
const input = jsonObject(
  '{"to":"bea@mail.example","body":"ann@mail.example says api_key=sk-a1B2c3D4e5F6g7H8i9","more":{"password":"x"}}',
);

async function run(obligation: string, options: FakeOptions = {}, call: Partial<Call> = {}) {
  const world = createFakeWorld({
    ...{ annotations: { obligation }, tool: { definition }, override: () => ({ readPersonal }) },
    ...options,
  });
  const reply = await mediate(fakeCall({ input, ...call }), world.ports);
  const decided = world.entries[0];
  assert.ok(decided?.draft.kind === 'decided');
  return { ...world, reply, decided: decided.draft, bodies: decided.bodies };
}

const answering = (text: string): FakeOptions => ({
  reply: async () => ({ kind: 'result', result: resultOf(text), bytes: 100 }),
});
const resultOf = (text: string) => jsonObject(JSON.stringify({ content: [{ type: 'text', text }] }));

test('arguments go on without what policy wants out, and whom they go to stays; both are recorded before', async () => {
  const { sent, decided, bodies } = await run('redact-arguments=personal+secrets');
  assert.deepEqual(JSON.parse(sent[0] ?? '').arguments, {
    to: 'bea@mail.example',
    body: '[redacted: email] says api_key=[redacted: secret]',
    more: { password: '[redacted: secret]' },
  });
  assert.deepEqual(decided.redacted?.found, { secret: 2, email: 1 });
  assert.notEqual(decided.redacted?.digest, decided.action.digest);
  assert.equal(bodies?.sent, sent[0]);
  assert.match(bodies?.arguments ?? '', /ann@mail\.example/, 'what was decided on');
});

test('where nothing is to be taken out, what the agent sent goes on as it is', async () => {
  const { sent, decided, bodies } = await run(
    'redact-arguments=email',
    {},
    { input: jsonObject('{"body":"all well"}') },
  );
  assert.match(sent[0] ?? '', /"all well"/);
  assert.equal(decided.redacted, undefined);
  assert.equal(bodies?.sent, undefined);
});

test('what comes back reaches agent and record without it, as a result, an error, a notice', async () => {
  const notices: Notice[] = [];
  const said = 'ask ann@mail.example';
  const result = await run('redact-result=personal', answering(said));
  assert.deepEqual(result.reply.kind === 'result' && result.reply.result, resultOf('ask [redacted: email]'));
  const performed = result.entries.at(-1);
  assert.deepEqual(performed?.draft.kind === 'performed' && performed.draft.redacted, { email: 1 });
  assert.doesNotMatch(JSON.stringify(performed?.bodies), /ann@/);

  const error: UpstreamReply = {
    ...{ kind: 'error', bytes: 10 },
    error: { code: 1, message: said, data: jsonObject(JSON.stringify({ said })) },
  };
  const failed = await run('redact-result=personal', { reply: async () => error });
  assert.doesNotMatch(JSON.stringify([failed.reply, failed.entries.at(-1)]), /ann@/);

  const params = jsonObject(JSON.stringify({ data: said }));
  await run(
    'redact-result=personal',
    {
      override: ports => ({
        readPersonal,
        upstreams: {
          prepare: async (...order) => {
            const ready = await ports.upstreams.prepare(...order);
            if (!ready.ok) return ready;
            const { perform } = ready.value;
            const spoken: typeof perform = options => {
              options.onNotice({ method: 'notifications/progress', params });
              return perform(options);
            };
            return { ok: true, value: { ...ready.value, perform: spoken } };
          },
        },
      }),
    },
    { relay: notice => notices.push(notice) },
  );
  assert.deepEqual(
    notices.map(notice => notice.params),
    [jsonObject('{"data":"ask [redacted: email]"}')],
  );
});

test('an address that a text only mentions is nobody that the call goes to: it is taken out of it', async () => {
  const mentioned = jsonObject(
    '{"to":"bea@mail.example","body":"of all the words here the last are ann@mail.example"}',
  );
  const { sent } = await run('redact-arguments=email', {}, { input: mentioned });
  assert.match(String(sent), /bea@mail\.example/);
  assert.doesNotMatch(String(sent), /ann@/);
  const alone = jsonObject(
    '{"to":"bea@mail.example","body":"the mail of a person who is on leave","note":"x","more":{"password":"y"}}',
  );
  assert.match(String((await run('redact-arguments=email', {}, { input: alone })).sent), /bea@mail\.example/);
});

test('an answer that did not come is not one that was kept back: nobody knows what came of the call', async () => {
  const { reply, entries } = await run('redact-result=email', { reply: () => Promise.reject(new Error('reset')) });
  assert.equal(reply.kind === 'refusal' && reply.refusal.code, 'indeterminate');
  assert.equal(entries.at(-1)?.draft.kind, 'indeterminate');
});

test('of several obligations all that any of them names is taken out', async () => {
  const { sent } = await run('redact-arguments=email, redact-arguments=secrets');
  assert.doesNotMatch(String(sent), /ann@|sk-a1B2/);
  const { reply } = await run('redact-result=secrets, redact-result=email', answering('ann@mail.example'));
  assert.deepEqual(reply.kind === 'result' && reply.result, resultOf('[redacted: email]'));
});

test('what a server asks in the middle of a call reaches its agent without it, or not at all', async () => {
  for (const [readers, expected] of [
    [{ readPersonal }, 'asked {"message":"is it [redacted: email]?"}'],
    [{}, 'refused unsupported'],
  ] as const) {
    const heard: string[] = [];
    await run(
      'redact-result=personal',
      {
        override: ports => ({
          ...readers,
          upstreams: {
            prepare: async (...order) => {
              const ready = await ports.upstreams.prepare(...order);
              if (!ready.ok) return ready;
              const perform: typeof ready.value.perform = options => {
                const params = jsonObject('{"message":"is it ann@mail.example?"}');
                const refuse = (why: string): void => void heard.push(`refused ${why}`);
                options.onQuestion?.({ method: 'elicitation/create', params, answer: () => true, refuse });
                return ready.value.perform(options);
              };
              return { ok: true, value: { ...ready.value, perform } };
            },
          },
        }),
      },
      { ask: ({ params }) => void heard.push(`asked ${normalText(params)}`) },
    );
    assert.deepEqual(heard, [expected]);
  }
});

test('what cannot be looked for does not go on: arguments are refused before, results are kept back', async () => {
  for (const readers of [{}, { readPersonal: () => assert.fail('broken') }] as const) {
    const before = await run('redact-arguments=personal', { override: () => readers });
    assert.equal(before.reply.kind === 'refusal' && before.reply.refusal.code, 'obligation-unknown');
    assert.deepEqual(before.sent, []);
    const after = await run('redact-result=personal', { ...answering('ann@mail.example'), override: () => readers });
    assert.equal(after.reply.kind === 'refusal' && after.reply.refusal.code, 'withheld');
    assert.doesNotMatch(JSON.stringify(after.entries.slice(1)), /ann@/);
  }
});

test('what no longer fits the tool is refused, and so is a door behind which somebody else would have to redact', async () => {
  const tool = {
    definition: jsonObject(
      '{"name":"send","inputSchema":{"type":"object","properties":{"password":{"type":"number"}}}}',
    ),
  };
  const misfit = await run('redact-arguments=secrets', { tool }, { input: jsonObject('{"password":5}') });
  const hook = await run('redact-result=secrets', {}, { door: 'hook' });
  for (const { reply, sent } of [hook, misfit]) {
    assert.equal(reply.kind === 'refusal' && reply.refusal.code, 'obligation-unknown');
    assert.deepEqual(sent, []);
  }
});
