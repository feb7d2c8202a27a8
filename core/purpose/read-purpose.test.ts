import assert from 'node:assert/strict';
import { test } from 'node:test';
import { processorMillis } from '@sallyport/testkit/processor-time.ts';
import { readPurpose } from './read-purpose.ts';

test('who says that somebody may do something lets them; a question, a month and a guess let nobody', () => {
  for (const words of [
    'Ida Berg may be let aboard until Friday.',
    'The pilots may enter the bridge.',
    'Tom is allowed to see the log.',
  ])
    assert.ok(readPurpose(words).acts.has('admit'), words);
  for (const words of [
    'May I see the log?',
    'Book the berth for 3 May and read the log.',
    'Plan the trips in May see also the log.',
    'There may be a leak.',
    'I may pick one later.',
    'Was she allowed to see the log?',
  ])
    assert.ok(!readPurpose(words).acts.has('admit'), words);
});

test('a numbered heading asks for nothing; a number of things does', () => {
  assert.ok(!readPurpose('message 1, Ida Berg, 12 May').acts.has('tell'));
  assert.ok(readPurpose('Order 12 barrels of oil.').acts.has('buy'));
  assert.ok(readPurpose('Message Ida Berg.').acts.has('tell'));
  assert.ok(readPurpose('Find the chart and license it to Ida.').acts.has('admit'));
});

test('what several words ask for together, where they are an order', () => {
  for (const [act, words] of [
    ['tell', 'Drop Ida Berg a line that we are late.'],
    ['tell', 'Please give the crew a heads-up.'],
    ['tell', 'Find the date and keep her posted.'],
    ['tell', 'Get back to Ida with the figures.'],
    ['tell', 'Pass the figures on to Ida.'],
    ['tell', 'Report the result to the pilots.'],
    ['tell', 'Brief the team on it.'],
    ['tell', 'Why is the pump off? Summarise it in #pumps.'],
    ['remove', 'Get rid of the old drafts.'],
    ['remove', 'Call the trip off.'],
    ['remove', 'The old barge can go, with its ropes. Draw it first.'],
    ['pay', 'Can you give Ida her money back?'],
    ['make', 'Pencil Ida in for Friday.'],
    ['run', 'Spin a test server up.'],
    ['admit', 'Make Ida an owner.'],
    ['admit', 'Make Ida Berg the owner of the barge.'],
    ['admit', 'Make Ida viewer.'],
    ['admit', 'Make Ida the owner of B-7 and tell her.'],
  ] as const) {
    const { acts, onlyAsks } = readPurpose(words);
    assert.ok(acts.has(act) && !onlyAsks, words);
  }
  for (const [act, words] of [
    ['tell', 'Get back to me with the figures.'],
    ['tell', 'Report the result to me.'],
    ['tell', 'Keep me posted.'],
    ['tell', 'Update the log on the pump.'],
    ['tell', 'Summarise the talk in #pumps.'],
    ['tell', 'The pilots keep Ida posted, since when?'],
    ['remove', 'Did you call the trip off?'],
    ['remove', 'Ida can go to the pier.'],
    ['remove', 'Before the barge can go, it needs a rope.'],
    ['remove', 'Ask Ida whether the barge can go.'],
    ['remove', 'Do not say that the barge can go.'],
    ['remove', 'If Ida agrees, the barge can go.'],
    ['remove', 'Tell Ida: the barge can go.'],
    ['remove', 'Make sure Ida can go too.'],
    ['remove', 'The places where Ida can go, please.'],
    ['remove', 'The letter can go now.'],
    ['remove', 'The letter should go, with the map, to Ida.'],
    ['pay', 'Has Ida been given her money back?'],
    ['admit', 'Make Ida the owner’s list.'],
    ['admit', 'Make a list for the owner.'],
    ['admit', 'Make Ida the member list.'],
    ['admit', 'Make Ida an editor window.'],
  ] as const)
    assert.ok(!readPurpose(words).acts.has(act), words);
});

test('R-5 no words keep whoever looks for idioms busy', () => {
  for (const unit of ['pass a ', 'keep Ida Berg ', 'get to ', 'report, ', 'the barge can ', 'A  ', 'call the old ']) {
    assert.ok(processorMillis(() => readPurpose(unit.repeat(16_384 / unit.length))) < 1_000, unit);
  }
});

test('a text is read in its language by small words that most sentences have one of', () => {
  const acts = (text: string) => [...readPurpose(text).acts];
  assert.ok(acts('Sag Ida Lund Bescheid, dass ihre Fracht am 14. August ankommt.').includes('tell'));
  assert.ok(acts('Avisa a Ida Lund: su carga está lista, hay más mañana.').includes('tell'));
  assert.ok(acts('Préviens Ida Lund, ses caisses ne sont pas prêtes.').includes('tell'));
  assert.ok(acts('I am at the pier, tell us if it does so.').includes('tell'), 'and English stays English');
});
