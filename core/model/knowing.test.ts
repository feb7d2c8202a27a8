import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { knowing } from './knowing.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

test('a word is asked about once, whatever the answer is', () => {
  const asked: string[] = [];
  const found = knowing(word => {
    asked.push(word);
    return word === 'none' ? undefined : word.length;
  });
  for (const word of ['one', 'none', 'one', 'none']) found(word);
  assert.deepEqual(asked, ['one', 'none']);
  assert.equal(found('one'), 3);
  assert.equal(found('none'), undefined);
});

test('what is remembered is bounded: in words, and in how long they are', () => {
  let asked = 0;
  const found = knowing(word => {
    asked++;
    return word;
  });
  const long = 'x'.repeat(65);
  found(long);
  found(long);
  assert.equal(asked, 2);
  for (let at = 0; at < 10_000; at++) found(`w${at}`);
  found('w0');
  assert.equal(asked, 10_003);
  assert.equal(found('w9999'), 'w9999');
  assert.equal(asked, 10_003);
});

test('a word that was cut out of a long text does not keep that text', () => {
  const held = (): number => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  const found = knowing(word => [word]);
  const before = held();
  for (let at = 0; at < 60; at++) {
    const [word = ''] =
      `a word that is long enough to be cut out, ${at};${'x'.repeat(1_000_000)}`.match(/^[^;]*/) ?? [];
    found(word);
  }
  const kept = held() - before;
  assert.ok(kept < 10_000_000, `${kept} bytes for 60 words`);
});
