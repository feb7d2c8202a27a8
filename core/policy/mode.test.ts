import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeAgent, fakeTool } from '@sallyport/testkit/fakes/ports.ts';
import type { Decision, Mode } from '../model/decision.ts';
import type { ActionClass } from '../model/tool.ts';
import { modeFor, verdictOf } from './mode.ts';

const rows: readonly [fallback: Mode, scopes: Record<string, Mode>, classes: ActionClass[], expected: Mode][] = [
  ['enforce', {}, ['read'], 'enforce'],
  ['enforce', { 'agent:assistant': 'observe' }, ['read'], 'observe'],
  ['observe', { 'class:money': 'enforce' }, ['write', 'money'], 'enforce'],
  ['observe', { 'class:money': 'enforce' }, ['write'], 'observe'],
  ['enforce', { 'server:files': 'observe', 'tool:files/read_file': 'shadow' }, ['read'], 'shadow'],
  ['observe', { 'agent:assistant': 'enforce', 'class:read': 'observe' }, ['read'], 'enforce'],
  ['enforce', { 'class:read': 'observe' }, ['read'], 'observe'],
  // Observing reads must not loosen a read that also hands out secrets.
  ['enforce', { 'class:read': 'observe' }, ['read', 'admin'], 'enforce'],
  ['enforce', { 'class:read': 'observe', 'class:admin': 'shadow' }, ['read', 'admin'], 'shadow'],
  ['enforce', { 'server:other': 'observe', 'agent:nobody': 'observe' }, ['read'], 'enforce'],
];

for (const [fallback, scopes, classes, expected] of rows) {
  test(`default ${fallback}, ${JSON.stringify(scopes)}, a tool of ${classes.join('+')}: ${expected}`, () => {
    const table = { fallback, scopes: new Map(Object.entries(scopes)) };
    assert.equal(modeFor(table, fakeAgent, fakeTool({ classes })), expected);
  });
}

const faulty: Decision = { answer: 'deny', fault: true, reasons: [] };
const denied: Decision = { answer: 'deny', fault: false, reasons: [] };
const asked: Decision = { answer: 'ask', reasons: [], approval: { approvers: ['operator'], expiresSeconds: 60 } };
const permitted = (name: string, value: string): Decision => ({
  answer: 'permit',
  reasons: [],
  obligations: [{ name, value }],
});

test('a fault is refused in every mode; policy denials only where they are enforced', () => {
  for (const mode of ['observe', 'shadow', 'enforce'] as const) {
    assert.deepEqual(verdictOf(faulty, mode), { kind: 'refuse', code: 'policy-error' });
    assert.equal(verdictOf(denied, mode).kind, mode === 'enforce' ? 'refuse' : 'pass');
    assert.equal(verdictOf(asked, mode).kind, mode === 'enforce' ? 'defer' : 'pass');
  }
});

test('an obligation that cannot be carried out is a refusal', () => {
  for (const [name, value] of [
    ['result-bytes-max', '1024'],
    ['redact-result', 'personal+secrets'],
    ['redact-arguments', 'card'],
  ] as const)
    assert.equal(verdictOf(permitted(name, value), 'enforce').kind, 'pass', name);
  for (const [name, value] of [
    ['result-bytes-max', 'many'],
    ['result-bytes-max', '0'],
    ['redact', 'all'],
    ['redact-result', 'everything'],
    ['redact-arguments', ''],
    ['toString', 'x'],
  ] as const)
    assert.deepEqual(verdictOf(permitted(name, value), 'enforce'), { kind: 'refuse', code: 'obligation-unknown' });
});
