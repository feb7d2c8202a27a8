import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFakeTerminal } from '@sallyport/testkit/fakes/terminal.ts';
import { liveLine } from './live-line.ts';

test('without a terminal long work says now and then how far it is, and short work nothing', t => {
  t.mock.timers.enable({ apis: ['setInterval', 'Date'] });
  const terminal = createFakeTerminal();
  const line = liveLine(terminal, 'Starting the gateway');
  t.mock.timers.tick(4_900);
  assert.equal(terminal.stderr(), '');
  line.say('Reading the journal: 65536 of 500000 entries');
  line.say('Reading the journal: 131072 of 500000 entries');
  t.mock.timers.tick(200);
  t.mock.timers.tick(5_000);
  const said = [5, 10].map(seconds => `Reading the journal: 131072 of 500000 entries … ${seconds} s\n`).join('');
  assert.equal(terminal.stderr(), said);
  line.stop();
  t.mock.timers.tick(20_000);
  assert.equal(terminal.stderr(), said);
});
