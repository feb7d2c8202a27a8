import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Subscribed } from './subscribed.ts';
import { Unwanted } from './unwanted.ts';

const one = 'test://one';

test('a server that refuses to be asked again tells on of what it had agreed to', () => {
  const subscribed = new Subscribed(8);
  subscribed.ask(one)(true);
  subscribed.ask(one)(false);
  assert.ok(subscribed.has(one));
  subscribed.ask('test://other')(false);
  assert.ok(!subscribed.has('test://other'));
});

test('what is just being asked for is given up once the server has answered, if nobody wants it then', async context => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const subscribed = new Subscribed(8);
  const given: string[] = [];
  const unwanted = new Unwanted({
    subscribed,
    lookMillis: 10,
    isWanted: async () => false,
    giveUp: async uris => void given.push(...uris),
  });
  const look = async (): Promise<void> => {
    context.mock.timers.tick(10);
    await new Promise(setImmediate);
  };
  const answered = subscribed.ask(one);
  unwanted.add(one);
  await look();
  assert.deepEqual(given, []);
  answered(true);
  await look();
  assert.deepEqual(given, [one]);
  await look();
  assert.deepEqual(given, [one], 'once');
});
