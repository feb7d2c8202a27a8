import type { Action } from '../model/action.ts';
import type { Actor, Agent } from '../model/agent.ts';
import { countingLabels } from '../model/declassification.ts';
import { covers, reachOf } from '../model/endorsement.ts';
import type { Instant } from '../model/ids.ts';
import { type LabelSource, withLabelsOf } from '../model/label.ts';
import { sensitivityRank } from '../model/sensitivity.ts';
import { type Task, type Use, vouched } from '../model/task.ts';
import { labellingOf } from '../model/tool.ts';
import { classesOfCall } from '../policy/classify/by-call.ts';
import { noRisk, type PolicyRequest } from '../policy/engine.ts';
import { environmentAt } from '../policy/environment.ts';
import { flowFacts } from '../provenance/facts.ts';
import { labelsFor } from '../provenance/labels/label.ts';
import type { Looked } from '../provenance/memories.ts';
import { askedFor } from '../purpose/asked.ts';
import { noPurpose } from '../purpose/read-purpose.ts';
import { contains, isStated } from '../task/manifest.ts';
import { type PutBack, rolesOf } from './put-back.ts';
import { crossesSegment } from './segment.ts';
import { touchedBy } from './touched.ts';

/** What a decision is about, and what is at hand for it. */
export interface AtHand {
  readonly agent: Agent;
  readonly task: Task;
  readonly action: Action;
  readonly looked: Looked;
  readonly now: Instant;
  /** What the clock on the wall shows; left out, that of UTC. */
  readonly local?: Instant | undefined;
  /** What it sets aside of the task's money. */
  readonly costCents?: number;
  /** What its task may have used by the time it is sent, where others are under way. */
  readonly before?: Use | undefined;
  /** Whose authority the task's comes from, nearest first. */
  readonly actors?: readonly Actor[];
  /** The labels of what the action rests on beside the task: what was written where it reads, what was put back. */
  readonly held?: readonly LabelSource[];
  /** Values that stand where the agent gave handles. */
  readonly putBack?: readonly PutBack[];
}

/**
 * The facts of one decision (step 4 of the line). Pure: everything comes from values that are already at hand, so that
 * the same entry can be decided again. How the agent behaves is added by `watched`.
 */
export function gather({
  agent,
  task,
  action,
  looked,
  now,
  local = now,
  costCents = 0,
  before = task.used,
  actors = [],
  held = [],
  putBack = [],
}: AtHand): PolicyRequest {
  // What the agent says about its own task is recorded and grants nothing.
  const stated = vouched(task) && isStated(task.manifest);
  const agreed = isAgreed(task, action);
  const inside = stated && (agreed || contains(task.manifest, touchedBy(action, task.manifest)));
  const asked =
    inside || agreed ? 'asked' : stated ? 'no' : askedFor(looked.purpose, action.tool, action.input, looked.ways);
  const request: PolicyRequest = {
    agent,
    tool: action.tool,
    input: action.input,
    task: {
      kind: task.kind,
      openerProof: task.opener,
      hasManifest: stated,
      inManifest: inside,
      hasPurpose: looked.purpose !== noPurpose,
      asked: asked === 'asked',
      related: asked !== 'no',
      delegated: !stated && askedFor(looked.delegated, action.tool, action.input, looked.ways) === 'asked',
      depth: task.depth,
      ceiling: sensitivityRank(task.ceiling),
      segments: task.segments ?? [],
      crossesSegment: crossesSegment(task, action),
      principal: task.principal,
      ageSeconds: Math.max(0, Math.floor((now - task.openedAt) / 1000)),
      calls: Math.max(task.used.calls, before.calls),
      spendCents: Math.max(task.used.spendCents, before.spendCents),
      costCents,
    },
    flow: flowFacts(
      countingLabels(task),
      looked,
      withLabelsOf(labelsFor(labellingOf(action.tool)), held),
      rolesOf(putBack, action.tool, action.input),
    ),
    env: environmentAt(now, local),
    risk: noRisk,
  };
  return actors.length === 0 ? request : { ...request, actors };
}

/**
 * Somebody stands behind this tool for the rest of the task: its acts count as asked for, and as named in the manifest. Where
 * its values come from is another question.
 */
function isAgreed(task: Task, { tool, input }: Action): boolean {
  return task.endorsements.some(
    ({ endorsed, reach }) =>
      endorsed.kind === 'tool' &&
      endorsed.server === tool.server &&
      endorsed.tool === tool.name &&
      covers(reach, reachOf(classesOfCall(tool, input).classes)),
  );
}
