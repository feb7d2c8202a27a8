import type { Agent } from '../model/agent.ts';
import type { Call } from '../model/call.ts';
import type { TaskId } from '../model/ids.ts';
import { type Checked, passed, refused } from '../model/refusal.ts';
import type { Task } from '../model/task.ts';
import { findTool } from '../model/tool.ts';
import { costOfTool } from '../task/cost.ts';
import type { LinePorts, Reservation, World } from './ports.ts';
import { quietly } from './quietly.ts';
import { unexpected } from './refuse.ts';

/** Who asks, in which task, and what of its limits is set aside for the call. */
export interface Known {
  readonly agent: Agent;
  readonly task: Task;
  readonly reservation: Reservation;
}

/** A refusal names the agent once it has proved itself, and its task once it has one. */
export type Required = Checked<Known> & { readonly agent?: Agent; readonly task?: TaskId };

/** Steps 1 and 2. Whoever gets a reservation from here settles it; where this refuses, nothing is set aside. */
export async function required(call: Call, ports: LinePorts): Promise<Required> {
  const { tasks, limits, flow } = ports;
  let reservation: Reservation | undefined;
  let known: Required | undefined;
  try {
    const proven = await ports.authenticate(call.proof);
    if (!proven.ok) return proven;
    const agent = proven.value;
    const found = await tasks.require(agent, call.taskToken);
    if (!found.ok) return { agent, ...found };
    const { id } = found.value;
    call.inTask?.(id);
    const cost = costOfCall(call, ports.world());
    if (!cost.ok) return { agent, task: id, ...cost };
    const { bytes, signal, nested: atOnce } = call;
    const wish = { bytes, replyBytesMax: limits.replyBytesMax, spendCents: cost.value, atOnce, server: call.server };
    const reserved = await tasks.reserve(id, wish, signal);
    if (!reserved.ok) return { agent, task: id, ...reserved };
    reservation = reserved.value;
    await flow.recall?.(found.value);
    // The wait may have been long: what is decided on is the task, and its labels, as they are now.
    const standing = tasks.standing(id, agent.id, call.server);
    known = standing.ok ? passed({ agent, task: standing.value, reservation }) : { agent, task: id, ...standing };
  } catch {
    known = refused(unexpected(call));
  }
  if (!known.ok) quietly(() => reservation?.release());
  return known;
}

/** A tool that there is not, and arguments that do not fit, are refused as such when they are described. */
function costOfCall({ server, name, input }: Call, { catalogue }: World): Checked<number> {
  const tool = findTool(catalogue, server, name);
  return tool === undefined ? passed(0) : costOfTool(tool, input);
}
