import type { Agent } from '@sallyport/core/model/agent.ts';
import type { Tool } from '@sallyport/core/model/tool.ts';
import type { Evaluation } from '@sallyport/core/policy/engine.ts';
import type { ActionSchema } from '@sallyport/core/policy/schema.ts';
import type { Answered } from './answered.ts';
import type { ContentTold } from './content.ts';
import { areSame, type Facts, factsFor, type Values } from './facts.ts';
import { type Fails, failsOf } from './narrow.ts';
import type { LoadedPolicy, Slice } from './policy.ts';
import { type Subjects, subjectsOf } from './request.ts';
import { matches, placedAction, placedTool } from './scope.ts';
import { type WithYes, withYesOf } from './with-yes.ts';

/** The policies that could apply to one tool, before the agent is known. */
export interface ToolPolicies {
  readonly action: ActionSchema;
  readonly candidates: readonly LoadedPolicy[];
  /** What was asked of this instance for each agent, as it was placed then: agents are few, and each calls many times. */
  readonly asked: Map<string, Asked>;
}

export function toolPolicies(action: ActionSchema, policies: readonly LoadedPolicy[]): ToolPolicies {
  const [act, resource] = [placedAction(action.tool), placedTool(action.tool)];
  const candidates = policies.filter(({ scope }) => matches(scope.action, act) && matches(scope.resource, resource));
  return { action, candidates, asked: new Map() };
}

/** What is the same for all calls of a tool by an agent. */
export interface Asked {
  readonly agent: Agent;
  readonly tool: Tool;
  readonly reading: Reading;
  readonly subjects: Subjects;
  /** The number that stands for `subjects` in what is remembered of this instance. */
  readonly number: number;
  /** Of the slice, what was asked alone. */
  readonly parts: Map<Slice, Part>;
  /** What was asked last: most calls of an agent at work ask the same. */
  newest: Known | undefined;
}

/** How a slice is asked about a tool, by whomever. */
export interface Reading {
  readonly action: ActionSchema;
  readonly slice: Slice;
  readonly facts: Facts;
  readonly fails: Fails;
  readonly withYes: WithYes;
}

/** How some policies are asked about a tool and an agent. */
export interface Part {
  readonly facts: Facts;
  readonly subjects: Subjects;
}

/** A question that was answered. */
export interface Known {
  readonly values: Values;
  readonly told: ContentTold;
  readonly evaluation: Evaluation;
}

export function readingOf(slice: Slice, action: ActionSchema): Reading {
  const facts = factsFor(action, slice.mentions);
  const narrowed = slice.isResolved ? slice.policies : [];
  return { action, slice, facts, fails: failsOf(narrowed, facts), withYes: withYesOf(narrowed) };
}

export function partOf({ agent, tool, parts, reading: { action } }: Asked, slice: Slice): Part {
  const known = parts.get(slice);
  if (known !== undefined) return known;
  const part = { facts: factsFor(action, slice.mentions), subjects: subjectsOf(agent, tool, action, slice) };
  parts.set(slice, part);
  return part;
}

export function knownOf(asked: Asked, values: Values, answered: Answered<Known>): Known | undefined {
  const { newest } = asked;
  if (newest !== undefined && areSame(newest.values, values)) return newest;
  const known = answered.of(questionOf(asked, values));
  if (known !== undefined) asked.newest = known;
  return known;
}

/**
 * The subjects say which facts are asked for and in which order, so the values alone are the same text only for the same question. No
 * value is null: where there is none it stands for that.
 */
export function questionOf({ number }: Asked, values: Values): string {
  return `${number}${JSON.stringify(values)}`;
}
