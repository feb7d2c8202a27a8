import { randomBytes } from 'node:crypto';
import type { NewId } from '@sallyport/core/model/ids.ts';

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
const poolBytes = 4_096;
const idBytes = 16;

/** 128 random bits in 26 characters of Crockford base 32. Random bytes are drawn in blocks: one system call for 256 ids. */
export function createNewId(): NewId {
  let pool = randomBytes(poolBytes);
  let at = 0;
  return prefix => {
    if (at === poolBytes) [pool, at] = [randomBytes(poolBytes), 0];
    const high = pool.readBigUInt64BE(at);
    const low = pool.readBigUInt64BE(at + 8);
    at += idBytes;
    return `${prefix}_${encode((high << 64n) | low)}`;
  };
}

function encode(bits: bigint): string {
  let text = '';
  for (let shift = 125n; shift >= 0n; shift -= 5n) text += alphabet[Number((bits >> shift) & 31n)];
  return text;
}
