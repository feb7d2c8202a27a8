import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashOfEntry } from '../../journal/verify/merkle-stack.ts';
import { misplacedInTree, readEntry } from './log-entry.ts';

/** What is wrong with this entry in the tree of one entry that the log `sallyport/acme/n1` signed. */
function faultOf(entry: object, index = 0): string | undefined {
  const read = readEntry(JSON.stringify(entry));
  assert.ok(typeof read !== 'string', String(read));
  const head = { origin: 'sallyport/acme/n1', size: 1, root: hashOfEntry(read.bytes).toString('hex') };
  return misplacedInTree(read, index, [], head);
}

test('an entry in the signed tree says its own place and log: whoever signs cannot pass one off as another', () => {
  assert.equal(faultOf({ node: 'n1', seq: 0, tenant: 'acme' }), undefined);
  assert.match(faultOf({ node: 'n1', seq: 0, tenant: 'acme' }, 1) ?? '', /not in the tree/);
  assert.match(faultOf({ node: 'n1', seq: 7, tenant: 'acme' }) ?? '', /another place in the log/);
  assert.match(faultOf({ node: 'n2', seq: 0, tenant: 'acme' }) ?? '', /another log/);
  assert.match(faultOf({ node: 'n1', seq: 0, tenant: 'other' }) ?? '', /another log/);
});

test('what is not the one text of an entry is none', () => {
  for (const text of ['{ "seq":0}', '{"seq":0,"node":"n1"}', 'null', undefined])
    assert.match(String(readEntry(text)), /not written as entries are/, text);
});
