import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type OpenRound, Rounds, roundMillisMax } from './rounds.ts';

let now = 0;

function round(agent: string, nonce: string): OpenRound {
  const of = { agent, principal: 'user:emma', task: 't_1', call: 'digest' } as const;
  return { ...of, nonce, expiresAt: now + roundMillisMax, by: 'server', asked: {} };
}

test('an agent that uses up all states it may takes none from another, and has room again once they expire', () => {
  const rounds = new Rounds(() => now);
  let used = 0;
  while (rounds.use(round('greedy', `n${used}`)) === undefined && used < 100_000) used++;
  assert.equal(used, 16_384);
  assert.equal(rounds.use(round('greedy', 'n')), 'full');
  assert.equal(rounds.use(round('greedy', 'n1')), 'taken', 'a replay is one all the same');
  assert.equal(rounds.use(round('modest', 'n1')), undefined);
  now += roundMillisMax;
  assert.equal(rounds.use(round('greedy', 'n')), undefined);
});

test('a state is of one agent, principal, task and call: where any of them is another it opens nothing', () => {
  const rounds = new Rounds(() => now);
  const of = { agent: 'a', principal: 'user:emma', task: 't_1', call: 'digest' } as const;
  const sealed = rounds.begin({ ...of, by: 'server', asked: {} });
  const opened = rounds.open(sealed, of);
  assert.equal(typeof opened === 'string' ? opened : opened.call, 'digest');
  for (const other of [{ agent: 'b' }, { principal: 'user:bob' }, { task: 't_2' }, { call: 'another' }] as const)
    assert.equal(rounds.open(sealed, { ...of, ...other }), 'foreign', JSON.stringify(other));
});
