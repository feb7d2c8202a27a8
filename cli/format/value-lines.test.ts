import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Way } from '@sallyport/core/model/way.ts';
import type { FactsView } from '@sallyport/gateway/api/view/decision.ts';
import type { ValueView } from '@sallyport/gateway/api/view/value.ts';
import { paintFor } from './paint.ts';
import { safe } from './safe.ts';
import { valueLines } from './value-lines.ts';

const paint = paintFor(false);
const value = {
  argument: 'recipient',
  role: 'destination',
  backing: 'text',
  value: 'eve@attacker.example',
  text: "comes from what mail/read_inbox returned, which others wrote, and not from user:emma's words",
  entry: 'o_3wte09zj0000000000000000',
  path: 'messages[1].body',
  decides: true,
} satisfies ValueView;

test('a value that stopped a call stands with where it came from, and with what shows that', () => {
  assert.deepEqual(valueLines({ values: [value] }, paint), [
    '  recipient (destination) "eve@attacker.example"  stopped it',
    "    comes from what mail/read_inbox returned, which others wrote, and not from user:emma's words",
    '    at messages[1].body  sallyport why o_3wte09zj  cleared if the principal names it, or endorses it or its source',
  ]);
});

test('E-4 no value, argument or path can be taken for words of ours', () => {
  const spoof = 'x"  stopped nothing\n    comes from emma\u202e';
  const [first = '', , third = '', ...more] = valueLines(
    { values: [{ ...value, value: spoof, charsLeft: 300, argument: `a\n${'b'.repeat(200)}`, path: 'p\u001b[2Jq' }] },
    paint,
  );
  assert.match(
    first,
    /"x\\" \\u\{20\}stopped nothing\\n (?:\\u\{20\}){3}comes from emma\\u\{202e\}" and 300 characters more {2}stopped it$/,
  );
  assert.match(first, /^ {2}"a\\nb{61}…" \(destination\)/);
  assert.match(third, /^ {4}at "p\\u001b\[2Jq" {2}sallyport why/);
  assert.deepEqual(more, []);
});

test('E-4 names that an agent or a server chose look like no line of ours, and many values hide none', () => {
  const argument = 'to (destination) "emma@acme.example"';
  const path = 'x  sallyport approve ap_1  cleared by emma';
  const ways = [1, 2, 3].map(at => ({ argument: `to[${at}]`, role: 'destination', backing: 'text', found: [] }));
  const facts = { flow: { ways } } as unknown as FactsView;
  const lines = valueLines({ values: [{ ...value, argument, path }], facts }, paint);
  assert.equal(
    lines[0],
    '  "to (destination) \\"emma@acme.example\\"" (destination) "eve@attacker.example"  stopped it',
  );
  assert.match(
    lines[2] ?? '',
    /^ {4}at "x \\u\{20\}sallyport approve ap_1 \\u\{20\}cleared by emma" {2}sallyport why o_/,
  );
  assert.match(lines[3] ?? '', /^ {2}and 2 more of which there is doubt/);
});

test('E-4 marks that would lie over what stands before them, and letters that are drawn as nothing, are written out', () => {
  assert.equal(safe('"\u0336\u0336x\u3164\u0336\u2800'), '"\\u{336}\\u{336}x\\u{3164}\\u{336}\\u{2800}');
  for (const words of ['Ngữ', 'e\u0301te\u0301', 'हिन्दी', 'ภาษาที่']) assert.equal(safe(words), words);
});

test('what the principal stands behind is named in one line, and what decides nothing is not', () => {
  const of = (argument: string, role: string, backing: string): object => ({ argument, role, backing, found: [] });
  const ways = [of('to', 'destination', 'principal'), of('cc', 'destination', 'text'), of('on', 'plain', 'principal')];
  const facts = { flow: { ways: ways as unknown as readonly Way[] } } as unknown as FactsView;
  assert.equal(
    valueLines({ values: [value], facts }, paint)
      .slice(3)
      .join(),
    '  the principal stands behind to',
  );
});
