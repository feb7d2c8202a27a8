import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecentDecisions } from './rows.ts';

test('the subjects of the last 2,048 decisions are known, and those of long ago are forgotten', () => {
  const recent = new RecentDecisions();
  const last = 10_000;
  for (let seq = 0; seq <= last; seq++)
    recent.set(`d_${seq}`, { decided: seq, agent: 'assistant', server: 'files', tool: 'read' });
  for (let seq = last - 2_047; seq <= last; seq++) assert.equal(recent.get(`d_${seq}`)?.decided, seq);
  for (let seq = 0; seq <= last - 2 * 2_048; seq++) assert.equal(recent.get(`d_${seq}`), undefined);
});
