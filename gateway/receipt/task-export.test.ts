import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type House, openHouse } from '@sallyport/testkit/gateway/house.ts';
import { temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import { checkTaskExport } from './check/task-check.ts';
import { exportTask } from './task-export.ts';

const policies = `
@id("everything") @reason("all is well")
permit (principal, action, resource);

@id("ask-first") @reason("this moves money") @expires("5m")
forbid (principal, action == Action::"notes/pay", resource) unless { context.approved };
`;
const text = { type: 'object', properties: { text: { type: 'string' } } };
const tools = ['pay', 'note'].map(name => ({ name, inputSchema: text }));

describe('a task as one signed file', () => {
  const folder = temporaryFolder();
  let house: House;
  let vkey: string;
  let task: string;
  let file: string;

  before(async () => {
    house = await openHouse(folder.path, { policies, script: { tools }, config: 'approvals: { waitSeconds: 0 }' });
    await house.call('note', { text: 'one' });
    await house.call('pay', { text: 'ten' });
    const { approvals } = await house.ask<{ approvals: { id: string }[] }>('approvals');
    await house.ask(`approvals/${approvals[0]?.id}`, { answer: 'approved' });
    await house.call('pay', { text: 'ten' });
    const { tasks } = await house.ask<{ tasks: { id: string }[] }>('tasks');
    task = tasks[0]?.id ?? '';
    await house.ask('kill', { scope: `task:${task}`, why: 'enough' });
    vkey = readFileSync(join(house.stateDir, 'journal', 'vkey'), 'utf8');
    file = (await exportTask(house.stateDir, task.slice(0, 10))).text;
  });
  after(async () => {
    await house.gateway.close();
    folder[Symbol.dispose]();
  });

  const lines = (): string[] => file.slice(0, file.indexOf('\n\n')).split('\n');
  const note = (): string => file.slice(file.indexOf('\n\n'));
  /** The file with one of its entries' lines changed, left out, or put elsewhere, and a head that fits. */
  function altered(change: (entries: string[]) => string[]): string {
    const [first = '', second = '', , ...entries] = lines();
    const changed = change(entries);
    return [first, second, `entries ${changed.length}`, ...changed].join('\n') + note();
  }
  function at(kind: string): number {
    return lines()
      .slice(3)
      .findIndex(line => (JSON.parse(line) as { entry: string }).entry.includes(`"kind":"${kind}"`));
  }
  const faultOf = (file: string): string => {
    const checked = checkTaskExport(file, vkey);
    assert.ok(!checked.ok, 'it was accepted');
    return `${checked.entry ?? ''}: ${checked.fault}`;
  };

  test('holds everything that happened in it, from its opening to its stop, and is accepted', async () => {
    const checked = checkTaskExport(file, vkey);
    assert.ok(checked.ok, checked.ok ? '' : checked.fault);
    assert.equal(checked.task, task);
    const kinds = checked.entries.map(({ kind }) => String(kind));
    assert.deepEqual([kinds[0], kinds.at(-1)], ['task.opened', 'killed']);
    for (const kind of ['decided', 'performed', 'asked', 'answered', 'refused']) assert.ok(kinds.includes(kind), kind);
    assert.deepEqual(checked.open, []);
    const viaApi = await house.ask<{ export: { text: string } }>(`tasks/${task.slice(0, 12)}/export`);
    assert.deepEqual(
      lines().slice(3).map(entryOf),
      viaApi.export.text
        .split('\n')
        .slice(3, 3 + kinds.length)
        .map(entryOf),
    );
  });

  function entryOf(line: string): string {
    return (JSON.parse(line) as { entry: string }).entry;
  }

  test('G-1 every single character of an entry counts, and the entry is named', () => {
    const target = at('answered');
    const changed = altered(entries =>
      entries.map((line, index) => (index === target ? line.replace('approved', 'refused') : line)),
    );
    assert.match(faultOf(changed), /^entry \d+ \(answered e_\w+\): it is not in the tree that was signed/);
    const [line = ''] = lines().slice(3 + target);
    const { entry } = JSON.parse(line) as { entry: string };
    const seed = Math.floor(Math.random() * 2 ** 31);
    for (let step = 0; step < 60; step += 1) {
      const place = (seed + step * 7_919) % entry.length;
      const other = entry.charAt(place) === '0' ? '1' : '0';
      const changed = entry.slice(0, place) + other + entry.slice(place + 1);
      const fault = faultOf(
        altered(entries =>
          entries.map((text, index) =>
            index === target ? JSON.stringify({ ...JSON.parse(text), entry: changed }) : text,
          ),
        ),
      );
      assert.match(fault, /^entry \d+/, `seed ${seed}, character ${place}`);
    }
  });

  test('G-1 what was left out, put twice or put elsewhere is found where something belongs to it', () => {
    const without = (kind: string): string => altered(entries => entries.filter((_, index) => index !== at(kind)));
    assert.match(faultOf(without('task.opened')), /the opening of the task should stand here/);
    assert.match(faultOf(without('decided')), /\((performed|refused) .*the decision that it belongs to is missing/);
    assert.match(faultOf(without('asked')), /answered .*the question that it answers is missing/);
    assert.match(faultOf(altered(entries => [...entries, entries.at(-1) ?? ''])), /does not come after/);
    assert.match(faultOf(altered(entries => [...entries].reverse())), /the opening|does not come after/);
    const open = checkTaskExport(without('performed'), vkey);
    assert.equal(open.ok && open.open.length, 1, 'an outcome that is not there is said');
  });

  test('G-1 another task, another log, another key and a head that does not fit are refused', async () => {
    const [first = '', , third = '', ...entries] = lines();
    const other = `t_${'0'.repeat(26)}`;
    assert.match(faultOf([first, `task ${other}`, third, ...entries].join('\n') + note()), /it is of another task/);
    assert.match(
      faultOf([first, `task ${task}`, 'entries 3', ...entries].join('\n') + note()),
      /its head says 3 entries/,
    );
    assert.match(faultOf(file.replace(/\n\n.*\n/, '\n\nsallyport/other/local\n')), /checkpoint/);
    assert.match(faultOf(file.replace(/(\n\n.*\n)\d+/, '$11')), /signature is wrong/);
    assert.throws(() => checkTaskExport(file, 'no key'), RangeError);
    await assert.rejects(exportTask(house.stateDir, other), /knows no task/);
  });
});
