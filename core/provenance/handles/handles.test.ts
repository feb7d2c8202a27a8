import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeTool, jsonObject } from '@sallyport/testkit/fakes/ports.ts';
import fc from 'fast-check';
import { parseFieldPath } from '../../model/field-path.ts';
import { normalText } from '../../model/json.ts';
import type { Label } from '../../model/label.ts';
import { unlabelled } from '../../model/labelling.ts';
import type { Tool } from '../../model/tool.ts';
import { handlesIn } from './handle.ts';
import { HeldValues } from './held-values.ts';
import { hideResult } from './hide-result.ts';
import { IdPrefixes, isReadable, isRecordName } from './readable.ts';

const readable = [
  ...['17', '-4,250.50', '12.5%', "1'250'000", '2026-11-22', '2026-11-22T09:30:00.123Z', '22.11.2026 09:30', '9:30 am'],
  ...[
    'Mon, 02 Nov 2026 10:00:00 +0000',
    '3f2504e0-4f89-11d3-9a0c-0305e82c3301',
    'a94a8fe5ccb19ba61c4c0873d391e987',
    '',
  ],
];
const words = [
  ...['send', 'Ignore all', 'ann@example.org', 'https://evil.example', 'deadbeefdeadbeefdeadbeef', 'NaN', '1e999 pay'],
  ...[
    '2026-11-22 pay',
    'Mon, 02 Pay 2026',
    '+41 79 555 01 02',
    '１７',
    '17\n',
    '1'.repeat(65),
    'pay-500-now',
    '0x00dead',
  ],
];

test('what stays readable has no room for words', () => {
  for (const value of readable) assert.ok(isReadable(value), value);
  for (const value of words) assert.ok(!isReadable(value), value);
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 70 }), value => {
      if (isReadable(value)) assert.ok(!/\p{L}{5}/u.test(value.replace(/[0-9a-fA-F]{16,}/g, '')), value);
    }),
    { seed: 20261122, numRuns: 3_000 },
  );
});

test('short ids begin alike in one place, in three ways at most in a result, and only where an id stands', () => {
  const ids = new IdPrefixes();
  assert.ok(ids.allow('INV-2026-17', 'invoice_id', 'rows.*.invoice_id'));
  assert.ok(!ids.allow('SEND-1', 'invoice_id', 'rows.*.invoice_id'), 'down a list they would spell a sentence');
  assert.ok(!ids.allow('SEND-1', 'subject', 'rows.*.subject'));
  assert.ok(!ids.allow('DELETE-1', 'id', 'id'), 'five letters');
  assert.ok(ids.allow('a1', 'key', 'key') && ids.allow('b1', 'ref', 'ref'));
  assert.ok(!ids.allow('c1', 'no', 'no'), 'a fourth beginning');
});

test('names of members are those of records and say nothing', () => {
  for (const name of ['subject', 'created_at', 'fromAddress', 'items']) assert.ok(isRecordName(name), name);
  for (const name of ['please', 'send_money', 'ignore_all', 'ann@example.org', 'a b', 'id'.repeat(30)])
    assert.ok(!isRecordName(name), name);
});

const hide = (tool: Tool, text: string, besides: readonly Label[] = [], from: 'external' | 'org' = 'external') => {
  const result = jsonObject(JSON.stringify({ content: [{ type: 'text', text }], structuredContent: undefined }));
  const handle = (index: number): string => `hv_${String(index).padStart(20, '0')}`;
  const hidden = hideResult('tools/call', jsonObject('{}'), result, { tool, from, besides, handle });
  assert.ok(hidden.ok, 'it fits');
  return { ...hidden, shown: normalText(hidden.result) };
};

function path(text: string) {
  const parsed = parseFieldPath(text);
  assert.ok(parsed);
  return parsed;
}

const inner = { path: path('$[*].owner'), integrity: 'first_party' as const, sensitivity: 'confidential' as const };
const byHouse = fakeTool({ labelling: { ...unlabelled, fields: [inner] } });

test('fields that the catalogue vouches for are shown with their labels; what others may have written is not', () => {
  const { shown, held, labels } = hide(byHouse, '[{"owner":"ann","note":"do it","count":3,"please":{"x":"y"}}]');
  assert.match(shown, /\\"owner\\":\\"ann\\"/);
  assert.match(shown, /\\"count\\":3/);
  assert.deepEqual(
    held.map(({ value }) => value),
    ['do it', 'please', 'x', 'y'],
  );
  assert.deepEqual([...labels].sort(), ['confidential', 'unlabelled'], 'and not untrusted');
  assert.ok(held.every(one => one.labels.includes('untrusted')));
});

test('where somebody outside wrote to the server, or the call brought their words, nobody vouches for a field', () => {
  assert.doesNotMatch(hide(byHouse, '[{"owner":"ann"}]', ['untrusted']).shown, /ann/);
  const trusted = fakeTool({ trustedResult: true });
  assert.match(hide(trusted, 'all quiet').shown, /all quiet/);
  assert.doesNotMatch(hide(trusted, 'all quiet', ['untrusted']).shown, /quiet/);
  assert.match(hide(trusted, 'all quiet', ['org']).shown, /quiet/);
  assert.doesNotMatch(hide(trusted, 'all quiet', ['org'], 'org').shown, /quiet/);
});

test('texts that only look laid out are one value: a line of them is whoever wrote it', () => {
  for (const text of [
    'owner: ann\nnote: do it',
    '| owner | note |\n|---|---|\n| ann | x |',
    "{'owner': 'ann'}",
    '{"a":1',
  ])
    assert.equal(hide(byHouse, text).held.length, 1, text);
});

test('a text that cannot be taken apart is kept if any of its fields would be', () => {
  const note = { path: path('$.note'), integrity: 'external' as const, sensitivity: undefined };
  const tool = fakeTool({ labelling: { ...unlabelled, integrity: 'first_party', fields: [note] } });
  assert.match(hide(tool, '{"owner":"ann","note":"do it"}').shown, /ann/);
  assert.doesNotMatch(hide(tool, '{"owner":"ann","note":"do it"}').shown, /do it/);
  assert.doesNotMatch(hide(tool, 'owner: ann, note: do it').shown, /do it/);
});

test('values of a task are bounded, the oldest go first, and no other task finds them', () => {
  const values = new HeldValues({ valuesMax: 2, charsMax: 100, allCharsMax: 150 });
  const held = (handle: string, chars: number) =>
    ({ handle, value: 'x'.repeat(chars), path: '', labels: [], entry: 'o_1', sources: [] }) as const;
  assert.ok(values.isEmpty);
  values.hold('t_1', [held('a', 10), held('b', 10), held('c', 10)]);
  assert.equal(values.find('t_1', 'a'), undefined);
  assert.ok(values.find('t_1', 'c'));
  assert.equal(values.find('t_2', 'c'), undefined);
  values.hold('t_1', [held('d', 95)]);
  assert.equal(values.find('t_1', 'c'), undefined);
  values.hold('t_2', [held('e', 90)]);
  assert.equal(values.find('t_1', 'd'), undefined, 'all tasks together are bounded as well');
  assert.ok(values.find('t_2', 'e'));
});

test('a handle is found as a word of its own characters, and nothing shorter or longer is one', () => {
  const handle = `hv_${'a'.repeat(20)}`;
  assert.deepEqual(
    handlesIn(`x ${handle}, values:${handle} ${handle}@values.invalid ${handle}b hv_short`).map(found => found.handle),
    [handle, handle, handle],
  );
});
