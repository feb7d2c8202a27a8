import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { World } from '@sallyport/core/mediate/ports.ts';
import type { Catalogue } from '@sallyport/core/model/tool.ts';
import { type Loaded, loadPolicies, readAhead } from '../../engines/cedar/load.ts';
import type { LoadedPolicy } from '../../engines/cedar/policy.ts';
import {
  type ActivePolicies,
  loadActive,
  type PolicySource,
  type PolicyText,
  readPolicyDir,
  saveActive,
} from '../../policies/policy-files.ts';
import { keepEvidence } from '../../receipt/evidence.ts';
import type { Config } from '../config/config.ts';
import type { Log } from '../host/log.ts';
import { StartError } from '../host/start-error.ts';
import { configured } from './configured.ts';
import { unfitText } from './unfit-policies.ts';
import { createWorlds, loaded, type WorldPorts, type Worlds } from './worlds.ts';

export interface FirstWorldPorts extends Omit<WorldPorts, 'load' | 'save' | 'keepEvidence' | 'segments'> {
  readonly config: Config;
  readonly stateDir: string;
  readonly catalogue: () => Catalogue;
  /** Resolves when servers that nobody knows have been met, or are late. */
  readonly met: Promise<void> | undefined;
  readonly log: Log;
}

/** What `openWorlds` will ask for has its texts read while the rest of a start goes on. What is wrong with them is told there. */
export function readPoliciesAhead({ policies }: Pick<Config, 'policies'>, stateDir: string): void {
  try {
    readAhead((loadActive(activeFile(stateDir)) ?? readPolicyDir(policies)).sources);
  } catch {
    return;
  }
}

function activeFile(stateDir: string): string {
  return join(stateDir, 'active-policies.json');
}

/**
 * What was activated last; on the very first start, the files as they are. Policies that fit what is known of the servers
 * come into force at once; only where they do not, because they name what nobody has met yet, are those waited for.
 * Throws `StartError` if they cannot be used.
 */
export async function openWorlds({
  config,
  stateDir,
  catalogue,
  met,
  log,
  ...ports
}: FirstWorldPorts): Promise<Worlds> {
  const file = activeFile(stateDir);
  const known = loadActive(file);
  const active = known ?? { ...readPolicyDir(config.policies), activatedAt: ports.now(), by: 'first start' };
  const evidence = join(stateDir, 'worlds');
  if (known === undefined && existsSync(evidence)) log('warn', anewText(file));
  const { agents, segments } = configured(config);
  // What is in force was held against them when it was activated: that a server has gone keeps no gateway down.
  let looked = known === undefined ? segments : undefined;
  const worldPorts = {
    ...ports,
    segments: () => looked,
    load: (sources: readonly PolicySource[], offered: Catalogue) =>
      loadPolicies({ sources, catalogue: offered, agents }),
    save: (text: ActivePolicies) => saveActive(file, text),
    keepEvidence: (world: World, policies: readonly LoadedPolicy[]) =>
      kept(() => keepEvidence(evidence, world, policies)),
  };
  let made = await createWorlds(active, catalogue(), worldPorts);
  if ('ok' in made && met !== undefined) {
    await met;
    made = await createWorlds(active, catalogue(), worldPorts);
  }
  if ('ok' in made) {
    const check = (text: PolicyText): Promise<Loaded> =>
      loaded(text, catalogue(), { load: worldPorts.load, segments: () => segments });
    throw new StartError(await unfitText({ known, file, dir: config.policies, problems: made.problems, check }));
  }
  if (known === undefined) saveActive(file, active);
  looked = segments;
  return made;
}

function anewText(file: string): string {
  return `${file} was removed since the last run: the policy files as they are come into force, and nobody activated them. Read them, or restore it`;
}

/** Pins and policies are swapped also where the disk has no room for evidence: receipts then say that there is none. */
function kept(keep: () => string): string | undefined {
  try {
    return keep();
  } catch {
    return undefined;
  }
}
