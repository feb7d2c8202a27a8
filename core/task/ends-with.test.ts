import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseEndsWith } from './ends-with.ts';

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
