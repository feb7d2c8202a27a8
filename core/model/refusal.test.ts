import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Refusal, refusalSentence } from './refusal.ts';

const base: Refusal = {
  code: 'needs-approval',
  what: 'files/move_file',
  rule: 'ask-before-destroying',
  why: '',
  fix: 'once ap_1z9j6r0z0pmfw7th343xd6fcea is approved, send the very same call again',
  decision: 'd_57hrt364eykkd18mh7ecfy1e5p',
};

const said = (refusal: Partial<Refusal>): string => refusalSentence({ ...base, ...refusal });

test('what does not fit into a refusal is left out by whole parts', () => {
  const text = said({
    why: 'a person has to approve this: source is no value that your principal gave (as well: destination); this can delete or overwrite what cannot be brought back',
  });
  assert.equal(text.length <= 300, true);
  assert.match(text, /\(as well: destination\)… Once ap_/);
  assert.match(text, /Decision d_57hrt364eykkd18mh7ecfy1e5p\.$/);
});

test('one part that is too long ends after a word', () => {
  const text = said({ why: `a person has to approve this: ${'recipient '.repeat(20)}` });
  assert.match(text, /recipient… Once ap_/);
});

test('what has neither parts nor words is cut where there is no more room', () => {
  const text = said({ why: 'x'.repeat(400) });
  assert.equal(text.length, 300);
  assert.match(text, /x… Once ap_/);
});

test('a part that ends too early to say anything is not what is left', () => {
  const text = said({ why: `no: ${'argument '.repeat(3)}; ${'the reason '.repeat(30)}` });
  assert.match(text, /the reason… Once ap_|reason the… Once ap_/);
});

test('what fits is said whole, with the words of the rule', () => {
  assert.equal(
    refusalSentence({ code: 'denied', what: 'a/b', why: 'no', reason: 'we do not', fix: 'ask' }),
    'Refused a/b: No. We do not. Ask.',
  );
});

test('no character begins a second line or reverses what is read', () => {
  const text = refusalSentence({ code: 'denied', what: 'a/b', why: 'no\nyes \u202e sey' });
  assert.doesNotMatch(text, /[\n\u202e]/);
});
