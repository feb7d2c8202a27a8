/**
 * Milliseconds of processor time that `work` took, of all threads of this process: what must not grow without bound is held
 * against this, since the clock also counts what else the machine was doing.
 */
export function processorMillis(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
