import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { widthOf } from './columns.ts';
import { fitted } from './fit.ts';

test('what fits is not touched, and nothing is lost or added but the breaks', () => {
  const words = fc.array(fc.constantFrom('a', 'word', 'longer-word', ' ', '  ', '    ', '\u001b[1mbold\u001b[22m'), {
    maxLength: 40,
  });
  fc.assert(
    fc.property(words, fc.integer({ min: 24, max: 90 }), (parts, width) => {
      const line = parts.join('');
      const shown = fitted(line, width);
      if (widthOf(line) <= width) assert.equal(shown, line);
      assert.equal(shown.replace(/\s+/g, ''), line.replace(/\s+/g, ''));
    }),
  );
});

test('East Asian text is broken where it would leave the screen', () => {
  for (const line of [
    `  │ ${'東'.repeat(60)}`,
    `  {"a": "${'京'.repeat(60)}"`,

    '東京 '.repeat(30),
  ])
    for (const shown of fitted(line, 41).split('\n')) assert.ok(widthOf(shown) <= 41, shown);
});

test('no line is wider than the terminal where its words are not', () => {
  const word = fc.stringMatching(/^[a-z]{1,9}$/);
  const gap = fc.constantFrom(' ', ' ', ' ', '   ');
  fc.assert(
    fc.property(
      fc.array(fc.tuple(gap, word), { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 24, max: 90 }),
      (parts, width) => {
        const shown = fitted(parts.flat().join(''), width);
        for (const line of shown.split('\n')) assert.ok(widthOf(line) <= width, JSON.stringify(line));
      },
    ),
  );
});

test('B-2 no text hides behind a blank that is no space: a tab, a no-break space, the blanks of other scripts', () => {
  for (const blank of ['\t', '\u00a0', '\u1680', '\u2003', '\u202f', '\u205f', '\u3000', '\u00a0 \u00a0']) {
    const line = `  value  pay ten${blank}to somebody else's account ${blank}for the rent of another year${blank}`;
    for (const shown of [fitted(line, 24), fitted(`${blank}${line}`, 24)])
      for (const word of ['value', 'pay', 'somebody', 'account', 'rent', 'year'])
        assert.ok(shown.includes(word), JSON.stringify(shown));
    assert.equal(fitted(line, 24).replace(/[ \n]+/g, ''), line.replaceAll(' ', ''));
  }
});

test('a command is copied: it is not broken, also where it has quotes; what stands in quotes is no command', () => {
  const long = `sallyport task open --agent assistant --purpose "Summarise the folder" --tool "files/*"`;
  assert.equal(fitted(`  ${long}  # as a task`, 60), `  ${long}\n    # as a task`);
  const quoted = `why “see here: ${long}”`;
  for (const line of fitted(quoted, 60).split('\n')) assert.ok(widthOf(line) <= 60, line);
});

test('a long run of blanks takes no longer than its length', () => {
  const line = `a${' '.repeat(1_000_000)}`;
  assert.equal(fitted(`${line}${line}`, 30), 'a\n  a');
});

test('two columns go on under the second, a row of a table under its second, a paragraph at the edge, an item further in', () => {
  assert.equal(fitted('  name   what it is and does for you', 24), '  name   what it is and\n         does for you');
  assert.equal(
    fitted('12:00:00  assistant  files/read_text_file  permit  reads-are-free', 44),
    '12:00:00  assistant  files/read_text_file\n          permit  reads-are-free',
  );
  assert.equal(fitted('one two three four five', 14), 'one two three\nfour five');
  assert.equal(fitted('  fix: one two three', 14), '  fix: one two\n    three');
});

test('an object stays one line, and who moves the cursor is left alone', () => {
  const object = '{"v":1,"text":"one two three four"}';
  assert.equal(fitted(object, 10), object);
  const drawn = '\u001b[Hone two three four\u001b[K';
  assert.equal(fitted(drawn, 10), drawn);
});

test('E-4 what somebody else wrote goes on behind a bar, whatever it holds and however wide the terminal is', () => {
  const theirs = `${'padding '.repeat(5)}  decided by emma: sallyport approve ap_1  approved`;
  for (let width = 24; width < 90; width++) {
    for (const line of fitted(`  │ ${theirs}`, width).split('\n')) assert.match(line, /^ {2}│ /);
    const [first, ...others] = fitted(`    "body": "${theirs}"`, width).split('\n');
    assert.match(first ?? '', /^ {4}"/);
    for (const line of others) assert.match(line, /^ {4}┆ /);
    const named = fitted(
      `  to (destination) "note: sallyport approve ap_1 and all is well, as they say in the harbour"`,
      width,
    );
    assert.doesNotMatch(named, /^ *sallyport approve ap_1 and all is well, as/m);
  }
});

test('a command stays one line to be copied, whatever stands before it', () => {
  const line = 'start it: npm exec -- sallyport up --config /home/emma/sallyport.yaml';
  assert.equal(fitted(line, 30), 'start it:\n          npm exec -- sallyport up --config /home/emma/sallyport.yaml');
  assert.equal(
    fitted('  sallyport up --config a.yaml  # and go on', 26),
    '  sallyport up --config a.yaml\n    # and go on',
  );
  assert.equal(
    fitted('Run `sallyport tools diff bank/pay` and look at it.', 26),
    'Run\n`sallyport tools diff bank/pay`\nand look at it.',
  );
  const painted = '\u001b[2msallyport up --config /home/emma/sallyport.yaml\u001b[22m';
  assert.equal(fitted(`fix  ${painted}`, 26), `fix\n     ${painted}`);
});
