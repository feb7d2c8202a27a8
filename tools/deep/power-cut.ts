import { type CutReport, cutPower, cutsNotPossible } from '@sallyport/testkit/journal/power-cuts.ts';

/**
 * `npm run deep:power-cut [cuts] [seed]`: power cuts under a writing journal (R5), and the same with a disk that lies,
 * which must lose entries: otherwise the method would show nothing. Needs root; exits with 2, "not run", without.
 */
const [cutsText = '30', seedText] = process.argv.slice(2);
const seed = seedText === undefined ? Math.floor(Math.random() * 2 ** 32) : Number(seedText);
const controlCuts = 3;

const impossible = cutsNotPossible();
if (impossible !== undefined) {
  process.stdout.write(`not run: ${impossible}\n`);
  process.exit(2);
}
const report = await cutPower(Number(cutsText), seed, false);
show('power cuts', report);
const control = await cutPower(controlCuts, seed, true);
show('negative control, a disk that does not flush', control);
if (report.lost > 0 || report.refused > 0) process.exitCode = 1;
if (control.lost === 0) {
  process.stdout.write('the negative control lost nothing: this machine cannot show power cuts\n');
  process.exitCode = 1;
}

function show(name: string, found: CutReport): void {
  process.stdout.write(
    `${name}, seed ${found.seed}: ${found.cuts} cuts; ${found.acknowledged} decisions acknowledged, ${found.lost} lost; ` +
      `${found.refused} starts refused, ${found.torn} torn batches cut off, ${found.restored} entries written again; ${found.overZeros} over laid-out zeros\n`,
  );
}
