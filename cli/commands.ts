import type { Command } from './command.ts';
import { agentsLs, agentsRevoke, agentsToken } from './commands/agents.ts';
import { approvals } from './commands/approvals.ts';
import { approve, refuse } from './commands/approve.ts';
import { demo } from './commands/demo.ts';
import { down } from './commands/down.ts';
import { kill, unkill } from './commands/kill.ts';
import { mcp } from './commands/mcp.ts';
import { mode } from './commands/mode.ts';
import { policyActivate } from './commands/policy-activate.ts';
import { policyCheck } from './commands/policy-check.ts';
import { policyFmt } from './commands/policy-fmt.ts';
import { replayCommand } from './commands/replay.ts';
import { status } from './commands/status.ts';
import { tail } from './commands/tail.ts';
import { task } from './commands/task.ts';
import { taskEnd } from './commands/task-end.ts';
import { taskOpen } from './commands/task-open.ts';
import { tasks } from './commands/tasks.ts';
import { toolsAccept, toolsDiff, toolsLs } from './commands/tools.ts';
import { attempt } from './commands/try.ts';
import { up } from './commands/up.ts';
import { why } from './commands/why.ts';

/** Every command there is, in the order in which help shows them within their group. */
export const commands: readonly Command[] = [
  up,
  down,
  demo,
  status,
  tail,
  why,
  tasks,
  task,
  approvals,
  approve,
  refuse,
  taskOpen,
  taskEnd,
  kill,
  unkill,
  attempt,
  mode,
  policyCheck,
  policyFmt,
  policyActivate,
  replayCommand,
  toolsLs,
  toolsDiff,
  toolsAccept,
  agentsLs,
  agentsToken,
  agentsRevoke,
  mcp,
];
