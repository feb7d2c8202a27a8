import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeLimits } from '@sallyport/testkit/fakes/task.ts';
import fc from 'fast-check';
import type { AgentId, TaskId } from '../model/ids.ts';
import type { Label, LabelSource } from '../model/label.ts';
import { lineageMax } from './lineage.ts';
import { raiseTask, reachTask } from './raise.ts';
import { emptyState, pairKey, type State } from './state.ts';
import { endTask, openTask } from './task.ts';

const source = (label: Label): LabelSource => ({ label, entry: 'o_1', server: 's', tool: 't', at: 1 });
const labels: readonly Label[] = ['untrusted', 'org', 'secret', 'confidential', 'tenant:acme'];

interface Step {
  readonly what: 'read' | 'send' | 'delegate' | 'claim' | 'ambient' | 'end';
  readonly task: number;
  readonly other: number;
  readonly agent: AgentId;
  readonly label: Label;
}

const step: fc.Arbitrary<Step> = fc.record({
  what: fc.constantFrom('read', 'read', 'send', 'delegate', 'delegate', 'claim', 'ambient', 'end'),
  ...{ task: fc.nat(99), other: fc.nat(99), agent: fc.constantFrom('a', 'b', 'c'), label: fc.constantFrom(...labels) },
});

function open(state: State, agent: AgentId, taskKind: 'ambient' | 'opened', parent?: TaskId): void {
  const task = `t_${state.tasks.size}` as TaskId;
  const before = state.tasks.get(parent ?? ('' as TaskId))?.task;
  const depth = (before?.depth ?? -1) + 1;
  if (depth > lineageMax) return;
  openTask(
    state,
    {
      ...{
        kind: 'task.opened',
        id: task,
        task,
        agent,
        principal: 'user:emma',
        taskKind,
        manifest: { tools: undefined },
      },
      ...{ opener: taskKind === 'ambient' ? 'gateway' : 'operator', limits: fakeLimits({}), tokenHash: task, depth },
      ...{ labels: before?.sources ?? [], ...(parent === undefined ? {} : { parent }) },
    },
    1_000,
    '',
  );
}

function take(state: State, { what, task, other, agent, label }: Step): void {
  const ids = [...state.tasks.keys()];
  const [one, two] = [ids[task % ids.length], ids[other % ids.length]];
  if (what === 'ambient' || what === 'claim' || one === undefined || two === undefined)
    open(state, agent, what === 'ambient' ? 'ambient' : 'opened');
  else if (what === 'delegate') open(state, agent, 'opened', one);
  else if (what === 'read') raiseTask(state, one, [source(label)]);
  else if (what === 'send') reachTask(state, one, two, [...(state.tasks.get(two)?.task.sources ?? []), source(label)]);
  else endTask(state, { kind: 'task.ended', id: 'e_1', task: one, by: 'operator', why: '' }, 2_000);
}

test('F-9 K-7 whatever agents read, hand on and say to each other, whoever delegated and the ambient task know it all', () => {
  const seen = { delegated: 0, ambient: 0 };
  fc.assert(
    fc.property(fc.array(step, { minLength: 5, maxLength: 40 }), steps => {
      const state = emptyState();
      for (const each of steps) {
        take(state, each);
        for (const { task } of state.tasks.values()) {
          const above = state.tasks.get(task.parent ?? ('' as TaskId))?.task;
          const beside = state.tasks.get(
            state.ambient.get(pairKey(task.agent, task.principal)) ?? ('' as TaskId),
          )?.task;
          for (const label of task.labels) {
            if (above !== undefined) assert.ok(above.labels.has(label), `${above.id} delegated ${task.id}: ${label}`);
            if (beside !== undefined) assert.ok(beside.labels.has(label), `${beside.id} beside ${task.id}: ${label}`);
            seen.delegated += above === undefined ? 0 : 1;
            seen.ambient += beside === undefined ? 0 : 1;
          }
        }
      }
    }),
    { numRuns: 300 },
  );
  assert.ok(seen.delegated > 1_000 && seen.ambient > 1_000, `too tame: ${JSON.stringify(seen)}`);
});

test('a task that was begun clean is not marked by what its agent says to another from elsewhere', () => {
  const state = emptyState();
  open(state, 'a', 'ambient');
  raiseTask(state, 't_0', [source('untrusted')]);
  open(state, 'a', 'opened');
  open(state, 'b', 'opened', 't_0');
  reachTask(state, 't_2', 't_0', [source('untrusted')]);
  assert.deepEqual([...(state.tasks.get('t_1')?.task.labels ?? [])], []);
});
