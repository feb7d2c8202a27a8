import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { quotedWord } from '@sallyport/core/facts/arguments.ts';
import type { World } from '@sallyport/core/mediate/ports.ts';
import type { Entry } from '@sallyport/core/model/entry.ts';
import type { Catalogue } from '@sallyport/core/model/tool.ts';
import { type Loaded, loadPolicies, readAhead } from '../../engines/cedar/load.ts';
import type { LoadedPolicy } from '../../engines/cedar/policy.ts';
import {
  type ActivePolicies,
  anewFile,
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

export interface FirstWorldPorts extends Omit<WorldPorts, 'load' | 'save' | 'begin' | 'keepEvidence' | 'segments'> {
  readonly config: Config;
  readonly stateDir: string;
  readonly catalogue: () => Catalogue;
  /** Resolves when servers that nobody knows have been met, or are late. */
  readonly met: Promise<void> | undefined;
  /** The record from its beginning. */
  readonly entries: () => AsyncIterable<Entry>;
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
 * What was activated last; on the very first start, the files as they are. Unknown means no: where the record says that a set came into
 * force and it is not there, files that nobody activated take its place only when somebody says so. Policies that fit what is known of the servers
 * come into force at once; only where they do not, because they name what nobody has met yet, are those waited for.
 * Throws `StartError` if they cannot be used.
 */
export async function openWorlds({
  config,
  stateDir,
  catalogue,
  met,
  entries,
  log,
  ...ports
}: FirstWorldPorts): Promise<Worlds> {
  const file = activeFile(stateDir);
  const known = loadActive(file);
  const active = known ?? { ...readPolicyDir(config.policies), activatedAt: ports.now(), by: 'first start' };
  const evidence = join(stateDir, 'worlds');
  const anew = anewFile(file);
  const isAnew = existsSync(anew);
  if (known === undefined && isAnew)
    log('warn', `the policy files as they are come into force, as ${anew} says: nobody activated them`);
  if (known === undefined && !isAnew && (await activatedBefore(entries())))
    throw new StartError(lostText(file, config.policies));
  const { agents, segments } = configured(config);
  // What is in force was held against them when it was activated: that a server has gone keeps no gateway down.
  let looked = known === undefined ? segments : undefined;
  const worldPorts = {
    ...ports,
    segments: () => looked,
    load: (sources: readonly PolicySource[], offered: Catalogue) =>
      loadPolicies({ sources, catalogue: offered, agents }),
    save: (text: ActivePolicies) => saveActive(file, text),
    begin: () => {
      // Said once: the next loss is one again. What was put away stays for people.
      if (isAnew) renameSync(anew, `${file}.before`);
      if (known === undefined) saveActive(file, active);
    },
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
  looked = segments;
  return made;
}

/** A first start that failed has a record as well; one that did not has this among its first entries. */
async function activatedBefore(entries: AsyncIterable<Entry>): Promise<boolean> {
  for await (const { kind } of entries) if (kind === 'world.activated') return true;
  return false;
}

function lostText(file: string, dir: string): string {
  return (
    `${file} is gone: which policies were in force is not known any more, and nobody activated the files in ${dir}. Restore it from a copy. ` +
    `To begin with these files as they are, read them, then say so and start again: touch ${quotedWord(anewFile(file))}`
  );
}

/** Pins and policies are swapped also where the disk has no room for evidence: receipts then say that there is none. */
function kept(keep: () => string): string | undefined {
  try {
    return keep();
  } catch {
    return undefined;
  }
}
