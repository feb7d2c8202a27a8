import { setImmediate, setTimeout } from 'node:timers/promises';
import type { AuthorizationAnswer } from '@cedar-policy/cedar-wasm/nodejs';
import type { Agent } from '@sallyport/core/model/agent.ts';
import { type Tool, toolKey } from '@sallyport/core/model/tool.ts';
import type { Evaluation, PolicyEngine, PolicyInfo, PolicyRequest } from '@sallyport/core/policy/engine.ts';
import type { PolicySchema } from '@sallyport/core/policy/schema.ts';
import {
  type Asked,
  knownOf,
  type Part,
  partOf,
  questionOf,
  readingOf,
  type ToolPolicies,
  toolPolicies,
} from './asked.ts';
import { contentTold, tell } from './content.ts';
import { contextOf, toldWith, type Values, valuesOf } from './facts.ts';
import type { Cedar } from './instance.ts';
import { type Instance, Instances, type InstancesOptions } from './instances.ts';
import { openOf } from './narrow.ts';
import { appliesTo, isUnconditionalForbid, type LoadedPolicy, type Slice, type Subject } from './policy.ts';
import { subjectsOf } from './request.ts';
import { matches, placedAction, placedAgent, placedTool } from './scope.ts';
import { Unrepresentable } from './value.ts';
import { leftWithYes } from './with-yes.ts';

/** Who starts or activates has more to do that is waited for. */
const warmAfterMillis = 100;
/** Pre-parsed before the first call, in all slices together; the rest as they are asked for. */
const warmPoliciesMax = 2_000;
/** Agents of which it is remembered what was asked for them about one tool. */
const agentsAskedMax = 1_000;

export interface CedarEngineOptions extends InstancesOptions {
  readonly schema: PolicySchema;
  /** `off` asks the whole set with every fact, as a reference for tests. */
  readonly slicing?: 'on' | 'off';
  /** `always` asks the engine also what it has answered before, so that a bench measures the engine. */
  readonly asking?: 'once' | 'always';
}

/** One request, with or without a yes, and what was answered without. */
interface Question {
  readonly request: PolicyRequest;
  readonly approved: boolean;
  readonly without: Evaluation | undefined;
  readonly values: Values;
}

/**
 * One validated policy set, answered by the official Cedar engine in this process.
 *
 * A request is put only to the policies whose scope matches it, with only the facts they mention. Whatever goes wrong
 * is a throw or an error in the evaluation, and `decide` makes either a deny. After a throw of the engine itself its
 * instance is dropped.
 */
export class CedarEngine implements PolicyEngine {
  readonly #policies: readonly LoadedPolicy[];
  readonly #infos: ReadonlyMap<string, PolicyInfo>;
  readonly #tools: ReadonlyMap<string, ToolPolicies>;
  /** As they stand in the catalogue that the policies were loaded with: by what they are, not by their names. */
  readonly #unchanged: ReadonlyMap<Tool, ToolPolicies>;
  readonly #slicing: boolean;
  readonly #askedOnce: boolean;
  readonly #instances: Instances;

  constructor(options: CedarEngineOptions) {
    this.#policies = options.policies;
    this.#infos = new Map(options.policies.map(({ info }) => [info.id, info]));
    this.#tools = new Map(
      [...options.schema.actions].map(([key, action]) => [key, toolPolicies(action, options.policies)]),
    );
    this.#unchanged = new Map([...this.#tools.values()].map(known => [known.action.tool, known]));
    this.#slicing = options.slicing !== 'off';
    this.#askedOnce = options.asking !== 'always';
    this.#instances = new Instances(options, () => {
      for (const { asked } of this.#tools.values()) asked.clear();
    });
  }

  /** How often the instance had to be made anew. */
  get rebuilds(): number {
    return this.#instances.built - 1;
  }

  evaluate(request: PolicyRequest, approved: boolean, without?: Evaluation): Evaluation {
    const tool = this.#toolPolicies(request.tool);
    if (tool === undefined) return unanswered(notReadYet);
    const instance = this.#instances.serving;
    try {
      const asked = this.#askedFor(request, tool, instance);
      const { slice, facts } = asked.reading;
      if (slice.policies.length === 0) return { ...nothingApplies, approvalMatters: false };
      const values = valuesOf(facts, request, approved);
      return this.#answerTo({ request, approved, without, values }, asked, instance);
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

  /** Pre-parses the whole set. Throws if the engine cannot take it. */
  takeWhole(): void {
    this.#instances.serving.slices.whole();
  }

  /**
   * Pre-parses what is asked first, so that hardly a call has to wait for it: from a moment later on, a slice in a turn. Never rejects:
   * what the engine cannot take is a refusal to whoever asks.
   */
  async warm(): Promise<void> {
    await setTimeout(warmAfterMillis, undefined, { ref: false });
    const { built } = this.#instances;
    try {
      for (const { candidates } of this.#tools.values()) {
        await setImmediate();
        if (this.#instances.built !== built) return;
        const { slices } = this.#instances.serving;
        if (slices.policies > warmPoliciesMax) return;
        slices.of(candidates.filter(({ scope }) => scope.principal.kind === 'any'));
      }
    } catch {
      return;
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

  #answerTo(question: Question, asked: Asked, instance: Instance): Evaluation {
    const { answered } = instance;
    const { request, values } = question;
    const known = this.#askedOnce ? knownOf(asked, values, answered) : undefined;
    const told = known?.told ?? toldWith(asked.reading.facts, values);
    tell(request, told);
    if (known !== undefined) return known.evaluation;
    const found = this.#evaluate(question, asked, instance);
    if (found === undefined) return unanswered('the policy engine refused the question');
    const evaluation = { ...found, approvalMatters: asked.reading.slice.approvalMatters };
    answered.keep(questionOf(asked, values), { values, told, evaluation });
    return evaluation;
  }

  /** Asks those policies of the slice that can make a difference; all of them where these do not come up often. */
  #evaluate(question: Question, asked: Asked, { cedar, slices }: Instance): Evaluation | undefined {
    const { request, approved, without, values } = question;
    const { slice, facts, fails, withYes } = asked.reading;
    const whole = { facts, subjects: asked.subjects };
    if (!slice.isResolved) return this.#ask(whole, values, cedar);
    const { policies } = slice;
    const left = approved && without !== undefined ? leftWithYes(policies, withYes, without) : { ask: policies };
    if ('answer' in left) return left.answer;
    const open = openOf(left.ask, fails, { values, agent: request.agent });
    if (open.length === 0) return nothingApplies;
    const part = open.length === policies.length ? undefined : slices.part(open);
    if (part === undefined) return this.#ask(whole, values, cedar);
    const asking = partOf(asked, part);
    return this.#ask(asking, valuesOf(asking.facts, request, approved), cedar);
  }

  /** Undefined if the engine could not read it. Throws if it broke, and then there is no such instance any more. */
  #ask({ subjects, facts }: Part, values: Values, cedar: Cedar): Evaluation | undefined {
    let answer: AuthorizationAnswer;
    try {
      answer = cedar.statefulIsAuthorized({ ...subjects, context: contextOf(facts, values) });
    } catch (thrown) {
      this.#instances.drop();
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
    };
  }

  /** Made once for an agent that is the same value from call to call; of one that is made anew with each, its slice is kept. */
  #askedFor({ agent, tool }: PolicyRequest, known: ToolPolicies, instance: Instance): Asked {
    const before = known.asked.get(agent.id);
    if (before?.agent === agent && before.tool === tool) return before;
    const isPlacedAlike = before?.agent.classes === agent.classes && before?.agent.team === agent.team;
    const slice = before !== undefined && isPlacedAlike ? before.reading.slice : this.#sliceFor(agent, known, instance);
    const reading = before?.reading.slice === slice ? before.reading : readingOf(slice, known.action);
    const subjects = subjectsOf(agent, tool, known.action, slice);
    const number = instance.answered.numberOf(JSON.stringify(subjects));
    const asked: Asked = { agent, tool, reading, subjects, parts: new Map(), number, newest: undefined };
    if (known.asked.size >= agentsAskedMax) known.asked.clear();
    known.asked.set(agent.id, asked);
    return asked;
  }

  #sliceFor(agent: Agent, { candidates }: ToolPolicies, { slices }: Instance): Slice {
    if (!this.#slicing) return slices.whole();
    const principal = placedAgent(agent);
    return slices.of(candidates.filter(({ scope }) => matches(scope.principal, principal)));
  }
}

const nothingApplies: Evaluation = { allowed: false, determining: [], errors: [] };

/** The question could not be put: no policy is to blame, and it is a deny. */
const notReadYet =
  'the policies have not been read for this tool as it is now; send it again in a moment, or an operator can run `sallyport status`';

function unanswered(message: string): Evaluation {
  return { allowed: false, determining: [], errors: [{ policy: '', message }] };
}

function applyingTo(agent: Agent, { action, candidates }: ToolPolicies): LoadedPolicy[] {
  const subject: Subject = {
    principal: placedAgent(agent),
    action: placedAction(action.tool),
    resource: placedTool(action.tool),
  };
  return candidates.filter(policy => appliesTo(policy, subject));
}
