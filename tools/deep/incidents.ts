import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replay } from '@sallyport/gateway/replay/replay.ts';
import { isHeldWhenChanged } from './changed-definitions.ts';
import { writeLines } from './corpora-files.ts';

/** An incident as it is told: what each step should have got. */
interface Incident {
  readonly id: string;
  readonly title: string;
  readonly gateway_visible: string;
  readonly steps: readonly { readonly n: number; readonly call: string; readonly should_be: string }[];
}

interface Chain {
  readonly id: string;
  readonly agent?: string;
  readonly purpose: string;
  /** Nobody opened a task for it. */
  readonly ambient?: boolean;
  readonly tools: readonly { readonly name: string }[];
  readonly calls: readonly ChainStep[];
}

type ChainStep =
  | { readonly step: number; readonly name: string; readonly args: object; readonly result: string }
  | { readonly step: number; readonly unseen: string }
  | { readonly step: number; readonly changed: { readonly from: string; readonly to: string } }
  | { readonly task: string; readonly agent: string };

/** What became of one step: `as-named` is what the incident's account asks for, also a permit. */
export interface StepScore {
  readonly step: number;
  readonly wanted: 'permit' | 'no';
  readonly got: 'permit' | 'ask' | 'deny' | 'held' | 'unseen';
  readonly asNamed: boolean;
  readonly about: string;
}

export interface ChainScore {
  readonly id: string;
  readonly title: string;
  readonly steps: readonly StepScore[];
  /** `unseen`: no step that should have been refused passes a gateway. */
  readonly outcome: 'refused-where-named' | 'broken-later' | 'passed' | 'unseen';
}

/** Decides every chain with the policies and holds it against the incident's account. Throws if one is not staged. */
export async function scoreIncidents(
  corpora: string,
  folder: string,
  root: string,
  policies: string,
): Promise<ChainScore[]> {
  const incidents = JSON.parse(await readFile(join(corpora, 'incidents.json'), 'utf8')) as Incident[];
  const chains = JSON.parse(await readFile(join(root, 'scenarios/incidents/chains.json'), 'utf8')) as Chain[];
  const byId = new Map(chains.map(chain => [chain.id, chain]));
  const scores: ChainScore[] = [];
  for (const incident of incidents) {
    const chain = byId.get(incident.id);
    if (chain === undefined) throw new Error(`scenarios/incidents has no chain ${incident.id}`);
    scores.push(await scoreChain(incident, chain, folder, policies));
  }
  return scores;
}

async function scoreChain(incident: Incident, chain: Chain, folder: string, policies: string): Promise<ChainScore> {
  const answers = await decided(chain, folder, policies);
  const steps = chain.calls.flatMap((call, index): StepScore[] => {
    if (!('step' in call) || call.step === 0) return [];
    const account = incident.steps.find(({ n }) => n === call.step);
    if (account === undefined) throw new Error(`${chain.id} has no step ${call.step}`);
    const wanted = /^allow/.test(account.should_be) ? 'permit' : 'no';
    if ('unseen' in call) return [{ step: call.step, wanted, got: 'unseen', asNamed: false, about: call.unseen }];
    const got = 'changed' in call ? (isHeldWhenChanged(call.changed) ? 'held' : 'permit') : (answers[index] ?? 'deny');
    const about = 'changed' in call ? 'its definition changed' : account.call;
    return [{ step: call.step, wanted, got, asNamed: (got === 'permit') === (wanted === 'permit'), about }];
  });
  return { id: incident.id, title: incident.title, steps, outcome: outcomeOf(steps) };
}

function outcomeOf(steps: readonly StepScore[]): ChainScore['outcome'] {
  const due = steps.filter(({ wanted, got }) => wanted === 'no' && got !== 'unseen');
  if (due.length === 0) return 'unseen';
  if (due.every(({ asNamed }) => asNamed)) return 'refused-where-named';
  return due.some(({ asNamed }) => asNamed) ? 'broken-later' : 'passed';
}

/**
 * The answer to each call of the chain, by its place. Each is judged as in its account: with what came before done, though
 * it had been asked about.
 */
async function decided(chain: Chain, folder: string, policies: string): Promise<('permit' | 'ask' | 'deny')[]> {
  const [tools, file] = [join(folder, `${chain.id}-tools.json`), join(folder, `${chain.id}.jsonl`)];
  const { id, agent = 'assistant', purpose, ambient = false } = chain;
  // Steps without a call keep their places, so that answers are found by the same index.
  const calls = chain.calls.map(call =>
    'name' in call ? { name: call.name, args: call.args, result: call.result } : 'task' in call ? call : { prompt: '' },
  );
  await writeFile(tools, JSON.stringify({ [id]: chain.tools }));
  await writeLines(file, async function* () {
    yield { id, agent, principal: 'user:principal', purpose, toolset: id, calls };
  });
  const answers: ('permit' | 'ask' | 'deny')[] = [];
  for await (const line of replay({ policies, tools, files: [file], onAsk: 'approve', ambient })) {
    if (line.kind === 'fault') throw new Error(`${chain.id}: ${line.field} ${line.why}`);
    for (const { index, decision } of line.calls) answers[index] = decision;
  }
  return answers;
}

const outcomeWords: Readonly<Record<ChainScore['outcome'], string>> = {
  'refused-where-named': 'refused at every step that its account names',
  'broken-later': 'broken, and not at every step that its account names',
  passed: 'NOT STOPPED',
  unseen: 'not seen by a gateway',
};

export function incidentLines(scores: readonly ChainScore[]): string[] {
  const lines = scores.flatMap(({ id, outcome, steps }) => [
    `  ${id.padEnd(16)} ${outcomeWords[outcome]}`,
    ...steps.map(({ step, wanted, got, asNamed, about }) => {
      const mark = got === 'unseen' ? '–' : asNamed ? 'ok' : 'NO';
      return `    ${mark.padEnd(2)} step ${step}: ${got === 'unseen' ? 'a gateway cannot see' : `${got}${asNamed ? '' : `, should be ${wanted}`}`}: ${about}`;
    }),
  ]);
  const count = (outcome: ChainScore['outcome']): number => scores.filter(score => score.outcome === outcome).length;
  const due = scores.flatMap(({ steps }) => steps).filter(({ wanted, got }) => wanted === 'no' && got !== 'unseen');
  return [
    ...lines,
    `  ${scores.length} chains: ${count('refused-where-named')} refused where named, ${count('broken-later')} broken elsewhere, ${count('passed')} not stopped, ${count('unseen')} not seen; ${due.filter(({ asNamed }) => asNamed).length} of ${due.length} visible steps refused`,
  ];
}
