import { execFileSync } from 'node:child_process';
import { cutsNotPossible } from '@sallyport/testkit/journal/power-cuts.ts';
import { diskFaults, runDiskFault } from './disk-faults.ts';
import { seconds, skipped } from './run.ts';

/**
 * `npm run deep:disk-fault`: the disk fails under a real gateway in every way there is a means for here (R3, G-3). Needs
 * root, loop mounts, the tools of ext4 and strace on Linux, or it is skipped.
 */
const why = cutsNotPossible();
if (why !== undefined) skipped(why);
try {
  for (const tool of ['strace', 'mkfs.ext4', 'e2fsck']) execFileSync(tool, ['-V'], { stdio: 'ignore' });
} catch {
  skipped('it needs strace, mkfs.ext4 and e2fsck');
}
for (const fault of diskFaults) {
  const { name, acknowledged, lost, refused, sent, undecided, takenBack } = await runDiskFault(fault);
  const back = lost + undecided > 0 ? `; the file system took back the last ${takenBack} bytes of the record` : '';
  process.stdout.write(
    `${name}: ${acknowledged} acknowledged, ${lost} lost; ${sent} sent, ${undecided} undecided; ${refused} refused${back}\n`,
  );
}
process.stdout.write(`${diskFaults.length} faults, each as it must be; ${seconds()}\n`);
