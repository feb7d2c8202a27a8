import type { CedarValueJson, Context } from '@cedar-policy/cedar-wasm/nodejs';
import type {
  EnvironmentFacts,
  FlowFacts,
  PolicyRequest,
  RiskFacts,
  TaskFacts,
} from '@sallyport/core/policy/engine.ts';
import type { ActionSchema } from '@sallyport/core/policy/schema.ts';
import { type ContentTold, contentOf, isContent, isReadable } from './content.ts';
import type { Mention, Mentions } from './mentions.ts';
import { inputValue } from './value.ts';

/** One value that a question holds: a part of the context, or one member of it. */
interface Fact {
  readonly part: string;
  /** Undefined where the part is given whole. */
  readonly member: string | undefined;
  /** Undefined where the request has no such value; throws `Unrepresentable` if it has no exact form. */
  readonly read: (request: PolicyRequest, approved: boolean) => CedarValueJson | undefined;
}

/**
 * The facts that the asked policies mention, in an order that is made once: nothing else goes into a question. With their values
 * it is the question, for the engine and for what is remembered of its answers.
 */
export type Facts = readonly Fact[];

/** Of one request, in the order of its facts. */
export type Values = readonly (CedarValueJson | undefined)[];

export function factsFor(action: ActionSchema, { everything, context }: Mentions): Facts {
  const isAll = everything || context.whole;
  const parts = isAll ? action.context.attributes.keys() : context.parts.keys();
  return [...parts].flatMap(part => factsOfPart(part, action, isAll ? undefined : context.parts.get(part)));
}

/** None where there is no such part: it can be asked for, and is in no request. */
function factsOfPart(part: string, action: ActionSchema, mention: Mention | undefined): Fact[] {
  const whole = (read: Fact['read']): Fact[] => [{ part, member: undefined, read }];
  if (part === 'approved') return whole((_, approved) => approved);
  if (part === 'input') return whole(({ input }) => inputValue(input, action.input, mention));
  const members = membersOf(part, action);
  if (members === undefined) return [];
  const isThere = (): boolean => !isContent(part) || isReadable(part);
  const { names, value } = members;
  if (mention === undefined || mention.whole)
    return whole(request => (isThere() ? together(names(request), name => value(request, name)) : undefined));
  if (mention.parts.size === 0) return whole(() => (isThere() ? {} : undefined));
  return [...mention.parts.keys()].map(member => ({ part, member, read: request => value(request, member) }));
}

/** How a part that is a record is read, member by member. */
interface Members {
  readonly names: (request: PolicyRequest) => readonly string[];
  readonly value: (request: PolicyRequest, name: string) => CedarValueJson | undefined;
}

function membersOf(part: string, { input: { attributes } }: ActionSchema): Members | undefined {
  switch (part) {
    case 'task':
      return { names: ({ task }) => Object.keys(task), value: ({ task }, name) => taskFact(name, task) };
    case 'flow':
      return {
        names: ({ flow }) => [...Object.keys(flow), 'tenants'],
        value: ({ flow }, name) => flowFact(name, flow, named => attributes.has(named)),
      };
    case 'env':
      return { names: ({ env }) => Object.keys(env), value: ({ env }, name) => environmentFact(name, env) };
    case 'risk':
      return { names: () => ['score', 'signals'], value: ({ risk }, name) => riskFact(name, risk) };
    default:
      if (!isContent(part)) return undefined;
      return {
        names: request => Object.keys(contentOf(request)[part]),
        value: (request, name) => (isReadable(part) ? own(contentOf(request)[part], name) : undefined),
      };
  }
}

/** What one question asks for, of this request. */
export function valuesOf(facts: Facts, request: PolicyRequest, approved: boolean): Values {
  const values: (CedarValueJson | undefined)[] = [];
  for (const { read } of facts) values.push(read(request, approved));
  return values;
}

/** Whether they are the same values, as far as a look without searching can tell. */
export function areSame(some: Values, others: Values): boolean {
  for (let at = 0; at < some.length; at++) if (!isSame(some[at], others[at])) return false;
  return some.length === others.length;
}

function isSame(one: CedarValueJson | undefined, other: CedarValueJson | undefined): boolean {
  if (one === other) return true;
  if (!Array.isArray(one) || !Array.isArray(other) || one.length !== other.length) return false;
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false;
  return true;
}

export function contextOf(facts: Facts, values: Values): Context {
  const context: Record<string, CedarValueJson> = {};
  const parts = new Map<string, Record<string, CedarValueJson>>();
  for (const [at, { part, member }] of facts.entries()) {
    const value = values[at];
    if (member === undefined) {
      if (value !== undefined) context[part] = value;
    } else if (!isContent(part) || isReadable(part)) {
      const known = parts.get(part) ?? {};
      parts.set(part, known);
      context[part] = known;
      if (value !== undefined) known[member] = value;
    }
  }
  return context;
}

/** What policies are told of the arguments with these values. */
export function toldWith(facts: Facts, values: Values): ContentTold {
  const all = contextOf(facts, values);
  return Object.fromEntries(
    Object.keys(all)
      .filter(isContent)
      .sort()
      .map(name => [name, all[name]]),
  ) as ContentTold;
}

function together(
  names: readonly string[],
  value: (name: string) => CedarValueJson | undefined,
): Record<string, CedarValueJson> {
  const facts: Record<string, CedarValueJson> = {};
  for (const name of names) {
    const found = value(name);
    if (found !== undefined) facts[name] = found;
  }
  return facts;
}

function taskFact(name: string, task: TaskFacts): CedarValueJson | undefined {
  const value = own(task, name);
  return typeof value === 'number' ? wholeNumber('task', name, value) : value;
}

/** Lists are the request's own: whoever asks changes nothing. */
function flowFact(name: string, flow: FlowFacts, isArgument: (name: string) => boolean): CedarValueJson | undefined {
  switch (name) {
    case 'ways':
      return undefined;
    case 'arg':
      return Object.fromEntries(Object.entries(flow.arg).filter(([named]) => isArgument(named)));
    case 'tenants':
      return [...(flow.tenants ?? [])];
    default:
      return own(flow, name);
  }
}

function riskFact(name: string, { score, signals }: RiskFacts): CedarValueJson | undefined {
  if (name === 'score') return wholeNumber('risk', name, score);
  return name === 'signals' ? [...signals] : undefined;
}

function environmentFact(name: string, env: EnvironmentFacts): CedarValueJson | undefined {
  const value = own(env, name);
  return typeof value === 'number' ? dateTime(value) : value;
}

function dateTime(at: number): CedarValueJson {
  return { __extn: { fn: 'datetime', arg: new Date(at).toISOString() } };
}

function own(facts: object, name: string): CedarValueJson | undefined {
  return Object.hasOwn(facts, name) ? (facts as Record<string, CedarValueJson>)[name] : undefined;
}

function wholeNumber(of: string, name: string, value: number): number {
  if (!Number.isSafeInteger(value)) throw new Error(`the fact ${of}.${name} is not a whole number`);
  return value;
}
