import type { Action } from '../model/action.ts';
import type { Agent } from '../model/agent.ts';
import type { Instant } from '../model/ids.ts';
import { inManifest, type Task } from '../model/task.ts';
import { toolKey } from '../model/tool.ts';
import type { PolicyRequest } from '../policy/engine.ts';

/**
 * The facts of one decision (design §2 step 4). Pure: everything comes from values that are already at hand, so that
 * the same entry can be decided again.
 */
export function gather(agent: Agent, task: Task, action: Action, now: Instant): PolicyRequest {
  // What the agent says about its own task is recorded and grants nothing.
  const stated = task.opener !== 'claimed' && task.manifest.tools !== undefined;
  const labels = [...task.labels];
  return {
    agent,
    tool: action.tool,
    input: action.input,
    task: {
      kind: task.kind,
      opener: task.opener,
      hasManifest: stated,
      inManifest: stated && inManifest(task.manifest, toolKey(action.server, action.tool.name)),
      principal: task.principal,
      ageSeconds: Math.max(0, Math.floor((now - task.openedAt) / 1000)),
      calls: task.used.calls,
    },
    flow: { labels, untrusted: labels.includes('untrusted') },
    env: { now },
  };
}
