import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { asTyped, calledAs, type Place } from './typed.ts';

function inCheckout(env: NodeJS.ProcessEnv): Place {
  return { env, cwd: import.meta.dirname };
}

test('a command that the shell does not find is shown as it has to be typed', () => {
  const place = inCheckout({ PATH: '/nowhere:/house/node_modules/.bin' });
  assert.equal(calledAs(place), 'npm exec -- sallyport');
  assert.equal(asTyped('Start it with `sallyport up`.', place), 'Start it with `npm exec -- sallyport up`.');
  assert.equal(asTyped('see: sallyport tools diff', place), 'see: npm exec -- sallyport tools diff');
  assert.equal(
    asTyped('\u001b[2msallyport why d_1\u001b[22m', place),
    '\u001b[2mnpm exec -- sallyport why d_1\u001b[22m',
  );
});

test('what only looks like a command, or is written out already, stays', () => {
  const place = inCheckout({ PATH: '/nowhere' });
  for (const text of ['sallyport: no', '/state/sallyport up', 'sallyport upper', 'npm exec -- sallyport up'])
    assert.equal(asTyped(text, place), text);
});

test('a command that the shell finds is shown by its name', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-path-'));
  try {
    writeFileSync(join(folder, 'sallyport'), '');
    assert.equal(asTyped('sallyport up', inCheckout({ PATH: `/nowhere:${folder}` })), 'sallyport up');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('a command goes to the gateway that the one before it spoke to', () => {
  const place = inCheckout({ PATH: '/nowhere' });
  assert.equal(
    asTyped('stop it: sallyport down', place, '/var/s'),
    'stop it: npm exec -- sallyport --state /var/s down',
  );
  assert.equal(
    asTyped('`sallyport down`, then `sallyport up`.', place, "it's"),
    "`npm exec -- sallyport --state 'it'\\''s' down`, then `npm exec -- sallyport --state 'it'\\''s' up`.",
  );
  assert.equal(
    asTyped('answer: sallyport approve ap_1   or: sallyport refuse ap_1', place, 'd'),
    'answer: npm exec -- sallyport --state d approve ap_1   or: npm exec -- sallyport --state d refuse ap_1',
  );
  for (const text of ['`sallyport down --state DIR` stops it', 'See `sallyport why --help`.'])
    assert.equal(asTyped(text, place, 'd'), text.replace('sallyport', 'npm exec -- sallyport'));
});

test('outside of a checkout a command is shown by its path: npm would fetch what somebody published under that name', () => {
  const place = { env: { PATH: '/nowhere' }, cwd: tmpdir() };
  assert.match(
    asTyped('stop it: sallyport down', place, 'd'),
    /^stop it: \S+\/cli\/bin\/sallyport\.js --state d down$/,
  );
});
