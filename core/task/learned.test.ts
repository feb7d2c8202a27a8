import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Entry } from '../model/entry.ts';
import { expectedTools, type Learned, learn, type TaskHistory } from './learned.ts';

const day = 86_400_000;

interface Told {
  readonly at?: number;
  readonly principal?: string;
  readonly opener?: string;
  readonly tools?: readonly string[];
  readonly more?: readonly object[];
  readonly labels?: readonly string[];
  readonly ended?: boolean;
  readonly stops?: readonly object[];
}

/** One ended task that used these tools, as entries. Only what is looked at stands in them. */
function history(told: Told, index: number): TaskHistory {
  const { at = index * day, principal = 'user:emma', opener = 'operator', tools = ['mail/list', 'notes/add'] } = told;
  const task = `t_${index}`;
  const labels = (told.labels ?? []).map(label => ({ label, entry: 'o_0', server: 's', tool: 't', at: 0 }));
  const opened = {
    kind: 'task.opened',
    id: task,
    task,
    at,
    agent: 'assistant',
    principal,
    taskKind: 'post',
    opener,
    labels,
  };
  const used = tools.flatMap((key, step) => {
    const [server, tool] = key.split('/');
    const id = `d_${index}_${step}`;
    return [
      { kind: 'decided', id, task, answer: 'permit', action: { server, tool, digest: `x${step}` }, labels: [] },
      { kind: 'performed', id: `o_${index}_${step}`, decision: id, task, outcome: 'ok', labels: ['internal'] },
    ];
  });
  const end = told.ended === false ? [] : [{ kind: 'task.ended', id: `e_${index}`, task, at: at + 1_000 }];
  const stops = (told.stops ?? []).map(stop => ({ kind: 'killed', stop: true, at: at + 10, ...stop }));
  return {
    opened,
    entries: [opened, ...used, ...(told.more ?? []), ...end] as unknown as Entry[],
    stops,
  } as unknown as TaskHistory;
}

function learned(all: readonly Told[]): Learned {
  return learn('assistant', all.map(history));
}

const five: readonly Told[] = Array.from({ length: 5 }, () => ({}));

describe('what tasks of a kind did before', () => {
  test('five tasks on three days, or for three principals, are enough; fewer, or all on one day for one, are not', () => {
    assert.deepEqual(expectedTools(learned(five)), ['mail/list', 'notes/add']);
    assert.equal(expectedTools(learned(five.slice(1))), undefined);
    const sameDay = five.map((_, at) => ({ at }));
    assert.equal(expectedTools(learned(sameDay)), undefined, 'one principal in one day');
    const three = sameDay.map((one, at) => ({ ...one, principal: `user:${at % 3}` }));
    assert.ok(expectedTools(learned(three)));
  });

  test('a tool that one task used, however often, is not expected, and stands in the explanation', () => {
    const once = learned([{ tools: ['mail/list', 'bank/pay', 'bank/pay'] }, ...five]);
    assert.deepEqual(expectedTools(once), ['mail/list', 'notes/add']);
    assert.deepEqual(
      once.tools.find(({ tool }) => tool === 'bank/pay'),
      { tool: 'bank/pay', tasks: 1, days: 1, principals: 1, expected: false },
    );
  });

  test('what failed, or never came back, was not used', () => {
    const tried = (n: number, ...outcome: readonly object[]) => [
      {
        kind: 'decided',
        id: `d_t${n}`,
        answer: 'permit',
        action: { server: 'bank', tool: 'pay', digest: 'q' },
        labels: [],
      },
      ...outcome,
    ];
    const failed = five.map((_, n) => ({
      more: tried(n, { kind: 'performed', decision: `d_t${n}`, outcome: 'tool-error', labels: [] }),
    }));
    for (const all of [failed, five.map((_, n) => ({ more: tried(n) }))])
      assert.deepEqual(expectedTools(learned(all)), ['mail/list', 'notes/add']);
  });

  test('nothing is learned from a task that was stopped, refused, tainted or its own, nor while it goes on', () => {
    const decided = (answer: string, more: object = {}) => ({
      kind: 'decided',
      id: 'd_x',
      answer,
      action: { server: 'bank', tool: 'pay', digest: 'q' },
      labels: [],
      ...more,
    });
    const bad: readonly (readonly [Told, RegExp])[] = [
      [{ opener: 'claimed' }, /opened it by itself/],
      [{ ended: false }, /not ended/],
      [{ labels: ['untrusted'] }, /began with/],
      [{ stops: [{ scope: { kind: 'all' } }] }, /stopped/],
      [{ stops: [{ scope: { kind: 'agent', agent: 'assistant' } }] }, /stopped/],
      [{ more: [{ kind: 'task.suspended' }] }, /suspended/],
      [{ more: [decided('deny')] }, /denied/],
      [{ more: [decided('ask')] }, /nobody said yes/],
      [{ more: [{ kind: 'overruled', labels: [] }] }, /had been refused/],
      [
        { more: [{ kind: 'performed', outcome: 'ok', decision: 'd', labels: ['untrusted'] }] },
        /anybody could have written/,
      ],
    ];
    for (const [told, why] of bad) {
      const all = learned([told, ...five.slice(1)]);
      assert.match(all.leftOut[0]?.why ?? 'it counts', why);
      assert.equal(expectedTools(all), undefined);
    }
    const other = learned([{ stops: [{ scope: { kind: 'agent', agent: 'other' } }] }, ...five.slice(1)]);
    assert.deepEqual(other.leftOut, [], 'a stop of another agent is none of it');
    const approved = learned([{ more: [decided('ask'), decided('permit', { approval: 'ap_1' })] }, ...five.slice(1)]);
    assert.deepEqual(approved.leftOut, [], 'a question that was answered with yes is no objection');
  });

  test('the same entries teach the same, in whatever order they come', () => {
    const all = [...five, { tools: ['a/b'] }, { opener: 'claimed' }].map(history);
    const one = learn('assistant', all);
    const other = learn('assistant', all.toReversed());
    assert.deepEqual(one.tools, other.tools);
    assert.equal(one.ready, other.ready);
  });
});
