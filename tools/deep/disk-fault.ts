import { execFileSync } from 'node:child_process';
import { diskFaults, runDiskFault } from './disk-faults.ts';
import { seconds, skipped } from './run.ts';

/**
 * `npm run deep:disk-fault`: the disk fails under a real gateway in every way there is a means for here (R3, G-3). Needs
 * root and strace on Linux, or it is skipped.
 */
try {
  if (process.getuid?.() !== 0) throw new Error('root');
  execFileSync('strace', ['-V'], { stdio: 'ignore' });
} catch {
  skipped('it needs root and strace, on Linux');
}
for (const fault of diskFaults) {
  const { name, acknowledged, refused, sent } = await runDiskFault(fault);
  process.stdout.write(
    `${name}: ${acknowledged} acknowledged, 0 lost; ${sent} sent, 0 undecided; ${refused} refused\n`,
  );
}
process.stdout.write(`${diskFaults.length} faults, each as it must be; ${seconds()}\n`);
