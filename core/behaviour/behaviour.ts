import type { AgentId, DecisionId, TaskId } from '../model/ids.ts';
import { calm, type Risk, riskScoreMax, type Signal } from '../model/risk.ts';
import type { TaskKind } from '../model/task.ts';
import type { ActionClass } from '../model/tool.ts';
import { type Baseline, newBaseline } from './baseline.ts';
import { type Course, newCourse } from './course.ts';
import type { Finding } from './finding.ts';
import { notices, signalWeights } from './signals.ts';
import type { Step } from './step.ts';

/**
 * How agents behave: a fold over the journal's entries (`applyBehaviour`) and nothing else, so that a restart rebuilds
 * exactly what was known before it. Holds names of tools, counts and keyed digests; never a value.
 */
export interface Behaviour {
  /** Agent → kind of task → what is usual. */
  readonly baselines: Map<AgentId, Map<TaskKind, Baseline>>;
  readonly courses: Map<TaskId, Course>;
  readonly pending: Map<DecisionId, PendingStep>;
  /** By task, the one with the newest signal last. */
  readonly findings: Map<TaskId, Finding>;
}

export interface PendingStep {
  readonly task: TaskId;
  readonly tool: string;
  readonly classes: readonly ActionClass[];
  readonly destinations: readonly string[];
  readonly bytes: number;
  /** Policy permitted it, whatever the mode let through. */
  readonly permitted: boolean;
}

export function emptyBehaviour(): Behaviour {
  return { baselines: new Map(), courses: new Map(), pending: new Map(), findings: new Map() };
}

/** Pure, and the same for the same behaviour and step. */
export function riskOf(behaviour: Behaviour, step: Step): Risk {
  const course = behaviour.courses.get(step.task) ?? newCourse(step.agent, step.kind);
  const baseline = behaviour.baselines.get(step.agent)?.get(step.kind) ?? none;
  let signals: Signal[] | undefined;
  for (const notice of notices) {
    const signal = notice(step, course, baseline);
    if (signal !== undefined) signals = [...(signals ?? []), signal];
  }
  if (signals === undefined) return calm;
  const sum = signals.reduce((score, { name }) => score + signalWeights[name], 0);
  return { score: Math.min(riskScoreMax, sum), signals };
}

const none: Baseline = newBaseline();
