import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Act, Story } from '@sallyport/testkit/behaviour/story.ts';
import { type Random, seeded } from '@sallyport/testkit/random.ts';
import type { EntryDraft } from '../model/entry.ts';
import type { TaskId } from '../model/ids.ts';
import type { Risk } from '../model/risk.ts';
import { baselineTasksMin } from './baseline.ts';
import { emptyBehaviour, riskOf } from './behaviour.ts';
import { applyBehaviour } from './fold.ts';
import { behaviourLimits } from './limits.ts';
import { riskAskScore, signalWeights } from './signals.ts';

const list: Act = { tool: 'books/list_invoices', answerBytes: 4_000 };
const read: Act = { tool: 'books/read_invoice', answerBytes: 4_000 };
const send: Act = { tool: 'mail/send', classes: ['message'], to: ['books@example.org'] };

/** An agent that has done the same in twelve tasks. */
function settled(): { readonly story: Story; readonly task: TaskId } {
  const story = new Story();
  story.tasks(12, [list, read, read, send]);
  return { story, task: story.open() };
}

const names = (risk: Risk): string[] => risk.signals.map(({ name }) => name);

describe('what is noticed about an action', () => {
  test('nothing about what such tasks always do', () => {
    const { story, task } = settled();
    for (const act of [list, read, read, send]) assert.deepEqual(names(story.act(task, act)), [], act.tool);
  });

  test('nothing before there is a baseline, and nothing from another kind of task', () => {
    const young = new Story();
    young.tasks(baselineTasksMin - 1, [list, send]);
    assert.deepEqual(names(young.act(young.open(), { tool: 'bank/pay', to: ['NL01'] })), []);
    const { story } = settled();
    assert.deepEqual(names(story.act(story.open('travel'), { tool: 'bank/pay', to: ['NL01'] })), []);
    assert.deepEqual(names(story.act(story.open('invoices', 'other'), { tool: 'bank/pay' })), []);
  });

  test('unusual-tool: one that hardly any earlier task used', () => {
    const { story, task } = settled();
    const risk = story.act(task, { tool: 'bank/pay' });
    assert.deepEqual(names(risk), ['unusual-tool']);
    assert.equal(risk.signals[0]?.text, '0 of 12 earlier tasks of this kind used bank/pay');
    assert.deepEqual(names(story.act(task, { tool: 'bank/pay' })), [], 'said once');
  });

  test('unusual-order: known tools, one after the other as never before', () => {
    const { story, task } = settled();
    const risk = story.act(task, send);
    assert.deepEqual(names(risk), ['unusual-order']);
    assert.equal(risk.signals[0]?.text, '0 of 12 earlier tasks of this kind began with mail/send');
  });

  test('new-destination: only where such tasks go to known places', () => {
    const { story, task } = settled();
    for (const act of [list, read, read]) story.act(task, act);
    assert.deepEqual(names(story.act(task, { ...send, to: ['evil@example.net'] })), ['new-destination']);
    const outreach = new Story();
    for (let each = 0; each < 12; each++) outreach.tasks(1, [list, { ...send, to: [`customer-${each}`] }]);
    const next = outreach.open();
    outreach.act(next, list);
    assert.deepEqual(names(outreach.act(next, { ...send, to: ['customer-99'] })), [], 'new addresses are its work');
  });

  test('an agent whose tasks are never alike is noticed for none of this', () => {
    const story = new Story();
    for (let each = 0; each < 20; each++)
      story.tasks(1, [list, { tool: `s/t${each}`, to: [`p${each}`] }, { tool: `s/u${each % 3}` }, send]);
    const task = story.open();
    for (const act of [{ tool: 's/new', to: ['elsewhere'] }, list, { tool: 's/other' }, send])
      assert.deepEqual(names(story.act(task, act)), [], act.tool);
  });

  test('burst: many more calls within a minute than such tasks have', () => {
    const { story, task } = settled();
    story.act(task, list);
    const seen = new Set<string>();
    for (let call = 0; call < 40; call++) {
      story.now -= 900;
      for (const name of names(story.act(task, read))) seen.add(name);
    }
    assert.deepEqual([...seen], ['burst']);
  });

  test('probing: different actions were turned away, and it tries another; the same again is none', () => {
    const { story, task } = settled();
    story.act(task, list);
    for (const digest of ['a', 'b', 'c', 'c']) story.act(task, { ...read, digest, how: 'refused' });
    assert.deepEqual(names(story.look(task, { ...read, digest: 'c' })), []);
    const risk = story.look(task, { ...read, digest: 'd' });
    assert.deepEqual(names(risk), ['probing']);
    assert.match(risk.signals[0]?.text ?? '', /^3 different actions of its newest 5 were turned away/);
    story.act(task, { ...read, digest: 'a', how: 'approved' });
    assert.deepEqual(names(story.look(task, { ...read, digest: 'd' })), [], 'a person said yes to one of them');
  });

  test('probing: what a client’s own user said yes to counts for nothing; what it did in spite of a no does', () => {
    for (const [over, signals] of [
      ['asked', []],
      ['refused', ['probing']],
    ] as const) {
      const { story, task } = settled();
      story.act(task, list);
      for (const digest of ['a', 'b', 'c']) story.act(task, { ...read, digest, how: 'refused' });
      const asked = story.entries.map(({ draft }) => draft).findLast(draft => draft.kind === 'decided');
      if (asked?.kind !== 'decided') throw new Error('nothing was decided');
      const where = { decision: asked.id, task, server: 'books', tool: 'read_invoice' };
      story.tell({ kind: 'overruled', id: 'e_00000000000000000000000099', ...where, over, labels: [] });
      assert.deepEqual(names(story.look(task, { ...read, digest: 'd' })), signals, over);
    }
  });

  test('volume-sent: much of what was read goes out again', () => {
    const { story, task } = settled();
    story.act(task, { ...list, answerBytes: 100_000 });
    story.act(task, read);
    const most: Act = { ...send, bytes: 90_000 };
    assert.deepEqual(names(story.look(task, most)), ['volume-sent']);
    assert.deepEqual(names(story.look(task, { ...send, bytes: 30_000 })), [], 'a third of it, as reports are');
    assert.deepEqual(names(story.look(task, { ...most, classes: ['write'] })), [], 'what stays is not sent');
  });

  test('drift: most of its newest calls lie outside what its task is for', () => {
    const story = new Story();
    const task = story.open();
    for (let call = 0; call < 4; call++) assert.deepEqual(names(story.act(task, { ...read, outside: true })), []);
    assert.deepEqual(names(story.look(task, { ...read, outside: true })), ['drift']);
    assert.deepEqual(names(story.look(task, read)), [], 'a call inside is no drift');
  });

  test('no single signal reaches what the default pack asks at, and any finding adds up to 100 at most', () => {
    for (const [name, weight] of Object.entries(signalWeights)) assert.ok(weight < riskAskScore, name);
    const { story, task } = settled();
    for (const act of [list, read, read]) story.act(task, act);
    const theft = story.look(task, { tool: 'paste/upload', classes: ['egress'], to: ['paste.example'] });
    assert.deepEqual(names(theft), ['unusual-tool', 'new-destination']);
    assert.ok(theft.score >= riskAskScore, `${theft.score}`);
  });
});

describe('what is learned', () => {
  const baselines = (story: Story): unknown =>
    [...story.behaviour.baselines].map(([agent, kinds]) => [agent, [...kinds]]);

  test('property: refused, observed and failed calls teach nothing', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const [plain, disturbed] = [new Story(), new Story()];
      const random = seeded(seed);
      for (let count = 0; count < 12; count++) {
        const acts = randomActs(random, 'performed');
        const noise = randomActs(random, random.pick(['refused', 'observed', 'failed'] as const));
        const [a, b] = [plain.open(), disturbed.open()];
        for (const act of acts) {
          plain.act(a, act);
          disturbed.act(b, act);
          // At the same times: what is compared is what they taught.
          for (const other of noise) {
            disturbed.now -= 1_000;
            disturbed.act(b, other);
          }
        }
        plain.end(a);
        disturbed.end(b);
      }
      assert.deepEqual(baselines(disturbed), baselines(plain), `seed ${seed}`);
    }
  });

  test('property: one task alone makes nothing usual, whatever it does and however often', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const { story } = settled();
      const random = seeded(seed);
      const before = story.open();
      const strange: Act[] = ['bank/pay', 'paste/upload', 'mail/forward'].map(tool => ({
        ...{ tool, classes: ['egress'], to: [`place-${random.below(3)}`], bytes: 5_000 + random.below(100_000) },
      }));
      const judged = strange.map(act => names(story.look(before, act)));
      const teacher = story.open();
      for (let count = random.below(300); count >= 0; count--) story.act(teacher, random.pick(strange));
      story.end(teacher);
      const after = story.open();
      const again = strange.map(act => names(story.look(after, act)));
      assert.deepEqual(again, judged, `seed ${seed}`);
    }
  });

  test('two tasks make it usual: slow drift is learned, as docs/limitations.md says', () => {
    const { story } = settled();
    const pay: Act = { tool: 'bank/pay' };
    const after = (): string[] => {
      const task = story.open();
      story.act(task, list);
      return names(story.look(task, pay));
    };
    assert.deepEqual(after(), ['unusual-tool']);
    story.tasks(2, [list, pay]);
    assert.deepEqual(after(), []);
  });

  test('a task that a person stopped teaches nothing, also when it is released later', () => {
    const { story } = settled();
    for (let each = 0; each < 3; each++) {
      const task = story.open();
      story.act(task, { tool: 'bank/pay' });
      const scope = each === 0 ? ({ kind: 'task', task } as const) : ({ kind: 'agent', agent: 'assistant' } as const);
      for (const stop of [true, false])
        story.tell({ kind: 'killed', id: `e_${'9'.repeat(26)}`, scope, by: 'operator', why: '', stop });
      story.end(task);
    }
    assert.deepEqual(names(story.look(story.open(), { tool: 'bank/pay' })), ['unusual-tool']);
  });
});

describe('the same entries make the same behaviour', () => {
  test('property: replayed from their text it is exactly what it was, wherever the replay begins to go on', () => {
    for (let seed = 1; seed <= 100; seed++) {
      const random = seeded(seed);
      const story = randomStory(random);
      const cut = random.below(story.entries.length);
      const again = emptyBehaviour();
      for (const [index, { draft, at }] of story.entries.entries()) {
        applyBehaviour(again, index < cut ? (JSON.parse(JSON.stringify(draft)) as EntryDraft) : draft, at);
      }
      assert.deepEqual(again, story.behaviour, `seed ${seed}`);
      for (const task of story.behaviour.courses.keys())
        assert.deepEqual(
          riskOf(again, story.stepOf(task, { tool: 's/t0', to: ['p0'] })),
          riskOf(story.behaviour, story.stepOf(task, { tool: 's/t0', to: ['p0'] })),
        );
    }
  });

  test('it is bounded whatever happens', () => {
    const story = new Story();
    const { toolsMax, destinationsMax, courseToolsMax, findingsMax, coursesMax } = behaviourLimits;
    for (let task = 0; task < 12; task++) {
      const open = story.open();
      for (let call = 0; call < 400; call++)
        story.act(open, { tool: `s/t${task}-${call}`, to: [`p${task}-${call}`, `q${task}-${call}`] });
      assert.ok((story.behaviour.courses.get(open)?.lesson.tools.size ?? 0) <= courseToolsMax);
      story.end(open);
    }
    const learned = story.behaviour.baselines.get('assistant')?.get('invoices');
    assert.equal(learned?.tools.size, toolsMax);
    assert.equal(learned?.destinations.size, destinationsMax);
    for (let task = 0; task < coursesMax + 10; task++) {
      const open = story.open();
      for (let call = 0; call < 2; call++) story.act(open, { tool: 's/new', outside: true });
    }
    assert.equal(story.behaviour.courses.size, coursesMax);
    assert.ok(story.behaviour.findings.size <= findingsMax);
  });

  test('of too many open tasks the one is forgotten that did nothing for longest, not the one that was opened first', () => {
    const { story, task } = settled();
    for (const digest of ['a', 'b', 'c']) story.act(task, { ...read, digest, how: 'refused' });
    for (let other = 0; other < behaviourLimits.coursesMax; other++) {
      story.open();
      if (other === behaviourLimits.coursesMax / 2) story.act(task, { ...read, digest: 'd', how: 'refused' });
    }
    assert.ok(names(story.look(task, { ...read, digest: 'e' })).includes('probing'));
  });
});

test('scoring costs less than 100 µs a call', context => {
  const { story, task } = settled();
  for (let each = 0; each < 40; each++)
    story.tasks(
      1,
      Array.from({ length: 200 }, (_, call) => ({ tool: `s/t${call}`, to: [`p${each}-${call}`] })),
    );
  for (let call = 0; call < 60; call++)
    story.act(task, { ...read, digest: `${call}`, outside: true, how: call % 2 === 0 ? 'refused' : 'performed' });
  const step = story.stepOf(task, { tool: 'bank/pay', classes: ['egress'], to: ['a', 'b', 'c'], outside: true });
  const took = Array.from({ length: 20_000 }, () => {
    const started = performance.now();
    riskOf(story.behaviour, step);
    return (performance.now() - started) * 1_000;
  }).sort((a, b) => a - b);
  const at = (share: number): number => took[Math.floor(took.length * share)] ?? 0;
  context.diagnostic(`p50 ${at(0.5).toFixed(1)} µs, p99 ${at(0.99).toFixed(1)} µs`);
  assert.ok(at(0.5) < 100, `p50 ${at(0.5)} µs`);
});

function randomActs(random: Random, how: NonNullable<Act['how']>): Act[] {
  return Array.from({ length: 1 + random.below(4) }, () => ({
    ...{ tool: `s/t${random.below(6)}`, classes: [random.pick(['read', 'egress', 'write'] as const)], how },
    ...{ to: random.chance(0.5) ? [`p${random.below(4)}`] : [], outside: random.chance(0.2) },
    ...{ bytes: random.below(50_000), answerBytes: random.below(50_000), digest: `${random.below(20)}` },
  }));
}

function randomStory(random: Random): Story {
  const story = new Story();
  const open: TaskId[] = [];
  for (let step = 0; step < 120; step++) {
    const task = open.length === 0 ? undefined : random.pick(open);
    if (task === undefined || random.chance(0.1)) open.push(story.open(random.pick(['a', 'b'])));
    else if (random.chance(0.15)) {
      story.end(task);
      open.splice(open.indexOf(task), 1);
    } else
      for (const act of randomActs(random, random.pick(['performed', 'performed', 'refused', 'failed', 'approved'])))
        story.act(task, act);
    if (random.chance(0.02)) story.tell({ kind: 'started', id: `e_${'8'.repeat(26)}`, version: '0', unresolved: [] });
    story.now += random.below(90_000);
  }
  return story;
}
