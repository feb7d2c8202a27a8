import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestOutcome } from './test-events.ts';

const story = `
import { describe, test } from 'node:test';
test('passes', () => {});
test('fails', () => { throw new Error('because of this'); });
test('is skipped', { skip: true }, () => {});
test('is still to do', { todo: true }, () => { throw new Error('not yet'); });
describe('suite', () => { test('inside', () => {}); test('fails inside', () => { throw new Error('inner'); }); });
test('holds others', async t => { await t.test('one', () => {}); });
`;

test('every test is told of once, with its place and reason; suites are not tests', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-events-'));
  try {
    const file = join(folder, 'story.mjs');
    const report = join(folder, 'report');
    writeFileSync(file, story);
    const reporter = `--test-reporter=${join(import.meta.dirname, 'test-events.ts')}`;
    // Inside a test file's process node:test would report to that process instead.
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    await new Promise(done => {
      execFile(process.execPath, [reporter, `--test-reporter-destination=${report}`, file], { env }, done);
    });
    const lines = readFileSync(report, 'utf8').trimEnd().split('\n');
    const events = lines.map(line => JSON.parse(line) as TestOutcome);
    const outcomes = events.filter(({ kind }) => kind !== 'running');
    assert.deepEqual(
      outcomes.map(({ name, kind }) => [name, kind]),
      [
        ['passes', 'passed'],
        ['fails', 'failed'],
        ['is skipped', 'skipped'],
        ['is still to do', 'skipped'],
        ['suite › inside', 'passed'],
        ['suite › fails inside', 'failed'],
        ['holds others › one', 'passed'],
        ['holds others', 'passed'],
      ],
    );
    const failed = outcomes.find(({ name }) => name === 'fails');
    assert.match(failed?.error ?? '', /because of this[\s\S]*story\.mjs/);
    assert.equal(failed?.line, 4);
    assert.ok(events.some(({ name, kind }) => kind === 'running' && name === 'suite › inside'));
    assert.ok(!events.some(({ name }) => name === 'suite'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
