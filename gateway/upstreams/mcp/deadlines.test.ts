import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { Pending } from './ask.ts';
import { Deadlines } from './deadlines.ts';

interface Watched {
  readonly ask: (id: number, millisMax: number) => Pending;
  readonly answer: (id: number) => void;
  readonly allow: (pending: Pending, millisMax: number) => void;
  readonly pass: (millis: number) => void;
  readonly given: readonly string[];
}

function watch(t: TestContext): Watched {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let now = 0;
  t.mock.method(performance, 'now', () => now);
  const pending = new Map<number, Pending>();
  const given: string[] = [];
  const giveUp = ({ id }: Pending, code: string, why: string): void => {
    given.push(`${now}: ${id}: ${code}: ${why}`);
    pending.delete(id);
  };
  const deadlines = new Deadlines(() => [...pending.values()], giveUp);
  return {
    ask: (id, millisMax) => {
      const asked = new Pending(id, { method: 'm', params: '{}', millisMax, replyBytesMax: 1 }, giveUp);
      pending.set(id, asked);
      deadlines.allow(asked, millisMax);
      return asked;
    },
    answer: id => void pending.delete(id),
    allow: (asked, millisMax) => deadlines.allow(asked, millisMax),
    pass: millis => {
      for (let passed = 0; passed < millis; passed++) {
        now++;
        t.mock.timers.tick(1);
      }
    },
    given,
  };
}

test('each request is given up at its own deadline, in whatever order they were asked', t => {
  const { ask, pass, given } = watch(t);
  ask(1, 300);
  pass(10);
  ask(2, 100);
  ask(3, 100);
  pass(1_000);
  const late = (millis: number): string => `upstream-timeout: no answer came within ${millis} ms`;
  assert.deepEqual(given, [`110: 2: ${late(100)}`, `110: 3: ${late(100)}`, `300: 1: ${late(300)}`]);
});

test('one that was answered is not given up, and the one after it not too soon', t => {
  const { ask, answer, pass, given } = watch(t);
  ask(1, 100);
  pass(60);
  answer(1);
  ask(2, 100);
  pass(99);
  assert.deepEqual(given, []);
  pass(1);
  assert.match(given[0] ?? '', /^160: 2: /);
  pass(500);
  ask(3, 50);
  pass(50);
  assert.match(given[1] ?? '', /^710: 3: /);
});

test('time that is allowed anew counts from then, longer or shorter', t => {
  const { ask, allow, pass, given } = watch(t);
  const [longer, shorter] = [ask(1, 100), ask(2, 1_000)];
  pass(50);
  allow(longer, 500);
  allow(shorter, 20);
  pass(2_000);
  assert.deepEqual(
    given.map(text => text.slice(0, 6)),
    ['70: 2:', '550: 1'],
  );
});
