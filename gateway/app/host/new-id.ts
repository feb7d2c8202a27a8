import { randomBytes } from 'node:crypto';
import type { NewId } from '@sallyport/core/model/ids.ts';

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
const poolBytes = 4_096;
const idBytes = 16;
const idChars = 26;

/** 128 random bits in 26 characters of Crockford base 32. Random bytes are drawn in blocks: one system call for 256 ids. */
export function createNewId(): NewId {
  let pool = randomBytes(poolBytes);
  let at = 0;
  return prefix => {
    if (at === poolBytes) [pool, at] = [randomBytes(poolBytes), 0];
    at += idBytes;
    return `${prefix}_${encode(pool, at - idBytes)}`;
  };
}

const text = Buffer.alloc(idChars);

/** As one number of 128 bits, the first character holding the uppermost three. */
function encode(bytes: Buffer, from: number): string {
  let [held, bits] = [0, 2];
  let to = 0;
  for (let at = from; at < from + idBytes; at++) {
    held = ((held << 8) | (bytes[at] ?? 0)) & 0xfff;
    for (bits += 8; bits >= 5; bits -= 5) text[to++] = alphabet.charCodeAt((held >> (bits - 5)) & 31);
  }
  return text.toString('latin1');
}
