import type { World } from '@sallyport/core/mediate/ports.ts';
import { actedOf } from '@sallyport/core/model/acted.ts';
import type { Agent } from '@sallyport/core/model/agent.ts';
import type { EntriesQuery } from '@sallyport/core/model/entries-query.ts';
import type { Answered, Asked, Bodies, Decided, Entry } from '@sallyport/core/model/entry.ts';
import type { ApprovalId, DecisionId } from '@sallyport/core/model/ids.ts';
import { type JsonObject, member, parseJson, resultJsonLimits } from '@sallyport/core/model/json.ts';
import type { Task } from '@sallyport/core/model/task.ts';
import { findTool } from '@sallyport/core/model/tool.ts';
import type { Way } from '@sallyport/core/model/way.ts';
import {
  type EnvironmentFacts,
  type FlowFacts,
  noRisk,
  type PolicyRequest,
  type RiskFacts,
  type TaskFacts,
} from '@sallyport/core/policy/engine.ts';
import { environmentAt } from '@sallyport/core/policy/environment.ts';
import { explain } from '@sallyport/core/policy/explain.ts';
import type { Approval } from '@sallyport/core/task/approval.ts';
import type { Done } from '../../api/control.ts';
import type { FactsView, PlacedReason, WhyView } from '../../api/view/decision.ts';
import type { EntriesPage } from '../../api/view/entries.ts';
import type { PolicyTextView } from '../../api/view/policy.ts';
import type { LoadedPolicy } from '../../engines/cedar/policy.ts';
import { endorsedFor } from './endorsed-view.ts';
import { valuesOf } from './values.ts';
import { credentialLives } from './why-credentials.ts';

/** What has to be known of the record to tell the story of one decision. */
export interface WhyPorts {
  /** By id or unique prefix. */
  readonly find: (id: string) => { readonly kind: 'found'; readonly entry: Entry } | { readonly kind: 'none' | 'many' };
  /** Entries that name this decision: its outcome, and the question it led to. */
  readonly following: (decision: DecisionId) => readonly Entry[];
  readonly answerTo: (approval: ApprovalId) => (Entry & Answered) | undefined;
  /** Undefined where the bodies were erased. */
  readonly bodies: (entry: Entry) => Promise<Bodies | undefined>;
  readonly page: (query: EntriesQuery) => Promise<EntriesPage>;
  readonly taskOf: (id: string) => Task | undefined;
  /** Undefined for one that is long settled. */
  readonly approvalOf: (id: ApprovalId) => Approval | undefined;
  readonly world: () => World;
  /** Those in force. */
  readonly policies: () => readonly LoadedPolicy[];
}

/** One decision with everything that led to it and followed from it, from the record alone. */
export function createWhy(ports: WhyPorts): (id: string) => Promise<Done<WhyView>> {
  return async id => {
    const found = findDecision(id, ports);
    if (!found.ok) return found;
    const bodies = (await ports.bodies(found.value)) ?? {};
    const outcome = outcomeOf(ports.following(found.value.id));
    const { result, senders } = (outcome === undefined ? undefined : await ports.bodies(outcome)) ?? {};
    const told = tell(found.value, bodies, ports);
    const credentials = await credentialLives(found.value, outcome, ports.page);
    const more = {
      ...(result === undefined ? {} : { result }),
      ...(senders === undefined ? {} : { senders: JSON.parse(senders) as readonly string[] }),
      ...(credentials.length === 0 ? {} : { credentials }),
    };
    return { ok: true, value: { ...told, ...more } };
  };
}

type DecidedEntry = Entry & Decided;

function findDecision(id: string, ports: WhyPorts): Done<DecidedEntry> {
  const found = ports.find(id);
  if (found.kind === 'many')
    return {
      ok: false,
      error: {
        code: 'ambiguous',
        field: 'id',
        message: 'more than one entry begins like this',
        fix: 'give more of it',
      },
    };
  if (found.kind === 'found') {
    const { entry } = found;
    if (entry.kind === 'decided') return { ok: true, value: entry };
    if ('decision' in entry) return findDecision(entry.decision, ports);
    if (entry.kind === 'answered') return findDecision(entry.approval, ports);
  }
  return {
    ok: false,
    error: { code: 'not-found', field: 'id', message: 'there is no such decision', fix: 'see: sallyport tail' },
  };
}

function tell(decided: DecidedEntry, bodies: Bodies, ports: WhyPorts): WhyView {
  const world = ports.world();
  const facts = factsOf(bodies.request);
  const task = ports.taskOf(decided.task);
  const lowered = (task?.declassified ?? []).filter(({ at }) => at <= decided.at);
  const ways = (facts?.flow.ways ?? []) as readonly Way[];
  const endorsed = endorsedFor(decided, ways, task?.endorsements ?? []);
  const following = ports.following(decided.id);
  const outcome = outcomeOf(following);
  const worldInForce = decided.world === world.digest;
  const change = worldInForce && facts !== undefined ? changeFor(decided, facts, bodies, world) : undefined;
  const approval = approvalOf(decided, following, ports);
  return {
    id: decided.id,
    seq: decided.seq,
    at: decided.at,
    agent: {
      id: decided.agent,
      ...(facts === undefined ? {} : provenBy(facts.agent)),
    },
    task: {
      id: decided.task,
      principal: decided.principal,
      ...(task === undefined ? {} : { kind: task.kind, purpose: task.purpose, opener: task.opener }),
      ...(task?.state.kind === 'ended' ? { endedAt: task.state.at } : {}),
    },
    action: decided.action,
    ...(bodies.arguments === undefined ? {} : { arguments: bodies.arguments }),
    ...(decided.redacted === undefined ? {} : { redacted: decided.redacted }),
    ...(bodies.withHandles === undefined ? {} : { withHandles: bodies.withHandles }),
    ...(decided.putBack === undefined ? {} : { putBack: decided.putBack }),
    door: decided.door,
    world: decided.world,
    worldInForce,
    mode: decided.mode,
    answer: decided.answer,
    verdict: decided.verdict,
    ...(outcome === undefined ? {} : { did: outcome.kind, outcome }),
    reasons: decided.reasons.map(reason => placed(reason, world)),
    ...(decided.risk === undefined ? {} : { risk: decided.risk }),
    ...(facts === undefined ? {} : { facts: viewOf(facts) }),
    values: valuesOf(decided, facts, inputOf(decided, bodies.arguments), world),
    ...(worldInForce ? { policies: textsOf(decided, ports.policies()) } : {}),
    labels: decided.labels,
    ...(lowered.length === 0 ? {} : { declassified: lowered }),
    ...(endorsed.length === 0 ? {} : { endorsed }),
    ...(approval === undefined ? {} : { approval }),
    ...(change === undefined ? {} : { change }),
    timings: {
      decideMicros: decided.tookMicros,
      ...(outcome?.kind === 'performed' || outcome?.kind === 'reported' ? { performMicros: outcome.tookMicros } : {}),
    },
  };
}

function outcomeOf(following: readonly Entry[]): Entry | undefined {
  return following.find(entry => entry.kind !== 'asked');
}

/** As they are written, in the order of the reasons. */
function textsOf({ reasons }: DecidedEntry, policies: readonly LoadedPolicy[]): PolicyTextView[] {
  return reasons.flatMap(({ rule }) => {
    const found = policies.find(({ info }) => info.id === rule);
    if (found === undefined) return [];
    const { id, effect, file, line } = found.info;
    return [{ id, effect, file, line, text: found.text }];
  });
}

export function viewOf({ task, flow, env, risk }: Facts): FactsView {
  return { task: { ...task }, flow: { ...flow }, env: { ...env }, risk: { ...risk } };
}

function provenBy({ proof, trust, chain, unknown }: Agent): Omit<WhyView['agent'], 'id'> {
  return { proof, trust, ...(chain === undefined ? {} : { chain }), ...(unknown === undefined ? {} : { unknown }) };
}

export interface Facts {
  readonly agent: Agent;
  readonly task: TaskFacts;
  readonly flow: FlowFacts;
  readonly env: EnvironmentFacts;
  readonly risk: RiskFacts;
}

/** Our own text, written by `decidedEntry`; a body that is gone is undefined. Older ones say nothing of risk. */
export function factsOf(text: string | undefined): Facts | undefined {
  if (text === undefined) return undefined;
  const facts = JSON.parse(text) as Omit<Facts, 'risk'> & Partial<Facts>;
  return { ...facts, env: { ...environmentAt(facts.env.now), ...facts.env }, risk: facts.risk ?? noRisk };
}

/** Decides again, in the same world, with one fact changed at a time. Only where everything is still at hand. */
function changeFor(decided: DecidedEntry, facts: Facts, bodies: Bodies, world: World): WhyView['change'] {
  const tool = findTool(world.catalogue, decided.action.server, decided.action.tool);
  const input = inputOf(decided, bodies.arguments);
  if (tool === undefined || input === undefined || tool.pin !== decided.action.pin) return undefined;
  const request: PolicyRequest = { ...facts, tool, input };
  const [change] = explain(request, decided.approval !== undefined, world.engine).changes;
  return change === undefined ? undefined : { text: change.text, answer: change.answer };
}

export function inputOf(decided: Pick<Decided, 'action'>, text: string | undefined): JsonObject | undefined {
  const parsed = text === undefined ? undefined : parseJson(text, resultJsonLimits);
  if (parsed?.ok !== true) return undefined;
  const input = decided.action.method === 'tools/call' ? member(parsed.node, 'arguments') : parsed.node;
  return input?.kind === 'object' ? input : undefined;
}

export function placed(reason: PlacedReason, world: World): PlacedReason {
  const info = world.engine.policy(reason.rule);
  return info === undefined ? reason : { ...reason, effect: info.effect, file: info.file, line: info.line };
}

/** What came of a yes that was taken. A stop in between leaves nothing that could be given back (docs/formats/journal.md, `givesBack`). */
function taken(id: ApprovalId, following: readonly Entry[], ports: WhyPorts): 'used' | 'given back' | 'void' {
  if (!following.some(entry => 'givesBack' in entry)) return 'used';
  const approval = ports.approvalOf(id);
  return approval?.state === 'used' && approval.usedBy === undefined ? 'void' : 'given back';
}

function approvalOf(decided: DecidedEntry, following: readonly Entry[], ports: WhyPorts): WhyView['approval'] {
  const asked = following.find((entry): entry is Entry & Asked => entry.kind === 'asked');
  const id = decided.approval ?? asked?.id ?? decided.awaits;
  if (id === undefined) return undefined;
  const answered = ports.answerTo(id);
  return {
    id,
    use: decided.approval !== undefined ? taken(id, following, ports) : asked !== undefined ? 'asked' : 'awaited',
    ...(answered === undefined ? {} : { answer: answered.answer, ...actedOf(answered), at: answered.at }),
    ...(asked === undefined ? {} : { expiresAt: answered?.expiresAt ?? asked.expiresAt }),
    ...(ports.approvalOf(id)?.state === 'void' ? { isVoid: true } : {}),
  };
}
