import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogEntry } from './log-entry.ts';
import { decisionIn } from './recorded.ts';

const action = { method: 'tools/call', server: 'bank', tool: 'pay', pin: 'p', classes: ['money'] };
const entry: LogEntry = { agent: 'a', action, answer: 'deny', reasons: [{ rule: 'r', text: 't' }] };

test('a decision is read from its entry, and an entry of another form is none, whoever signed it', () => {
  const decision = decisionIn(entry);
  assert.deepEqual([decision.tool, decision.classes, decision.approved], ['pay', ['money'], false]);
  assert.deepEqual(decision.reasons, [{ rule: 'r', text: 't' }]);
  assert.equal(decisionIn({ ...entry, approval: 'ap_1' }).approved, true);
  const strange: LogEntry[] = [
    { ...entry, action: null },
    { ...entry, action: { ...action, tool: 7 } },
    { ...entry, action: { ...action, classes: 'money' } },
    { ...entry, action: { ...action, classes: [null] } },
    { ...entry, agent: ['a'] },
    { ...entry, reasons: 'because' },
    { ...entry, reasons: [null] },
    { ...entry, reasons: [{ rule: 'r', text: 't', fix: 1 }] },
  ];
  for (const each of strange) assert.throws(() => decisionIn(each), /unknown form/, JSON.stringify(each));
});
