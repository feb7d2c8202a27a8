import type { Agent } from '../model/agent.ts';
import type { Call } from '../model/call.ts';
import { type Checked, passed, type Refusal, refused } from '../model/refusal.ts';
import { findTool, toolKey } from '../model/tool.ts';
import { decidedEntry, type Judged } from './decided.ts';
import { describe } from './describe.ts';
import { judge } from './judge.ts';
import { outdated } from './outdated.ts';
import { type Performance, perform } from './perform.ts';
import type { LinePorts, World } from './ports.ts';
import { quietly } from './quietly.ts';
import { fault, reject, turnedAway, unexpected, unused } from './refuse.ts';
import type { Reply } from './reply.ts';
import { required } from './require.ts';
import { leave } from './resource.ts';

/**
 * THE LINE: one action, top to bottom (ARCHITECTURE.md). Every enforcing door hands its calls to this function and to no
 * other, and there is no other way to `Upstreams`. It never throws: any fault is a refusal.
 */
export async function mediate(asked: Call, ports: LinePorts): Promise<Reply> {
  const known = await required(asked, ports); // 1 authenticate, 2 require
  if (!known.ok) return reject(asked, known.refusal, ports, known.agent, known.task);
  const { agent, task, reservation } = known.value;
  let judged: Judged | undefined;
  let isRecorded = false;
  try {
    const world = ports.world();
    const described = describe(asked, task, world, ports); // 3 describe
    if (!described.ok) return reject(asked, described.refusal, ports, agent, task.id);
    const { action, whole } = described.value;
    const { call } = whole;

    judged = judge(whole, known.value, action, world, ports); // 4 gather, 5 decide, 6 mode
    const entry = decidedEntry(judged, call, asked);
    await ports.journal.record(entry.draft, entry.bodies); // 7 record, durably
    isRecorded = true;
    if (judged.verdict.kind !== 'pass') return await turnedAway(judged, judged.verdict, ports); // 8 refuse, defer
    leave(action, judged.resource, judged.task, ports.stores);

    const ready = await ports.upstreams.prepare(judged.sent?.action ?? action, agent, judged.task, call.signal); // 9 issue
    if (!ready.ok) return fault(judged, ready.refusal, ports);
    const proof = await provenAgain(call, agent, ports); // 9 authenticate again
    const begun = begin({ judged, ready: ready.value, reservation, call }, proof, world, ports); // 9 require again, 10 perform
    if (!begun.ok) return fault(judged, begun.refusal, ports);
    return await begun.value; // 11 label, 12 record and answer
  } catch {
    // Nothing was sent: once something was, `perform` answers for all that goes wrong.
    const refusal = unexpected(asked);
    if (judged !== undefined && isRecorded) return fault(judged, refusal, ports);
    if (judged !== undefined) unused(judged, ports);
    return { kind: 'refusal', refusal };
  } finally {
    quietly(() => reservation.release());
  }
}

/** A call may have waited long, for its turn or its server: a proof that was revoked meanwhile proves nothing (E-10). */
async function provenAgain(call: Call, agent: Agent, ports: LinePorts): Promise<Checked<Agent>> {
  try {
    const again = await ports.authenticate(call.proof);
    return again.ok && again.value.id !== agent.id ? refused(unexpected(call)) : again;
  } catch {
    return refused(unexpected(call));
  }
}

/**
 * The last check and the first byte: nothing may be awaited in here before `perform` has handed over its bytes. Whatever
 * keeps them from being sent, what was ready for them is given back.
 */
function begin(
  performance: Performance,
  proof: Checked<Agent>,
  decidedIn: World,
  ports: LinePorts,
): Checked<Promise<Reply>> {
  const { judged, ready, call, reservation } = performance;
  let performing: Promise<Reply> | undefined;
  try {
    const { task, agent, action } = judged;
    const standing = ports.tasks.standing(task.id, agent.id, action.server);
    const refusal = !proof.ok
      ? proof.refusal
      : !standing.ok
        ? standing.refusal
        : reservation.stopped
          ? stoppedSince(judged)
          : (changedSince(judged, call, ports) ?? outdated(judged, decidedIn, ports.world(), standing.value));
    if (refusal !== undefined) return refused(refusal);
    performing = perform(performance, ports);
    return passed(performing);
  } finally {
    if (performing === undefined) ready.abandon();
  }
}

/** A stop is for all that has not been sent when it comes, however soon it is taken back. */
function stoppedSince({ action }: Judged): Refusal {
  const fix = 'send it again, and it is decided anew';
  return {
    code: 'denied',
    what: toolKey(action.server, action.tool.name),
    why: 'an operator stopped it while it waited',
    fix,
  };
}

/** What can have changed while the decision was written down: the agent went away, or the tool is another one now. */
function changedSince({ action }: Judged, call: Call, ports: LinePorts): Refusal | undefined {
  const tool = findTool(ports.world().catalogue, action.server, action.tool.name);
  const same = tool?.pin === action.tool.pin && tool.status.kind === action.tool.status.kind;
  if (same && !call.signal.aborted) return undefined;
  const what = toolKey(action.server, action.tool.name);
  return call.signal.aborted
    ? { code: 'cancelled', what, why: 'the agent cancelled it before it was sent' }
    : { code: 'quarantined', what, why: 'its definition changed while this was decided' };
}
