import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeTask } from '@sallyport/testkit/fakes/task.ts';
import fc from 'fast-check';
import { makeAction } from '../../model/action.ts';
import { type JsonNode, type JsonObject, parseJson, resultJsonLimits } from '../../model/json.ts';
import type { ActionClass, Tool } from '../../model/tool.ts';
import { TaskMemories } from '../memories.ts';

/** A list that was read and is written back. */
const digest = (text: string): string => `digest of ${text}`;

function node(value: unknown): JsonNode {
  const parsed = parseJson(JSON.stringify(value), resultJsonLimits);
  assert.ok(parsed.ok);
  return parsed.node;
}

function tool(name: string, classes: readonly ActionClass[]): Tool {
  const definition = node({ name, inputSchema: { type: 'object' } }) as JsonObject;
  const status = { kind: 'pinned' } as const;
  return { server: 's', name, definition, pin: '', status, classes, segment: 's', trustedResult: false };
}

const watch = tool('show_watch', ['read']);
const setWatch = tool('set_watch', ['write']);
const makeParty = tool('make_party', ['write']);

/** The backing of each value of `args`, after `result` was read on the principal's words. */
function backings(purpose: string, result: object, what: Tool, args: object): readonly string[] {
  const memories = new TaskMemories(digest);
  const task = { ...fakeTask, kind: 'opened', opener: 'operator' as const, purpose };
  const look = (one: Tool, given: object) => {
    const input = node(given) as JsonObject;
    const action = makeAction({ method: 'tools/call', server: 's', name: one.name, input }, one, digest);
    return { action, looked: memories.look(task, action) };
  };
  const text = JSON.stringify(result);
  memories.read(task.id, look(watch, {}), 'e_1', node({ content: [{ type: 'text', text }] }), { chars: text.length });
  return look(what, args).looked.ways.map(({ backing }) => backing);
}

const crew = ['Ada Quist', 'Bo Renner', 'Cem Polat'];
const remark = 'in fog the watch is better without bo renner';

test('what a sentence speaks of is not left out of a list without a question', () => {
  const add = 'Put Dee Marlow on the watch as well.';
  const shorter = ['Ada Quist', 'Cem Polat', 'Dee Marlow'];
  const write = (purpose: string, note: string, names: readonly string[], what = setWatch) =>
    backings(purpose, { crew, note }, what, { names });
  assert.deepEqual(write(add, remark, shorter), ['text', 'text', 'principal']);
  assert.deepEqual(write(add, remark, [...crew, 'Dee Marlow']), ['field', 'field', 'field', 'principal']);
  assert.deepEqual(write(add, 'in fog the watch is longer', shorter), ['field', 'field', 'principal']);
  assert.deepEqual(write('Take Renner off the watch.', remark, ['Ada Quist', 'Cem Polat']), ['field', 'field']);
  // What is made of some of them was never the list.
  assert.deepEqual(write(add, remark, shorter, makeParty), ['field', 'field', 'principal']);
  assert.deepEqual(backings(add, { crew, note: remark }, makeParty, { crew: shorter }), ['text', 'text', 'principal']);
});

test('whatever the list is and whichever value is missing, the sentence alone makes the difference', () => {
  const names = fc.uniqueArray(fc.stringMatching(/^[b-df-hj-np-tv-z]{5,9} [b-df-hj-np-tv-z]{5,9}$/), {
    minLength: 2,
    maxLength: 12,
  });
  fc.assert(
    fc.property(names, fc.nat(), (all, at) => {
      const missing = all[at % all.length] ?? '';
      const rest = all.filter(name => name !== missing);
      const write = (note: string) =>
        backings('Tidy up the watch.', { all, note }, setWatch, { names: rest }).map(backing => backing === 'text');
      assert.ok(write(`from now on ${missing} is away`).every(isText => isText));
      assert.ok(write('from now on nobody is away').every(isText => !isText));
    }),
    { numRuns: 60 },
  );
});
