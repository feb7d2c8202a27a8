import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import { type Running, readRunning, writeRunning } from './running.ts';

const running: Running = {
  pid: process.pid,
  url: 'http://127.0.0.1:7420',
  startedAt: 0,
  config: '/house/sallyport.yaml',
};

test('the gateway of a state directory is not the one of its copy: `down` there would stop what runs here', () => {
  using folder = temporaryFolder();
  const [state, copy] = [join(folder.path, 'state'), join(folder.path, 'copy')];
  mkdirSync(state);
  writeRunning(state, running);
  cpSync(state, copy, { recursive: true, preserveTimestamps: true });
  assert.equal(readRunning(copy), undefined);
  assert.deepEqual(readRunning(state), running);
});

test('a directory that was renamed while its gateway runs is still that of its gateway', () => {
  using folder = temporaryFolder();
  const [state, moved] = [join(folder.path, 'state'), join(folder.path, 'moved')];
  mkdirSync(state);
  writeRunning(state, running);
  renameSync(state, moved);
  assert.deepEqual(readRunning(moved), running);
});

test('a gateway that was started by an earlier version is found as well', () => {
  using folder = temporaryFolder();
  writeRunning(folder.path, running);
  const file = join(folder.path, 'gateway.json');
  const { folder: _, ...earlier } = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify(earlier));
  assert.deepEqual(readRunning(folder.path), running);
});
