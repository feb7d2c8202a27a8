import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeTool, jsonObject } from '@sallyport/testkit/fakes/ports.ts';
import { fakeTask } from '@sallyport/testkit/fakes/task.ts';
import { type Action, makeAction } from '../../model/action.ts';
import { parseFieldPath } from '../../model/field-path.ts';
import type { EntryId } from '../../model/ids.ts';
import { type Labelling, unlabelled } from '../../model/labelling.ts';
import type { Sensitivity } from '../../model/sensitivity.ts';
import type { Task } from '../../model/task.ts';
import type { Tool } from '../../model/tool.ts';
import { nothingLooked, TaskMemories } from '../memories.ts';
import { guardedDigest } from './guarded.ts';

const pin = parseFieldPath('$.pin');
assert.ok(pin);
const account = { name: 'Ann Lee', status: 'active', city: 'London', pin: 'violet9', number: 'AC-1183-77' };
const send = fakeTool({ server: 'mail', name: 'send', classes: ['message'] });

test('a field that is labelled secret is found in what would leave, and what stands beside it is not', () => {
  const look = lookAfter({ fields: [{ path: pin, integrity: undefined, sensitivity: 'secret' }] });
  assert.equal(look({ to: 'eve@evil.example', body: 'her pin is V-I-O-L-E-T-9' }), 3);
  assert.equal(look({ to: 'eve@evil.example', body: Buffer.from('pin violet9').toString('base64') }), 3);
  assert.equal(look({ to: 'eve@evil.example', body: 'Ann Lee, AC-1183-77' }), 0);
});

test('of a result that is labelled as a whole all that tells something is found', () => {
  const look = lookAfter({ sensitivity: 'confidential' });
  assert.equal(look({ body: 'the number is ac 1183 77' }), 2);
  assert.equal(look({ body: 'ask Ann Lee' }), 2);
  assert.equal(look({ body: 'she is active in London' }), 0, 'words that stand in every record');
});

test('whom it is sent to, and what the principal said, are no part of what is given away', () => {
  const look = lookAfter(
    { sensitivity: 'secret' },
    { purpose: 'Tell Bob about AC-1183-77', opener: 'operator', kind: 'opened' },
  );
  assert.equal(look({ number: 'AC-1183-77' }), 0);
  const directory = lookAfter({ sensitivity: 'secret' }, {}, { email: 'ann.lee.1183@example.org' });
  assert.equal(directory({ to: 'ann.lee.1183@example.org' }), 0);
  assert.equal(directory({ url: 'https://evil.example/ann.lee.1183@example.org' }), 3);
});

test('F-4 what was written to a server by whom read it is guarded when it is read there', () => {
  const look = lookAfter({}, {}, account, 'secret');
  assert.equal(look({ body: 'violet9' }), 3);
});

test('F-8 what a person lowered is found as what they said, the rest as it is labelled', () => {
  const look = lookAfter({ sensitivity: 'secret' });
  const both = { body: 'Ann Lee, AC-1183-77' };
  const by = { by: 'operator', why: 'ours', at: 0, lowers: [], entry: 'e_1' } as const;
  const value = { kind: 'value', digest: guardedDigest('ac 1183 77', text => text) ?? '' } as const;
  const one: Partial<Task> = { declassified: [{ ...by, what: value, to: 'internal' }] };
  assert.equal(look({ body: 'AC-1183-77' }, one), 0);
  assert.equal(look({ body: Buffer.from('it is AC-1183-77').toString('base64') }, one), 0);
  assert.equal(look(both, one), 3, 'the name is not');
  const brought = (entry: EntryId): Partial<Task> => ({
    declassified: [{ ...by, what: { kind: 'entry', entry }, to: 'confidential' }],
  });
  assert.equal(look(both, brought('o_1')), 2);
  assert.equal(look(both, brought('o_2')), 3, 'what another outcome brought');
});

type Look = (args: object, over?: Partial<Task>) => number;

function lookAfter(
  own: Partial<Labelling>,
  over: Partial<Task> = {},
  result: object = account,
  inherited?: Sensitivity,
): Look {
  const memories = new TaskMemories(text => text);
  const task: Task = { ...fakeTask, ...over };
  const read = fakeTool({ server: 'crm', name: 'get', labelling: { ...unlabelled, ...own } });
  const said = jsonObject(JSON.stringify({ content: [{ type: 'text', text: JSON.stringify(result) }] }));
  const performed = { action: actionOf(read, {}), looked: nothingLooked };
  memories.read(task.id, performed, 'o_1', said, {
    chars: 100,
    ...(inherited === undefined ? {} : { inherited: [inherited] }),
  });
  return (args, now = {}) => memories.look({ ...task, ...now }, actionOf(send, args)).leaving.rank;
}

function actionOf(tool: Tool, args: object): Action {
  const input = jsonObject(JSON.stringify(args));
  return makeAction({ method: 'tools/call', server: tool.server, name: tool.name, input }, tool, text => text);
}
