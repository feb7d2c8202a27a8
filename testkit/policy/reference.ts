import { type Facts, holds, type Known, Stopped, type Value, within } from './evaluate.ts';
import type { Expression, ModelPolicy } from './model.ts';
import type { ModelRequest } from './random-request.ts';

/**
 * A second `decide`, written from what is promised (ARCHITECTURE.md) and the Cedar language's description and from nothing of the first: policies
 * are data, evaluated one by one, no slices, no engine.
 */
export interface ReferenceDecision {
  readonly answer: 'permit' | 'ask' | 'deny';
  readonly rules: readonly string[];
  readonly fault: boolean;
  readonly usedApproval: boolean;
}

export function referenceDecide(
  { request, input }: ModelRequest,
  approvalAtHand: boolean,
  policies: readonly ModelPolicy[],
): ReferenceDecision {
  const no = (rules: readonly string[], fault = false): ReferenceDecision => ({
    answer: 'deny',
    rules,
    fault,
    usedApproval: false,
  });
  if (request.tool.status.kind === 'quarantined') return no(['quarantined']);
  if (isUnanswerable({ request, input }, policies)) return no(['policy-error'], true);

  const first = outcome(policies, factsOf({ request, input }, false));
  if (first.errors.length > 0) return no(['policy-error'], true);
  if (first.allowed) return { answer: 'permit', rules: first.rules, fault: false, usedApproval: false };
  const second = outcome(policies, factsOf({ request, input }, true));
  if (second.errors.length > 0) return no(['policy-error'], true);
  if (!second.allowed) return no(second.rules.length > 0 ? second.rules : ['default-deny']);
  if (approvalAtHand) return { answer: 'permit', rules: second.rules, fault: false, usedApproval: true };
  return { answer: 'ask', rules: [...first.rules, ...second.rules], fault: false, usedApproval: false };
}

interface Outcome {
  readonly allowed: boolean;
  readonly rules: readonly string[];
  readonly errors: readonly string[];
}

/** Forbid overrides permit, nothing permits by itself, and a policy that errors is reported and skipped. */
function outcome(policies: readonly ModelPolicy[], facts: Facts): Outcome {
  const permits: string[] = [];
  const forbids: string[] = [];
  const errors: string[] = [];
  for (const policy of policies)
    try {
      if (holds(policy, facts)) (policy.effect === 'permit' ? permits : forbids).push(policy.id);
    } catch (thrown) {
      if (!(thrown instanceof Stopped)) throw thrown;
      errors.push(policy.id);
    }
  const allowed = forbids.length === 0 && permits.length > 0;
  return { allowed, rules: allowed ? permits : forbids, errors };
}

function factsOf({ request, input }: ModelRequest, approved: boolean): Facts {
  const { agent, tool, task, flow, env, risk } = request;
  const key = `${tool.server}/${tool.name}`;
  const owner: [string, Value][] = agent.owner === undefined ? [] : [['owner', agent.owner]];
  const arguments_ = [...input].flatMap(([name, { value }]): [string, Value][] =>
    value === undefined ? [] : [[name, value]],
  );
  return {
    principal: {
      name: { type: 'Agent', id: agent.id },
      groups: [
        ...agent.classes.map(id => ({ type: 'AgentClass', id })),
        ...(agent.team === undefined ? [] : [{ type: 'Team', id: agent.team }]),
      ],
      attributes: record([
        ...owner,
        ['proof', agent.proof],
        ['trust', BigInt(agent.trust)],
        ['shared', agent.shared],
        ['vendor', agent.vendor],
      ]),
    },
    action: {
      name: { type: 'Action', id: key },
      groups: tool.classes.map(id => ({ type: 'Action', id })),
      attributes: record([]),
    },
    resource: {
      name: { type: 'Tool', id: key },
      groups: [
        { type: 'Server', id: tool.server },
        { type: 'Segment', id: tool.segment },
      ],
      attributes: record([['pinned', tool.status.kind === 'pinned']]),
    },
    context: record([
      ['input', record(arguments_)],
      [
        'task',
        record([
          ['kind', task.kind],
          ['openerProof', task.openerProof],
          ['hasManifest', task.hasManifest],
          ['inManifest', task.inManifest],
          ['depth', BigInt(task.depth)],
          ['ceiling', BigInt(task.ceiling)],
          ['segments', { set: [...task.segments] }],
          ['crossesSegment', task.crossesSegment],
          ['principal', task.principal],
          ['ageSeconds', BigInt(task.ageSeconds)],
          ['calls', BigInt(task.calls)],
          ['spendCents', BigInt(task.spendCents)],
          ['costCents', BigInt(task.costCents)],
        ]),
      ],
      [
        'flow',
        record([
          ['labels', { set: flow.labels }],
          ['untrusted', flow.untrusted],
        ]),
      ],
      ['approved', approved],
      [
        'env',
        record([
          ['now', { instant: env.now }],
          ['local', { instant: env.local }],
          ['weekday', env.weekday],
        ]),
      ],
      [
        'risk',
        record([
          ['score', BigInt(risk.score)],
          ['signals', { set: [...risk.signals] }],
        ]),
      ],
    ]),
  };
}

function record(entries: readonly (readonly [string, Value])[]): Value {
  return { record: new Map(entries) };
}

/** An argument without an exact form is asked for by a policy that could apply. */
function isUnanswerable(asked: ModelRequest, policies: readonly ModelPolicy[]): boolean {
  const hidden = [...asked.input].filter(([, { value }]) => value === undefined).map(([name]) => name);
  if (hidden.length === 0) return false;
  const facts = factsOf(asked, false);
  return policies
    .filter(policy => couldApply(policy, facts))
    .some(policy => policy.conditions.some(({ body }) => mentions(body, hidden)));
}

function couldApply({ principal, action, resource }: ModelPolicy, facts: Facts): boolean {
  const parts: [ModelPolicy['principal'], Known][] = [
    [principal, facts.principal],
    [action, facts.action],
    [resource, facts.resource],
  ];
  return parts.every(([limit, known]) => within(limit, known));
}

function mentions(of: Expression, hidden: readonly string[]): boolean {
  if (of.kind === 'get' && of.from === 'context') return touches(of.path, hidden);
  if (of.kind === 'has' && of.from === 'context')
    return [...of.path, of.name].length > 1 && touches([...of.path, of.name], hidden);
  // What looks into something that is not a plain name is given everything.
  if (of.kind === 'attribute') return true;
  if (of.kind === 'in' && of.left.kind !== 'entity') return true;
  return Object.values(of).some(part =>
    (Array.isArray(part) ? part : [part]).some(inner => isExpression(inner) && mentions(inner, hidden)),
  );
}

function touches(path: readonly string[], hidden: readonly string[]): boolean {
  if (path.length === 0) return true;
  return path[0] === 'input' && (path[1] === undefined || hidden.includes(path[1]));
}

function isExpression(part: unknown): part is Expression {
  return typeof part === 'object' && part !== null && 'kind' in part;
}
