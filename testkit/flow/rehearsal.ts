import { readFile } from 'node:fs/promises';
import type { Answer } from '@sallyport/core/model/decision.ts';
import type { Endorsement } from '@sallyport/core/model/endorsement.ts';
import { engineFromFolder } from '@sallyport/gateway/replay/engine.ts';
import { sha256 } from '@sallyport/gateway/replay/ledger.ts';
import { rehearse, type Stage } from '@sallyport/gateway/replay/rehearse.ts';
import { readToolsets } from '@sallyport/gateway/replay/toolsets.ts';
import { parseTrajectory } from '@sallyport/gateway/replay/trajectory.ts';
import { fakeAgent } from '../fakes/ports.ts';
import type { Suite, SuiteStep, SuiteTrajectory } from './suite.ts';

/** From the loosest to the strictest. */
const answersLoosestFirst: readonly Answer[] = ['permit', 'ask', 'deny'];

export function isLooser(a: Answer, b: Answer): boolean {
  return answersLoosestFirst.indexOf(a) < answersLoosestFirst.indexOf(b);
}

export interface Question {
  readonly purpose: string;
  readonly toolset: string;
  /** What was done before: all of it performed, every question on the way answered with yes. */
  readonly history: readonly SuiteStep[];
  readonly last: SuiteStep;
  readonly ambient?: boolean;
  readonly endorsements?: readonly Endorsement[];
}

/** The decision of the last call; undefined where something before it was not performed, so that histories differ. */
export type Decide = (question: Question) => Promise<Answer | undefined>;

/** The whole decision path over a suite's tools with the policies of a folder: the line as `replay` drives it. */
export async function decideOver(suite: Suite, policies: string): Promise<Decide> {
  const { catalogue, byName } = readToolsets(await readFile(suite.toolsFile), suite.toolsFile, sha256);
  const engine = await engineFromFolder(policies, catalogue, undefined);
  return async ({ purpose, toolset, history, last, ambient = false, endorsements = [] }) => {
    const tools = byName.get(toolset);
    if (tools === undefined) throw new Error(`there is no toolset ${toolset}`);
    const stage: Stage = {
      world: {
        digest: 'properties',
        engine,
        catalogue,
        modes: { fallback: 'enforce', scopes: new Map() },
      },
      now: 0,
      onAsk: (_, index) => (index < history.length ? 'approve' : 'refuse'),
      ambient,
      endorsements,
      agentOf: (id, principal) => ({ ...fakeAgent, id, principal }),
    };
    const trajectory = trajectoryOf({ id: 'run', purpose, toolset, calls: [...history, last] });
    const calls = await rehearse(trajectory, () => tools, stage);
    const before = calls.slice(0, -1);
    return before.every(({ verdict }) => verdict === 'permit') ? calls.at(-1)?.decision : undefined;
  };
}

function trajectoryOf(run: SuiteTrajectory) {
  const parsed = parseTrajectory(Buffer.from(JSON.stringify(run)));
  if (!parsed.ok) throw new Error(`${parsed.fault.field}: ${parsed.fault.why}`);
  return parsed.trajectory;
}
