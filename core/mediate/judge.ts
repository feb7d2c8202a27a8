import type { Action } from '../model/action.ts';
import type { Decision, Mode, Verdict } from '../model/decision.ts';
import type { ApprovalId, DecisionId } from '../model/ids.ts';
import { withLabelsOf } from '../model/label.ts';
import type { Task } from '../model/task.ts';
import { decide } from '../policy/decide.ts';
import { modeFor, verdictOf } from '../policy/mode.ts';
import { labelsOf } from '../provenance/labels/label.ts';
import { buildsOn } from './builds.ts';
import { carrying } from './carrying.ts';
import type { Judged } from './decided.ts';
import { withEndorsementsFor } from './endorsed.ts';
import { gather } from './gather.ts';
import { keepingBack } from './keep-back.ts';
import { gatewaysOwn } from './ours.ts';
import type { LinePorts, World } from './ports.ts';
import { priced } from './price.ts';
import { sourcesIn, type WholeCall, withSources } from './put-back.ts';
import { sentAs } from './redact.ts';
import type { Known } from './require.ts';
import { inheritedBy, resourceOf } from './resource.ts';
import { segmentOf } from './segment.ts';
import { watched } from './watched.ts';

/** Steps 4 to 6: gathers the facts, decides, applies the mode. Synchronous: it is one look at one state of everything. */
export function judge(whole: WholeCall, known: Known, action: Action, world: World, ports: LinePorts): Judged {
  const started = ports.micros();
  const { call, putBack } = whole;
  const id = ports.newId('d');
  const facts = factsOf(whole, known, action, world, ports);
  const ruling = rule(id, facts, action, world, ports);
  const back = keepingBack(ruling.verdict, sourcesIn(putBack), call, ports);
  const sending = sentAs(action, call, back.verdict, ports);
  return {
    id,
    agent: known.agent,
    task: facts.task,
    action,
    putBack,
    looked: facts.looked,
    resource: facts.resource,
    held: facts.held,
    request: facts.request,
    step: facts.step,
    risk: facts.risk,
    told: world.engine.told?.(facts.request) ?? {},
    decision: ruling.decision,
    hidden: back.hidden,
    verdict: sending.verdict,
    sent: sending.sent,
    mode: ruling.mode,
    world: world.digest,
    approval: ruling.approval,
    spendCents: known.reservation.spendCents,
    tookMicros: Math.round(ports.micros() - started),
    door: call.door,
  };
}

/** All that is known of an action when it is decided. */
type Facts = Pick<Judged, 'agent' | 'task' | 'looked' | 'resource' | 'held' | 'request' | 'step' | 'risk'>;

function factsOf(
  { call, putBack }: WholeCall,
  { agent, task: own, reservation: { spendCents: costCents, before } }: Known,
  action: Action,
  world: World,
  ports: LinePorts,
): Facts {
  const brought = sourcesIn(putBack);
  const now = ports.now();
  const endorsed = withEndorsementsFor(own, action, now);
  const looked = ports.flow.look(carrying(endorsed, brought), action);
  const task = carrying(endorsed, withSources(brought, looked.carries));
  const resource = resourceOf(action, ports.digest);
  const held = withSources(inheritedBy(action, resource, ports.stores), brought);
  const actors = ports.tasks.actors(task);
  const local = ports.wallClock?.(now);
  const gathered = gather({ agent, task, action, looked, now, local, costCents, before, actors, held, putBack });
  const { request: seen, step, risk } = watched(gathered, task, action, call.bytes, ports);
  const request = priced(seen, withLabelsOf(labelsOf(action.tool), held), task, world);
  return { agent, task, looked, resource, held, request, step, risk };
}

/** What policy says, and what is done about it. */
interface Ruling {
  readonly decision: Decision;
  readonly mode: Mode;
  readonly verdict: Verdict;
  /** The yes that it rests on, used by it. */
  readonly approval: ApprovalId | undefined;
}

function rule(id: DecisionId, facts: Facts, action: Action, world: World, ports: LinePorts): Ruling {
  const { agent, task, looked, request } = facts;
  const mode = modeFor(world.modes, agent, action.tool);
  if (ports.leadsToOurs?.(action))
    return { decision: gatewaysOwn, mode, verdict: { kind: 'refuse', code: 'denied' }, approval: undefined };
  const { decision: first } = decide(request, false, world.engine);
  const approval =
    first.answer === 'ask' ? ports.approvals.find(task, action, world.digest, first.approval) : undefined;
  if (approval !== undefined && !ports.approvals.use(approval, id)) return ruled(approvalUsed, mode);
  const decided = approval === undefined ? first : decide(request, true, world.engine).decision;
  // What a person has approved waits for nobody else's answer.
  const built = approval === undefined ? buildsOn(decided, mode, task, action, looked, ports) : undefined;
  if (built !== undefined) return { ...built, mode, approval };
  return ruled(firstStep(decided, mode, task, action, ports), mode, approval);
}

function ruled(decision: Decision, mode: Mode, approval?: ApprovalId): Ruling {
  return { decision, mode, verdict: verdictOf(decision, mode), approval };
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
