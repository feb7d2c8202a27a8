import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { repeatsSecret, searchable } from './repeats.ts';

const visible = fc.integer({ min: 0x21, max: 0x7e }).map(unit => String.fromCharCode(unit));
const anySecret = fc.array(visible, { minLength: 8, maxLength: 60 }).map(signs => signs.join(''));
/** Nearly all are such. */
const secret = anySecret.map(text => text.replaceAll(/["\\]/g, '/'));
const words = fc.string({ maxLength: 40 });

const escaped = (signs: RegExp, upper: boolean) => (text: string) =>
  JSON.stringify(text).replace(signs, sign => {
    const code = sign.charCodeAt(0).toString(16).padStart(4, '0');
    return `\\u${upper ? code.toUpperCase() : code}`;
  });

/** What servers do to a text on its way into an answer. */
const spellings: Readonly<Record<string, (text: string) => string>> = {
  'as it is': text => text,
  JSON: text => JSON.stringify(text),
  'JSON with escaped slashes': text => JSON.stringify(text).replaceAll('/', '\\/'),
  'JSON that may stand in HTML': escaped(/[<>&='+]/g, false),
  'the same in capitals': escaped(/[<>&='+]/g, true),
  'JSON in JSON': text => JSON.stringify(JSON.stringify({ text })).replaceAll('/', '\\/'),
  base64: text => Buffer.from(text).toString('base64'),
  'base64 in JSON with escaped slashes': text => Buffer.from(text).toString('base64').replaceAll('/', '\\/'),
  'base64 for addresses': text => Buffer.from(text).toString('base64url'),
  hexadecimal: text => Buffer.from(text).toString('hex'),
  'hexadecimal in capitals': text => Buffer.from(text).toString('hex').toUpperCase(),
  'percent signs': text => encodeURIComponent(text.toWellFormed()),
  'percent signs, small': text => encodeURIComponent(text.toWellFormed()).replace(/%../g, one => one.toLowerCase()),
};

for (const [name, spelled] of Object.entries(spellings))
  test(`a secret in the middle of an answer is found: ${name}`, () => {
    fc.assert(
      fc.property(secret, words, words, (one, before, after) => {
        const secrets = searchable([one]);
        assert.ok(repeatsSecret(Buffer.from(`{"echo":"${spelled(before + one + after)}"}`), { secrets }));
      }),
      { numRuns: 300 },
    );
  });

test('what repeats no secret goes on, whatever it is written in; nothing is looked for where nothing was sent', () => {
  fc.assert(
    fc.property(secret, words, fc.constantFrom(...Object.values(spellings)), (one, said, spelled) => {
      fc.pre(!said.includes(one));
      const answer = Buffer.from(spelled(said));
      assert.equal(repeatsSecret(answer, { secrets: searchable([one]) }), false);
      assert.equal(repeatsSecret(answer, { secrets: searchable([]) }), false);
    }),
    { numRuns: 300 },
  );
});

test('of a secret and what follows its scheme word the shorter one is looked for, and found in both', () => {
  const secrets = searchable(['Bearer s3cr3t-s3cr3t', 's3cr3t-s3cr3t']);
  assert.deepEqual(secrets, searchable(['s3cr3t-s3cr3t']));
  for (const said of ['Bearer s3cr3t-s3cr3t', 's3cr3t-s3cr3t'])
    assert.ok(repeatsSecret(Buffer.from(`{"echo":"${Buffer.from(said).toString('base64')}"}`), { secrets }), said);
});

test('a secret with quotes is found in JSON, and in JSON that is a text in JSON', () => {
  fc.assert(
    fc.property(anySecret, words, words, (one, before, after) => {
      const secrets = searchable([one]);
      const echo = JSON.stringify({ text: before + one + after });
      assert.ok(repeatsSecret(Buffer.from(echo), { secrets }));
      assert.ok(repeatsSecret(Buffer.from(JSON.stringify({ echo })), { secrets }));
    }),
    { numRuns: 300 },
  );
});

test('a value that is too short is not looked for: it would be found by accident', () => {
  assert.deepEqual(searchable(['1234567']), []);
  assert.equal(repeatsSecret(Buffer.from('1234567'), { secrets: searchable(['1234567']) }), false);
});

test('an escape among any number of backslashes is the sign that it stands for, and no other is', () => {
  const found = (answer: string): boolean =>
    repeatsSecret(Buffer.from(answer), { secrets: searchable(['s3cr3t/s3cr3t']) });
  for (const sign of ['\\/', '\\\\\\/', '\\u002f', '\\u002F', '\\\\u002f'])
    assert.ok(found(`"\\u003c s3cr3t${sign}s3cr3t"`), sign);
  for (const sign of ['u002f', '\\u012f', '\\u00', '\\u00af', '\\\\', '\\', '\\//'])
    assert.equal(found(`"\\u003c s3cr3t${sign}s3cr3t"`), false, sign);
  for (const end of ['\\', '\\u', '\\u00', '\\u002']) assert.equal(found(`\\/s3cr3t${end}`), false, end);
});

test('A-21 an answer of nothing but backslashes holds nobody up', () => {
  const secrets = searchable(['s3cr3t/s3cr3t']);
  const answer = Buffer.from(`"\\/${'\\'.repeat(300_000)}s3cr3t\\/s3cr3t"`);
  const begun = performance.now();
  assert.ok(repeatsSecret(answer, { secrets }));
  // A thousandfold of what it takes; of each backslash looking at all that follow it would take half a minute.
  assert.ok(performance.now() - begun < 5_000);
});
