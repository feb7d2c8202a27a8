import { type CutReport, cutPower, cutsNotPossible } from '@sallyport/testkit/journal/power-cuts.ts';
import { orderOf, pacing, seconds, skipped } from './run.ts';

/**
 * `npm run deep:power-cut [cuts] [seed]`: power cuts under a writing journal (R5), and the same with a disk that lies,
 * which must lose entries: otherwise the method would show nothing. Needs root, or it is skipped.
 */
const controlCuts = 3;

const impossible = cutsNotPossible();
if (impossible !== undefined) skipped(impossible);
const { count, seed } = orderOf(process.argv.slice(2), 30);
const report = await cutPower(count, seed, false, pacing('cuts'));
show('power cuts', report);
const control = await cutPower(controlCuts, seed, true);
show('negative control, a disk that does not flush', control);
if (report.lost > 0 || report.refused > 0 || report.acknowledged === 0) process.exitCode = 1;
if (control.lost === 0) {
  process.stdout.write('the negative control lost nothing: this machine cannot show power cuts\n');
  process.exitCode = 1;
}

function show(name: string, found: CutReport): void {
  process.stdout.write(
    `${name}, seed ${found.seed}: ${found.cuts} cuts; ${found.acknowledged} decisions acknowledged, ${found.lost} lost; ` +
      `${found.refused} starts refused, ${found.torn} torn batches cut off, ${found.restored} entries written again; ${found.overZeros} over laid-out zeros; ${seconds()}\n`,
  );
}
