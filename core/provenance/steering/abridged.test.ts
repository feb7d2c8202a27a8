import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeTask } from '@sallyport/testkit/fakes/task.ts';
import { makeAction } from '../../model/action.ts';
import { type JsonObject, parseJson, resultJsonLimits } from '../../model/json.ts';
import type { ActionClass, Tool } from '../../model/tool.ts';
import type { Way } from '../../model/way.ts';
import { TaskMemories } from '../memories.ts';

const digest = (text: string): string => `digest of ${text}`;

function object(value: object): JsonObject {
  const parsed = parseJson(JSON.stringify(value), resultJsonLimits);
  assert.ok(parsed.ok && parsed.node.kind === 'object');
  return parsed.node;
}

function tool(name: string, classes: readonly ActionClass[]): Tool {
  const status = { kind: 'pinned' } as const;
  const definition = object({ name });
  return { server: 's', name, definition, pin: '', status, classes, segment: 's', trustedResult: false };
}

/** A task with these words that has read a sheet: where the values of a call of it come from. */
function waysAfter(purpose: string, sheet: readonly string[], args: object): readonly Way[] {
  const text = sheet.join('\n');
  const memories = new TaskMemories(digest);
  const task = { ...fakeTask, kind: 'opened', opener: 'operator' as const, purpose };
  const look = (what: Tool, given: object) => {
    const action = makeAction(
      { method: 'tools/call', server: 's', name: what.name, input: object(given) },
      what,
      digest,
    );
    return { action, looked: memories.look(task, action) };
  };
  const content = object({ content: [{ type: 'text', text }] });
  memories.read(task.id, look(tool('read_sheet', ['read']), { of: 'x' }), 'e_1', content, { chars: text.length });
  return look(tool('save_sheet', ['write']), args).looked.ways;
}

/** Whether what is saved in this task, once a sheet was read, counts as chosen by that sheet. */
function isSheets(purpose: string, sheet: readonly string[], saved: readonly string[]): boolean {
  const ways = waysAfter(purpose, sheet, { text: saved.join('\n') });
  return ways.some(({ role, backing }) => role === 'choice' && backing === 'text');
}

const rig = ['Check the lines', 'Lower the mast before the bridge', 'Sound the horn twice', 'Tie up at the left bank'];
const without = rig.filter(line => !line.includes('mast'));
const remark = 'The mast is no longer of interest to anybody.';
const copy = 'Copy the sheet of the Alma for the Berta.';

test('E-1 a line is left out of a copy of which the text itself speaks: then the copy is that text’s', () => {
  for (const sheet of [
    [...rig, remark],
    [remark, ...rig],
    [...rig, '', remark, 'Anything else is as ever.'],
  ])
    assert.ok(isSheets(copy, sheet, without), sheet.join(' / '));
  assert.ok(isSheets(copy, [...rig, remark], ['What is to be done by whoever takes the Berta:', ...without, 'Done.']));
  const clauses = ['1. Paid in a week.', '2. Late is free.', '3. Wet is dry.', 'Of these, 2 is for the house.'];
  assert.ok(
    isSheets(
      copy,
      clauses,
      clauses.filter((_, at) => at % 2 === 0),
    ),
  );
});

test('what the text does not speak of, what the principal does, and more than what is copied was left out by nobody else', () => {
  assert.ok(!isSheets(copy, rig, without));
  assert.ok(!isSheets(copy, [...rig, remark], rig));
  assert.ok(!isSheets(copy, [...rig, 'The bank is steep.'], without));
  assert.ok(!isSheets(`${copy} The Berta has no mast.`, [...rig, remark], without));
  assert.ok(!isSheets('Do what the sheet of the Alma says.', [...rig, remark], without));
  const talk = 'Ann wants the mast painted and has asked Ben twice whether he would do it before the fair.';
  assert.ok(!isSheets(copy, ['To do: paint', talk, 'To do: horn', remark], ['To do: paint', 'To do: horn']));
  // Of a list whose ends are dropped, a part was taken.
  assert.ok(!isSheets(copy, [...rig, remark], rig.slice(1, 3)));
});

test('a line is missed however many stand in front of it, and where too much would have to be looked through', () => {
  const log = Array.from({ length: 900 }, (_, at) => `entry ${at} of the rig`);
  const long = [...log, ...rig, remark];
  assert.ok(isSheets(copy, long, [...log, ...without]));
  assert.ok(!isSheets(copy, long, [...log, ...rig]));
  const text = Array.from({ length: 20_000 }, (_, at) => `mast ${at % 100} of the rig`).join('\n');
  const others = Array.from({ length: 2_000 }, (_, at) => `rig of the mast ${at % 100}`);
  const began = performance.now();
  assert.ok(isSheets(copy, [text, rig.join(' ')], ['mast 1 of the rig', 'mast 2 of the rig', ...others]));
  assert.ok(performance.now() - began < 10_000);
});

test('R-5 however many copies a call holds, they keep whoever looks busy no longer than one does, and what was not looked through counts as left out', () => {
  const lines = Array.from({ length: 7_000 }, (_, at) => `line ${at} of a sheet that is long and says nothing at all`);
  const texts = Array.from({ length: 300 }, (_, from) =>
    lines
      .slice(from, from + 152)
      .toReversed()
      .join('\n'),
  );
  const before = process.cpuUsage().user;
  const ways = waysAfter(copy, lines, { texts });
  assert.ok(process.cpuUsage().user - before < 4_000_000);
  assert.ok(ways.some(({ backing }) => backing === 'text'));
});
