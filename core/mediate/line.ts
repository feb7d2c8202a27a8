import { type Action, makeAction } from '../model/action.ts';
import type { Agent } from '../model/agent.ts';
import type { Call } from '../model/call.ts';
import type { Decision, Mode, Verdict } from '../model/decision.ts';
import type { ApprovalId } from '../model/ids.ts';
import { withLabelsOf } from '../model/label.ts';
import { type Checked, passed, type Refusal, refused } from '../model/refusal.ts';
import type { Task } from '../model/task.ts';
import { findTool, toolKey } from '../model/tool.ts';
import { decide } from '../policy/decide.ts';
import { modeFor, verdictOf } from '../policy/mode.ts';
import { labelsOf } from '../provenance/label.ts';
import { costOf } from '../task/cost.ts';
import { buildsOn, buildsRefusal } from './builds.ts';
import { carrying } from './carrying.ts';
import { decidedEntry, type Judged } from './decided.ts';
import { checkInput } from './describe.ts';
import { withEndorsementsFor } from './endorsed.ts';
import { gather } from './gather.ts';
import { keepingBack } from './keep-back.ts';
import { forbidden } from './ours.ts';
import { type Performance, perform } from './perform.ts';
import type { LinePorts, Ready, Reservation, Soon, World } from './ports.ts';
import { priced } from './price.ts';
import { misplaced, putBack, sourcesOf, type WholeCall, withSources } from './put-back.ts';
import { sentAs } from './redact.ts';
import type { Reply, Waits } from './reply.ts';
import { inheritedBy, leave, resourceOf } from './resource.ts';
import { segmentOf } from './segment.ts';
import { watched } from './watched.ts';

/**
 * THE LINE: one action, top to bottom (design §2). Every enforcing door hands its calls to this function and to no
 * other, and there is no other way to `Upstreams`. It never throws: any fault is a refusal.
 */
export async function mediate(asked: Call, ports: LinePorts): Promise<Reply> {
  const known = await required(asked, ports); // 1 authenticate, 2 require
  if (!known.ok) return reject(asked, known.refusal, ports, known.agent);
  const { agent, task, reservation } = known.value;
  try {
    const world = ports.world();
    const described = describe(asked, task, world, ports); // 3 describe
    if (!described.ok) return reject(asked, described.refusal, ports, agent, task);
    const { action, whole } = described.value;
    const { call } = whole;

    const judged = judge(whole, known.value, action, world, ports); // 4 gather, 5 decide, 6 mode
    const entry = decidedEntry(judged, call, asked);
    await ports.journal.record(entry.draft, entry.bodies); // 7 record, durably
    if (judged.verdict.kind !== 'pass') return await turnedAway(judged, judged.verdict, ports); // 8 refuse, defer
    leave(action, judged.resource, judged.task, ports.stores);

    const preparing = ports.upstreams.prepare(judged.sent?.action ?? action, agent, judged.task, call.signal); // 9 issue
    const ready = preparing instanceof Promise ? await preparing : preparing;
    if (!ready.ok) return fault(judged, ready.refusal, ports);
    const proving = proveAgain(call, agent, ports); // 9 authenticate again
    const proof = proving instanceof Promise ? await proving : proving;
    const performance = start(judged, proof, ready.value, reservation, call, ports); // 9 require again, 10 perform
    if (!performance.ok) return fault(judged, performance.refusal, ports);
    return await performance.value; // 11 label, 12 record and answer
  } catch {
    return { kind: 'refusal', refusal: unexpected(asked) };
  } finally {
    giveBack(reservation);
  }
}

/** Nothing that goes wrong with it changes what became of the call. */
function giveBack(reservation: Reservation | undefined): void {
  try {
    reservation?.release();
  } catch {
    // Then it stays set aside: a task may use less than it could, and never more.
  }
}

interface Known {
  readonly agent: Agent;
  readonly task: Task;
  readonly reservation: Reservation;
}

/** A refusal names the agent once it has proved itself. */
type Required = Checked<Known> & { readonly agent?: Agent };

async function required(call: Call, ports: LinePorts): Promise<Required> {
  const { tasks, limits, flow } = ports;
  let reservation: Reservation | undefined;
  try {
    const proving = ports.authenticate(call.proof);
    const proven = proving instanceof Promise ? await proving : proving;
    if (!proven.ok) return proven;
    const agent = proven.value;
    const finding = tasks.require(agent, call.taskToken);
    const found = finding instanceof Promise ? await finding : finding;
    if (!found.ok) return { agent, ...found };
    const cost = costOfCall(call, ports.world());
    if (!cost.ok) return { agent, ...cost };
    const { id } = found.value;
    const reserving = tasks.reserve(id, call.bytes, limits.replyBytesMax, call.signal, call.nested, cost.value);
    const reserved = reserving instanceof Promise ? await reserving : reserving;
    if (!reserved.ok) return { agent, ...reserved };
    reservation = reserved.value;
    const recalling = flow.recall?.(found.value);
    if (recalling !== undefined) await recalling;
    // The wait may have been long: what is decided on is the task, and its labels, as they are now.
    const standing = tasks.standing(id, agent.id, call.server);
    if (standing.ok) return passed({ agent, task: standing.value, reservation });
    giveBack(reservation);
    return { agent, ...standing };
  } catch {
    giveBack(reservation);
    return refused(unexpected(call));
  }
}

/** A tool that there is not, and arguments that do not fit, are refused as such when they are described. */
function costOfCall({ server, name, input }: Call, { catalogue }: World): Checked<number> {
  const cost = findTool(catalogue, server, name)?.cost;
  return cost === undefined ? free : costOf(cost, input, toolKey(server, name));
}

const free = passed(0);

interface Described {
  readonly action: Action;
  readonly whole: WholeCall;
}

/** What is described is what will be sent: values that the agent was given handles for stand in it from here on. */
function describe(asked: Call, task: Task, world: World, ports: LinePorts): Checked<Described> {
  const tool = findTool(world.catalogue, asked.server, asked.name);
  if (tool === undefined) return refused(toolUnknown(asked));
  const whole = putBack(asked, task.id, ports.handles);
  if (!whole.ok) return whole;
  const { call } = whole.value;
  const input = checkInput(tool, call.input);
  if (!input.ok) return input;
  const wrong = misplaced(whole.value, asked, tool);
  return wrong === undefined
    ? passed({ action: makeAction(call, tool, ports.digest), whole: whole.value })
    : refused(wrong);
}

function toolUnknown({ server, name }: Call): Refusal {
  return { code: 'tool-unknown', what: toolKey(server, name), why: 'there is no such tool for this agent' };
}

function judge(
  { call, putBack: values }: WholeCall,
  { agent, task: own, reservation }: Known,
  action: Action,
  world: World,
  ports: LinePorts,
): Judged {
  const started = ports.micros();
  const brought = sourcesOf(values);
  const endorsed = withEndorsementsFor(own, action, ports.now());
  const looked = ports.flow.look(carrying(endorsed, brought), action);
  const task = carrying(endorsed, withSources(brought, looked.carries));
  const resource = resourceOf(action, ports.digest);
  const written = inheritedBy(action, resource, ports.stores);
  const held = withSources(written, brought);
  const gathered = gather(agent, task, action, looked, ports.now(), ports.tasks.actors(task), held, values);
  const { request: seen, step, risk } = watched(gathered, task, action, call.bytes, ports);
  const request = priced(seen, withLabelsOf(labelsOf(action.tool), held), task, world);
  const approval = ports.approvals.find(task, action, world.digest);
  const decided = ports.leadsToOurs?.(action) ? forbidden : decide(request, approval !== undefined, world.engine);
  const spent = decided.usedApproval && approval !== undefined && !ports.approvals.use(approval);
  const mode = modeFor(world.modes, agent, action.tool);
  const builds = decided.usedApproval ? undefined : buildsOn(decided.decision, mode, task, action, looked, ports);
  const settled = decided === forbidden ? forbidden.decision : spent ? approvalUsed : builds?.decision;
  const decision = settled ?? firstStep(decided.decision, mode, task, action, ports);
  const verdict: Verdict =
    decided === forbidden ? { kind: 'refuse', code: 'denied' } : (builds?.verdict ?? verdictOf(decision, mode));
  const back = keepingBack(verdict, brought, call, ports);
  const sending = sentAs(action, call, back.verdict, ports);
  return {
    id: ports.newId('d'),
    agent,
    task,
    action,
    putBack: values,
    looked,
    resource,
    held,
    request,
    step,
    risk,
    told: world.engine.told?.(request) ?? {},
    decision,
    hidden: back.hidden,
    verdict: sending.verdict,
    sent: sending.sent,
    mode,
    world: world.digest,
    approval: decided.usedApproval && !spent ? approval : undefined,
    spendCents: reservation.spendCents,
    tookMicros: Math.round(ports.micros() - started),
    door: call.door,
  };
}

/** Two first calls of one task, in two segments at once: one of them is the first, and the other would cross. */
function firstStep(decision: Decision, mode: Mode, task: Task, action: Action, ports: LinePorts): Decision {
  const segment = segmentOf(action);
  if (segment === undefined || task.segments !== undefined || verdictOf(decision, mode).kind !== 'pass')
    return decision;
  return ports.tasks.enter(task.id, segment) ? decision : steppedElsewhere;
}

const steppedElsewhere: Decision = {
  answer: 'deny',
  fault: false,
  reasons: [
    { rule: 'segment-taken', text: 'another call of this task has just begun to work elsewhere', fix: 'send it again' },
  ],
};

/** Two calls raced for one yes. Whoever comes second is refused, not asked again: the question was just answered. */
const approvalUsed: Decision = {
  answer: 'deny',
  fault: false,
  reasons: [{ rule: 'approval-used', text: 'the approval for this was already used', fix: 'ask for it again' }],
};

async function turnedAway(
  judged: Judged,
  verdict: Exclude<Verdict, { kind: 'pass' }>,
  ports: LinePorts,
): Promise<Reply> {
  const { id, task, action, world, looked, decision } = judged;
  if (verdict.kind === 'refuse') {
    const by = decision.answer === 'deny' ? decision.suspendedBy : undefined;
    if (by !== undefined) await ports.tasks.suspend(task.id, by);
    return refuse(judged, refusalOf(judged, verdict.code), ports);
  }
  if ('awaits' in verdict) {
    const { awaits, what } = verdict;
    return refuse(judged, buildsRefusal(judged, what, awaits), ports, awaits, 'builds');
  }
  const question = { decision: id, task, action, world, terms: verdict.approval, coined: looked.coined };
  const asked = await ports.approvals.ask(question);
  if (!asked.ok) return refuse(judged, { ...asked.refusal, decision: judged.id }, ports);
  const refusal = { ...refusalOf(judged, 'needs-approval'), fix: onceApproved(asked.value) };
  return refuse(judged, refusal, ports, asked.value, 'asked');
}

function refuse(judged: Judged, refusal: Refusal, ports: LinePorts, approval?: ApprovalId, waits?: Waits): Reply {
  ports.journal.append({
    kind: 'refused',
    id: ports.newId('e'),
    decision: judged.id,
    task: judged.task.id,
    code: refusal.code,
  });
  return { kind: 'refusal', refusal, ...(approval === undefined || waits === undefined ? {} : { approval, waits }) };
}

function fault(judged: Judged, refusal: Refusal, ports: LinePorts): Reply {
  ports.journal.append({
    kind: 'faulted',
    id: ports.newId('e'),
    decision: judged.id,
    task: judged.task.id,
    code: refusal.code,
  });
  return { kind: 'refusal', refusal: { ...refusal, decision: judged.id } };
}

/** A call may have waited long, for its turn or its server: a proof that was revoked meanwhile proves nothing (E-10). */
function proveAgain(call: Call, agent: Agent, ports: LinePorts): Soon<Checked<Agent>> {
  const isSame = (again: Checked<Agent>): Checked<Agent> =>
    again.ok && again.value.id !== agent.id ? refused(unexpected(call)) : again;
  try {
    const proving = ports.authenticate(call.proof);
    return proving instanceof Promise ? proving.then(isSame).catch(() => refused(unexpected(call))) : isSame(proving);
  } catch {
    return refused(unexpected(call));
  }
}

/** The last check and the first byte. Nothing may be awaited in here before `perform` has handed over its bytes. */
function start(
  judged: Judged,
  proof: Checked<Agent>,
  ready: Ready,
  reservation: Reservation,
  call: Call,
  ports: LinePorts,
): Checked<Promise<Reply>> {
  const standing = ports.tasks.standing(judged.task.id, judged.agent.id, judged.action.server);
  const unfit = !proof.ok ? proof : standing;
  const refusal = !unfit.ok ? unfit.refusal : changedSince(judged, call, ports);
  if (refusal !== undefined) {
    ready.abandon();
    return refused(refusal);
  }
  const performance: Performance = { judged, ready, reservation, call };
  return passed(perform(performance, ports));
}

function refusalOf(judged: Judged, code: Refusal['code']): Refusal {
  const first = judged.decision.reasons[0];
  const what = toolKey(judged.action.server, judged.action.tool.name);
  const base = { code, what, decision: judged.id, ...(first === undefined ? {} : { rule: first.rule }) };
  if (code === 'obligation-unknown')
    return {
      ...base,
      why: 'it is permitted only with an obligation that cannot be met for such a call, or at this door',
    };
  if (code === 'needs-approval')
    return { ...base, why: `a person has to approve this: ${first?.text ?? 'policy asks'}` };
  return {
    ...base,
    why: first?.text ?? 'policy says no',
    ...(first?.fix === undefined ? {} : { fix: first.fix }),
  };
}

/** An approval is of exactly this action: what the agent can do with a yes is to ask for the very same again. */
function onceApproved(question: ApprovalId): string {
  return `once ${question} is approved, send the very same call again`;
}

function reject(call: Call, refusal: Refusal, ports: LinePorts, agent?: Agent, task?: Task): Reply {
  try {
    ports.journal.append({
      kind: 'rejected',
      id: ports.newId('e'),
      door: call.door,
      code: refusal.code,
      what: refusal.what,
      ...(refusal.proof === undefined ? {} : { proof: refusal.proof }),
      ...(agent === undefined ? {} : { agent: agent.id }),
      ...(task === undefined ? {} : { task: task.id }),
    });
  } catch {
    // Nothing was done and nothing will be: that the refusal could not be written down does not change it.
  }
  return { kind: 'refusal', refusal };
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

function unexpected(call: Call): Refusal {
  return {
    code: 'fault',
    what: toolKey(call.server, call.name),
    why: 'the gateway could not decide or record this',
    fix: 'try again; if it stays, an operator can run `sallyport status`',
  };
}
