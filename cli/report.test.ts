import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Entry } from '@sallyport/core/model/entry.ts';
import { reportOf } from './report.ts';

let seq = 0;

function decided(
  tool: string,
  classes: readonly string[],
  answer: 'permit' | 'ask' | 'deny',
  mode: 'observe' | 'enforce' = 'observe',
): Entry & { readonly kind: 'decided' } {
  const action = { method: 'tools/call', server: 'workspace', tool, pin: 'p', classes, digest: 'x', bytes: 1 };
  const rule = answer === 'permit' ? 'reads-are-free' : `${answer}-${tool}`;
  const reasons = [{ rule, text: 'because', fix: undefined }];
  const base = { v: 1, tenant: 'local', node: 'local', seq: ++seq, at: seq * 1_000, kind: 'decided', id: `d_${seq}` };
  const entry = {
    ...base,
    task: 't_1',
    agent: 'claude-code',
    principal: 'user:emma',
    world: 'w',
    door: 'hook',
    action,
    mode,
  };
  return { ...entry, answer, verdict: 'pass', reasons, labels: [], tookMicros: 1 } as unknown as Entry & {
    kind: 'decided';
  };
}

test('the report counts by tool and by rule, and suggests first what would ask least', () => {
  const entries = [
    ...Array.from({ length: 8 }, () => decided('read', ['read'], 'permit')),
    ...Array.from({ length: 3 }, () => decided('shell', ['write', 'code'], 'permit')),
    decided('shell', ['write', 'code'], 'ask'),
    decided('delete', ['write', 'destructive'], 'ask'),
    decided('fetch', ['read', 'egress'], 'permit'),
    decided('send', ['write', 'message'], 'permit', 'enforce'),
    decided('pay', ['write', 'money'], 'ask', 'enforce'),
  ];
  const report = reportOf(entries, { asked: 1, refused: 0 }, 0);
  assert.deepEqual([report.calls, report.permitted, report.asked, report.refused], [16, 13, 3, 0]);
  assert.deepEqual(report.enforced, { calls: 2, permitted: 1, asked: 1, refused: 0 });
  const shell = report.tools.find(({ tool }) => tool === 'workspace/shell');
  assert.deepEqual([shell?.calls, shell?.asked], [4, 1]);
  assert.deepEqual(
    report.rules.map(({ rule, count }) => [rule, count]),
    [
      ['ask-shell', 1],
      ['ask-delete', 1],
      ['ask-pay', 1],
    ],
  );
  assert.deepEqual(
    report.suggested.map(({ command, asked, calls }) => [command, asked, calls]),
    [
      ['sallyport mode class:egress enforce', 0, 1],
      ['sallyport mode class:code enforce', 1, 4],
    ],
    'what would ask for most of what it does is no beginning, and what is enforced already is not suggested',
  );
});

test('of a time in which nothing was decided there is nothing to say', () => {
  const report = reportOf([], { asked: 0, refused: 0 }, 5);
  assert.deepEqual([report.calls, report.tools, report.suggested], [0, [], []]);
});
