import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { ServerId } from '@sallyport/core/model/ids.ts';
import { passed } from '@sallyport/core/model/refusal.ts';
import { Watch } from './watch.ts';

const servers = ['a', 'b', 'c'] as ServerId[];

function watched(): { readonly watch: Watch; readonly looks: ServerId[] } {
  const looks: ServerId[] = [];
  const look = async (server: ServerId) => {
    looks.push(server);
    return passed(undefined);
  };
  return { watch: new Watch({ look }, () => {}), looks };
}

test('servers are looked at one in each turn, and each once', async () => {
  const { watch, looks } = watched();
  const begun = watch.begin(servers, 60_000);
  const afterTurns: number[] = [looks.length];
  for (const _ of servers) {
    await setImmediate();
    afterTurns.push(looks.length);
  }
  await begun;
  await watch.begin(servers, 60_000);
  assert.deepEqual([looks, afterTurns], [servers, [0, 1, 2, 3]]);
});

test('whose turn comes after the end is not looked at', async () => {
  const { watch, looks } = watched();
  const begun = watch.begin(servers, 60_000);
  await setImmediate();
  watch.stop();
  await begun;
  assert.deepEqual(looks, ['a']);
});
