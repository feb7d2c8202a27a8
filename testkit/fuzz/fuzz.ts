import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Random, seeded } from '../random.ts';
import { mutated } from './mutate.ts';

/** Something that takes bytes from outside, and what has to hold whatever they are. */
export interface FuzzTarget {
  readonly name: string;
  readonly seeds: readonly Buffer[];
  /** Throws if something does not hold. */
  readonly check: (bytes: Buffer, random: Random) => void;
}

export interface FuzzOrder {
  readonly seed: number;
  readonly millisMax: number;
  readonly executionsMax?: number;
}

export interface FuzzReport {
  readonly name: string;
  readonly seed: number;
  readonly executions: number;
  readonly millis: number;
  /** The first input for which something did not hold. */
  readonly found?: { readonly input: Buffer; readonly why: string };
}

const between = 1_000;

/** Runs until the time is over, enough was tried, or something is found. The same seed tries the same inputs. */
export function fuzz(target: FuzzTarget, { seed, millisMax, executionsMax = Infinity }: FuzzOrder): FuzzReport {
  const random = seeded(seed);
  const started = performance.now();
  const report = { name: target.name, seed, executions: 0, millis: 0 };
  while (report.executions < executionsMax && report.millis < millisMax) {
    for (let round = 0; round < between; round++) {
      const input = mutated(target.seeds, random);
      report.executions++;
      try {
        target.check(input, random);
      } catch (thrown) {
        const why = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
        return { ...report, millis: Math.round(performance.now() - started), found: { input, why } };
      }
    }
    report.millis = Math.round(performance.now() - started);
  }
  return report;
}

/** Inputs that once found a fault in `name`: base64, one a line. They are tried again in every test run. */
export function foundBefore(name: string): Buffer[] {
  const file = join(import.meta.dirname, 'found', `${name}.txt`);
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter(line => line !== '' && !line.startsWith('#')).map(line => Buffer.from(line, 'base64'));
}
