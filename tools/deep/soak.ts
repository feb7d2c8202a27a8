import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { judge } from '../../bench/bars.ts';
import { openMcpLoad } from '../../bench/mcp-load.ts';
import { residentMegabytes } from '../../bench/process-cost.ts';
import {
  ended,
  freePort,
  gatewayPid,
  issueToken,
  reachable,
  startEverything,
  startGateway,
} from '../../bench/processes.ts';
import { quantile } from '../../bench/statistics.ts';

/**
 * `npm run deep:soak [CALLS]`: so many calls (100,000) through a whole gateway, 16 at a time, as one agent in one task.
 * Says what the gateway's process holds and how long calls take at the start, a tenth of the way in, and at the end, and
 * fails if either grows: whatever is kept for each call would show.
 */
const calls = Number(process.argv[2] ?? 100_000);
const inFlight = 16;
const slices = 20;

/** Growth from the mean of the first quarter, when everything is warm, to that of the last. */
const growthMax = { resident: 1.1, p50: 1.25 };

interface Slice {
  readonly calls: number;
  readonly resident: number;
  readonly p50: number;
}

const folder = mkdtempSync(join(tmpdir(), 'sallyport-soak-'));
const [serverPort, port] = [await freePort(), await freePort()];
const server = startEverything(serverPort);
await reachable(`http://127.0.0.1:${serverPort}/mcp`, server);
const gateway = startGateway({
  folder,
  port,
  servers: [`everything: { url: "http://127.0.0.1:${serverPort}/mcp" }`],
});
try {
  const url = `http://127.0.0.1:${port}`;
  await reachable(`${url}/readyz`, gateway);
  const pid = gatewayPid(folder);
  const load = await openMcpLoad(`${url}/mcp/everything`, 'echo', await issueToken(url, folder));
  const seen: Slice[] = [];
  for (let slice = 0; slice < slices; slice++) {
    const { millis } = await load.run(Math.ceil(calls / slices), inFlight);
    seen.push({
      calls: Math.ceil(calls / slices) * (slice + 1),
      resident: residentMegabytes(pid),
      p50: quantile(millis, 0.5),
    });
    const { calls: done, resident, p50 } = seen.at(-1) as Slice;
    console.log(`${String(done).padStart(7)} calls  ${resident.toFixed(0)} MB  p50 ${p50.toFixed(2)} ms`);
  }
  await load.close();
  judge([
    {
      name: 'memory, end to start',
      unit: '×',
      digits: 2,
      atMost: growthMax.resident,
      figures: [growth(seen, 'resident')],
    },
    {
      name: 'p50 of a call, end to start',
      unit: '×',
      digits: 2,
      atMost: growthMax.p50,
      figures: [growth(seen, 'p50')],
    },
  ]);
} finally {
  await ended([gateway, server]);
  rmSync(folder, { recursive: true, force: true });
}

function growth(seen: readonly Slice[], what: 'resident' | 'p50'): number {
  const quarter = seen.length / 4;
  // The first slice is spent warming up.
  return middle(seen.slice(-quarter), what) / middle(seen.slice(1, quarter + 1), what);
}

function middle(seen: readonly Slice[], what: 'resident' | 'p50'): number {
  return quantile(
    seen.map(slice => slice[what]),
    0.5,
  );
}
