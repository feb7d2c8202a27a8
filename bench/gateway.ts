import { parseArgs } from 'node:util';
import { judge } from './bars.ts';
import { openMcpLoad } from './mcp-load.ts';
import { residentMegabytes } from './process-cost.ts';
import { inFlight, measureInTurn, type Round, warmingCalls } from './round.ts';
import { openWholeGateway } from './whole-gateway.ts';

/**
 * `npm run bench:gateway`: tools/call over Streamable HTTP, straight to server-everything and through Sallyport to the
 * same server, in turn, in one run, everything on and durable; two further servers are configured and rest. Client,
 * gateway and server share the machine. `--profile DIR` has the gateway write a CPU profile, `--rounds N` takes N rounds.
 */
const { values } = parseArgs({ options: { profile: { type: 'string' }, rounds: { type: 'string' } } });
const rounds = Number(values.rounds ?? 5);
const calls = { alone: 1_000, together: 8_000 };

/** What is measured of one round. */
type Pair = Readonly<Record<'direct' | 'through', Round>>;

function spentText(spent: Round['spent']): string {
  const parts = Object.entries(spent).map(
    ([name, { main, others }]) => `${name} ${main.toFixed(0)} + ${others.toFixed(0)}`,
  );
  return `µs a call: ${parts.join(', ')}`;
}

function print(round: number, { direct, through }: Pair): void {
  const pair = (of: (round: Round) => number, digits: number): string =>
    `${of(direct).toFixed(digits)} → ${of(through).toFixed(digits)}`;
  console.log(
    `round ${round}  1 in flight p50 ${pair(({ aloneP50 }) => aloneP50, 2)} ms  ` +
      `${inFlight} in flight ${pair(({ rate }) => rate, 0)} calls/s  p99 ${pair(({ p99 }) => p99, 1)} ms`,
  );
  console.log(`  direct  ${spentText(direct.spent)}\n  through ${spentText(through.spent)}`);
}

async function benchGateway(): Promise<void> {
  await using house = await openWholeGateway(values.profile);
  const pids = { client: process.pid, server: house.serverPid, gateway: house.gatewayPid };
  const idle = residentMegabytes(pids.gateway);
  const direct = await openMcpLoad(house.direct, 'echo');
  const through = await openMcpLoad(house.through, 'echo', house.token);
  console.log(`warming up: ${warmingCalls} calls straight and ${warmingCalls} through the gateway`);
  for (const load of [direct, through]) await load.run(warmingCalls, inFlight);
  const pairs: Pair[] = [];
  const resident: number[] = [];
  const { client, server } = pids;
  for (let round = 1; round <= rounds; round++) {
    const pair = await measureInTurn(
      { direct: { load: direct, pids: { client, server } }, through: { load: through, pids } },
      calls,
    );
    pairs.push(pair);
    resident.push(residentMegabytes(pids.gateway));
    print(round, pair);
  }
  await Promise.all([direct.close(), through.close()]);
  console.log(
    `gateway's own process: ${idle.toFixed(0)} MB when ready, then ${resident.map(Math.round).join(', ')} MB`,
  );
  const spent = pairs.map(({ through: { spent } }) => (spent.gateway?.main ?? 0) + (spent.gateway?.others ?? 0));
  judge([
    { name: 'calls at 16 in flight', unit: '× direct', digits: 2, atLeast: 0.6, figures: ratios(pairs) },
    { name: 'added p50 at 1 in flight', unit: 'ms', digits: 2, atMost: 1, figures: added(pairs) },
    { name: 'processor time of the gateway', unit: 'µs a call', digits: 0, atMost: 300, figures: spent },
    { name: 'memory of the gateway under load', unit: 'MB', digits: 0, atMost: 150, figures: resident },
  ]);
}

function ratios(pairs: readonly Pair[]): number[] {
  return pairs.map(({ direct, through }) => through.rate / direct.rate);
}

function added(pairs: readonly Pair[]): number[] {
  return pairs.map(({ direct, through }) => through.aloneP50 - direct.aloneP50);
}

await benchGateway();
