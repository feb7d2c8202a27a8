import type { Answer, Reason } from '../model/decision.ts';
import { decide } from './decide.ts';
import { type FlowFacts, noRisk, type PolicyEngine, type PolicyRequest } from './engine.ts';

/** Why a decision came out as it did: for people (`sallyport why`, `sallyport try`), never for the agent. */
export interface Explanation {
  readonly answer: Answer;
  readonly reasons: readonly PlacedReason[];
  /** The fewest facts that would have to be others for a permit. Empty for a permit, and where nothing would help. */
  readonly changes: readonly Change[];
}

/** A reason with the place of its policy; the gateway's own rules have none. */
export interface PlacedReason extends Reason {
  readonly effect?: 'permit' | 'forbid';
  readonly file?: string;
  readonly line?: number;
}

export interface Change {
  /** One clause for each fact: "a person approved it", "the task had not read untrusted content". */
  readonly facts: readonly string[];
  /** The same as one sentence. */
  readonly text: string;
  readonly answer: 'permit';
}

/** One fact that could be another, as far as the task or a person can bring it about. */
interface Flip {
  readonly words: string;
  /** Undefined if it is so already. */
  readonly apply: (world: Supposed) => Supposed | undefined;
}

interface Supposed {
  readonly request: PolicyRequest;
  readonly approved: boolean;
}

/**
 * Decides again with one fact changed, then with two, then with three, and stops at the first number that permits. Pure.
 * What a tool is (its classes) and who the agent is are not changed: that would be another action. The engine may throw;
 * a throw is a deny here too.
 */
export function explain(request: PolicyRequest, approved: boolean, engine: PolicyEngine): Explanation {
  const { decision } = decide(request, approved, engine);
  const reasons = decision.reasons.map(reason => placed(reason, engine));
  if (decision.answer === 'permit') return { answer: 'permit', reasons, changes: [] };
  return { answer: decision.answer, reasons, changes: smallestChanges({ request, approved }, engine) };
}

const factsChangedMax = 3;
export const changesMax = 4;

function smallestChanges(from: Supposed, engine: PolicyEngine): readonly Change[] {
  for (let count = 1; count <= factsChangedMax; count++) {
    const changes = choices(flips, count).flatMap(chosen => tried(chosen, from, engine) ?? []);
    if (changes.length > 0) return changes.slice(0, changesMax);
  }
  return [];
}

function tried(chosen: readonly Flip[], from: Supposed, engine: PolicyEngine): Change | undefined {
  let supposed = from;
  for (const flip of chosen) {
    const next = flip.apply(supposed);
    if (next === undefined) return undefined;
    supposed = next;
  }
  if (decide(supposed.request, supposed.approved, engine).decision.answer !== 'permit') return undefined;
  const facts = chosen.map(({ words }) => words);
  return { facts, text: `If ${facts.join(' and ')}, it would be permitted.`, answer: 'permit' };
}

/** In the order in which they are the least trouble. */
const flips: readonly Flip[] = [
  {
    words: 'a person had approved this action',
    apply: ({ request, approved }) => (approved ? undefined : { request, approved: true }),
  },
  {
    words: 'the task had named this tool in its manifest',
    apply: supposed =>
      supposed.request.task.inManifest
        ? undefined
        : withTask(supposed, {
            ...openedByPrincipal(supposed),
            hasManifest: true,
            inManifest: true,
            asked: true,
            related: true,
          }),
  },
  {
    words: 'the principal had asked for this',
    apply: supposed => {
      const { asked, hasPurpose, hasManifest } = supposed.request.task;
      return asked || hasManifest || !hasPurpose ? undefined : withTask(supposed, { asked: true, related: true });
    },
  },
  {
    words: 'the principal had given every value that decides',
    apply: supposed => (decidesByItself(supposed.request.flow) ? given(supposed) : undefined),
  },
  {
    words: 'the task had not read untrusted content',
    apply: supposed => (supposed.request.flow.untrusted ? trusting(supposed) : undefined),
  },
  {
    words: 'the task had been opened by its principal',
    apply: supposed => {
      const { kind, openerProof } = supposed.request.task;
      const opened = kind !== 'ambient' && openerProof !== 'claimed';
      return opened ? undefined : withTask(supposed, openedByPrincipal(supposed));
    },
  },
  {
    words: 'everybody whom this goes to had been among its readers',
    apply: ({ request, approved }) =>
      request.flow.outsiders === 0
        ? undefined
        : { request: { ...request, flow: { ...request.flow, outsiders: 0 } }, approved },
  },
  {
    words: 'the task had no manifest',
    apply: supposed =>
      supposed.request.task.hasManifest ? withTask(supposed, { hasManifest: false, inManifest: false }) : undefined,
  },
  {
    words: 'the agent had done what it usually does',
    apply: ({ request, approved }) =>
      request.risk.score === 0 ? undefined : { request: { ...request, risk: noRisk }, approved },
  },
  {
    words: 'an operator had accepted the definition of this tool',
    apply: ({ request, approved }) =>
      request.tool.status.kind === 'pinned'
        ? undefined
        : { request: { ...request, tool: { ...request.tool, status: { kind: 'pinned' } } }, approved },
  },
];

function openedByPrincipal({ request: { task } }: Supposed): { kind: string; openerProof: string } {
  const { kind, openerProof } = task;
  if (kind === 'ambient') return { kind: 'opened', openerProof: 'operator' };
  return { kind, openerProof: openerProof === 'claimed' ? 'operator' : openerProof };
}

function withTask(supposed: Supposed, task: Partial<PolicyRequest['task']>): Supposed {
  const { request, approved } = supposed;
  return { request: { ...request, task: { ...request.task, ...task } }, approved };
}

function trusting({ request, approved }: Supposed): Supposed {
  const labels = request.flow.labels.filter(label => label !== 'untrusted');
  return { request: { ...request, flow: { ...request.flow, labels, untrusted: false, integrity: 0 } }, approved };
}

const backed = {
  destinations: 0,
  objects: 0,
  amounts: 0,
  commands: 0,
  contents: 0,
  worstOrigin: 0,
  destinationIsNew: false,
};

/** Some value of the call has nobody trusted behind it. */
function decidesByItself({ destinations, objects, amounts, commands }: FlowFacts): boolean {
  return destinations + objects + amounts + commands > 0;
}

function given({ request, approved }: Supposed): Supposed {
  return { request: { ...request, flow: { ...request.flow, ...backed } }, approved };
}

/** Every way to choose `count` of them, in order. */
function choices(from: readonly Flip[], count: number): Flip[][] {
  if (count === 0) return [[]];
  return from.flatMap((flip, index) => choices(from.slice(index + 1), count - 1).map(rest => [flip, ...rest]));
}

function placed(reason: Reason, engine: PolicyEngine): PlacedReason {
  const info = engine.policy(reason.rule);
  if (info === undefined) return reason;
  return { ...reason, effect: info.effect, file: info.file, line: info.line };
}
