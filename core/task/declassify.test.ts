import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bringersMax, countingLabels, labelsAbove } from '../model/declassification.ts';
import type { TaskDeclassified, TaskOpened } from '../model/entry.ts';
import type { EntryId, TaskId } from '../model/ids.ts';
import type { Label, LabelSource } from '../model/label.ts';
import { declassificationsMax, declassifyTask, policyDeclassificationsMax } from './declassify.ts';
import { raiseTask, reachTask } from './raise.ts';
import { emptyState, type State } from './state.ts';
import { endTask, openTask } from './task.ts';

const source = (label: Label, entry: EntryId = 'o_1'): LabelSource => ({ label, entry, server: 's', tool: 't', at: 1 });
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
  raiseTask(
    state,
    't_1',
    labels.map(label => source(label)),
  );
  return state;
}

function counting(state: State, id: TaskId = 't_1'): Label[] {
  const task = state.tasks.get(id)?.task;
  assert.ok(task);
  return [...countingLabels(task)].sort();
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
  assert.deepEqual(counting(state), ['internal'], 'nothing is lower than what was said of it before');
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

test('F-8 a message takes along what was read, not that it was lowered, and what was lowered where it comes from stays so', () => {
  const state = readOf();
  raiseTask(state, 't_1', [source('secret', 'o_1')]);
  openTask(state, opening('t_0', { agent: 'b', taskKind: 'ambient', opener: 'gateway' }), 0, '');
  openTask(state, opening('t_9', { taskKind: 'ambient', opener: 'gateway' }), 0, '');
  openTask(state, opening('t_2', { agent: 'b', parent: 't_1', depth: 1 }), 0, '');
  declassifyTask(state, lowered({ what: outcome('o_1') }), 1);
  declassifyTask(state, lowered({ task: 't_9' }), 1);
  const { sources = [] } = state.tasks.get('t_1')?.task ?? {};
  reachTask(state, 't_2', 't_1', sources);
  openTask(state, opening('t_3', { agent: 'b', parent: 't_1', depth: 1, labels: sources }), 2, '');
  openTask(state, opening('t_4', { parent: 't_1', depth: 1, labels: sources }), 2, '');
  const sending = (['t_1', 't_9'] as const).map(id => counting(state, id));
  assert.deepEqual(sending, [['internal'], ['internal']]);
  const told = (['t_2', 't_3', 't_4', 't_0'] as const).map(id => counting(state, id));
  assert.deepEqual(told, [['secret'], ['secret'], ['secret'], ['secret']]);
  for (const id of ['t_0', 't_2', 't_3'] as const)
    declassifyTask(state, lowered({ id: 'e_2', task: id, what: outcome('o_1') }), 3);
  const later = (['t_2', 't_3', 't_0'] as const).map(id => counting(state, id));
  assert.deepEqual(later, [['secret'], ['secret'], ['secret']], 'one source of a label stands for others');
});

const outcome = (entry: EntryId): TaskDeclassified['what'] => ({ kind: 'entry', entry });

test('F-8 a label is a join over what brought it: it follows once all of that was lowered, and not before', () => {
  const state = readOf();
  raiseTask(state, 't_1', [source('secret', 'o_1'), source('untrusted', 'o_1')]);
  raiseTask(state, 't_1', [source('secret', 'o_2'), source('unlabelled', 'o_2')]);
  declassifyTask(state, lowered({ what: outcome('o_1') }), 1);
  assert.deepEqual(counting(state), ['secret', 'unlabelled', 'untrusted'], 'o_2 is as secret as it was');
  declassifyTask(state, lowered({ what: outcome('o_2'), to: 'public' }), 2);
  assert.deepEqual(counting(state), ['internal', 'public', 'untrusted']);
  assert.deepEqual(
    state.tasks.get('t_1')?.task.declassified?.map(({ lowers }) => lowers),
    [[], ['secret', 'unlabelled']],
  );
  raiseTask(state, 't_1', [source('secret', 'o_1')]);
  assert.deepEqual(counting(state), ['public', 'secret', 'untrusted'], 'what says more later was not lowered');
});

test('F-8 lowering an outcome that brought nothing, another task’s, or less than it is lowered to, lowers nothing', () => {
  const state = readOf('confidential');
  for (const [what, to] of [
    [outcome('o_9'), 'public'],
    [outcome('o_1'), 'secret'],
    [outcome('o_1'), 'confidential'],
    [{ kind: 'value', digest: 'd' }, 'public'],
  ] as const)
    declassifyTask(state, lowered({ what, to }), 1);
  assert.deepEqual(counting(state), ['confidential']);
});

test('F-4 F-8 what was read before the task began stands for more than its first source: no outcome lowers it, all of it does', () => {
  const state = emptyState();
  openTask(state, opening('t_1', { labels: [source('secret')] }), 0, '');
  declassifyTask(state, lowered({ what: outcome('o_1') }), 1);
  assert.deepEqual(counting(state), ['secret']);
  declassifyTask(state, lowered(), 2);
  assert.deepEqual(counting(state), ['internal']);
});

test('F-8 of more records than are told apart none can be lowered by itself', () => {
  const state = readOf();
  const entries = Array.from({ length: bringersMax + 1 }, (_, at): EntryId => `o_${at}`);
  for (const entry of entries) raiseTask(state, 't_1', [source('secret', entry)]);
  for (const entry of entries) declassifyTask(state, lowered({ what: outcome(entry) }), 1);
  assert.deepEqual(counting(state), ['secret']);
});

test('F-8 who lets nobody see it lets none of these: a kind of readers more counts, though nobody’s was lowered', () => {
  const state = readOf('readers:');
  declassifyTask(state, lowered(), 1);
  assert.deepEqual(counting(state), ['internal']);
  raiseTask(state, 't_1', [source('readers:*@a.example', 'o_2')]);
  assert.deepEqual(counting(state), ['readers:']);
});

test('F-8 whatever is read and lowered in whatever order, no label is lost while one outcome that brought it was not lowered', () => {
  const labels = [
    'public',
    'internal',
    'confidential',
    'secret',
    'unlabelled',
    'readers:*@a.example',
    'untrusted',
  ] as const;
  const steps = fc.array(
    fc.record({
      entry: fc.nat(2),
      label: fc.constantFrom(...labels),
      to: fc.constantFrom(undefined, 'public' as const, 'internal' as const),
    }),
    { maxLength: 24 },
  );
  let gone = 0;
  fc.assert(
    fc.property(steps, all => {
      const state = readOf();
      const left = new Map<Label, Set<EntryId>>();
      for (const { entry: at, label, to } of all) {
        const entry: EntryId = `o_${at}`;
        if (to === undefined) {
          raiseTask(state, 't_1', [source(label, entry)]);
          left.set(label, new Set([...(left.get(label) ?? []), entry]));
        } else {
          declassifyTask(state, lowered({ what: outcome(entry), to }), 1);
          for (const [name, entries] of left) if (labelsAbove([name], to).length > 0) entries.delete(entry);
        }
      }
      const counted = counting(state);
      for (const [label, entries] of left) {
        if (entries.size > 0) assert.ok(counted.includes(label), `${label} is gone`);
        else gone++;
      }
    }),
    { seed: 20261122, numRuns: 2_000 },
  );
  assert.ok(gone > 500, `${gone} labels lowered only`);
});

test('a policy’s are counted apart: the newest are kept, and leave a person’s their room', () => {
  const state = readOf('secret');
  for (let at = 0; at < policyDeclassificationsMax + 5; at++)
    declassifyTask(state, lowered({ id: `e_${at}`, by: 'policy:p', proof: 'policy', what: outcome('o_1') }), 1);
  declassifyTask(state, lowered({ id: 'e_last' }), 1);
  const { declassified = [] } = state.tasks.get('t_1')?.task ?? {};
  assert.equal(declassified.length, policyDeclassificationsMax + 1);
  assert.deepEqual([declassified[0]?.entry, declassified.at(-1)?.entry], ['e_5', 'e_last']);
});

test('a task has a bounded number of them', () => {
  const state = readOf('secret');
  for (let at = 0; at < declassificationsMax + 5; at++) declassifyTask(state, lowered(), 1);
  assert.equal(state.tasks.get('t_1')?.task.declassified?.length, declassificationsMax);
});
