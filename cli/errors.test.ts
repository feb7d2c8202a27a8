import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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

test('G-3 a folder in the place of a file, and a file in that of a folder, are named, and are no defect to report', () => {
  using folder = temporaryFolder();
  const [file, dir] = [folder.file('file'), folder.file('dir')];
  writeFileSync(file, '');
  mkdirSync(dir);
  for (const [act, says] of [
    [() => rmSync(dir), `${dir}: a folder stands in the place of a file`],
    [() => writeFileSync(dir, ''), `${dir}: a folder stands in the place of a file`],
    [() => mkdirSync(file, { recursive: true }), `${file}: a file stands in the place of a folder`],
    [() => mkdirSync(join(file, 'x')), `${join(file, 'x')}: a file stands in the place of a folder`],
  ] as const)
    assert.throws(act, thrown => {
      const { message, fix } = asCliError(thrown);
      assert.equal(message, says);
      return /move it away/.test(fix ?? '');
    });
  const collision = Object.assign(new Error('EEXIST: open'), { code: 'EEXIST', syscall: 'open', path: file });
  assert.match(asCliError(collision).fix ?? '', /defect of Sallyport/);
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
