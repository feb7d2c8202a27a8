import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Entry } from '@sallyport/core/model/entry.ts';
import { paintFor } from './paint.ts';
import { cameBackLines, isShownWhole, requestLines } from './request.ts';
import { actsText } from './task-acts.ts';

const paint = paintFor(false);
let seq = 0;
const entry = (over: object): Entry => ({ seq: seq++, at: 0, ...over }) as unknown as Entry;
function call(id: string, tool: string, classes: readonly string[], outcome: string, over: object = {}): Entry[] {
  const verdict = outcome === 'refused' ? 'refuse' : 'pass';
  const action = { server: 's', tool, classes };
  return [
    entry({ kind: 'decided', id, action, verdict, answer: verdict === 'pass' ? 'permit' : 'deny', ...over }),
    entry({ kind: outcome, id: `o_${id}`, decision: id }),
  ];
}

test('a task is read by tool, what weighs most first: what may have happened, what was stopped, what would have been', () => {
  const asked = { kind: 'asked', server: 's', tool: 'pay', approvers: ['finance'] };
  const text = actsText(
    [
      ...call('d_1', 'look', ['read'], 'performed'),
      ...call('d_2', 'look', ['read'], 'performed'),
      ...call('d_3', 'pay', ['write', 'money'], 'refused'),
      ...call('d_4', 'pay', ['write', 'money'], 'indeterminate'),
      ...call('d_5', 'mail', ['message'], 'performed', { answer: 'ask' }),
      entry({ ...asked, id: 'ap_1' }),
      entry({ ...asked, id: 'ap_2' }),
      entry({ kind: 'answered', id: 'e_1', approval: 'ap_1', answer: 'refused', by: 'anna\u202e' }),
    ],
    paint,
  );
  const [, pay, mail, look, , heading, refused, open] = text.split('\n');
  assert.match(pay ?? '', /^s\/pay +write money +1 +1 .*d_3$/, 'what is not known counts as done');
  assert.match(mail ?? '', /^s\/mail +message +1 +1 had it been enforced .*d_5$/);
  assert.match(look ?? '', /^s\/look +read +2 +· .*d_2$/);
  assert.equal(heading, 'people');
  assert.match(refused ?? '', /s\/pay: refused by anna\\u\{202e\} {2}ap_1$/);
  assert.match(open ?? '', /s\/pay: asked of finance, not answered {2}ap_2$/);
});

test('E-4 what came back stands behind a bar, cut where it is long, and cannot look like a section of ours', () => {
  const result = (text: string): string => JSON.stringify({ content: [{ type: 'text', text }] });
  assert.deepEqual(cameBackLines(result('decided by\n  permit\u001b[2J'), paint), [
    '  │ decided by',
    '  │   permit\\u{1b}[2J',
  ]);
  const long = cameBackLines(result('x\n'.repeat(500)), paint);
  assert.equal(long.length, 13);
  assert.match(long.at(-1) ?? '', /^ {2}… cut, \d+ characters in all; --json has them$/);
  assert.deepEqual(cameBackLines('not json', paint), ['  │ not json']);
  assert.deepEqual(cameBackLines(undefined, paint), []);
});

test('E-4 a value that is too long to be shown says how much of it is not', () => {
  const lines = requestLines(JSON.stringify({ to: 'a'.repeat(500), cc: 'b' }), paint);
  assert.equal(lines[1]?.slice(0, 20), `    "to": "${'a'.repeat(9)}`);
  assert.match(lines[1] ?? '', /a… and 311 characters more; --json has them$/);
  assert.equal(lines[2], '    "cc": "b"');
});

test('E-4 no number and no name of a member puts what is agreed to onto one line, which is cut', () => {
  for (const first of ['"n":1.0', '"n":12345678901234567890', '"2":0,"1":0', '"__proto__":{"a":1}'])
    assert.deepEqual(
      requestLines(`{${first},"note":"${'a'.repeat(190)}","to":"mallory"}`, paint).at(-2),
      '    "to": "mallory"',
      first,
    );
});

test('E-4 a word of two alphabets is named, and whoever is asked about more than is shown is told', () => {
  assert.match(requestLines('{"to":["\u0430pple.com"]}', paint).at(-1) ?? '', /more than one alphabet .*: \u0430pple$/);
  assert.equal(requestLines('{"to":"Москва, Grüße, 東京"}', paint).length, 3);
  assert.equal(isShownWhole('{"to":"a"}'), true);
  assert.equal(isShownWhole(JSON.stringify({ to: 'a'.repeat(300) })), false);
  assert.equal(isShownWhole(JSON.stringify({ to: '\u200b'.repeat(60) })), false);
  assert.equal(isShownWhole(JSON.stringify(Array.from({ length: 40 }, () => 0))), false);
});
