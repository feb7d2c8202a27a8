import { decide } from '@sallyport/core/policy/decide.ts';
import type { Evaluation } from '@sallyport/core/policy/engine.ts';
import { CedarEngine } from '@sallyport/gateway/engines/cedar/engine.ts';
import { freshCedar } from '@sallyport/gateway/engines/cedar/instance.ts';
import type { PolicySet } from '@sallyport/gateway/engines/cedar/load.ts';
import { seeded } from '../random.ts';
import { castTools } from './cast.ts';
import { randomPolicy } from './generate.ts';
import { type ModelRequest, randomRequest } from './random-request.ts';
import { uncheckedSet } from './real-set.ts';
import { referenceDecide } from './reference.ts';
import { render } from './render.ts';
import { catalogueOf } from './scene.ts';

export interface DifferentialOrder {
  readonly seed: number;
  readonly requests: number;
  readonly policiesMax: number;
  readonly requestsPerSet: number;
  /** Of so many requests one is also put to the whole set. */
  readonly wholeSetEvery: number;
  /** Spoils what is served, to see that it is noticed. */
  readonly tamper?: (set: PolicySet) => PolicySet;
  /** Asked before each set, with how many requests were compared: no ends the run there. */
  readonly goesOn?: (requests: number) => boolean;
}

export interface DifferentialReport {
  readonly requests: number;
  readonly sets: number;
  readonly policies: number;
  /** How often each answer was given: a run in which one of them is rare proves little. */
  readonly answers: Readonly<Record<'permit' | 'ask' | 'deny' | 'fault', number>>;
  /** Empty, or the first difference in words that are enough to see it again. */
  readonly differences: readonly string[];
}

const catalogue = catalogueOf(castTools.map(({ tool }) => tool));

/**
 * Random requests to random sets, each decided three times: by `decide` on slices with lean requests, as it is served;
 * by the same engine on whole sets with every fact; and by the reference.
 */
export function differential(order: DifferentialOrder): DifferentialReport {
  const { seed, requests, policiesMax, requestsPerSet, wholeSetEvery, tamper, goesOn = () => true } = order;
  const random = seeded(seed);
  // An engine writes its sets over those of the one before: making a new instance for each would be most of the work.
  const instances = { served: freshCedar(), whole: freshCedar() };
  const answers = { permit: 0, ask: 0, deny: 0, fault: 0 };
  const report = { requests: 0, sets: 0, policies: 0, answers, differences: [] as string[] };
  while (report.requests < requests && report.differences.length === 0 && goesOn(report.requests)) {
    const model = Array.from({ length: 1 + random.below(policiesMax) }, (_, index) =>
      randomPolicy(`p${index}`, random),
    );
    const set = uncheckedSet(model.map(render).join('\n'), catalogue);
    // Asked as it is served, and with every part of a slice alone from the first time on.
    const parts = random.chance(0.5) ? { partWantedMin: 1, asking: random.pick(['once', 'always'] as const) } : {};
    const served = new CedarEngine({ ...(tamper?.(set) ?? set), ...parts, makeCedar: () => instances.served });
    const whole = new CedarEngine({ ...set, makeCedar: () => instances.whole, slicing: 'off' });
    report.sets++;
    report.policies += model.length;
    for (let count = 0; count < requestsPerSet && report.requests < requests; count++, report.requests++) {
      const asked = randomRequest(random);
      const approvalAtHand = random.chance(0.3);
      const { decision, usedApproval } = decide(asked.request, approvalAtHand, served);
      const expected = referenceDecide(asked, approvalAtHand, model);
      const fault = decision.answer === 'deny' && decision.fault;
      answers[fault ? 'fault' : decision.answer]++;
      const got = {
        answer: decision.answer,
        rules: rulesOf(decision.reasons.map(({ rule }) => rule)),
        fault,
        usedApproval,
      };
      const wanted = { ...expected, rules: rulesOf(expected.rules) };
      const difference =
        JSON.stringify(got) !== JSON.stringify(wanted)
          ? `decide ${JSON.stringify(got)}, reference ${JSON.stringify(wanted)}`
          : report.requests % wholeSetEvery === 0
            ? wholeSetDifference(asked, served, whole)
            : undefined;
      if (difference === undefined) continue;
      report.differences.push(
        `seed ${seed}, request ${report.requests}: ${difference}\n${shown(asked)}\n${model.map(render).join('\n')}`,
      );
      break;
    }
  }
  return report;
}

function rulesOf(rules: readonly string[]): string {
  return [...new Set(rules)].sort().join(' ');
}

/** An argument that cannot be put at all is put by the whole set and not by a slice that never asks for it. */
function wholeSetDifference(
  { request, input }: ModelRequest,
  served: CedarEngine,
  whole: CedarEngine,
): string | undefined {
  if ([...input.values()].some(({ value }) => value === undefined)) return undefined;
  const full = [whole.evaluate(request, false), whole.evaluate(request, true)].map(essence);
  const without = served.evaluate(request, false);
  const lean = [without, served.evaluate(request, true, without)].map(essence);
  const alone = essence(served.evaluate(request, true));
  if (lean[0] !== full[0]) return `sliced ${lean[0]}, whole ${full[0]}`;
  if (lean[1] !== full[1]) return `with a yes, sliced ${lean[1]}, whole ${full[1]}`;
  return alone === full[1] ? undefined : `with a yes from the beginning, sliced ${alone}, whole ${full[1]}`;
}

function essence({ allowed, determining, errors }: Evaluation): string {
  return JSON.stringify([allowed, [...determining].sort(), errors.map(({ policy }) => policy).sort()]);
}

function shown({ request, input }: ModelRequest): string {
  const { agent, tool, task, flow, env } = request;
  const json = [...input].map(([name, argument]) => `${name}: ${argument.json.slice(0, 100)}`);
  return JSON.stringify({
    agent: agent.id,
    tool: `${tool.server}/${tool.name}`,
    status: tool.status.kind,
    input: json,
    task,
    flow,
    env,
  });
}
