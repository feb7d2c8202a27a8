import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeLimits } from '@sallyport/testkit/fakes/task.ts';
import fc from 'fast-check';
import type { TaskOpened } from '../model/entry.ts';
import type { AgentId, PrincipalId, TaskId } from '../model/ids.ts';
import type { Label, LabelSource } from '../model/label.ts';
import type { Task } from '../model/task.ts';
import { lineageMax } from './lineage.ts';
import { raiseTask, reachTask } from './raise.ts';
import { emptyState, pairsOf, type State } from './state.ts';
import { endTask, openTask } from './task.ts';

const source = (label: Label): LabelSource => ({ label, entry: 'o_1', server: 's', tool: 't', at: 1 });
const labels: readonly Label[] = ['untrusted', 'org', 'secret', 'confidential', 'tenant:acme'];

/** For whom every agent works without a token. */
const emma = 'user:emma';

interface Who {
  readonly agent: AgentId;
  readonly principal: PrincipalId;
}

interface Step extends Who {
  readonly what: 'read' | 'send' | 'delegate' | 'open' | 'ambient' | 'end';
  readonly task: number;
  readonly other: number;
  readonly label: Label;
}

const step: fc.Arbitrary<Step> = fc.record({
  what: fc.constantFrom('read', 'read', 'send', 'delegate', 'delegate', 'open', 'ambient', 'end'),
  task: fc.nat(99),
  other: fc.nat(99),
  agent: fc.constantFrom('a', 'b', 'c'),
  principal: fc.constantFrom(emma, 'user:paul'),
  label: fc.constantFrom(...labels),
});

const taskOf = (state: State, id: TaskId | undefined): Task | undefined => state.tasks.get(id ?? ('' as TaskId))?.task;

function open(state: State, { agent, principal }: Who, taskKind: 'ambient' | 'opened', parent?: TaskId): void {
  const task = `t_${state.tasks.size}` as TaskId;
  const above = taskOf(state, parent);
  const depth = (above?.depth ?? -1) + 1;
  if (depth > lineageMax) return;
  const worksFor = above?.principal ?? principal;
  const entry: TaskOpened = {
    ...{ kind: 'task.opened', id: task, task, agent, principal: worksFor, taskKind, depth, tokenHash: task },
    ...{ opener: taskKind === 'ambient' ? 'gateway' : 'operator', manifest: { tools: undefined } },
    ...(taskKind === 'ambient' || worksFor === emma ? {} : { ownPrincipal: emma }),
    ...(parent === undefined ? {} : { parent }),
    ...{ limits: fakeLimits({}), labels: above?.sources ?? [] },
  };
  openTask(state, entry, 1_000, '');
}

function take(state: State, { what, task, other, label, ...who }: Step): void {
  const ids = [...state.tasks.keys()];
  const [one, two] = [ids[task % ids.length], ids[other % ids.length]];
  if (what === 'ambient' || what === 'open' || one === undefined || two === undefined)
    open(state, who, what === 'ambient' ? 'ambient' : 'opened');
  else if (what === 'delegate') open(state, who, 'opened', one);
  else if (what === 'read') raiseTask(state, one, [source(label)]);
  else if (what === 'send') reachTask(state, one, two, [...(taskOf(state, two)?.sources ?? []), source(label)]);
  else endTask(state, { kind: 'task.ended', id: 'e_1', task: one, by: 'operator', why: '' }, 2_000);
}

test('F-9 K-7 whatever agents read, hand on and say to each other, whoever delegated and their ambient tasks know it all', () => {
  const seen = { delegated: 0, ambient: 0 };
  fc.assert(
    fc.property(fc.array(step, { minLength: 5, maxLength: 40 }), steps => {
      const state = emptyState();
      for (const each of steps) {
        take(state, each);
        for (const { task } of state.tasks.values()) {
          const above = [taskOf(state, task.parent)];
          const ambient = pairsOf(task).map(pair => taskOf(state, state.ambient.get(pair)));
          for (const knows of [...above, ...ambient])
            for (const label of knows === undefined ? [] : task.labels)
              assert.ok(knows?.labels.has(label), `${knows?.id} does not know of ${label} in ${task.id}`);
          seen.delegated += above[0] === undefined ? 0 : task.labels.size;
          seen.ambient += ambient.some(one => one !== undefined) ? task.labels.size : 0;
        }
      }
    }),
    { numRuns: 300 },
  );
  assert.ok(seen.delegated > 1_000 && seen.ambient > 1_000, `too tame: ${JSON.stringify(seen)}`);
});

test('a task that was begun clean is not marked by what its agent says to another from elsewhere', () => {
  const state = emptyState();
  open(state, { agent: 'a', principal: emma }, 'ambient');
  raiseTask(state, 't_0', [source('untrusted')]);
  open(state, { agent: 'a', principal: emma }, 'opened');
  open(state, { agent: 'b', principal: emma }, 'opened', 't_0');
  reachTask(state, 't_2', 't_0', [source('untrusted')]);
  assert.deepEqual([...(taskOf(state, 't_1')?.labels ?? [])], []);
});
