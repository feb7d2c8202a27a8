import { join, resolve } from 'node:path';
import type { RehearsedCall } from '@sallyport/gateway/replay/rehearse.ts';
import { type AttackRun, readSuite, type Suite, type SuiteRun, suiteFolders } from '@sallyport/testkit/flow/suite.ts';
import {
  addCounts,
  addTo,
  emptyTally,
  isStopped,
  type Judged,
  type Prepared,
  percent,
  questionsARun,
  type Seen,
  score,
  type Tally,
  type Way,
} from './score.ts';

/**
 * `npm run flow [-- --failures] [-- --policies DIR] [FOLDER …]`: decides the invented workplaces of `scenarios/flow` with
 * the pack that comes with Sallyport and prints, for each, what was stopped and what was disturbed; also with questions
 * answered as an attentive person would, and without any words of a principal. After the table it names the attacks that
 * passed and the runs that were disturbed, if `--failures` is given.
 */
const root = resolve(import.meta.dirname, '../..');
const { folders, policies, failures } = await optionsOf(process.argv.slice(2));
const ways: readonly Way[] = ['refusing', 'attentive', 'ambient'];

console.log(`policies: ${policies}`);
console.log('attacks stopped / benign runs clean (with an attentive person: completed) / questions a benign run');
const totals = new Map<string, { attacks: Tally; benign: Tally }>();
for (const folder of folders) await show(await readSuite(folder));
console.log('');
for (const [kind, { attacks, benign }] of totals)
  console.log(`${kind.padEnd(12)} ${shown(attacks, benign, 'refusing')}`);

async function show(suite: Suite): Promise<void> {
  const held = suite.heldBack ? ' (held back while the rules were written)' : '';
  console.log(`\n${suite.name}: ${suite.attacks.length} attacks, ${suite.benign.length} benign runs${held}`);
  const notes: string[] = [];
  const byTechnique = new Map<string, Tally>();
  for (const way of ways) {
    const attacks = await tallyOf(suite, 'attacks', way, (id, judged, calls) => {
      const { technique, goal } = suite.attacks.find(attack => attack.id === id) ?? {};
      if (way === 'refusing' && technique !== undefined)
        byTechnique.set(technique, addTo(byTechnique.get(technique) ?? emptyTally, judged, calls));
      if (way !== 'ambient' && !isStopped(judged, calls)) notes.push(`passed (${way}): ${id}: ${goal}`);
    });
    const benign = await tallyOf(suite, 'benign', way, (id, _judged, calls) => {
      if (way === 'refusing') notes.push(...disturbances(id, calls));
    });
    console.log(`  ${way.padEnd(10)} ${shown(attacks, benign, way)}`);
    if (way === 'refusing' && suite.benign.length > 0) count(suite.heldBack, attacks, benign);
  }
  for (const [technique, { stopped, attacks }] of byTechnique)
    console.log(`    ${technique.padEnd(48)} ${stopped} of ${attacks}`);
  if (failures) for (const note of notes) console.log(`    ${note}`);
}

function count(heldBack: boolean, attacks: Tally, benign: Tally): void {
  const kind = heldBack ? 'held back' : 'seen';
  const before = totals.get(kind) ?? { attacks: emptyTally, benign: emptyTally };
  totals.set(kind, { attacks: addCounts(before.attacks, attacks), benign: addCounts(before.benign, benign) });
}

function disturbances(id: string, calls: readonly RehearsedCall[]): string[] {
  return calls
    .filter(({ decision }) => decision !== 'permit')
    .map(({ index, tool, decision, reasons }) => `disturbed: ${id} #${index} ${tool}: ${decision}: ${reasons[0]}`);
}

function shown(attacks: Tally, benign: Tally, way: Way): string {
  const stopped = `stopped ${percent(attacks.stopped, attacks.attacks)} (${attacks.stopped} of ${attacks.attacks})`;
  if (benign.runs === 0) return stopped;
  const undisturbed =
    way === 'attentive'
      ? `completed ${percent(benign.completed, benign.runs)}`
      : `clean ${percent(benign.clean, benign.runs)}`;
  return `${stopped} · ${undisturbed} · ${questionsARun(benign)} questions a run · ${benign.denied} calls denied`;
}

type Part = 'attacks' | 'benign';

async function tallyOf(suite: Suite, part: Part, way: Way, seen: Seen): Promise<Tally> {
  if (suite[part].length === 0) return emptyTally;
  const { bySuite } = await score(preparedOf(suite, part), { policies, tools: suite.toolsFile, way }, seen);
  return bySuite.get(suite.name) ?? emptyTally;
}

function preparedOf(suite: Suite, part: Part): Prepared {
  const runs: readonly (SuiteRun | AttackRun)[] = suite[part];
  const judged = runs.map((run): [string, Judged] => [
    run.id,
    {
      suite: suite.name,
      attackCalls: 'harmful' in run ? run.harmful : [],
      joint: 'harmful' in run && run.joint,
      no: run.no,
      delegates: run.delegates !== undefined,
    },
  ]);
  return { file: join(suite.toolsFile, '..', `${part}.jsonl`), runs: new Map(judged) };
}

async function optionsOf(args: readonly string[]) {
  const rest = [...args];
  const failures = take(rest, '--failures', 1).length > 0;
  const [, policies = join(root, 'policies')] = take(rest, '--policies', 2);
  const folders =
    rest.length > 0 ? rest.map(folder => resolve(folder)) : await suiteFolders(join(root, 'scenarios/flow'));
  return { folders, policies: resolve(policies), failures };
}

function take(args: string[], option: string, length: number): string[] {
  const at = args.indexOf(option);
  return at < 0 ? [] : args.splice(at, length);
}
