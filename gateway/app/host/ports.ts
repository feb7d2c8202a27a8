import { hash } from 'node:crypto';
import type { Instant } from '@sallyport/core/model/ids.ts';

/** The functions that core must not have of its own. */

export const sha256 = (text: string): string => hash('sha256', text, 'base64url');

const blockBytes = 64;
const hashBytes = 32;
const pageBytes = 16 * 1024;

/**
 * HMAC-SHA256 (RFC 2104) under `key`, base64url, for the digests of actions. Of two hashes in one call each, because an
 * object of the crypto library costs ten times the arithmetic.
 */
export function keyedDigest(key: string): (text: string) => string {
  const secret = Buffer.from(key);
  const block = Buffer.alloc(blockBytes);
  (secret.length > blockBytes ? hash('sha256', secret, 'buffer') : secret).copy(block);
  const [inner, outer] = [Buffer.alloc(pageBytes), Buffer.alloc(blockBytes + hashBytes)];
  for (const [at, byte] of block.entries()) [inner[at], outer[at]] = [byte ^ 0x36, byte ^ 0x5c];
  return text => {
    const long = blockBytes + text.length * 3 > pageBytes;
    const page = long ? Buffer.concat([inner.subarray(0, blockBytes), Buffer.from(text)]) : inner;
    const end = long ? page.length : blockBytes + page.write(text, blockBytes);
    outer.write(hash('sha256', page.subarray(0, end), 'binary'), blockBytes, 'binary');
    return hash('sha256', outer, 'base64url');
  };
}

export const now = (): Instant => Date.now();

/** Microseconds of a clock that never jumps. */
export const micros = (): number => performance.now() * 1_000;
