import { join } from 'node:path';
import type { Catalogue } from '@sallyport/core/model/tool.ts';
import { loadPolicies } from '../engines/cedar/load.ts';
import { showProblem } from '../engines/cedar/problem.ts';
import { type ActivePolicies, loadActive, readPolicyDir, saveActive } from '../policies/policy-files.ts';
import { keepEvidence } from '../receipt/evidence.ts';
import { hypothetical } from './attempt.ts';
import type { Config } from './config.ts';
import { StartError } from './start-error.ts';
import { createWorlds, type WorldPorts, type Worlds } from './worlds.ts';

export interface FirstWorldPorts extends Omit<WorldPorts, 'load' | 'save' | 'keepEvidence'> {
  readonly config: Config;
  readonly stateDir: string;
  readonly catalogue: Catalogue;
}

/** What was activated last; on the very first start, the files as they are. Throws `StartError` if it cannot be used. */
export async function openWorlds({ config, stateDir, catalogue, ...ports }: FirstWorldPorts): Promise<Worlds> {
  const file = join(stateDir, 'active-policies.json');
  const known = loadActive(file);
  const active = known ?? { ...readPolicyDir(config.policies), activatedAt: ports.now(), by: 'first start' };
  const agents = config.agents.map(hypothetical);
  const made = await createWorlds(active, catalogue, {
    ...ports,
    load: (sources, offered) => loadPolicies({ sources, catalogue: offered, agents }),
    save: text => saveActive(file, text),
    keepEvidence: (world, policies) => kept(() => keepEvidence(join(stateDir, 'worlds'), world, policies)),
  });
  if ('ok' in made)
    throw new StartError([...unusable(known, file, config), ...made.problems.map(showProblem)].join('\n  '));
  if (known === undefined) saveActive(file, active);
  return made;
}

/** Pins and policies are swapped also where the disk has no room for evidence: receipts then say that there is none. */
function kept(keep: () => string): string | undefined {
  try {
    return keep();
  } catch {
    return undefined;
  }
}

/** Whoever changed the configuration wonders why files that are not there are complained of. */
function unusable(known: ActivePolicies | undefined, file: string, { policies }: Config): string[] {
  if (known === undefined) return ['the policies cannot be used:'];
  const at = new Date(known.activatedAt).toISOString();
  return [
    `the policies in force since ${at} do not fit these servers. They are kept in ${file};`,
    `to begin with the files in ${policies} instead, move that file away. To change policies step by step,`,
    'start with the servers they were made for, and run `sallyport policy activate`.',
  ];
}
