import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConnectionStatus } from '../../upstreams/status.ts';
import type { Config } from '../config/config.ts';
import { stateOf } from './server-states.ts';

const config = { servers: [{ id: 's', segment: 's', launch: { kind: 'command' } }] } as unknown as Config;
const reached = { server: 's', state: 'reached', why: undefined, era: 'legacy', tools: 3 } as const;
const report = { ...reached, quarantined: 0, refused: [], signs: [] };
const dropped = { strays: 0, notices: 0, requests: 0 };

function connection(over: Partial<ConnectionStatus>): ConnectionStatus {
  const key = { server: 's', agent: 'a', principal: 'user:emma', task: undefined };
  const base = { key, era: undefined, pid: undefined, callsInFlight: 0, dropped, lastWords: [] };
  return { ...base, state: 'failed', failures: 1, lastFailure: 'it exited with code 3', ...over };
}

test('a server that fell over once is ready, and says that it did; one that does so again is down', () => {
  const once = stateOf(report, config, [connection({})]);
  assert.deepEqual([once.state, once.why], ['ready', 'it exited with code 3; it is started again with the next call']);
  const twice = stateOf(report, config, [connection({ failures: 2 })]);
  assert.equal(twice.state, 'down');
  assert.match(twice.why ?? '', /^it failed 2 times in a row, most recently because it exited with code 3$/);
  const other = stateOf(report, config, [connection({ failures: 2 }), connection({ state: 'open', failures: 0 })]);
  assert.deepEqual([other.state, other.why, other.said], ['ready', undefined, undefined]);
});

test('of what a process said the line stands there that tells what happened', () => {
  const said = (...lastWords: string[]): string | undefined =>
    stateOf(report, config, [connection({ lastWords })]).said;
  assert.equal(
    said('node:internal:12', '  throw err;', '', 'Error: no such thing', '    at errorAt (x.js:1)', '', 'Node.js v24'),
    'Error: no such thing',
  );
  assert.equal(said('reading the settings', 'give me a folder', ''), 'give me a folder');
  assert.equal(said(), undefined);
});

test('what a server offers and cannot be used is named, with the reason', () => {
  const refused = [
    { kind: 'tool', shown: 'gr\\u{f6}\\u{df}e', why: 'the name holds characters other than A-Z' },
  ] as const;
  assert.deepEqual(stateOf({ ...report, refused }, config, []).leftOut, [
    { kind: 'tool', name: 'gr\\u{f6}\\u{df}e', why: 'the name holds characters other than A-Z' },
  ]);
  assert.equal(stateOf(report, config, []).leftOut, undefined);
});
