import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { asTyped, calledAs } from './typed.ts';

test('a command that the shell does not find is shown as it has to be typed', () => {
  const env = { PATH: '/nowhere:/house/node_modules/.bin' };
  assert.equal(calledAs(env), 'npm exec -- sallyport');
  assert.equal(asTyped('Start it with `sallyport up`.', env), 'Start it with `npm exec -- sallyport up`.');
  assert.equal(asTyped('see: sallyport tools diff', env), 'see: npm exec -- sallyport tools diff');
  assert.equal(
    asTyped('\u001b[2msallyport why d_1\u001b[22m', env),
    '\u001b[2mnpm exec -- sallyport why d_1\u001b[22m',
  );
});

test('what only looks like a command, or is written out already, stays', () => {
  const env = { PATH: '/nowhere' };
  for (const text of ['sallyport: no', '/state/sallyport up', 'sallyport upper', 'npm exec -- sallyport up'])
    assert.equal(asTyped(text, env), text);
});

test('a command that the shell finds is shown by its name', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-path-'));
  try {
    writeFileSync(join(folder, 'sallyport'), '');
    assert.equal(asTyped('sallyport up', { PATH: `/nowhere:${folder}` }), 'sallyport up');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('a command goes to the gateway that the one before it spoke to', () => {
  const env = { PATH: '/nowhere' };
  assert.equal(asTyped('stop it: sallyport down', env, '/var/s'), 'stop it: npm exec -- sallyport --state /var/s down');
  assert.equal(
    asTyped('`sallyport down`, then `sallyport up`.', env, "it's"),
    "`npm exec -- sallyport --state 'it'\\''s' down`, then `npm exec -- sallyport --state 'it'\\''s' up`.",
  );
  assert.equal(
    asTyped('answer: sallyport approve ap_1   or: sallyport refuse ap_1', env, 'd'),
    'answer: npm exec -- sallyport --state d approve ap_1   or: npm exec -- sallyport --state d refuse ap_1',
  );
  for (const text of ['`sallyport down --state DIR` stops it', 'See `sallyport why --help`.'])
    assert.equal(asTyped(text, env, 'd'), text.replace('sallyport', 'npm exec -- sallyport'));
});
