import { type Manifest, noManifest, type Task, type TaskLimits, type Use } from '@sallyport/core/model/task.ts';
import type { TaskFacts } from '@sallyport/core/policy/engine.ts';
import type { TaskOrder } from '@sallyport/gateway/api/control.ts';

/** Tasks and their facts, with everything that a test does not speak of at its plainest. */

export function fakeLimits(over: Partial<TaskLimits> = {}): TaskLimits {
  return { callsMax: 100, spendCentsMax: 100_000, secondsMax: 3_600, bytesMax: 1e9, depthMax: 3, ...over };
}

export function fakeUse(over: Partial<Use> = {}): Use {
  return { calls: 0, bytes: 0, spendCents: 0, ...over };
}

export const fakeTask: Task = {
  id: 't_00000000000000000000000001',
  agent: 'assistant',
  principal: 'user:emma',
  kind: 'ambient',
  opener: 'gateway',
  purpose: '',
  manifest: noManifest,
  ceiling: 'secret',
  segments: undefined,
  limits: fakeLimits(),
  audience: undefined,
  parent: undefined,
  depth: 0,
  openedAt: 0,
  state: { kind: 'open' },
  suspended: undefined,
  labels: new Set(),
  sources: [],
  endorsements: [],
  used: fakeUse(),
  lent: fakeUse(),
};

export function fakeTaskFacts(over: Partial<TaskFacts> = {}): TaskFacts {
  return {
    kind: 'ambient',
    openerProof: 'gateway',
    hasManifest: false,
    inManifest: false,
    hasPurpose: false,
    asked: false,
    related: false,
    delegated: false,
    depth: 0,
    ceiling: 3,
    segments: [],
    crossesSegment: false,
    principal: 'user:emma',
    ageSeconds: 0,
    calls: 0,
    spendCents: 0,
    costCents: 0,
    ...over,
  };
}

export function fakeOrder(over: Partial<TaskOrder> = {}): TaskOrder {
  return {
    kind: 'opened',
    agent: 'assistant',
    principal: undefined,
    purpose: 'sum up',
    manifest: noManifest,
    ceiling: undefined,
    segments: undefined,
    audience: undefined,
    parent: undefined,
    endsWith: undefined,
    limits: {},
    ...over,
  };
}

export function fakeManifest(over: Partial<Manifest>): Manifest {
  return { ...noManifest, ...over };
}
