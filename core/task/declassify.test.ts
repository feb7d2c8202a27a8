import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countingLabels } from '../model/declassification.ts';
import type { TaskDeclassified, TaskOpened } from '../model/entry.ts';
import type { TaskId } from '../model/ids.ts';
import type { Label, LabelSource } from '../model/label.ts';
import { declassificationsMax, declassifyTask } from './declassify.ts';
import { emptyState, type State } from './state.ts';
import { endTask, openTask, raiseTask } from './task.ts';

const source = (label: Label): LabelSource => ({ label, entry: 'o_1', server: 's', tool: 't', at: 1 });
const opening = (task: TaskId, over: Partial<TaskOpened> = {}): TaskOpened => ({
  ...{ kind: 'task.opened', id: task, task, agent: 'a', principal: 'user:a', taskKind: 'opened', opener: 'operator' },
  ...{ manifest: { tools: undefined }, limits: { callsMax: 9, secondsMax: 9, bytesMax: 9, depthMax: 2 }, labels: [] },
  ...over,
});
const lowered = (over: Partial<TaskDeclassified> = {}): TaskDeclassified => ({
  ...{ kind: 'task.declassified', id: 'e_1', task: 't_1', what: { kind: 'task' }, to: 'internal', by: 'operator' },
  ...{ why: 'read through it', ...over },
});

function readOf(...labels: Label[]): State {
  const state = emptyState();
  openTask(state, opening('t_1'), 0, '');
  raiseTask(state, 't_1', labels.map(source));
  return state;
}

function counting(state: State, id: TaskId = 't_1'): Label[] {
  const task = state.tasks.get(id)?.task;
  assert.ok(task);
  return [...countingLabels(task.labels, task.declassified)].sort();
}

test('F-8 all that was read so far counts as a person says, its labels stay, and integrity is not touched', () => {
  const state = readOf('untrusted', 'unlabelled', 'secret', 'tenant:acme', 'readers:');
  declassifyTask(state, lowered(), 1);
  assert.deepEqual(counting(state), ['internal', 'tenant:acme', 'untrusted']);
  assert.deepEqual(
    [...(state.tasks.get('t_1')?.task.labels ?? [])],
    ['untrusted', 'unlabelled', 'secret', 'tenant:acme', 'readers:'],
  );
});

test('F-8 what is read later counts as it is labelled, though its like was lowered', () => {
  const state = readOf('secret', 'confidential');
  declassifyTask(state, lowered(), 1);
  assert.deepEqual(counting(state), ['internal']);
  raiseTask(state, 't_1', [source('secret')]);
  assert.deepEqual(counting(state), ['internal', 'secret']);
  declassifyTask(state, lowered({ id: 'e_2', to: 'public' }), 2);
  assert.deepEqual(counting(state), ['internal', 'public'], 'nothing is lower than what was said of it');
});

test('F-4 F-8 it is not inherited: a child, a successor and an ambient task have the labels themselves', () => {
  const state = readOf('secret');
  openTask(state, opening('t_0', { taskKind: 'ambient', opener: 'gateway' }), 0, '');
  declassifyTask(state, lowered(), 1);
  openTask(
    state,
    opening('t_2', { parent: 't_1', depth: 1, labels: state.tasks.get('t_1')?.task.sources ?? [] }),
    2,
    '',
  );
  assert.deepEqual(counting(state, 't_2'), ['secret']);
  assert.deepEqual(counting(state, 't_0'), ['secret']);
  endTask(state, { kind: 'task.ended', id: 'e_9', task: 't_1', by: 'operator', why: '' }, 3);
  declassifyTask(state, lowered({ id: 'e_3', to: 'public' }), 4);
  assert.equal(state.tasks.get('t_1')?.task.declassified?.length, 1, 'nor is an ended task lowered');
});

test('what a child reads counts for its parent again', () => {
  const state = readOf('confidential');
  openTask(state, opening('t_2', { parent: 't_1', depth: 1 }), 0, '');
  declassifyTask(state, lowered(), 1);
  raiseTask(state, 't_2', [source('confidential')]);
  assert.deepEqual(counting(state), ['confidential']);
});

test('a task has a bounded number of them', () => {
  const state = readOf('secret');
  for (let at = 0; at < declassificationsMax + 5; at++) declassifyTask(state, lowered(), 1);
  assert.equal(state.tasks.get('t_1')?.task.declassified?.length, declassificationsMax);
});
