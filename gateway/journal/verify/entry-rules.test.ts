import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';
import { EntryRules } from './entry-rules.ts';
import { readSignedHead, readVerifierKey } from './signed-head.ts';

/** What is wrong with the last of these entries; those before it are right. */
function faultOf(...entries: readonly object[]): string | undefined {
  const rules = new EntryRules('sallyport/local/n');
  const faults = entries.map((entry, seq) =>
    rules.check({ v: 1, seq, at: 5, kind: 'noted', id: `e_${seq}`, tenant: 'local', node: 'n', ...entry }),
  );
  assert.deepEqual(
    faults.slice(0, -1),
    faults.slice(1).map(() => undefined),
  );
  return faults.at(-1);
}

const decided = { kind: 'decided', id: 'd_1' };
const asked = { kind: 'asked', id: 'ap_1', decision: 'd_1' };
const answered = { kind: 'answered', approval: 'ap_1' };

test('G-1 entries stand in their order, in their time, in their log, and each is one', () => {
  assert.equal(faultOf({}, {}), undefined);
  assert.equal(faultOf({ v: 2 }), 'this is not an entry of version 1');
  assert.equal(faultOf({}, { seq: 2 }), 'entry 1 should stand here, and 2 does');
  assert.equal(faultOf({ seq: undefined }), 'entry 0 should stand here, and nothing does');
  for (const at of [4, '6', undefined]) assert.match(faultOf({}, { at }) ?? '', /dated before/, String(at));
  for (const other of [{ tenant: 'other' }, { node: 'm' }, { node: undefined }])
    assert.equal(faultOf(other), 'it is an entry of another log');
  for (const odd of [{ kind: 7 }, { id: undefined }]) assert.equal(faultOf(odd), 'it has no kind or no id');
});

test('G-1 G-7 an outcome, a question and an answer follow what they are about, and an outcome and an answer do once', () => {
  assert.equal(faultOf(decided, asked, answered, { kind: 'refused', decision: 'd_1' }), undefined);
  for (const kind of ['performed', 'reported', 'refused', 'withheld', 'faulted', 'indeterminate']) {
    assert.equal(faultOf(decided, { kind, decision: 'd_1' }), undefined);
    for (const before of [[], [decided, { kind: 'performed', decision: 'd_1' }]])
      assert.match(
        faultOf(...before, { kind, decision: 'd_1' }) ?? '',
        /outcome of a decision that does not stand/,
        kind,
      );
    assert.match(faultOf(decided, { kind }) ?? '', /outcome of a decision/);
  }
  assert.match(faultOf(asked) ?? '', /asks about a decision that does not stand before it/);
  assert.match(faultOf(decided, { ...asked, decision: undefined }) ?? '', /asks about a decision/);
  assert.match(faultOf(decided, answered) ?? '', /answers what was not asked/);
  assert.match(faultOf(decided, asked, answered, answered) ?? '', /or was answered before/);
  assert.match(faultOf(decided, asked, { ...answered, approval: undefined }) ?? '', /answers what was not asked/);
});

test('G-1 a checkpoint is of the log that its key names, and signed with it', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const bytes = Buffer.concat([Buffer.from([1]), publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)]);
  const id = createHash('sha256').update('sallyport/local/n\n').update(bytes).digest().subarray(0, 4);
  const vkey = `sallyport/local/n+${id.toString('hex')}+${bytes.toString('base64')}`;
  const log = readVerifierKey(vkey);
  const root = Buffer.alloc(32).toString('base64');
  const head = (origin: string, lines: (line: string) => string = line => line, size = '3') => {
    const text = `${origin}\n${size}\n${root}\n`;
    const signature = Buffer.concat([id, sign(null, Buffer.from(text), privateKey)]).toString('base64');
    return readSignedHead(Buffer.from(`${text}\n${lines(`— sallyport/local/n ${signature}`)}\n`), log);
  };
  assert.deepEqual(head('sallyport/local/n'), { origin: 'sallyport/local/n', size: 3, root: '00'.repeat(32) });
  assert.match(String(head('sallyport/other/n')), /^the checkpoint is of "sallyport\/other\/n"/);
  for (const size of ['03', '-1', '', '1e3'])
    assert.equal(
      head('sallyport/local/n', l => l, size),
      'this is not a checkpoint of a log',
    );
  const witness = `— w ${Buffer.alloc(68).toString('base64')}`;
  assert.equal(typeof head('sallyport/local/n', line => `${line}\n${witness}`), 'object', 'others may sign as well');
  assert.equal(
    head('sallyport/local/n', () => witness),
    'the checkpoint is not signed with this key',
  );
  for (const odd of ['- w AAAAAAAA', '— w', '— w AAAA', `${witness} x`, '— w AAAAAAA'])
    assert.equal(
      head('sallyport/local/n', line => `${line}\n${odd}`),
      'a signature line of the checkpoint is malformed',
      odd,
    );
  assert.throws(() => readVerifierKey(vkey.replace(/\+[0-9a-f]{8}\+/, '+00000000+')), /its id does not fit/);
});
