import type { Actor } from '@sallyport/core/model/agent.ts';
import type { Decision } from '@sallyport/core/model/decision.ts';
import { toolKey } from '@sallyport/core/model/tool.ts';
import { decide } from '@sallyport/core/policy/decide.ts';
import type { PolicyRequest } from '@sallyport/core/policy/engine.ts';
import { policySchema } from '@sallyport/core/policy/schema.ts';
import { CedarEngine } from '@sallyport/gateway/engines/cedar/engine.ts';
import { freshCedar } from '@sallyport/gateway/engines/cedar/instance.ts';
import type { PolicySet } from '@sallyport/gateway/engines/cedar/load.ts';
import { matches, placedAction, placedTool } from '@sallyport/gateway/engines/cedar/scope.ts';
import { prepareBody } from '@sallyport/gateway/journal/bodies.ts';
import { openedParts } from '@sallyport/gateway/journal/opened-body.ts';
import { packBody, unpackBody } from '@sallyport/gateway/journal/packed-body.ts';
import { decisionIn } from '@sallyport/gateway/receipt/check/recorded.ts';
import { type Repeated, repeated } from '@sallyport/gateway/receipt/check/repeat.ts';
import type { ShownWorld } from '@sallyport/gateway/receipt/check/shown.ts';
import { readBody, type ShownBody } from '@sallyport/gateway/receipt/check/shown-body.ts';
import { policyEvidence, toolEvidence } from '@sallyport/gateway/receipt/evidence.ts';
import { neededBy, stepsOf, wantedOf } from '@sallyport/gateway/receipt/fields.ts';
import { type Random, seeded } from '../random.ts';
import { castAgents, castTools } from './cast.ts';
import { randomPolicy } from './generate.ts';
import { type ModelRequest, randomRequest } from './random-request.ts';
import { uncheckedSet } from './real-set.ts';
import { render } from './render.ts';
import { catalogueOf } from './scene.ts';

export interface ProvenOrder {
  readonly seed: number;
  readonly requests: number;
  readonly policiesMax: number;
  readonly requestsPerSet: number;
  /** Spoils what is shown, to see that it is noticed. */
  readonly tamper?: (request: PolicyRequest) => PolicyRequest;
  /** Asked before each set, with how many requests were compared: no ends the run there. */
  readonly goesOn?: (requests: number) => boolean;
}

export interface ProvenReport {
  readonly requests: number;
  /** What was compared: a run in which one of them is rare proves little. */
  readonly seen: Readonly<
    Record<'permit' | 'ask' | 'deny' | 'chained' | 'approved' | 'demands' | 'people' | 'several', number>
  >;
  /** Decisions of which a receipt says that they cannot be made again: over a fault, or where a policy looks at `context` as a whole. */
  readonly unasked: number;
  /** Empty, or the first difference in words that are enough to see it again. */
  readonly differences: readonly string[];
}

const catalogue = catalogueOf(castTools.map(({ tool }) => tool));
const { actions } = policySchema(catalogue);

/**
 * Random requests of agents in random chains, to random sets, with and without a yes at hand: each is decided by `decide`, and again by a
 * receipt's checker out of the facts that `needed` shows. Both have to come to the same answer, reasons, question and obligations.
 */
export function proven(order: ProvenOrder): ProvenReport {
  const { seed, requests, policiesMax, requestsPerSet, tamper, goesOn = () => true } = order;
  const random = seeded(seed);
  const cedar = freshCedar();
  const seen = { permit: 0, ask: 0, deny: 0, chained: 0, approved: 0, demands: 0, people: 0, several: 0 };
  const report = { requests: 0, seen, unasked: 0, differences: [] as string[] };
  while (report.requests < requests && report.differences.length === 0 && goesOn(report.requests)) {
    const text = Array.from({ length: 1 + random.below(policiesMax) }, (_, index) =>
      annotated(render(randomPolicy(`p${index}`, random)), random),
    ).join('\n');
    const set = uncheckedSet(text, catalogue);
    const engine = new CedarEngine({ ...set, makeCedar: () => cedar });
    for (let count = 0; count < requestsPerSet && report.requests < requests; count++, report.requests++) {
      const asked = inChain(randomRequest(random), random);
      const { decision, usedApproval } = decide(asked.request, random.chance(0.4), engine);
      const shown = { ...asked, request: tamper?.(asked.request) ?? asked.request };
      const again = checked(shown, asked.request.agent.id, decision, usedApproval, set, engine);
      if (isRightlyUnasked(decision, again)) {
        report.unasked++;
        continue;
      }
      const difference = differing(decision, again);
      counted(seen, asked.request, decision, usedApproval);
      if (difference === undefined) continue;
      const { agent, actors, tool } = asked.request;
      const who = [agent, ...(actors ?? [])].map(({ id, asks }: Actor) => (asks === true ? `${id} asks` : id));
      report.differences.push(
        `seed ${seed}, request ${report.requests}: ${difference}\n${who.join(', for ')}: ${tool.server}/${tool.name}\n${text}`,
      );
      break;
    }
  }
  return report;
}

function counted(
  seen: Record<keyof ProvenReport['seen'], number>,
  { actors }: PolicyRequest,
  decision: Decision,
  usedApproval: boolean,
): void {
  seen[decision.answer]++;
  if (actors !== undefined) seen.chained++;
  if (usedApproval) seen.approved++;
  if (decision.answer === 'permit' && decision.obligations.length > 0) seen.demands++;
  if (decision.answer === 'ask' && (decision.approval.people ?? 1) > 1) seen.people++;
  if (decision.answer === 'ask' && decision.approval.and !== undefined) seen.several++;
}

const said = {
  reason: ['because'],
  fix: ['do another thing'],
  approver: ['desk', 'desk, board', 'board', 'night'],
  people: ['2', '3', '9'],
  expires: ['30s', '2h', '0m'],
  escalate: ['5m: board', '1h: night, board', 'board'],
  answer: ['client'],
  obligation: [
    ...['handles=external', 'result-bytes-max=9, redact-result=secrets', 'endorse-result=changes'],
    ...['declassify-result=internal', 'declassify-result=public,endorse-result=outward', 'no-such-thing'],
  ],
};

/** With whatever a policy can say beside yes and no. */
function annotated(policy: string, random: Random): string {
  const words = Object.entries(said).filter(() => random.chance(0.5));
  return words.map(([name, values]) => `@${name}("${random.pick(values)}")\n`).join('') + policy;
}

function inChain(asked: ModelRequest, random: Random): ModelRequest {
  const actors = Array.from({ length: random.pick([0, 0, 1, 2, 3]) }, (): Actor => {
    const agent = random.pick(castAgents);
    return random.chance(0.3) ? { ...agent, asks: true } : agent;
  });
  return actors.length === 0 ? asked : { ...asked, request: { ...asked.request, actors } };
}

/** The decision as its entry has it, decided again with what a receipt of the needed facts shows. */
function checked(
  asked: ModelRequest,
  agent: string,
  { answer, reasons }: Decision,
  usedApproval: boolean,
  set: PolicySet,
  engine: CedarEngine,
): Repeated | string {
  const { server, name, pin, classes } = asked.request.tool;
  const action = { method: 'tools/call', server, tool: name, pin, classes };
  const entry = { agent, action, answer, reasons, ...(usedApproval ? { approval: 'ap' } : {}) };
  const { world, needed } = shownWorld(asked.request, set);
  try {
    return repeated(decisionIn(JSON.parse(JSON.stringify(entry))), world, shownBodies(asked, needed, engine));
  } catch (thrown) {
    return String(thrown);
  }
}

function shownWorld({ tool }: PolicyRequest, { policies }: PolicySet): { world: ShownWorld; needed: string[] } {
  const [act, resource] = [placedAction(tool), placedTool(tool)];
  const slice = policies.filter(({ scope }) => matches(scope.action, act) && matches(scope.resource, resource));
  const world: ShownWorld = {
    policies: slice.map(({ info: { id }, text }) => ({ id, text })),
    otherScopes: policies.filter(policy => !slice.includes(policy)).map(({ scope }) => scope),
    tools: [toolEvidence(tool, actions.get(toolKey(tool.server, tool.name)))],
    policiesInAll: policies.length,
  };
  return { world, needed: neededBy(slice.map(policyEvidence)) };
}

function shownBodies({ request, input }: ModelRequest, needed: readonly string[], engine: CedarEngine) {
  const { tool, input: _typed, ...facts } = request;
  const members = [...input].map(([name, { json }]) => `${JSON.stringify(name)}:${json}`);
  const texts = {
    request: JSON.stringify({ ...facts, ...engine.told(request) }),
    arguments: `{"name":${JSON.stringify(tool.name)},"arguments":{${members.join(',')}}}`,
  };
  const { packed, commitments } = prepareBody(texts, new Set());
  const fields = unpackBody(packBody(0, packed), 0)?.fields;
  const wanted = wantedOf(['needed'], needed);
  const shown = (name: 'request' | 'arguments'): ShownBody => {
    const { paths, parts } = openedParts(name, fields?.[name] ?? { text: '', salt: '' }, commitments[name]) ?? {
      parts: [],
    };
    const listed = parts.map(part => (wanted(stepsOf(name, part, 'tools/call') ?? []) ? part : part.hash));
    const read = readBody(name, { paths, parts: listed }, commitments[name]);
    if (typeof read === 'string') throw new Error(read);
    return read;
  };
  return { request: shown('request'), arguments: shown('arguments') };
}

function differing(decision: Decision, again: Repeated | string): string | undefined {
  if (typeof again === 'string' || again.kind !== 'same')
    return `decide ${JSON.stringify(decision)}, checked ${JSON.stringify(again)}`;
  const wanted =
    decision.answer === 'permit' ? decision.obligations : decision.answer === 'ask' ? decision.approval : [];
  const got = again.again.obligations ?? again.again.approval ?? [];
  const [one, other] = [wanted, got].map(sorted);
  return one === other ? undefined : `decide wants ${one}, checked ${other}`;
}

/** Whoever looks at `context` itself could see what no receipt can show: that a fact is not there. */
function isRightlyUnasked(decision: Decision, again: Repeated | string): boolean {
  if (typeof again === 'string' || again.kind !== 'not-asked') return false;
  return (decision.answer === 'deny' && decision.fault) || again.missing.includes('everything');
}

/** As text, the members of every object by name. */
function sorted(value: unknown): string {
  return JSON.stringify(value, (_name, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
