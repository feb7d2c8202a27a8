import { judge } from '../../bench/bars.ts';
import { openMcpLoad } from '../../bench/mcp-load.ts';
import { residentMegabytes, spentBy, spentSince } from '../../bench/process-cost.ts';
import { median } from '../../bench/statistics.ts';
import { openWholeGateway } from '../../bench/whole-gateway.ts';

/**
 * `npm run deep:soak [CALLS]`: so many calls (100,000) through a whole gateway with three servers, 16 at a time, as one
 * agent in one task. Says after each tenth what the gateway's process holds and what processor time a call took, and fails
 * if either grows: whatever is kept for each call would show. Processor time, because it says the same on a busy machine.
 */
const calls = Number(process.argv[2] ?? 100_000);
const inFlight = 16;
const slices = 10;
const sliceCalls = Math.ceil(calls / slices);

/** Growth from the first third, after a slice of warming up, to the last. */
const growthMax = { resident: 1.1, micros: 1.15 };
const residentMax = 150;

interface Slice {
  readonly resident: number;
  readonly micros: number;
}

await using house = await openWholeGateway();
const pid = house.gatewayPid;
console.log(`${String(0).padStart(7)} calls  ${residentMegabytes(pid).toFixed(0)} MB`);
const load = await openMcpLoad(house.through, 'echo', house.token);
const seen: Slice[] = [];
while (seen.length < slices) {
  const before = spentBy(pid);
  const { millis, seconds } = await load.run(sliceCalls, inFlight);
  const { main, others } = spentSince(before, spentBy(pid), sliceCalls);
  seen.push({ resident: residentMegabytes(pid), micros: main + others });
  const { resident, micros } = seen.at(-1) as Slice;
  console.log(
    `${String(sliceCalls * seen.length).padStart(7)} calls  ${resident.toFixed(0)} MB  ${micros.toFixed(0)} µs a call of the gateway  ` +
      `(p50 ${median(millis).toFixed(1)} ms, ${(sliceCalls / seconds).toFixed(0)} calls/s)`,
  );
}
await load.close();
const resident = seen.map(slice => slice.resident);
const growing = (what: keyof Slice) => ({
  ...{ unit: '×', digits: 2, atMost: growthMax[what], figures: [growth(seen, what)] },
});
judge([
  { name: 'memory of the gateway', unit: 'MB', digits: 0, atMost: residentMax, figures: resident },
  { name: 'memory, end to start', ...growing('resident') },
  { name: 'processor time of a call, end to start', ...growing('micros') },
]);

/** What the last third takes, as a multiple of what the first one does. */
function growth(seen: readonly Slice[], what: keyof Slice): number {
  const third = Math.floor(seen.length / 3);
  const middle = (of: readonly Slice[]): number => median(of.map(slice => slice[what]));
  return middle(seen.slice(-third)) / middle(seen.slice(1, third + 1));
}
