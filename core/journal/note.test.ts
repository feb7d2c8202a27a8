import assert from 'node:assert/strict';
import { createHash, createPublicKey, verify } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { base64, fromBase64 } from './bytes.ts';
import { checkpointText, parseCheckpoint } from './checkpoint.ts';
import { encodeNote, type NoteKey, noteKey, openNote, parseNote, type VerifyEd25519, verifierKey } from './note.ts';

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();
const verifyEd25519: VerifyEd25519 = (publicKey, message, signature) => {
  const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), publicKey]);
  return verify(null, message, createPublicKey({ key: spki, format: 'der', type: 'spki' }), signature);
};

/** The vector of C2SP signed-note v1.0.0. */
const vkey = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k';
const note =
  'This is an example message.\n\n' +
  '— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n';

function key(): NoteKey {
  const [, , typed = ''] = vkey.split('+');
  return noteKey('example.com/foo', Buffer.from(typed, 'base64').subarray(1), sha256);
}

test('C2SP signed-note: the published verifier key opens the published note', () => {
  assert.equal(verifierKey(key()), vkey);
  assert.equal(openNote(note, key(), verifyEd25519), 'This is an example message.\n');
  const parsed = parseNote(note);
  assert.ok(parsed);
  assert.equal(encodeNote(parsed), note);
});

test('R7 no note with a changed character opens', () => {
  for (let at = 0; at < note.length; at++)
    for (const char of ['A', 'B', '\n', ' ', '=']) {
      if (note[at] === char) continue;
      const changed = note.slice(0, at) + char + note.slice(at + 1);
      assert.equal(openNote(changed, key(), verifyEd25519), undefined, `character ${at} as ${JSON.stringify(char)}`);
    }
});

test('signatures of other keys are ignored, and one of this key that is wrong spoils the note', () => {
  const [text = '', own = ''] = note.split('\n\n');
  const other = own.replace('example.com/foo', 'example.com/bar');
  assert.ok(openNote(`${text}\n\n${other}${own}`, key(), verifyEd25519));
  assert.equal(openNote(`${text}\n\n${other}`, key(), verifyEd25519), undefined);
  const wrong = own.replace('Kuw', 'Kux');
  assert.notEqual(wrong, own);
  assert.equal(openNote(`${text}\n\n${own}${wrong}`, key(), verifyEd25519), undefined);
});

test('base 64 has one text for one value', () => {
  fc.assert(
    fc.property(fc.uint8Array(), bytes => {
      assert.equal(base64(bytes), Buffer.from(bytes).toString('base64'));
      assert.deepEqual(fromBase64(base64(bytes)), bytes);
    }),
  );
  for (const wrong of ['QQ', 'QR==', 'Q===', 'QQ=', 'Q\n==', 'QUF-', 'QQ==QQ==', '===='])
    assert.equal(fromBase64(wrong), undefined, wrong);
});

test('a checkpoint is origin, size and root, and nothing else', () => {
  const root = new Uint8Array(32).fill(7);
  const text = checkpointText({ origin: 'sallyport/local/n1', size: 1_234, root });
  assert.equal(text, `sallyport/local/n1\n1234\n${base64(root)}\n`);
  assert.deepEqual(parseCheckpoint(text), { origin: 'sallyport/local/n1', size: 1_234, root });
  const other = base64(new Uint8Array(31));
  for (const wrong of [
    `\n1\n${base64(root)}\n`,
    text.replace('1234', '01234'),
    text.replace('1234', '-1'),
    `${text}x\n`,
  ])
    assert.equal(parseCheckpoint(wrong), undefined, wrong);
  assert.equal(parseCheckpoint(`o\n1\n${other}\n`), undefined);
  assert.equal(parseCheckpoint(text.slice(0, -1)), undefined);
});
