import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Agent } from '@sallyport/core/model/agent.ts';
import type { Catalogue } from '@sallyport/core/model/tool.ts';
import type { PolicyEngine } from '@sallyport/core/policy/engine.ts';
import { loadPolicies } from '../engines/cedar/load.ts';
import type { PolicySource } from '../engines/cedar/policy-text.ts';
import { showProblem } from '../engines/cedar/problem.ts';
import { ReplayFault, whyUnread } from './fault.ts';

/** The same as `engineFor` with every `*.cedar` file of a folder. */
export async function engineFromFolder(
  folder: string,
  catalogue: Catalogue,
  agents: readonly Agent[] | undefined,
): Promise<PolicyEngine> {
  return engineFor(await sourcesIn(folder), catalogue, agents);
}

/** The engine for these policies, validated against this catalogue; or a fault with all that is wrong. */
export async function engineFor(
  sources: readonly PolicySource[],
  catalogue: Catalogue,
  agents: readonly Agent[] | undefined,
): Promise<PolicyEngine> {
  const loaded = await loadPolicies({
    sources,
    catalogue,
    ...(agents === undefined ? {} : { agents }),
  });
  if (loaded.ok) return loaded.engine;
  throw new ReplayFault(
    `the policies cannot be used with these tools:\n${loaded.problems.map(showProblem).join('\n')}`,
  );
}

/** Every `*.cedar` file of a folder. */
export async function sourcesIn(folder: string): Promise<PolicySource[]> {
  try {
    const names = (await readdir(folder)).filter(name => name.endsWith('.cedar')).sort();
    return await Promise.all(
      names.map(async name => ({ file: join(folder, name), text: await readFile(join(folder, name), 'utf8') })),
    );
  } catch (thrown) {
    throw new ReplayFault(`${folder} could not be read: ${whyUnread(thrown)}`);
  }
}
