import type { AuthorizationAnswer } from '@cedar-policy/cedar-wasm/nodejs';
import type { Agent } from '@sallyport/core/model/agent.ts';
import { type Tool, toolKey } from '@sallyport/core/model/tool.ts';
import type { Evaluation, PolicyEngine, PolicyInfo, PolicyRequest } from '@sallyport/core/policy/engine.ts';
import type { ActionSchema, PolicySchema } from '@sallyport/core/policy/schema.ts';
import { Answered } from './answered.ts';
import { type ContentTold, contentTold, tell } from './content.ts';
import { areSame, contextOf, type Facts, factsFor, toldWith, type Values, valuesOf } from './facts.ts';
import { type Cedar, freshCedar, soundCedar } from './instance.ts';
import type { Mentions } from './mentions.ts';
import { appliesTo, isUnconditionalForbid, type LoadedPolicy, makeSlice, type Slice, type Subject } from './policy.ts';
import { type Subjects, subjectsOf } from './request.ts';
import { matches, placedAction, placedAgent, placedTool } from './scope.ts';
import { Unrepresentable } from './value.ts';

/** Pre-parsed policies in all slices together; each takes about 4 KB. Beyond, the whole set is asked: slower, the same answer. */
const slicedPoliciesMax = 10_000;
/** Of these, made before the first call; the rest as they are asked for. */
const warmPoliciesMax = 2_000;
/** A request that breaks the instance each time must not hold the process: at most so many new ones in so long. */
export const buildsMax = 5;
export const buildsWindowMillis = 5_000;

export interface CedarEngineOptions {
  readonly policies: readonly LoadedPolicy[];
  readonly schema: PolicySchema;
  /** `off` asks the whole set with every fact, as a reference for tests. */
  readonly slicing?: 'on' | 'off';
  /** `always` asks the engine also what it has answered before, so that a bench measures the engine. */
  readonly asking?: 'once' | 'always';
  /** From `soundCedar`, and nobody else's: the first instance, made before the policies were known. */
  readonly first?: Cedar;
  /** For tests: another engine, another clock (milliseconds). */
  readonly makeCedar?: () => Cedar;
  readonly clock?: () => number;
}

/** The policies that could apply to one tool, before the agent is known. */
interface ToolPolicies {
  readonly action: ActionSchema;
  readonly candidates: readonly { readonly policy: LoadedPolicy; readonly index: number }[];
  /** What was asked for each agent, as it was placed then: agents are few, and each calls many times. */
  readonly asked: Map<string, Asked>;
}

interface Asked {
  readonly agent: Agent;
  readonly tool: Tool;
  readonly slice: Slice;
  /** Slices end with the instance that pre-parsed them. */
  readonly of: ReadonlyMap<string, Slice>;
  readonly subjects: Subjects;
  /** The number that stands for `subjects` in what is remembered of this instance. */
  readonly number: number;
  readonly facts: Facts;
  /** What was asked last: most calls of an agent at work ask the same. */
  newest: Known | undefined;
}

/** A question that was answered. */
interface Known {
  readonly values: Values;
  readonly told: ContentTold;
  readonly evaluation: Evaluation;
}

const agentsAskedMax = 1_000;

const wholeSet = 'all';
const everythingMentioned: Mentions = {
  context: { whole: true, asked: false, parts: new Map() },
  principal: { attributes: new Set(), groups: 'any' },
  resource: { attributes: new Set(), groups: 'any' },
  action: { attributes: new Set(), groups: 'any' },
  everything: true,
};

/**
 * One validated policy set, answered by the official Cedar engine in this process.
 *
 * A request is put only to the policies whose scope matches it, with only the facts they mention. Whatever goes wrong
 * is a throw or an error in the evaluation, and `decide` makes either a deny. After a throw of the engine itself the
 * instance is dropped and made anew, and must answer a canary before it serves (DF2).
 */
export class CedarEngine implements PolicyEngine {
  readonly #policies: readonly LoadedPolicy[];
  readonly #infos: ReadonlyMap<string, PolicyInfo>;
  readonly #tools: ReadonlyMap<string, ToolPolicies>;
  /** As they stand in the catalogue that the policies were loaded with: by what they are, not by their names. */
  readonly #unchanged: ReadonlyMap<Tool, ToolPolicies>;
  readonly #slicing: boolean;
  readonly #makeCedar: () => Cedar;
  readonly #clock: () => number;
  readonly #approvalMatters: boolean;
  readonly #askedOnce: boolean;
  #cedar: Cedar | undefined;
  #builds = 0;
  #buildTimes: readonly number[] = [];
  /** By the numbers of its policies. */
  #slices = new Map<string, Slice>();
  #sliced = 0;
  #answered = new Answered<Known>();

  constructor(options: CedarEngineOptions) {
    this.#policies = options.policies;
    this.#infos = new Map(options.policies.map(({ info }) => [info.id, info]));
    this.#tools = new Map(
      [...options.schema.actions].map(([key, action]) => [key, toolPolicies(action, options.policies)]),
    );
    this.#unchanged = new Map([...this.#tools.values()].map(known => [known.action.tool, known]));
    this.#slicing = options.slicing !== 'off';
    this.#askedOnce = options.asking !== 'always';
    this.#approvalMatters = makeSlice(wholeSet, options.policies).approvalMatters;
    this.#makeCedar = options.makeCedar ?? freshCedar;
    this.#clock = options.clock ?? (() => performance.now());
    this.#build(options.first);
  }

  /** How often the instance had to be made anew. */
  get rebuilds(): number {
    return this.#builds - 1;
  }

  evaluate(request: PolicyRequest, approved: boolean): Evaluation {
    const tool = this.#toolPolicies(request.tool);
    if (tool === undefined) return unanswered(notReadYet);
    const cedar = this.#cedar ?? this.#build();
    try {
      const asked = this.#askedFor(request, tool, cedar);
      if (asked.slice.policies.length === 0) return { ...nothingApplies, approvalMatters: false };
      return this.#answerTo(request, asked, valuesOf(asked.facts, request, approved), cedar);
    } catch (thrown) {
      if (thrown instanceof Unrepresentable) return unanswered(thrown.message);
      throw thrown;
    }
  }

  couldPermit(agent: Agent, tool: Tool): boolean {
    const known = this.#tools.get(toolKey(tool.server, tool.name));
    if (known === undefined) return false;
    const applying = applyingTo(agent, known);
    return applying.some(policy => policy.info.effect === 'permit') && !applying.some(isUnconditionalForbid);
  }

  told(request: PolicyRequest): Readonly<Record<string, unknown>> {
    return contentTold(request);
  }

  policy(id: string): PolicyInfo | undefined {
    return this.#infos.get(id);
  }

  /** Every policy of the set, in the order of files and lines. */
  policies(): readonly PolicyInfo[] {
    return this.#policies.map(({ info }) => info);
  }

  /** Pre-parses what is asked first, so that no call has to wait for it. Throws if the engine cannot take the set. */
  warm(): void {
    const cedar = this.#cedar ?? this.#build();
    this.#wholeSet(cedar);
    for (const { candidates } of this.#tools.values()) {
      if (this.#sliced > warmPoliciesMax) return;
      const open = candidates.filter(({ policy }) => policy.scope.principal.kind === 'any');
      this.#slice(open, cedar);
    }
  }

  /** The set was made for the catalogue it was loaded with; undefined for a tool that has changed since, which needs a new one. */
  #toolPolicies(tool: Tool): ToolPolicies | undefined {
    const unchanged = this.#unchanged.get(tool);
    if (unchanged !== undefined) return unchanged;
    const known = this.#tools.get(toolKey(tool.server, tool.name));
    if (known === undefined) return undefined;
    const own = known.action.tool;
    const same = own.pin === tool.pin && own.segment === tool.segment && own.classes.join() === tool.classes.join();
    return same ? known : undefined;
  }

  #answerTo(request: PolicyRequest, asked: Asked, values: Values, cedar: Cedar): Evaluation {
    const known = this.#askedOnce ? this.#knownOf(asked, values) : undefined;
    const told = known?.told ?? toldWith(asked.facts, values);
    tell(request, told);
    if (known !== undefined) return known.evaluation;
    const evaluation = this.#ask(asked, values, cedar);
    if (evaluation === undefined) return unanswered('the policy engine refused the question');
    this.#answered.keep(questionOf(asked, values), { values, told, evaluation });
    return evaluation;
  }

  #knownOf(asked: Asked, values: Values): Known | undefined {
    const { newest } = asked;
    if (newest !== undefined && areSame(newest.values, values)) return newest;
    const known = this.#answered.of(questionOf(asked, values));
    if (known !== undefined) asked.newest = known;
    return known;
  }

  /** Undefined if the engine could not read it. Throws if it broke, and then there is no such instance any more. */
  #ask({ subjects, facts, slice }: Asked, values: Values, cedar: Cedar): Evaluation | undefined {
    let answer: AuthorizationAnswer;
    try {
      answer = cedar.statefulIsAuthorized({ ...subjects, context: contextOf(facts, values) });
    } catch (thrown) {
      this.#drop();
      throw thrown;
    }
    if (answer.type !== 'success') return undefined;
    const { decision, diagnostics } = answer.response;
    return {
      allowed: decision === 'allow',
      determining: Object.freeze(diagnostics.reason.sort()),
      errors: Object.freeze(
        diagnostics.errors.map(({ policyId, error }) => ({ policy: policyId, message: error.message })),
      ),
      approvalMatters: slice.approvalMatters,
    };
  }

  /** Made once for an agent that is the same value from call to call; of one that is made anew with each, its slice is kept. */
  #askedFor({ agent, tool }: PolicyRequest, known: ToolPolicies, cedar: Cedar): Asked {
    const found = known.asked.get(agent.id);
    const before = found?.of === this.#slices ? found : undefined;
    if (before?.agent === agent && before.tool === tool) return before;
    const isPlacedAlike = before?.agent.classes === agent.classes && before?.agent.team === agent.team;
    const slice = before !== undefined && isPlacedAlike ? before.slice : this.#sliceFor(agent, known, cedar);
    const facts = before?.slice === slice ? before.facts : factsFor(known.action, slice.mentions);
    const subjects = subjectsOf(agent, tool, known.action, slice);
    const number = this.#answered.numberOf(JSON.stringify(subjects));
    const asked: Asked = { agent, tool, slice, of: this.#slices, subjects, number, facts, newest: undefined };
    if (known.asked.size >= agentsAskedMax) known.asked.clear();
    known.asked.set(agent.id, asked);
    return asked;
  }

  #sliceFor(agent: Agent, { candidates }: ToolPolicies, cedar: Cedar): Slice {
    if (!this.#slicing) return this.#wholeSet(cedar);
    const principal = placedAgent(agent);
    return this.#slice(
      candidates.filter(({ policy }) => matches(policy.scope.principal, principal)),
      cedar,
    );
  }

  #slice(applying: ToolPolicies['candidates'], cedar: Cedar): Slice {
    const key = applying.map(({ index }) => index).join();
    const known = this.#slices.get(key);
    if (known !== undefined) return known;
    if (this.#sliced + applying.length > slicedPoliciesMax) return this.#wholeSet(cedar);
    const slice = makeSlice(
      `s${this.#slices.size}`,
      applying.map(({ policy }) => policy),
    );
    this.#preparse(
      cedar,
      slice.name,
      slice.policies.map(({ info, unscoped }) => [info.id, unscoped]),
    );
    this.#slices.set(key, slice);
    this.#sliced += applying.length;
    return slice;
  }

  #wholeSet(cedar: Cedar): Slice {
    const known = this.#slices.get(wholeSet);
    if (known !== undefined) return known;
    this.#preparse(
      cedar,
      wholeSet,
      this.#policies.map(({ info, text }) => [info.id, text]),
    );
    const slice: Slice = {
      name: wholeSet,
      policies: this.#policies,
      mentions: everythingMentioned,
      approvalMatters: this.#approvalMatters,
    };
    this.#slices.set(wholeSet, slice);
    return slice;
  }

  #preparse(cedar: Cedar, name: string, policies: readonly (readonly [string, string])[]): void {
    try {
      const parsed = cedar.preparsePolicySet(name, { staticPolicies: Object.fromEntries(policies) });
      if (parsed.type === 'success') return;
    } catch {
      // Told below, in words that do not depend on the engine.
    }
    this.#drop();
    throw new Error('the policy engine could not read a part of the policy set');
  }

  #drop(): void {
    this.#cedar = undefined;
    this.#slices = new Map();
    this.#sliced = 0;
    this.#answered = new Answered<Known>();
  }

  #build(first?: Cedar): Cedar {
    const now = this.#clock();
    const recent = this.#buildTimes.filter(at => now - at < buildsWindowMillis);
    if (recent.length >= buildsMax) throw new Error('the policy engine failed too often and rests');
    this.#buildTimes = [...recent, now];
    const cedar = first ?? soundCedar(this.#makeCedar);
    this.#builds++;
    this.#cedar = cedar;
    return cedar;
  }
}

/**
 * The subjects say which facts are asked for and in which order, so the values alone are the same text only for the same question. No
 * value is null: where there is none it stands for that.
 */
function questionOf({ number }: Asked, values: Values): string {
  return `${number}${JSON.stringify(values)}`;
}

const nothingApplies: Evaluation = { allowed: false, determining: [], errors: [] };

/** The question could not be put: no policy is to blame, and it is a deny. */
const notReadYet =
  'the policies have not been read for this tool as it is now; send it again in a moment, or an operator can run `sallyport status`';

function unanswered(message: string): Evaluation {
  return { allowed: false, determining: [], errors: [{ policy: '', message }] };
}

function toolPolicies(action: ActionSchema, policies: readonly LoadedPolicy[]): ToolPolicies {
  const [act, resource] = [placedAction(action.tool), placedTool(action.tool)];
  const candidates = policies
    .map((policy, index) => ({ policy, index }))
    .filter(({ policy: { scope } }) => matches(scope.action, act) && matches(scope.resource, resource));
  return { action, candidates, asked: new Map() };
}

function applyingTo(agent: Agent, { action, candidates }: ToolPolicies): LoadedPolicy[] {
  const subject: Subject = {
    principal: placedAgent(agent),
    action: placedAction(action.tool),
    resource: placedTool(action.tool),
  };
  return candidates.map(({ policy }) => policy).filter(policy => appliesTo(policy, subject));
}
