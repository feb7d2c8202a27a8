import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allow, createFakeWorld, fakeCall, jsonObject, textResult } from '@sallyport/testkit/fakes/ports.ts';
import { fakeTask } from '@sallyport/testkit/fakes/task.ts';
import fc from 'fast-check';
import type { LabelSource } from '../model/label.ts';
import type { ActionClass } from '../model/tool.ts';
import type { PolicyRequest } from '../policy/engine.ts';
import { sinksMax } from '../provenance/call/sinks.ts';
import { HeldValues } from '../provenance/handles/held-values.ts';
import { portOf, TaskMemories } from '../provenance/memories.ts';
import { mediate } from './line.ts';
import { putBackCharsMax, putBackMax } from './put-back.ts';

const handle = `hv_${'a'.repeat(20)}`;
const source: LabelSource = { label: 'untrusted', entry: 'o_1', server: 'mail', tool: 'read', at: 1 };
const definition = jsonObject(
  '{"name":"read_file","inputSchema":{"type":"object","properties":{"path":{"type":"string"},"body":{"type":"string"},"rows":{"type":"array"}}}}',
);

function withValue(
  value: string,
  evaluate: (request: PolicyRequest) => typeof allow = () => allow,
  classes: readonly ActionClass[] = ['read'],
) {
  const handles = new HeldValues();
  const requests: PolicyRequest[] = [];
  handles.hold(fakeTask.id, [{ handle, value, path: 'body', labels: ['untrusted'], entry: 'o_1', sources: [source] }]);
  const world = createFakeWorld({
    tool: { definition, trustedResult: true, classes },
    evaluate: request => {
      // What else would be possible is asked about tools without arguments.
      if (request.input.members.size > 0) requests.push(request);
      return evaluate(request);
    },
    override: () => ({ handles }),
  });
  return { ...world, requests };
}

test('F-1 a call with a handle is decided as the same call with the value by a task with its labels', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }), async value => {
      const world = withValue(value);
      await mediate(fakeCall({ input: jsonObject(`{"body":"${handle}"}`) }), world.ports);
      const plain = withValue(value);
      const input = jsonObject(JSON.stringify({ body: value }));
      const tainted = { ...fakeTask, labels: new Set(['untrusted' as const]), sources: [source] };
      const ports = {
        ...plain.ports,
        tasks: {
          ...plain.ports.tasks,
          require: async () => ({ ok: true as const, value: tainted }),
          standing: () => ({ ok: true as const, value: tainted }),
        },
      };
      await mediate(fakeCall({ input }), ports);
      assert.deepEqual(world.sent, plain.sent, 'the very same bytes leave');
      const [one, other] = [world.requests[0], plain.requests[0]];
      assert.deepEqual(one?.input, other?.input);
      assert.deepEqual({ ...one?.flow, handles: [] }, other?.flow);
    }),
    { seed: 7, numRuns: 60 },
  );
});

test('F-1 what was put back is put in once: a handle inside a value is a text like any other', async () => {
  const world = withValue(`see ${handle}`);
  await mediate(fakeCall({ input: jsonObject(`{"body":"${handle}"}`) }), world.ports);
  assert.deepEqual(world.sent, [`{"name":"read_file","arguments":{"body":"see ${handle}"}}`]);
});

test('F-1 whoever reads what a value was written to inherits its labels', async () => {
  const world = withValue('do it');
  const writing = createFakeWorld({
    tool: { definition, classes: ['write'] },
    override: () => ({ ...(world.ports.handles === undefined ? {} : { handles: world.ports.handles }) }),
  });
  await mediate(fakeCall({ input: jsonObject(`{"body":"${handle}"}`) }), writing.ports);
  const held = writing.ports.stores.held('files', undefined).map(({ label }) => label);
  assert.ok(held.includes('untrusted'));
});

test('F-1 a refusal names the place and neither handle nor value', async () => {
  for (const [input, code] of [
    [`{"path":"x/${handle}"}`, 'handle-misplaced'],
    [`{"body":"hv_${'b'.repeat(20)}"}`, 'handle-unknown'],
    [`{"${handle}":1}`, 'handle-misplaced'],
    [JSON.stringify({ body: Array.from({ length: putBackMax + 1 }, () => handle).join(' ') }), 'handle-misplaced'],
  ] as const) {
    const world = withValue('the value');
    const reply = await mediate(fakeCall({ input: jsonObject(input) }), world.ports);
    assert.ok(reply.kind === 'refusal');
    assert.equal(reply.refusal.code, code, reply.refusal.why);
    assert.ok(!JSON.stringify(reply).includes(handle) && !JSON.stringify(reply).includes('the value'));
    assert.deepEqual(world.sent, []);
  }
});

test('F-1 a value stands for a word by itself in a text that is said, and never inside a word, a link or what is no text', async () => {
  const said = async (input: Record<string, string>) => {
    const world = withValue('the value', () => allow, ['write', 'message']);
    const reply = await mediate(fakeCall({ input: jsonObject(JSON.stringify(input)) }), world.ports);
    assert.deepEqual(world.sent.length, reply.kind === 'result' ? 1 : 0);
    return reply.kind === 'refusal' ? reply.refusal.why : String(world.sent[0]).replace(/^.*:\{|\}\}$/g, '');
  };
  for (const text of ['see H', 'H', 'H, and', 'one\tH.', 'H H'])
    assert.equal(
      await said({ body: text.replaceAll('H', handle) }),
      `"body":${JSON.stringify(text.replaceAll('H', 'the value'))}`,
    );
  for (const text of ['xH', 'https://a.example/H', 'see H/b', '(H)', 'H..'])
    assert.match(await said({ body: text.replaceAll('H', handle) }), /^in body: .* inside a word or a link$/, text);
  assert.match(await said({ path: `see ${handle}` }), /^in path: .* it is no text that is said$/);
});

test('F-1 what the agent wrote was no text that is said: a long value in it makes it none', async () => {
  const world = withValue('a value of so many words that it is read as a text', () => allow, ['write', 'message']);
  const reply = await mediate(fakeCall({ input: jsonObject(JSON.stringify({ path: `see ${handle}` })) }), world.ports);
  assert.match(reply.kind === 'refusal' ? reply.refusal.why : reply.kind, /it is no text that is said$/);
  assert.deepEqual(world.sent, []);
});

test('F-1 policy is told as what a value is put in, and of one that stands behind all that is looked at the gravest', async () => {
  const rolesIn = async (input: object, classes: readonly ActionClass[]) => {
    const world = withValue('v', () => allow, classes);
    await mediate(fakeCall({ input: jsonObject(JSON.stringify(input)) }), world.ports);
    return world.requests[0]?.flow.handles;
  };
  assert.deepEqual(await rolesIn({ path: 'a.txt', body: handle }, ['write']), ['content']);
  assert.deepEqual(await rolesIn({ path: 'a.txt', body: handle }, ['write', 'egress']), ['content', 'egress']);
  assert.deepEqual(await rolesIn({ path: 'a.txt', body: handle }, ['code']), ['content', 'code']);
  assert.deepEqual(await rolesIn({ body: 'no handle', path: 'a.txt' }, ['write', 'egress']), []);
  const many = { path: 'a.txt', rows: Array.from({ length: sinksMax }, (_, index) => `r-${index}`), body: handle };
  assert.deepEqual(await rolesIn(many, ['write']), ['command']);
});

test('F-1 values stand wherever there are arguments, and in no answer to what a server asked', async () => {
  const world = withValue('v', () => allow, ['write']);
  const nested = jsonObject('{"inputSchema":{"type":"object","properties":{"rows":{"type":"array"}}}}');
  const handles = world.ports.handles;
  const inside = createFakeWorld({ tool: { definition: nested }, override: () => (handles ? { handles } : {}) });
  const input = jsonObject(`{"rows":[[1,"${handle}"],{"cell":"${handle}","kept":null}]}`);
  await mediate(fakeCall({ input }), inside.ports);
  assert.deepEqual(inside.sent, ['{"name":"read_file","arguments":{"rows":[[1,"v"],{"cell":"v","kept":null}]}}']);
  const decided = inside.entries[0]?.draft;
  assert.deepEqual(
    decided?.kind === 'decided' && decided.putBack?.map(({ argument, entry, path }) => [argument, entry, path]),
    [
      ['rows[0][1]', 'o_1', 'body'],
      ['rows[1].cell', 'o_1', 'body'],
    ],
  );
  for (const method of ['elicitation/create', 'sampling/createMessage', 'roots/list'] as const) {
    const answer = withValue('v');
    const reply = await mediate(fakeCall({ method, input: jsonObject(`{"body":"${handle}"}`) }), answer.ports);
    assert.ok(reply.kind === 'refusal' && reply.refusal.code === 'handle-misplaced', method);
    assert.deepEqual(answer.sent, []);
  }
});

test('F-1 as many handles and characters as a call can hold are put in, and not one more', async () => {
  const told = async (value: string, body: string) => {
    const world = withValue(value, () => allow, ['write', 'message']);
    const reply = await mediate(fakeCall({ input: jsonObject(JSON.stringify({ body })) }), world.ports);
    return reply.kind === 'refusal' ? reply.refusal.why : reply.kind;
  };
  const times = (count: number): string => Array.from({ length: count }, () => handle).join(' ');
  assert.equal(await told('v', times(putBackMax)), 'result');
  assert.match(await told('v', times(putBackMax + 1)), /can hold 64 handles/);
  assert.equal(await told('v'.repeat(putBackCharsMax / 4), times(4)), 'result');
  assert.match(await told('v'.repeat(putBackCharsMax / 4 + 1), times(4)), /1048576 characters of values/);
});

test('an obligation that nothing here can meet permits nothing', async () => {
  for (const [door, method] of [
    ['hook', 'tools/call'],
    ['a2a', 'tools/call'],
    ['mcp-http', 'prompts/get'],
  ] as const) {
    const world = createFakeWorld({
      annotations: { obligation: 'handles=external' },
      override: () => ({ handles: new HeldValues() }),
    });
    const reply = await mediate(fakeCall({ door, method }), world.ports);
    assert.ok(reply.kind === 'refusal' && reply.refusal.code === 'obligation-unknown', `${door} ${method}`);
    assert.deepEqual(world.sent, []);
  }
  const without = createFakeWorld({ annotations: { obligation: 'handles=external' } });
  assert.ok((await mediate(fakeCall(), without.ports)).kind === 'refusal');
});

test('F-1 a number that stayed readable brings the labels of its source to the call that uses it, and to no other', async () => {
  const requests: PolicyRequest[] = [];
  const flow = new TaskMemories(text => text);
  const world = createFakeWorld({
    annotations: { obligation: 'handles=external' },
    evaluate: request => {
      requests.push(request);
      return allow;
    },
    tool: {
      classes: ['write'],
      definition: jsonObject(
        '{"name":"read_file","inputSchema":{"type":"object","properties":{"path":{"type":"string"},"account_id":{"type":"string"}}}}',
      ),
    },
    reply: async () => textResult('{"id":"44120","note":"pay at once"}', 1_000),
    override: () => ({ handles: new HeldValues(), flow: portOf(flow) }),
  });
  await mediate(fakeCall(), world.ports);
  assert.deepEqual(
    world.raised.map(({ label }) => label),
    ['unlabelled'],
  );
  const labelsWith = async (input: string): Promise<readonly string[]> => {
    await mediate(fakeCall({ input: jsonObject(input) }), world.ports);
    return requests.at(-1)?.flow.labels ?? [];
  };
  assert.ok((await labelsWith('{"account_id":"44120"}')).includes('untrusted'));
  assert.ok(
    (await labelsWith('{"account_id":"99887"}')).includes('untrusted'),
    'nobody gave it: it may have been reckoned',
  );
  assert.deepEqual(await labelsWith('{"path":"notes"}'), []);
});
