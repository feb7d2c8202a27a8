import assert from 'node:assert/strict';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type House, openHouse } from '@sallyport/testkit/gateway/house.ts';
import { allSigned } from '@sallyport/testkit/gateway/signed.ts';
import { temporaryFolder } from '@sallyport/testkit/upstream/fixture.ts';
import { openLogKey } from '../journal/keys.ts';
import { layoutOf } from '../journal/layout.ts';
import { checkTaskExport, isTaskExport } from './check/task-check.ts';
import { exportTask } from './task-export.ts';

const policies = `
@id("everything") @reason("all is well")
permit (principal, action, resource);

@id("our-notes") @reason("nobody else writes them") @obligation("declassify-result=internal,endorse-result=changes")
permit (principal, action == Action::"notes/note", resource);

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
    await allSigned(house);
    vkey = readFileSync(join(house.stateDir, 'journal', 'vkey'), 'utf8');
    file = (await exportTask(house.stateDir, task.slice(0, 10))).text;
  });
  after(async () => {
    await house.gateway.close();
    folder[Symbol.dispose]();
  });

  const parts = (): string[] => file.split('\n\n');
  const lines = (): string[] => (parts()[2] ?? '').split('\n');
  /** The file with one of its entries' lines changed, left out, or put elsewhere. */
  function altered(change: (entries: string[]) => string[]): string {
    return parts().with(2, change(lines()).join('\n')).join('\n\n');
  }
  /** The same, with a head that the log's key signs for so many entries. */
  async function countedAs(
    count: (counted: string) => string,
    change = (entries: string[]) => entries,
  ): Promise<string> {
    const key = await openLogKey(layoutOf(join(house.stateDir, 'journal')), 'sallyport/local/local');
    const [head = '', , , ...checkpoint] = parts();
    const said = key.signNote(`${head.replace(/entries .*/, count)}\n`).trimEnd();
    return [said, change(lines()).join('\n'), ...checkpoint].join('\n\n');
  }
  function at(kind: string): number {
    return lines().findIndex(line => (JSON.parse(line) as { entry: string }).entry.includes(`"kind":"${kind}"`));
  }
  function lastOf(kind: string): number {
    return lines().findLastIndex(line => (JSON.parse(line) as { entry: string }).entry.includes(`"kind":"${kind}"`));
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
    const acts = checked.entries.filter(({ by }) => by === 'policy:our-notes');
    assert.deepEqual(
      acts.map(({ kind, proof }) => [kind, proof]),
      [
        ['task.declassified', 'policy'],
        ['task.endorsed', 'policy'],
      ],
    );
    assert.deepEqual(checked.open, []);
    const viaApi = await house.ask<{ export: { text: string } }>(`tasks/${task.slice(0, 12)}/export`);
    assert.deepEqual(lines().map(entryOf), (viaApi.export.text.split('\n\n')[2] ?? '').split('\n').map(entryOf));
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
    const [line = ''] = lines().slice(target);
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

  test('G-1 whatever is left out, put twice or put elsewhere is found', () => {
    const count = lines().length;
    for (let index = 0; index < count; index += 1)
      assert.match(
        faultOf(altered(entries => entries.toSpliced(index, 1))),
        new RegExp(`the log signed that the task has ${count} entries, and ${count - 1} are there`),
      );
    const twice = altered(entries => [...entries.slice(1), entries.at(-1) ?? '']);
    assert.match(faultOf(twice), /the opening of the task should stand here/);
    assert.match(faultOf(altered(entries => [...entries.slice(0, -1), entries[0] ?? ''])), /does not come after/);
    assert.match(faultOf(altered(entries => [...entries].reverse())), /the opening|does not come after/);
  });

  test('G-1 a count that the log’s key signed falsely is found where something belongs to what is missing', async () => {
    const without = (kind: string): Promise<string> =>
      countedAs(
        counted => counted.replace(/\d+/, number => String(Number(number) - 1)),
        entries => entries.toSpliced(at(kind), 1),
      );
    assert.match(faultOf(await without('task.opened')), /the opening of the task should stand here/);
    assert.match(
      faultOf(await without('decided')),
      /\((performed|refused) .*the decision that it belongs to is missing/,
    );
    assert.match(faultOf(await without('asked')), /answered .*the question that it answers is missing/);
    assert.match(
      faultOf(await without('performed')),
      /task.declassified .*the outcome that a policy vouched for is missing/,
    );
    const last = await countedAs(
      counted => counted.replace(/\d+/, number => String(Number(number) - 1)),
      entries => entries.toSpliced(lastOf('performed'), 1),
    );
    const open = checkTaskExport(last, vkey);
    assert.equal(open.ok && open.open.length, 1, 'an outcome that is not there is said');
    const other = await countedAs(counted => counted.replace(/of \d+/, 'of 7'));
    assert.match(faultOf(other), /signed for another checkpoint/);
  });

  test('G-1 another task, another log, another key and a head that does not fit are refused', async () => {
    const other = `t_${'0'.repeat(26)}`;
    assert.match(faultOf(file.replace(task, other)), /the head's signature is wrong/);
    assert.match(faultOf(file.replace(/entries \d+/, 'entries 3')), /the head's signature is wrong/);
    assert.match(faultOf(file.replace('@v2', '@v1')), /no export of a task/);
    for (const damaged of [file.slice(0, file.indexOf('\n\n')), file.replaceAll('\n', '\r\n')]) {
      assert.equal(isTaskExport(damaged), true);
      assert.match(faultOf(damaged), /it was cut off, or its line ends were changed/);
    }
    const last = file.lastIndexOf('\n\nsallyport');
    const checkpointed = (from: RegExp, to: string): string => file.slice(0, last) + file.slice(last).replace(from, to);
    assert.match(faultOf(checkpointed(/\n\n.*\n/, '\n\nsallyport/other/local\n')), /checkpoint/);
    assert.match(faultOf(checkpointed(/(\n\n.*\n)\d+/, '$11')), /signature is wrong/);
    assert.throws(() => checkTaskExport(file, 'no key'), RangeError);
    await assert.rejects(exportTask(house.stateDir, other), /knows no task/);
  });

  test('G-1 nothing is counted in a log that does not lead to its checkpoint', async () => {
    const copy = join(folder.path, 'copy');
    cpSync(join(house.stateDir, 'journal'), join(copy, 'journal'), { recursive: true });
    const path = join(copy, 'journal', 'log', 'entries', '000000');
    const bytes = readFileSync(path);
    // A letter of the first entry, which is not of the task, becomes another.
    bytes[4] = bytes.readUInt8(4) ^ 1;
    writeFileSync(path, bytes);
    await assert.rejects(exportTask(copy, task), /does not lead to its signed checkpoint/);
    rmSync(join(copy, 'journal', 'keys'), { recursive: true });
    await assert.rejects(exportTask(copy, task), /the key that signs for the record is not here/);
  });
});
