/** How a deep run begins, tells how far it is, and ends: in the same way for all of them. */
const began = performance.now();
/** No deep run goes on for longer than ten minutes; what is under way has the rest of them to end. */
const millisMax = 540_000;
const tellMillis = 10_000;

/** How many to do, and from which seed: one that is told at once, so that whatever throws can be run again. */
export function orderOf([countText, seedText]: readonly (string | undefined)[], countDefault: number) {
  const seed = seedText === undefined ? Math.floor(Math.random() * 2 ** 32) : Number(seedText);
  const count = countText === undefined ? countDefault : Number(countText);
  if (!Number.isInteger(seed) || !(count > 0)) throw new RangeError('both are numbers: how many, and the seed');
  process.stderr.write(`seed ${seed}\n`);
  return { count, seed };
}

/** Asked again and again, with how many of `what` are done: says so now and then, and no once the time is over. */
export function pacing(what: string): (done: number) => boolean {
  let told = performance.now();
  return done => {
    const now = performance.now();
    if (now - told > tellMillis) {
      told = now;
      process.stderr.write(`${done} ${what}, ${seconds()}\n`);
    }
    return now - began < millisMax;
  };
}

/** Since the run began: `12.3 s`. */
export function seconds(): string {
  return `${((performance.now() - began) / 1_000).toFixed(1)} s`;
}

/** Ends a run that this machine cannot do, with a status that is neither that of one that held nor of one that did not. */
export function skipped(why: string): never {
  process.stdout.write(`SKIPPED: ${why}; nothing was shown\n`);
  process.exit(2);
}
