import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newId } from '@sallyport/testkit/journal/calls.ts';
import { RecentDecisions } from './subject.ts';

test('the subjects of recent decisions are known, and none is taken for that of another', () => {
  const recent = new RecentDecisions();
  const ids = Array.from({ length: 10_000 }, () => newId('d'));
  for (const [at, id] of ids.entries()) recent.set(id, { agent: 1, server: 2, tool: 3, decided: at + 1 });
  const known = ids.filter((id, at) => {
    const subject = recent.get(id);
    assert.ok(subject === undefined || subject.decided === at + 1);
    return subject !== undefined;
  });
  assert.ok(known.length <= 4_096);
  assert.ok(ids.slice(-100).filter(id => recent.get(id) === undefined).length < 20, 'nearly all of the last hundred');
  assert.equal(recent.get(newId('d')), undefined);
});
