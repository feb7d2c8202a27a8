import type { Random } from '../random.ts';

/** Bytes that mean something to some parser. */
const telling = [
  ...[
    '{',
    '}',
    '[',
    ']',
    '"',
    '\\',
    ',',
    ':',
    '\n',
    '\r',
    '\r\n',
    '\n\n',
    'data:',
    ' ',
    '\t',
    '\0',
    ';',
    '(',
    ')',
    '@',
    '//',
  ],
  ...[
    '\\u0000',
    '\\ud800',
    '\\udc00',
    '\\u006e',
    '__proto__',
    'null',
    'true',
    '-0',
    '1e400',
    '9007199254740993',
    '0.1',
    '1.0',
  ],
  ...['\u2028', '\u202e', '\ufeff', 'é', '😀', 'permit', 'forbid', 'when', 'if', '—'],
].map(text => Buffer.from(text));
const broken = [
  [0xff],
  [0xc0, 0xaf],
  [0xed, 0xa0, 0x80],
  [0xf4, 0x90, 0x80, 0x80],
  [0x80],
  [0x00, 0x00],
  [0xef, 0xbb, 0xbf],
].map(bytes => Buffer.from(bytes));
const pieces = [...telling, ...broken];

const inputBytesMax = 4 * 1024;

/** Where inputs are made: each is copied out once it is whole. */
const page = Buffer.alloc(inputBytesMax);

/** One of the seeds with one to six changes: flips, insertions, deletions, repetitions, splices. Never longer than `inputBytesMax`. */
export function mutated(seeds: readonly Buffer[], random: Random): Buffer {
  let length = seeds[random.below(seeds.length)]?.copy(page) ?? 0;
  for (let changes = 1 + random.below(6); changes > 0; changes--) length = changed(length, seeds, random);
  return Buffer.from(page.subarray(0, length));
}

/** Changes the first `length` bytes of the page; the new length. */
function changed(length: number, seeds: readonly Buffer[], random: Random): number {
  const at = random.below(length + 1);
  const to = Math.min(length, at + 1 + random.below(16));
  switch (random.below(7)) {
    case 0:
      if (at < length) page[at] = (page[at] ?? 0) ^ (1 << random.below(8));
      return length;
    case 1:
      if (at < length) page[at] = random.below(256);
      return length;
    case 2:
      return inserted(length, at, pieces[random.below(pieces.length)] ?? page);
    case 3:
      page.copyWithin(at, to, length);
      return length - (to - at);
    case 4: {
      const other = seeds[random.below(seeds.length)] ?? page;
      return at + other.copy(page, at, random.below(other.length + 1));
    }
    default: {
      const part = Buffer.from(page.subarray(at, to));
      let longer = length;
      for (let times = 1 + random.below(random.below(40) + 1); times > 0; times--) longer = inserted(longer, at, part);
      return longer;
    }
  }
}

function inserted(length: number, at: number, piece: Buffer): number {
  page.copyWithin(at + piece.length, at, length);
  piece.copy(page, at);
  return Math.min(inputBytesMax, length + piece.length);
}

/** `bytes` in pieces at random places, as a network or a pipe could deliver it. */
export function inPieces(bytes: Buffer, random: Random): Buffer[] {
  const cuts = Array.from({ length: random.below(5) }, () => random.below(bytes.length + 1)).sort((a, b) => a - b);
  return [...cuts, bytes.length].map((cut, index) => bytes.subarray(cuts[index - 1] ?? 0, cut));
}
