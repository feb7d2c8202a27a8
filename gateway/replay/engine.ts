import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Agent } from '@sallyport/core/model/agent.ts';
import type { Catalogue } from '@sallyport/core/model/tool.ts';
import type { PolicyEngine } from '@sallyport/core/policy/engine.ts';
import { type Loaded, type LoadOrder, loadPolicies } from '../engines/cedar/load.ts';
import type { PolicySource } from '../engines/cedar/policy-text.ts';
import { showProblem } from '../engines/cedar/problem.ts';
import { ReplayFault, whyUnread } from './fault.ts';

/** The engine for every `*.cedar` file of a folder, validated against this catalogue; or a fault with all that is wrong. */
export async function engineFromFolder(
  folder: string,
  catalogue: Catalogue,
  agents: readonly Agent[] | undefined,
): Promise<PolicyEngine> {
  const sources = await sourcesIn(folder);
  return (await usable({ sources, catalogue, ...(agents === undefined ? {} : { agents }) })).engine;
}

/** These policies, validated against this catalogue; or a fault with all that is wrong. */
export async function usable(order: LoadOrder): Promise<Extract<Loaded, { ok: true }>> {
  const loaded = await loadPolicies(order);
  if (loaded.ok) return loaded;
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
