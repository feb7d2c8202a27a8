import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { placeIn, writeConfig } from './gateway-place.ts';
import { seconds, skipped } from './run.ts';
import type { Trouble } from './trouble-place.ts';
import { troublesOfMeans } from './troubles-of-means.ts';
import { troublesOfProcesses } from './troubles-of-processes.ts';

/**
 * `npm run deep:trouble [PART-OF-A-NAME]`: what happens to the machine of a gateway that works all day, one after the other, each
 * under load on a real gateway of its own. Exits with 1 if anything is not as it must be. It looks at processes as Linux shows
 * them, and slows down writes with strace, or it is skipped.
 */
try {
  if (process.platform !== 'linux') throw new Error(process.platform);
  for (const tool of ['strace', 'prlimit']) execFileSync(tool, ['-V'], { stdio: 'ignore' });
} catch {
  skipped('it needs strace and prlimit, on Linux');
}
const only = process.argv[2] ?? '';
const chosen = [...troublesOfProcesses, ...troublesOfMeans].filter(({ name }) => name.includes(only));
let wrong = 0;
for (const trouble of chosen)
  try {
    console.log(`✓ ${trouble.name}: ${await befallen(trouble)}; ${seconds()}`);
  } catch (thrown) {
    wrong++;
    console.log(`✗ ${trouble.name}: ${thrown instanceof Error ? thrown.stack : String(thrown)}; ${seconds()}`);
  }
console.log(`${chosen.length} troubles, ${wrong} not as they must be; ${seconds()}`);
process.exitCode = wrong === 0 && chosen.length > 0 ? 0 : 1;

async function befallen({ happens }: Trouble): Promise<string> {
  const base = mkdtempSync(join(tmpdir(), 'sallyport-trouble-'));
  const place = placeIn(base);
  try {
    writeConfig(place, ['echo', 'exit', 'stop-self']);
    return await happens(place);
  } finally {
    rmSync(base, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}
