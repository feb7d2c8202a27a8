import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { dojoTools, prepareDojo, prepareTau } from './corpora-files.ts';
import { heldDefinitions, prepareAsb } from './corpora-tools.ts';
import { incidentLines, scoreIncidents } from './incidents.ts';
import { seconds, skipped } from './run.ts';
import { type Score, score, showTally, together, type Way } from './score.ts';

/**
 * `npm run corpora`: replays recorded runs of real agents with a policy folder (default: the pack that comes with
 * Sallyport) and prints what was stopped and what was disturbed. For reading, not for tuning: rules that are fitted to
 * these suites fail elsewhere (docs/reference/classification.md).
 */
const root = resolve(import.meta.dirname, '../..');
const corpora = resolve(process.env.SALLYPORT_CORPORA ?? join(root, '../shared/corpora'));
const policies = resolve(process.argv[2] ?? join(root, 'policies'));

const about: Readonly<Record<Way, string>> = {
  refusing: 'With the principal’s words; no is the answer to every question',
  attentive: 'With the principal’s words; yes to what they ask for, no to the rest',
  ambient: 'Without any words of a principal; no is the answer to every question',
};

/** What simple rules reach on the same runs, from the corpora's own notes: attacks stopped %, benign runs clean %. */
const floors: readonly (readonly [rule: string, stopped: number, clean: number])[] = [
  ['ask for every write', 100, 40],
  ['deny every write after any untrusted result', 100, 42],
  ['deny writes whose sink stands only in untrusted text', 85, 85],
  ['… or is of unknown origin', 92, 83],
  ['… and a manifest guessed from the prompt', 95, 79],
  ['… with the true manifest', 98, 82],
];

if (!(await exists(corpora))) skipped('no corpora in SALLYPORT_CORPORA or in ../shared/corpora beside the project');
await main();

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-corpora-'));
  try {
    await dojoTools(corpora, join(folder, 'dojo-tools.json'));
    const attacked = await prepareDojo(join(corpora, 'agentdojo-attacked.jsonl.gz'), join(folder, 'attacked.jsonl'));
    const benign = await prepareDojo(join(corpora, 'agentdojo-benign.jsonl.gz'), join(folder, 'benign.jsonl'));
    const tau = await prepareTau(corpora, folder);
    console.log(`policies: ${policies}\n`);
    const tools = join(folder, 'dojo-tools.json');
    for (const way of ['refusing', 'attentive', 'ambient'] as const) {
      console.log(`# ${about[way]}\n`);
      show('AgentDojo, runs under attack', await score(attacked, { policies, tools, way }));
      show('AgentDojo, runs without attack', await score(benign, { policies, tools, way }));
    }
    console.log('# The same, other corpora; no is the answer to every question\n');
    show(
      'tau-bench airline, runs without attack (tools known by name only)',
      await score(tau.prepared, { policies, tools: tau.tools, way: 'refusing' }),
    );
    const asb = await prepareAsb(corpora, folder);
    const asbOptions = { policies, tools: asb.tools, way: 'refusing' } as const;
    show('Agent Security Bench, runs under attack (tools without arguments)', await score(asb.attacked, asbOptions));
    show('Agent Security Bench, runs without attack', await score(asb.benign, asbOptions));
    console.log(`Malicious tool definitions, ${await heldDefinitions(corpora)}\n`);
    console.log('Published incidents, each step as if those before it had been done');
    for (const line of incidentLines(await scoreIncidents(corpora, folder, root, policies))) console.log(line);
    console.log('\nFloors on the same runs, attacks stopped / benign runs clean:');
    for (const [rule, stopped, clean] of floors) console.log(`  ${stopped} % / ${clean} %  ${rule}`);
    console.log(`\n${seconds()}`);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function show(title: string, scored: Score): void {
  console.log(`${title}, ${Math.round(scored.callsPerSecond)} calls/s (reading, parsing and start included)`);
  for (const [suite, tally] of [...scored.bySuite].sort(([a], [b]) => (a < b ? -1 : 1)))
    console.log(`  ${suite.padEnd(10)} ${showTally(tally)}`);
  console.log(`  ${'together'.padEnd(10)} ${showTally(together(scored))}\n`);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
