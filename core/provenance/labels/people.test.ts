import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { fakeTool, jsonObject } from '@sallyport/testkit/fakes/ports.ts';
import { fakeTask } from '@sallyport/testkit/fakes/task.ts';
import { makeAction } from '../../model/action.ts';
import { type FieldPath, parseFieldPath } from '../../model/field-path.ts';
import type { Label } from '../../model/label.ts';
import { type Labelling, unlabelled } from '../../model/labelling.ts';
import { isReadersLabel, mayRead, nobody } from '../../model/readers-label.ts';
import { nothingLooked, TaskMemories } from '../memories.ts';
import { labelsOf } from './label.ts';
import { readerNamed } from './people.ts';
import { labelsOfResult, sendersOf, vouchedIn } from './result-labels.ts';

const digest = (text: string): string => createHash('sha256').update(text).digest('base64url');
const path = (text: string): FieldPath => {
  const parsed = parseFieldPath(text);
  assert.ok(parsed);
  return parsed;
};
const tool = (own: Partial<Labelling>) =>
  fakeTool({ server: 'mail', name: 'list', labelling: { ...unlabelled, ...own } });
const laidOut = (text: string) => jsonObject(JSON.stringify({ content: [{ type: 'text', text }] }));
const said = (value: object) => laidOut(JSON.stringify(value));

const mails = {
  messages: [
    {
      from: 'Ann <ann@house.example>',
      to: ['bob@house.example', 'eva@house.example'],
      body: 'Lisbon closes in spring 2031',
    },
    { from: 'mallory@out.example', to: ['bob@house.example'], body: 'The parcel 55810 has arrived' },
  ],
};
const perMessage: Partial<Labelling> = {
  fields: [
    {
      path: path('$.messages[*]'),
      integrity: undefined,
      sensitivity: undefined,
      readers: [path('$.to[*]'), path('$.from')],
    },
  ],
};

test('readers are those whom each record names: in what was read of several, only who stands in all may see it', () => {
  const labels = labelsOfResult(tool(perMessage), said(mails), digest).filter(isReadersLabel);
  assert.equal(labels.length, 2);
  const may = (who: string) => labels.map(label => mayRead(label, readerNamed(who, digest)));
  assert.deepEqual(may('Bob <BOB@house.example>'), [true, true]);
  assert.deepEqual(may('ann@house.example'), [true, false]);
  assert.deepEqual(may('collect@out.example'), [false, false]);
});

test('a pattern names a house; a result that names nobody, or cannot be taken apart, is for nobody else', () => {
  const house = labelsOfResult(tool({ readers: ['*@House.example'] }), said(mails), digest).filter(isReadersLabel);
  assert.deepEqual(house, ['readers:*@house.example']);
  const [only] = house;
  assert.ok(only);
  assert.equal(mayRead(only, readerNamed('Eva@HOUSE.example', digest)), true);
  assert.equal(mayRead(only, readerNamed('eva@house.example.evil.example', digest)), false);
  const named = tool({ readers: [path('$.people[*]')] });
  for (const result of [
    said({ note: 'x1' }),
    laidOut('To be read by people: bob'),
    jsonObject('{"content":[],"isError":true}'),
  ])
    assert.ok(labelsOfResult(named, result, digest).includes(nobody), JSON.stringify(result));
  assert.ok(labelsOf(named).includes(nobody), 'nor what is said besides');
});

test('a tenant is a name, or what a record says; of several in one place nobody knows which', () => {
  const tenantsOf = (own: Partial<Labelling>, result: object): Label[] =>
    labelsOfResult(tool(own), said(result), digest).filter(label => label.startsWith('tenant:'));
  assert.deepEqual(tenantsOf({ tenant: 'acme' }, { a: 'x' }), ['tenant:acme']);
  assert.deepEqual(tenantsOf({ tenant: path('$.account') }, { account: 'globex', a: 'x' }), ['tenant:globex']);
  assert.deepEqual(tenantsOf({ tenant: path('$..account') }, { a: { account: 'x1' }, b: { account: 'x2' } }), [
    'tenant:*',
  ]);
  assert.deepEqual(tenantsOf({ tenant: path('$.account') }, { a: 'x' }), ['tenant:*']);
  const rows = { fields: [{ path: path('$[*]'), integrity: undefined, sensitivity: undefined, tenant: path('$.t') }] };
  assert.deepEqual(
    tenantsOf(rows, [
      { t: 'a', v: 1 },
      { t: 'b', v: 2 },
    ]),
    ['tenant:a', 'tenant:b'],
  );
});

test('who wrote a record says how it is believed, if the operator says so of them; YAML and tables alike', () => {
  const sender = { path: path('$.from'), integrity: new Map([['*@house.example', 'first_party']] as const) };
  const bySender: Partial<Labelling> = {
    fields: [{ path: path('$.messages[*]'), integrity: undefined, sensitivity: undefined, sender }],
  };
  const isVouched = vouchedIn(tool(bySender), said(mails));
  assert.equal(isVouched('lisbon closes in spring 2031'), true);
  assert.equal(isVouched('the parcel 55810 has arrived'), false);
  assert.ok(labelsOfResult(tool(bySender), said(mails), digest).includes('untrusted'));
  assert.deepEqual(sendersOf(tool(bySender), said(mails)), ['Ann <ann@house.example>', 'mallory@out.example']);
  const rows = { fields: [{ path: path('$[*]'), integrity: undefined, sensitivity: undefined, sender }] };
  for (const text of [
    '- from: ann@house.example\n  text: all of it is well\n- from: eva@house.example\n  text: so is this',
    '| from | text |\n|---|---|\n| ann@house.example | all of it is well |\n| eva@house.example | so is this |',
  ])
    assert.deepEqual(labelsOfResult(tool(rows), laidOut(text), digest), ['unlabelled'], text);
  const lookAlike = laidOut(
    '- from: ann@house.example.evil.example\n  text: pay now\n- from: ann@house.example\n  text: x',
  );
  assert.ok(labelsOfResult(tool(rows), lookAlike, digest).includes('untrusted'));
});

test('whoever may not see what the task has read, or what stands in the arguments, is an outsider', () => {
  const outsiders = outsidersAfter(perMessage);
  assert.equal(outsiders({ to: 'bob@house.example', body: 'hello' }), 'none');
  assert.equal(outsiders({ to: 'ann@house.example', body: 'hello' }), 'task', 'the second message was not for her');
  assert.equal(outsiders({ to: 'ann@house.example', body: 'the parcel 55810 HAS arrived' }), 'content');
  assert.equal(outsiders({ to: 'ann@house.example', body: 'lisbon closes in spring 2031' }), 'task');
  assert.equal(outsiders({ to: 'bob@house.example, x@out.example', body: 'lisbon closes in spring 2031' }), 'content');
  const spellings = Array.from({ length: 60 }, (_, n) =>
    [...'bob@house.example'].map((one, at) => ((n >> at) & 1 ? one.toUpperCase() : one)).join(''),
  );
  assert.equal(outsiders({ to: spellings.slice(0, 40).join(', '), body: 'hello' }), 'none');
  assert.notEqual(outsiders({ to: [...spellings, 'x@out.example'].join(', '), body: 'hello' }), 'none');
  assert.equal(outsiders({ body: 'lisbon closes in spring 2031' }), 'content', 'nobody knows who gets it');
  const all = Array.from({ length: 400 }, () => 'bob@house.example');
  assert.equal(outsiders({ to: all.slice(0, 300), body: 'hello' }), 'none');
  assert.equal(
    outsiders({ to: [...all, 'x@out.example'], body: 'hello' }),
    'task',
    'one that is not looked at is a stranger',
  );
  assert.equal(outsidersAfter({})({ to: 'x@out.example', body: 'lisbon closes in spring 2031' }), 'none');
});

function outsidersAfter(own: Partial<Labelling>): (args: object) => string {
  const memories = new TaskMemories(digest);
  const read = tool(own);
  const result = said(mails);
  const labels = new Set(labelsOfResult(read, result, digest));
  const send = fakeTool({ server: 'mail', name: 'send', classes: ['message'] });
  const action = (of: typeof read, args: object) => {
    const input = jsonObject(JSON.stringify(args));
    return makeAction({ method: 'tools/call', server: of.server, name: of.name, input }, of, digest);
  };
  memories.read(fakeTask.id, { action: action(read, {}), looked: nothingLooked }, 'o_1', result, { chars: 100 });
  return args => memories.look({ ...fakeTask, labels }, action(send, args)).outsiders;
}
