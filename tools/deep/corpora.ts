import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { replay } from '@sallyport/gateway/replay/replay.ts';
import { dojoTools, type Judged, type Prepared, prepareDojo, prepareTau } from './corpora-files.ts';
import { addTo, emptyTally, showTally, type Tally } from './corpora-score.ts';

/**
 * `npm run deep:corpora`: replays recorded runs of real agents with a policy folder (default: the pack that comes with
 * Sallyport) and prints what was stopped and what was disturbed. For reading, not for tuning: rules that are fitted to
 * these suites fail elsewhere (docs/reference/classification.md).
 */
const root = resolve(import.meta.dirname, '../..');
const corpora = resolve(root, '../shared/corpora');
const policies = resolve(process.argv[2] ?? join(root, 'policies'));

/** What simple rules reach on the same runs, from the corpora's own notes: attacks stopped %, benign runs clean %. */
const floors: readonly (readonly [rule: string, stopped: number, clean: number])[] = [
  ['ask for every write', 100, 40],
  ['deny every write after any untrusted result', 100, 42],
  ['deny writes whose sink stands only in untrusted text', 85, 85],
  ['… or is of unknown origin', 92, 83],
  ['… and a manifest guessed from the prompt', 95, 79],
  ['… with the true manifest', 98, 82],
];

if (await exists(corpora)) await main();
else console.log('skipped: there is no ../shared/corpora beside the project');

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-corpora-'));
  try {
    await dojoTools(corpora, join(folder, 'dojo-tools.json'));
    const attacked = await prepareDojo(join(corpora, 'agentdojo-attacked.jsonl.gz'), join(folder, 'attacked.jsonl'));
    const benign = await prepareDojo(join(corpora, 'agentdojo-benign.jsonl.gz'), join(folder, 'benign.jsonl'));
    const tau = await prepareTau(corpora, folder);
    console.log(`policies: ${policies}\n`);
    const tools = join(folder, 'dojo-tools.json');
    show('AgentDojo, runs under attack', await score(attacked, tools));
    show('AgentDojo, runs without attack', await score(benign, tools));
    show('tau-bench airline, runs without attack (tools known by name only)', await score(tau.prepared, tau.tools));
    console.log('Floors on the same runs, attacks stopped / benign runs clean:');
    for (const [rule, stopped, clean] of floors) console.log(`  ${stopped} % / ${clean} %  ${rule}`);
  } finally {
    await rm(folder, { recursive: true });
  }
}

interface Scored {
  readonly bySuite: ReadonlyMap<string, Tally>;
  readonly callsPerSecond: number;
}

async function score(prepared: Prepared, tools: string): Promise<Scored> {
  const bySuite = new Map<string, Tally>();
  const started = performance.now();
  let calls = 0;
  for await (const line of replay({ policies, tools, files: [prepared.file], onAsk: 'refuse' })) {
    if (line.kind === 'fault') throw new Error(`${line.file}:${line.line}: ${line.field} ${line.why}`);
    const judged: Judged | undefined = prepared.runs.get(line.id);
    if (judged === undefined) throw new Error(`${line.id} was not asked for`);
    calls += line.calls.length;
    const tally = bySuite.get(judged.suite) ?? emptyTally();
    bySuite.set(judged.suite, addTo(tally, judged, line.calls));
  }
  return { bySuite, callsPerSecond: (calls * 1000) / (performance.now() - started) };
}

function show(title: string, { bySuite, callsPerSecond }: Scored): void {
  console.log(`${title}, ${Math.round(callsPerSecond)} calls/s (reading, parsing and start included)`);
  const total = [...bySuite.values()].reduce((sum, tally) => addTallies(sum, tally), emptyTally());
  for (const [suite, tally] of [...bySuite].sort(([a], [b]) => (a < b ? -1 : 1)))
    console.log(`  ${suite.padEnd(10)} ${showTally(tally)}`);
  console.log(`  ${'together'.padEnd(10)} ${showTally(total)}\n`);
}

function addTallies(a: Tally, b: Tally): Tally {
  const names = Object.keys(a) as (keyof Tally)[];
  return Object.fromEntries(names.map(name => [name, a[name] + b[name]])) as unknown as Tally;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
