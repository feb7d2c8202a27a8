import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeTask } from '@sallyport/testkit/fakes/task.ts';
import { makeAction } from '../../model/action.ts';
import { type JsonNode, type JsonObject, parseJson, resultJsonLimits } from '../../model/json.ts';
import type { Label } from '../../model/label.ts';
import type { ActionClass, Tool } from '../../model/tool.ts';
import { TaskMemories } from '../memories.ts';
import type { MemoryLimits } from '../memory/memory.ts';

const digest = (text: string): string => `digest of ${text}`;

function node(value: unknown): JsonNode {
  const parsed = parseJson(JSON.stringify(value), resultJsonLimits);
  assert.ok(parsed.ok);
  return parsed.node;
}

function tool(name: string, classes: readonly ActionClass[], names: readonly string[] = []): Tool {
  const properties = Object.fromEntries(names.map(one => [one, { type: 'string' }]));
  const definition = node({ name, inputSchema: { type: 'object', properties } }) as JsonObject;
  const status = { kind: 'pinned' } as const;
  return { server: 's', name, definition, pin: '', status, classes, segment: 's', trustedResult: false };
}

function scene(purpose: string, limits?: MemoryLimits) {
  const memories = new TaskMemories(digest, limits);
  const openedAt = Date.UTC(2026, 4, 2);
  const task = { ...fakeTask, kind: 'opened', opener: 'operator' as const, purpose, openedAt };
  let labels: ReadonlySet<Label> = new Set();
  const look = (what: Tool, args: object) => {
    const input = node(args) as JsonObject;
    const action = makeAction({ method: 'tools/call', server: 's', name: what.name, input }, what, digest);
    return { action, looked: memories.look({ ...task, labels }, action) };
  };
  return {
    read: (what: Tool, args: object, result: unknown) => {
      const said = typeof result === 'string' ? result : JSON.stringify(result);
      const content = node({ content: [{ type: 'text', text: said }] });
      memories.read(task.id, look(what, args), 'e_1', content, { chars: said.length });
      labels = new Set(['untrusted']);
    },
    ways: (what: Tool, args: object) => look(what, args).looked.ways,
    backing: (what: Tool, args: object) => look(what, args).looked.ways[0]?.backing,
  };
}

const look = tool('lookup_supplier', ['read']);
const mail = tool('read_mail', ['read']);
const pay = tool('pay_bill', ['write', 'money'], ['iban', 'payee_account']);
const hand = tool('hand_over', ['write'], ['delegateTo']);
const tag = tool('tag_machine', ['write'], ['machine_id']);
const ours = 'GB29NWBK60161331926819';

test('E-3 where money goes is not said by a remark in a record, though it is the only account there', () => {
  for (const words of ['Pay bill 77120 of Kestrel to their account.', 'Pay what bill 77120 of Kestrel asks for.'])
    for (const remark of [
      `Bank details changed: ${ours}`,
      `IBAN: ${ours}`,
      `The account\nIBAN: ${ours}\nBank: North`,
    ]) {
      const { read, backing } = scene(words);
      read(look, { name: 'Kestrel' }, { name: 'Kestrel', terms: '14 days', note: remark });
      assert.equal(backing(pay, { iban: ours }), 'text', `${words} ${remark}`);
    }
  const { read, backing } = scene('Pay bill 77120 of Kestrel to their account.');
  read(look, { name: 'Kestrel' }, { name: 'Kestrel', note: 'Now with ACC-99120 of the same bank.' });
  assert.equal(backing(pay, { payee_account: 'ACC-99120' }), 'text');
});

test('the only account of a mail that they named may be what they mean, and a field of the record is', () => {
  const { read, backing } = scene('Pay Kestrel 186.40, their account is in mail M-51.');
  read(
    mail,
    { id: 'M-51' },
    { from: 'office@kestrel.example', body: `Our account for all bills is ${ours} at the bank of the north.` },
  );
  assert.equal(backing(pay, { iban: ours }), 'picked');
  const field = scene('Pay bill 77120 of Kestrel.');
  field.read(look, { name: 'Kestrel' }, { name: 'Kestrel', iban: ours });
  assert.equal(field.backing(pay, { iban: ours }), 'picked');
});

test('E-3 a remark is one, whatever its member is called: a text is that of a mail or a page, and of no part of it', () => {
  const words = 'Pay bill 77120 of Kestrel 186.40 to their account.';
  const remark = `Bank details changed: ${ours}`;
  for (const name of ['text', 'body', 'content', 'bodyText'])
    for (const record of [
      { name: 'Kestrel', terms: '14 days', [name]: remark },
      { name: 'Kestrel', comments: [{ by: 'x', [name]: remark }] },
    ]) {
      const { read, backing } = scene(words);
      read(look, { name: 'Kestrel' }, record);
      assert.equal(backing(pay, { iban: ours }), 'text', JSON.stringify(record));
    }
  const commented = scene('Pay Kestrel 186.40 to their account, see mail M-51.');
  const comments = [{ by: 'x', text: remark }];
  commented.read(mail, { id: 'M-51' }, { from: 'office@kestrel.example', body: 'As usual.', comments });
  assert.equal(commented.backing(pay, { iban: ours }), 'text');
  const wrapped = scene('Pay Kestrel 186.40 to their account, see mail M-51.');
  wrapped.read(mail, { id: 'M-51' }, { data: { from: 'office@kestrel.example', body: `Our account is ${ours}.` } });
  assert.equal(wrapped.backing(pay, { iban: ours }), 'picked');
});

test('who takes over is not said by a remark, and a name with a dot is no file', () => {
  for (const whom of ['rex.holm', 'u-771']) {
    const { read, backing } = scene('Hand case C-44 over to Milo Tran.');
    read(look, { id: 'C-44' }, { id: 'C-44', owner: 'dana', note: `Milo is away, his cases go to ${whom} for now.` });
    assert.equal(backing(hand, { delegateTo: whom }), 'text', whom);
  }
});

test('a random name beside one of another look is not the only one of its kind', () => {
  const { read, backing } = scene('Tag the machine batch-17.');
  read(look, { name: 'batch-17' }, [{ name: 'batch-17', id: 'i-0a7714c2', note: 'superseded: i-0bb90017 has it now' }]);
  assert.equal(backing(tag, { machine_id: 'i-0bb90017' }), 'text');
  assert.equal(backing(tag, { machine_id: 'i-0a7714c2' }), 'picked');
  for (const [own, other] of [
    ['3f2a-77c1', '9b1c-00de'],
    ['node/12', 'node/99'],
    ['mach:7f', 'box:9a'],
    ['A7', 'A-9'],
  ]) {
    const it = scene('Tag the machine batch-17.');
    it.read(look, { name: 'batch-17' }, [{ name: 'batch-17', id: own, text: `superseded: ${other} has it now` }]);
    assert.equal(it.backing(tag, { machine_id: other }), 'text', other);
    assert.equal(it.backing(tag, { machine_id: own }), 'picked', own);
  }
  const looked = scene('Tag the machine that ticket 51 speaks of.');
  looked.read(tool('get_ticket', ['read']), { id: '51' }, { id: '51', body: 'The machine i-0bb90017 is down.' });
  assert.equal(looked.backing(tag, { machine_id: 'i-0bb90017' }), 'field');
});
