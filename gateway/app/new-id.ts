import { randomBytes } from 'node:crypto';
import type { Id, NewId } from '@sallyport/core/model/ids.ts';

const digits = Buffer.from('0123456789abcdefghjkmnpqrstvwxyz');
const poolBytes = 4_096;
const idBytes = 16;
const idChars = 26;
const prefixCharsMax = 5;
const underscore = 0x5f;

/** A prefix and 128 random bits in 26 characters of Crockford base 32. Random bytes are drawn in blocks: one system call for 256 ids. */
export function createNewId(): NewId {
  const text = Buffer.alloc(prefixCharsMax + 1 + idChars);
  let pool = randomBytes(poolBytes);
  let at = 0;
  return prefix => {
    if (at === poolBytes) [pool, at] = [randomBytes(poolBytes), 0];
    at += idBytes;
    let to = text.write(prefix, 'latin1');
    text[to++] = underscore;
    encode(pool, at - idBytes, text, to);
    return text.toString('latin1', 0, to + idChars) as Id<typeof prefix>;
  };
}

/** As one number of 128 bits, the first character holding the uppermost three. */
function encode(bytes: Buffer, from: number, text: Buffer, start: number): void {
  let [held, bits] = [0, 2];
  let to = start;
  for (let at = from; at < from + idBytes; at++) {
    held = ((held << 8) | (bytes[at] ?? 0)) & 0xfff;
    for (bits += 8; bits >= 5; bits -= 5) text[to++] = digits[(held >> (bits - 5)) & 31] ?? 0;
  }
}
