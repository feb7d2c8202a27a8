import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseEndsWith, runsIn } from './ends-with.ts';

test('what a task hangs on is named exactly, or not at all', () => {
  assert.deepEqual(parseEndsWith('connection'), { kind: 'connection' });
  assert.deepEqual(parseEndsWith('job:billing/nightly-1'), { kind: 'job', namespace: 'billing', name: 'nightly-1' });
  assert.deepEqual(parseEndsWith('run:acme/shop/42'), { kind: 'run', repository: 'acme/shop', run: '42' });
  assert.deepEqual(parseEndsWith('mcp-task:abc.def'), { kind: 'mcp-task', handle: 'abc.def' });
  const none = [
    '',
    'job:',
    'job:a',
    'job:a/b/c',
    'job:../b',
    'job:A/b',
    'pod:a/b?x=1',
    'pod:a/b%2f',
    'run:a/b',
    'run:a/b/c',
  ];
  const traversing = [
    'run:a/../1',
    'run:../b/1',
    'run:a/b/1/2',
    'run:a b/c/1',
    'mcp-task:',
    'mcp-task:a b',
    'Connection',
  ];
  for (const text of [...none, ...traversing]) assert.equal(parseEndsWith(text), undefined, text);
});

test('where a workload runs is what its platform says, whole, or nothing', () => {
  const said = (of: object) => new Map(Object.entries(of));
  assert.equal(runsIn('kubernetes', said({ namespace: 'billing', pod: 'a-1' })), 'pod:billing/a-1');
  assert.equal(runsIn('github-actions', said({ repository: 'acme/shop', run_id: '42' })), 'run:acme/shop/42');
  assert.equal(runsIn('kubernetes', said({ namespace: 'billing' })), undefined, 'a token that no pod is bound to');
  assert.equal(runsIn('kubernetes', said({ namespace: '../x', pod: 'a' })), undefined);
  assert.equal(runsIn('github-actions', said({ repository: 'acme/shop' })), undefined);
  assert.equal(
    runsIn('oidc', said({ namespace: 'billing', pod: 'a-1', run_id: '42' })),
    undefined,
    'anybody says that',
  );
});
