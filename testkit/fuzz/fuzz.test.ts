import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { seeded } from '../random.ts';
import { type FuzzTarget, foundBefore, fuzz } from './fuzz.ts';
import { targets } from './targets.ts';

const millis = 400;

for (const target of targets)
  describe(`fuzzing ${target.name}`, () => {
    test('what was found before is not found again', () => {
      // Some faults show only where the bytes are cut in a certain way.
      for (const input of foundBefore(target.name))
        for (let seed = 1; seed <= 50; seed++) target.check(input, seeded(seed));
    });

    test('R11 nothing is found in a moment', t => {
      const report = fuzz(target, { seed: Math.floor(Math.random() * 2 ** 32), millisMax: millis });
      t.diagnostic(`seed ${report.seed}, ${report.executions} executions`);
      assert.ok(report.executions >= 1_000, `${report.executions} executions`);
      assert.equal(
        report.found,
        undefined,
        `seed ${report.seed}: ${report.found?.input.toString('base64')}\n${report.found?.why}`,
      );
    });
  });

test('a fault is found, and the same seed finds it again', () => {
  const seeds = [Buffer.from('{"a":1}')];
  const target: FuzzTarget = {
    ...{ name: 'faulty', seeds },
    check: bytes => assert.ok(!bytes.includes('__proto__')),
  };
  const first = fuzz(target, { seed: 7, millisMax: 20_000 });
  assert.ok(first.found);
  assert.ok(first.found.input.includes('__proto__'));
  assert.deepEqual(fuzz(target, { seed: 7, millisMax: 20_000 }).found?.input, first.found.input);
});
