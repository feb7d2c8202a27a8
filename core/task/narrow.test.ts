import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Entry } from '../model/entry.ts';
import type { TaskId } from '../model/ids.ts';
import type { Manifest } from '../model/task.ts';
import { applyEntry } from './fold.ts';
import { contains, narrows } from './manifest.ts';
import { emptyState, type State } from './state.ts';

const limits = { callsMax: 10, spendCentsMax: 0, secondsMax: 100, bytesMax: 1_000, depthMax: 3 };

function opened(id: TaskId, manifest: Partial<Manifest>, parent?: TaskId): Entry {
  const who = { agent: 'a', principal: 'user:p', taskKind: 'opened', opener: 'operator', limits, labels: [] };
  return {
    kind: 'task.opened',
    id,
    task: id,
    at: 1,
    manifest,
    ...who,
    ...(parent === undefined ? {} : { parent, depth: 1 }),
  } as unknown as Entry;
}

function narrowed(task: TaskId, manifest: Partial<Manifest>): Entry {
  return { kind: 'task.narrowed', id: 'e_1', task, manifest, why: '', by: 'operator', at: 2 } as unknown as Entry;
}

function manifestOf(state: State, id: TaskId): Manifest {
  const task = state.tasks.get(id)?.task;
  assert.ok(task);
  return task.manifest;
}

test('a narrowed task keeps what both name, and so does all below it', () => {
  const state = emptyState();
  applyEntry(state, opened('t_1', { tools: ['files/*', 'mail/send'] }));
  applyEntry(state, opened('t_2', { tools: ['files/read', 'mail/send'] }, 't_1'));
  applyEntry(state, narrowed('t_1', { tools: ['files/read', 'bank/pay'] }));
  assert.deepEqual(manifestOf(state, 't_1').tools, ['files/read']);
  assert.deepEqual(manifestOf(state, 't_2').tools, ['files/read']);
  const touched = (tool: string) => ({ tool, resources: [], destinations: [] });
  assert.ok(!contains(manifestOf(state, 't_1'), touched('bank/pay')), 'what is only named later is not gained');
});

test('narrowing passes over what has ended below, and over what is forgotten or was never there', () => {
  const state = emptyState();
  for (const id of ['t_1', 't_2', 't_3'] as const)
    applyEntry(state, opened(id, { tools: ['files/*'] }, id === 't_1' ? undefined : 't_1'));
  applyEntry(state, { kind: 'task.ended', id: 'e_2', task: 't_2', at: 2, by: 'x', why: '' } as unknown as Entry);
  state.tasks.delete('t_3');
  applyEntry(state, narrowed('t_1', { tools: ['files/read'] }));
  assert.deepEqual(manifestOf(state, 't_1'), { tools: ['files/read'], resources: undefined, destinations: undefined });
  assert.deepEqual(manifestOf(state, 't_2').tools, ['files/*'], 'what was, is as it was');
  applyEntry(state, narrowed('t_9', { tools: [] }));
  assert.equal(state.tasks.size, 2);
});

const word = (part: keyof Manifest) =>
  part === 'tools'
    ? fc.constantFrom('files/*', 'files/read', 'mail/send', 'mail/*', 'bank/pay')
    : part === 'resources'
      ? fc.constantFrom('/a/*', '/a/b', '/c')
      : fc.constantFrom('*.example.org', 'x.example.org', '*@example.org', 'ann@example.org');
const list = (part: keyof Manifest) => fc.option(fc.array(word(part), { maxLength: 4 }), { nil: undefined });
const manifest = fc.record({ tools: list('tools'), resources: list('resources'), destinations: list('destinations') });
/** Whatever else may be written about a task while it runs. */
const other = fc.constantFrom(
  'task.suspended',
  'task.resumed',
  'task.heard',
  'task.endorsed',
  'overruled',
  'task.opened',
);

test('whatever is written about a task, its manifest never grows', () => {
  fc.assert(
    fc.property(manifest, fc.array(fc.oneof(manifest, other), { maxLength: 8 }), (first, steps) => {
      const state = emptyState();
      applyEntry(state, opened('t_1', first));
      for (const step of steps) {
        const before = manifestOf(state, 't_1');
        const wide = { tools: ['files/*', 'mail/*', 'bank/pay'] };
        const entry =
          typeof step !== 'string'
            ? narrowed('t_1', step)
            : step === 'task.opened'
              ? opened('t_1', wide)
              : ({
                  kind: step,
                  id: 'e_1',
                  task: 't_1',
                  at: 3,
                  by: 'operator',
                  why: '',
                  labels: [],
                  endorsed: { kind: 'tool', server: 'bank', tool: 'pay' },
                  reach: 'grave',
                } as unknown as Entry);
        applyEntry(state, entry);
        const after = manifestOf(state, 't_1');
        assert.equal(narrows(before, after), undefined, JSON.stringify([before, step, after]));
      }
    }),
    { seed: 20261122, numRuns: 1_000 },
  );
});
