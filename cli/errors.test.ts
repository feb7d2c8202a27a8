import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import { asCliError } from './errors.ts';

test('G-3 a disk that is full or read-only is said to be that, and is no defect to report', () => {
  for (const [code, says] of [
    ['ENOSPC', /^\/state\/x: its disk is full$/],
    ['EROFS', /^\/state\/x: its file system is read-only$/],
    ['EMFILE', /^\/state\/x: this process may open no more files$/],
    ['EAGAIN', /^\/state\/x: this machine gives it no more just now$/],
  ] as const) {
    const error = asCliError(Object.assign(new Error(`${code}: open`), { code, path: '/state/x' }));
    assert.match(error.message, says);
    assert.match(error.fix ?? '', /Check the machine/);
  }
});

test('G-3 a database that cannot be used says why; what is unforeseen stays a defect', () => {
  using folder = temporaryFolder();
  const file = folder.file('index.sqlite');
  const database = new DatabaseSync(file);
  database.exec('CREATE TABLE entries (id INT)');
  database.close();
  const reader = new DatabaseSync(file, { readOnly: true });
  let thrown: unknown;
  try {
    reader.exec('INSERT INTO entries VALUES (1)');
  } catch (error) {
    thrown = error;
  }
  reader.close();
  rmSync(file);
  assert.match(asCliError(thrown).message, /database in the state directory could not be used: .*readonly/);
  assert.match(asCliError(new TypeError('x is not a function')).fix ?? '', /defect of Sallyport/);
});
