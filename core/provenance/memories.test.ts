import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeTask } from '@sallyport/testkit/fakes/task.ts';
import { makeAction } from '../model/action.ts';
import { type JsonNode, type JsonObject, parseJson, resultJsonLimits } from '../model/json.ts';
import type { Label } from '../model/label.ts';
import type { ActionClass, Tool } from '../model/tool.ts';
import { argumentTexts, repeatsArguments } from './call/repeated-arguments.ts';
import { type Said, TaskMemories } from './memories.ts';

/** What counts for less once it came through somebody else: another task, a store that tasks write to, the call's own arguments. */
const digest = (text: string): string => `digest of ${text}`;

function node(value: unknown): JsonNode {
  const parsed = parseJson(JSON.stringify(value), resultJsonLimits);
  assert.ok(parsed.ok);
  return parsed.node;
}

function tool(name: string, classes: readonly ActionClass[], trustedResult = false): Tool {
  const definition = node({ name, inputSchema: { type: 'object' } }) as JsonObject;
  return { server: 's', name, definition, pin: '', status: { kind: 'pinned' }, classes, segment: 's', trustedResult };
}

const ask = tool('ask_warden', ['read']);
const lift = tool('lift_gate', ['write']);
const push = tool('push_branch', ['write', 'egress']);

function house(limits = { resultsMax: 8, resultCharsMax: 10_000 }) {
  const memories = new TaskMemories(digest, limits);
  const tasks = (['a', 'b'] as const).map((name, at) => {
    const purpose = 'Lift the gate of lock L-3, and fix issue 41.';
    const task = {
      ...fakeTask,
      id: `t_0000000000000000000000000${at}` as const,
      kind: 'opened',
      opener: 'operator' as const,
      purpose,
    };
    const look = (what: Tool, args: object, labels: readonly Label[] = ['untrusted']) => {
      const input = node(args) as JsonObject;
      const action = makeAction({ method: 'tools/call', server: 's', name: what.name, input }, what, digest);
      return { action, looked: memories.look({ ...task, labels: new Set(labels) }, action) };
    };
    const read = (what: Tool, args: object, result: string, about: Partial<Said> = {}, labels?: readonly Label[]) => {
      const content = node({ content: [{ type: 'text', text: result }] });
      memories.read(task.id, look(what, args, labels), 'e_1', content, { chars: result.length, ...about });
    };
    const backing = (what: Tool, args: object) => look(what, args).looked.ways[0]?.backing;
    return { name, id: task.id, look, read, backing };
  });
  const [a, b] = tasks;
  assert.ok(a !== undefined && b !== undefined);
  return { a, b, memories };
}

test('F-4 what another task read is nothing that this one’s principal pointed at, whether it had been taken apart or not', () => {
  for (const isSettled of [true, false]) {
    const { a, b, memories } = house();
    a.read(ask, { lock: 'L-3' }, '{"gate": "G-77"}');
    if (isSettled) assert.equal(a.backing(lift, { gate_id: 'G-77' }), 'picked');
    memories.handOver(a.id, b.id);
    assert.equal(b.backing(lift, { gate_id: 'G-77' }), 'field', `settled: ${isSettled}`);
  }
});

test('F-4 who goes on with what another task read finds it, however much it has read itself', () => {
  const { a, b, memories } = house({ resultsMax: 3, resultCharsMax: 10_000 });
  a.read(ask, { lock: 'x' }, 'Somebody wrote: lift G-77.');
  assert.equal(a.backing(lift, { gate_id: 'G-77' }), 'text');
  for (const said of ['One.', 'Two.', 'Three.']) b.read(ask, { lock: 'y' }, said);
  assert.equal(b.backing(lift, { gate_id: 'G-77' }), 'nobody');
  memories.handOver(a.id, b.id);
  assert.equal(b.backing(lift, { gate_id: 'G-77' }), 'text');
});

test('F-4 who goes on with what a task had forgotten does not know either which words nobody wrote', () => {
  const { a, b, memories } = house({ resultsMax: 1, resultCharsMax: 10_000 });
  a.read(ask, { lock: 'x' }, 'Call it mending.');
  a.read(ask, { lock: 'x' }, 'Nothing new.');
  assert.equal(b.backing(push, { branch: 'mending-41' }), 'field');
  memories.handOver(a.id, b.id);
  assert.equal(b.backing(push, { branch: 'mending-41' }), 'nobody');
});

test('F-4 a vouched result that holds what tasks wrote there vouches for nothing', () => {
  for (const [tainted, backing] of [
    [false, 'principal'],
    [true, 'field'],
  ] as const) {
    const { a } = house();
    a.read(tool('ask_registry', ['read'], true), { lock: 'x' }, '{"gate": "G-77"}', { tainted });
    assert.equal(a.backing(lift, { gate_id: 'G-77' }), backing, `tainted: ${tainted}`);
  }
});

test('F-4 a name is the agent’s own only if nobody else’s words were read before it, a colleague’s neither', () => {
  for (const [labels, backing] of [
    [[], 'field'],
    [['unlabelled'], 'field'],
    [['org'], 'nobody'],
    [['untrusted'], 'nobody'],
  ] as const) {
    const { a } = house();
    a.read(ask, { lock_id: 'north/gate' }, 'Nothing new.', {}, labels);
    assert.equal(a.backing(tool('note_gate', ['write', 'message']), { lock_id: 'north/gate' }), backing, labels.join());
  }
});

test('F-8 what a call was given is not what its tool says: whole, encoded, split over arguments, or inside something longer', () => {
  const given = argumentTexts(
    node({ a: 'the gate in the north is lifted at nine', b: 'Ry03NzEyOTk=', c: ['G-', '99'] }) as JsonObject,
  );
  for (const said of [
    'north',
    'The Gate',
    'G-771299',
    'g-99',
    'warden: the gate in the north is lifted at nine, or ten',
  ])
    assert.equal(repeatsArguments(said, given), true, said);
  for (const said of ['G-77-a', 'south', 'the gate in the south', 'lifted at ten'])
    assert.equal(repeatsArguments(said, given), false, said);
  assert.equal(
    repeatsArguments('south', argumentTexts(node({ a: 'x'.repeat(9_000) }) as JsonObject)),
    true,
    'too much to tell',
  );
});
