import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseJson, resultJsonLimits } from '../../model/json.ts';
import { indexResult } from '../result/index-result.ts';
import { isOnly } from './only-of-kind.ts';

function isOnlyIn(value: string, result: unknown): boolean {
  const parsed = parseJson(JSON.stringify(result), resultJsonLimits);
  assert.ok(parsed.ok);
  return isOnly(value, indexResult(parsed.node));
}

test('E-3 an account is the only one of a result where no text has another, whatever is written behind it', () => {
  const account = 'de89 3704 0044 0532 0130 00';
  for (const [note, isAlone] of [
    ['Pay to DE89 3704 0044 0532 0130 00 from next week on.', true],
    ['DE89370400440532013000 is ours. IBAN de89 3704 0044 0532 0130 00 bitte bald', true],
    ['Pay to DE89 3704 0044 0532 0130 00, or to GB29 NWBK 6016 1331 9268 19 here', false],
    ['We moved to NL91ABNA0417164300 last year.', false],
    ['We moved to FR14 2004 1010 0505 0001 3M02 606 last year.', false],
    ['Room ab12 with that view from here', true],
  ] as const)
    assert.equal(
      isOnlyIn(account, { iban: account, note: `${note} There is nothing more to it than that.` }),
      isAlone,
      note,
    );
});

test('E-3 no number of other addresses hides one that was put beside it', () => {
  const links = Array.from({ length: 200 }, (_, at) => `https://a${at}.example/x`).join(' ');
  const note = `${links} ann@example.org or bob@example.net`;
  assert.equal(isOnlyIn('bob@example.net', { note }), false);
  assert.equal(isOnlyIn('bob@example.net', { note: `${links} bob@example.net` }), true);
  const spelt = Array.from({ length: 100 }, (_, at) => `https://ours.example${'/'.repeat(at)}`).join(' ');
  assert.equal(isOnlyIn('https://theirs.example', { note: `${spelt} https://theirs.example` }), false);
});
