import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Connection } from './connection.ts';
import { type Placed, placeFor } from './places.ts';

/** Busy, or idle since then. */
function placed(agent: string, n: number, idleSince?: number, server = 's1'): Placed {
  const connection = { idle: idleSince !== undefined, usedAt: idleSince ?? 0 } as Connection;
  return { key: { server, agent, principal: 'p', task: `t_${n}` }, connection };
}

const wanted = (agent: string, server = 's1') => ({ server, agent, principal: 'p', task: 't_new' }) as const;

/** Opens as many for this agent as it gets, all of them busy. */
function fill(agent: string, open: Placed[], placesMax: number): number {
  for (let n = 0; ; n++) {
    if (placeFor(wanted(agent), open, placesMax).kind !== 'free') return n;
    open.push(placed(agent, n));
  }
}

test('G-5 agents that keep busy all that they can get leave room for others', () => {
  const open: Placed[] = [];
  const got = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map(agent => fill(agent, open, 48));
  assert.deepEqual(got, [24, 12, 6, 3, 2, 1, 0]);
  const more = placeFor(wanted('a'), open.slice(0, 24), 48);
  assert.match(more.kind === 'none' ? more.why : '', /^24 connections of this agent are in use, and what is free/);
  const none = placeFor(wanted('g'), open, 48);
  assert.equal(none.kind === 'none' && none.why, '48 connections to servers are in use');
});

test('the first connection of an agent to each server takes any free place, however many it has', () => {
  const open = Array.from({ length: 47 }, (_, n) => placed('a', 0, undefined, `s${n}`));
  assert.equal(placeFor(wanted('a', 'another'), open, 48).kind, 'free');
  assert.equal(placeFor(wanted('a'), open, 48).kind, 'none');
});

test('what is idle gives way, longest unused first, and only of an agent that has no fewer', () => {
  const mine = [placed('a', 1, 50), placed('a', 2, 40)];
  const rich = [placed('b', 1, 30), placed('b', 2, 20)];
  const poor = placed('c', 1, 10);
  const of = (agent: string, open: readonly Placed[]) => {
    const place = placeFor(wanted(agent), open, open.length);
    return place.kind === 'instead' ? place.of : place.kind;
  };
  assert.equal(of('a', [...mine, ...rich, poor]), rich[1]?.connection);
  assert.equal(of('a', [...mine, poor]), mine[1]?.connection);
  assert.equal(of('new', [...mine, ...rich, poor]), poor.connection);
  assert.equal(of('a', [placed('a', 1), poor]), poor.connection);
  assert.equal(of('a', [placed('a', 1), placed('a', 2), poor]), 'none');
});
