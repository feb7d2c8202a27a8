import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeTask } from '@sallyport/testkit/fakes/task.ts';
import { makeAction } from '../../model/action.ts';
import { type JsonObject, parseJson, resultJsonLimits } from '../../model/json.ts';
import type { Tool } from '../../model/tool.ts';
import { TaskMemories } from '../memories.ts';

const digest = (text: string): string => `digest of ${text}`;

function node(value: unknown): JsonObject {
  const parsed = parseJson(JSON.stringify(value), resultJsonLimits);
  assert.ok(parsed.ok && parsed.node.kind === 'object');
  return parsed.node;
}

function tool(name: string, classes: Tool['classes'], argument: string): Tool {
  const definition = node({ name, inputSchema: { type: 'object', properties: { [argument]: { type: 'string' } } } });
  const status = { kind: 'pinned' } as const;
  return { server: 's', name, definition, pin: '', status, classes, segment: 's', trustedResult: false };
}

const record = tool('get_record', ['read'], 'id');
const search = tool('web_search', ['read', 'egress'], 'query');
const inside = tool('search_notes', ['read'], 'query');

const skipper = {
  name: 'Ann Lee',
  born: '1961-04-30',
  passport: 'C4T8812KX',
  mobile: '+44 20 7946 0011',
  boat: { name: 'Petrel', engine: 'YM-30219' },
};

/** Whether this query, after the record of a skipper was read, tells of her. */
function tells(purpose: string, query: string, asked: Tool = search): boolean {
  const memories = new TaskMemories(digest);
  const task = { ...fakeTask, kind: 'opened', opener: 'operator' as const, purpose };
  const actionOf = (what: Tool, args: object) =>
    makeAction({ method: 'tools/call', server: 's', name: what.name, input: node(args) }, what, digest);
  const action = actionOf(record, { id: 'Ann Lee' });
  const text = JSON.stringify(skipper);
  const said = node({ content: [{ type: 'text', text }] });
  memories.read(task.id, { action, looked: memories.look(task, action) }, 'e_1', said, { chars: text.length });
  return memories.look(task, actionOf(asked, { query })).tellsOfSomebody;
}

const purpose = 'Does Ann Lee need a permit for the Alkyon race? Look it up.';

test('a number from a record of somebody is told to no search outside, unless the principal said it', () => {
  assert.equal(tells(purpose, 'Alkyon race permit'), false);
  assert.equal(tells(purpose, 'Alkyon race permit C4T8812KX'), true);
  assert.equal(tells(purpose, 'Alkyon race permit c4t8812kx'), true);
  assert.equal(tells(purpose, 'C4T8812KX'), true, 'the whole query');
  assert.equal(tells(`${purpose} Her passport is C4T8812KX.`, 'permit C4T8812KX'), false);
  assert.equal(tells(purpose, 'permit C4T8812KX', inside), false, 'it leaves nothing');
});

test('how somebody is reached is told to no search outside', () => {
  assert.equal(tells(purpose, 'who has +44 20 7946 0011'), true);
  assert.equal(tells(purpose, 'who has +44 20 7946 0012'), false, 'it stands nowhere');
});

test('what is the number of a thing may be looked up, and a day', () => {
  assert.equal(tells(purpose, 'spare parts of engine YM-30219'), false);
  assert.equal(tells(purpose, 'who was born on 1961-04-30'), false);
});

test('numbers in front of it hide none, and of more than are looked for any may be one', () => {
  const numbers = (count: number) => Array.from({ length: count }, (_, at) => `AB-${10_000 + at}`).join(' ');
  assert.equal(tells(purpose, `${numbers(150)} C4T8812KX`), true);
  assert.equal(tells(purpose, numbers(150)), false);
  assert.equal(tells(purpose, numbers(250)), true);
  const addresses = Array.from({ length: 30 }, (_, at) => `a${at}@race.example`).join(' ');
  assert.equal(tells(purpose, `${addresses} +44 20 7946 0011`), true);
});
