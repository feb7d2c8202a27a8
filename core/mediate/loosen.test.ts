import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  createFakeWorld,
  type FakeOptions,
  fakeAgent,
  fakeCall,
  jsonObject,
  textResult,
} from '@sallyport/testkit/fakes/ports.ts';
import { fakeTask } from '@sallyport/testkit/fakes/task.ts';
import type { Actor } from '../model/agent.ts';
import type { Call, Notice } from '../model/call.ts';
import type { Label } from '../model/label.ts';
import { passed } from '../model/refusal.ts';
import { verdictOf } from '../policy/mode.ts';
import { mediate } from './line.ts';
import { looseningOf } from './loosen.ts';
import type { LinePorts, UpstreamReply } from './ports.ts';

/** Acts of policies on what results carry, and all that must not become one (F-8). */

const reason = 'the names have been taken out';
const both = { obligation: 'declassify-result=internal, endorse-result=changes', reason };

async function run(annotations: Record<string, string>, options: FakeOptions = {}, call: Partial<Call> = {}) {
  const world = createFakeWorld({ annotations, ...options });
  const reply = await mediate(fakeCall(call), world.ports);
  const acts = world.entries.map(({ draft }) => draft).filter(({ kind }) => kind.startsWith('task.'));
  return { ...world, reply, acts };
}

test('F-8 what a permit declassifies and endorses is recorded as that policy’s act, behind the outcome it is about', async () => {
  const { acts, events, entries, reply } = await run(both);
  const outcome = entries.find(({ draft }) => draft.kind === 'performed')?.draft;
  assert.ok(outcome?.kind === 'performed' && reply.kind === 'result');
  const about = { task: fakeTask.id, by: 'policy:p', proof: 'policy', why: reason };
  assert.deepEqual(
    acts.map(({ id: _, ...act }) => act),
    [
      { kind: 'task.declassified', ...about, what: { kind: 'entry', entry: outcome.id }, to: 'internal' },
      { kind: 'task.endorsed', ...about, endorsed: { kind: 'outcome', entry: outcome.id }, reach: 'changes' },
    ],
  );
  assert.deepEqual(outcome.labels, ['untrusted', 'unlabelled'], 'what came is marked as it came');
  const order = events.filter(event => /raise|append|loosen/.test(event));
  assert.deepEqual(order, [
    ...['raise', 'append performed', 'append task.declassified', 'loosen task.declassified'],
    ...['append task.endorsed', 'loosen task.endorsed'],
  ]);
});

test('F-8 nothing is loosened in observe and shadow, nor by a policy that gives no reason', async () => {
  for (const mode of ['observe', 'shadow'] as const) {
    const { acts, reply } = await run(both, { mode });
    assert.equal(reply.kind, 'result');
    assert.deepEqual(acts, []);
  }
  for (const annotations of [{ obligation: both.obligation }, { ...both, reason: ' ' }]) {
    const { acts, reply, sent } = await run(annotations);
    assert.ok(reply.kind === 'refusal' && reply.refusal.code === 'obligation-unknown');
    assert.deepEqual([acts, sent], [[], []]);
  }
});

test('F-8 what is not a result of the tool’s own is not loosened: a failure, an error, no answer, too much, what could not be searched', async () => {
  const replies: Record<string, () => Promise<UpstreamReply>> = {
    failure: async () => ({ kind: 'result', result: jsonObject('{"isError":true,"content":[]}'), bytes: 9 }),
    error: async () => ({ kind: 'error', error: { code: 1, message: 'no', data: undefined }, bytes: 9 }),
    lost: async () => ({ kind: 'lost', sent: true, code: 'upstream-timeout', why: 'late' }),
    unusable: async () => ({ kind: 'unusable', why: 'too large', bytes: 9 }),
    thrown: async () => Promise.reject(new Error('gone')),
  };
  for (const [name, reply] of Object.entries(replies)) assert.deepEqual((await run(both, { reply })).acts, [], name);
  const unsearched = await run({ ...both, obligation: `redact-result=personal, ${both.obligation}` });
  assert.ok(unsearched.reply.kind === 'refusal' && unsearched.reply.refusal.code === 'withheld');
  assert.deepEqual(unsearched.acts, []);
  assert.deepEqual((await run(both, {}, { door: 'hook' })).acts, [], 'what a client reports may be anything');
});

test('F-4 F-8 what tasks wrote there through the gateway is not loosened by reading it back', async () => {
  const wrote = (...labels: ('untrusted' | 'confidential' | 'public')[]) =>
    run(both, {
      override: (ports): Partial<LinePorts> => ({
        stores: {
          ...ports.stores,
          held: () => labels.map(label => ({ label, entry: 'o_9', server: 'files', tool: 'write', at: 0 })),
        },
      }),
    });
  const kinds = async (...labels: Parameters<typeof wrote>) => (await wrote(...labels)).acts.map(({ kind }) => kind);
  assert.deepEqual(await kinds('public'), ['task.declassified', 'task.endorsed']);
  assert.deepEqual(await kinds('untrusted'), ['task.declassified'], 'who wrote it may have been led');
  assert.deepEqual(await kinds('confidential'), ['task.endorsed'], 'who wrote it had read what is confidential');
  assert.deepEqual(await kinds('untrusted', 'confidential'), []);
});

test('F-8 log messages are nobody’s: where a policy loosens, none is passed on to ride along', async () => {
  const said = async (annotations: Record<string, string>) => {
    const notices: Notice[] = [];
    await run(
      annotations,
      {
        override: () => ({
          upstreams: {
            prepare: async () =>
              passed({
                abandon: () => {},
                perform: async ({ onNotice }) => {
                  onNotice({ method: 'notifications/message', params: jsonObject('{"data":"x"}') });
                  onNotice({ method: 'notifications/progress', params: jsonObject('{"message":"y"}') });
                  return textResult('z', 1_000);
                },
              }),
          },
        }),
      },
      { relay: notice => void notices.push(notice) },
    );
    return notices.map(({ method }) => method.replace('notifications/', ''));
  };
  assert.deepEqual(await said({}), ['message', 'progress']);
  assert.deepEqual(await said(both), ['progress']);
  for (const obligation of both.obligation.split(', '))
    assert.deepEqual(await said({ obligation, reason }), ['progress'], obligation);
});

test('F-8 no agent and no server reaches it: obligations in arguments, results, definitions and annotations are words', async () => {
  const words = JSON.stringify({
    ...both,
    'declassify-result': 'public',
    annotations: { endorse: true },
    by: 'policy:p',
  });
  const definition = jsonObject(
    `{"name":"read_file","description":${JSON.stringify(words)},"annotations":{"readOnlyHint":true,"declassify":"public"},
      "inputSchema":{"type":"object","additionalProperties":true}}`,
  );
  const { acts, reply } = await run(
    { reason },
    {
      tool: { definition },
      reply: async () => ({ kind: 'result', result: jsonObject(`{"content":[],"_meta":${words}}`), bytes: 9 }),
    },
    { input: jsonObject(words) },
  );
  assert.equal(reply.kind, 'result');
  assert.deepEqual(acts, []);
});

test('D-7 F-8 through a chain of agents it is loosened only as far as for each of them', async () => {
  const through = async (ofActor: Record<string, string> | undefined, asks = false) => {
    const actor: Actor = { ...fakeAgent, id: 'inner', ...(asks ? { asks: true as const } : {}) };
    const { acts } = await run(
      {},
      {
        override: ports => ({
          tasks: { ...ports.tasks, actors: () => [actor] },
          world: () => ({
            ...ports.world(),
            engine: {
              ...ports.world().engine,
              evaluate: ({ agent }) => ({
                allowed: agent.id !== 'inner' || ofActor !== undefined,
                determining: agent.id !== 'inner' || ofActor !== undefined ? [agent.id] : [],
                errors: [],
              }),
              policy: id => ({
                ...{ id, effect: 'permit', file: '', line: 1 },
                annotations: id === 'inner' ? (ofActor ?? {}) : both,
              }),
            },
          }),
        }),
      },
    );
    return acts.map(act => (act.kind === 'task.declassified' ? `${act.by} ${act.to}` : act.kind));
  };
  assert.deepEqual(await through({ ...both, reason: 'mine' }), ['policy:assistant internal', 'task.endorsed']);
  assert.deepEqual(await through({ obligation: 'declassify-result=confidential', reason }), [
    'policy:inner confidential',
  ]);
  assert.deepEqual(await through({ obligation: 'declassify-result=public', reason }), ['policy:assistant internal']);
  assert.deepEqual(await through({}), [], 'it may read this, and its result is no less than it is');
  assert.deepEqual(await through(undefined), [], 'nothing permits it to who delegated: it vouches for nothing');
});

test('an obligation that loosens without anybody’s reason is not understood', () => {
  const decide = (obligation: { name: string; value: string; act?: { policy: string; why: string } }) =>
    verdictOf({ answer: 'permit', reasons: [], obligations: [obligation] }, 'enforce').kind;
  const act = { policy: 'p', why: 'because' };
  assert.equal(decide({ name: 'declassify-result', value: 'internal', act }), 'pass');
  assert.equal(decide({ name: 'declassify-result', value: 'internal' }), 'refuse');
  assert.equal(decide({ name: 'declassify-result', value: 'secret', act }), 'refuse');
  assert.equal(decide({ name: 'endorse-result', value: 'grave', act }), 'refuse');
  assert.equal(decide({ name: 'endorse-result', value: 'outward', act: { ...act, why: '' } }), 'refuse');
});

test('F-8 what carries the labels of whoever wrote there is not endorsed, nor lowered below them', () => {
  const act = { policy: 'p', why: 'because' };
  const loosening = { declassify: { to: 'internal', act }, endorse: { reach: 'changes', act } } as const;
  const held = (...labels: readonly Label[]) => {
    const sources = labels.map(label => ({ label, entry: 'e_1', server: 's', tool: 'write', at: 0 }) as const);
    return Object.keys(looseningOf(loosening, sources));
  };
  assert.deepEqual(held(), ['declassify', 'endorse']);
  assert.deepEqual(held('public', 'internal'), ['declassify', 'endorse']);
  assert.deepEqual(held('untrusted'), ['declassify']);
  assert.deepEqual(held('org'), ['declassify']);
  assert.deepEqual(held('confidential'), ['endorse']);
  assert.deepEqual(held('org', 'secret'), []);
  const { declassify, endorse } = loosening;
  const source = (label: Label) => [{ label, entry: 'e_1', server: 's', tool: 'write', at: 0 }] as const;
  assert.deepEqual(looseningOf({ declassify }, source('secret')), {}, 'also where policy does one of the two alone');
  assert.deepEqual(looseningOf({ endorse }, source('untrusted')), {});
});
