import { createHmac, createSecretKey, hash } from 'node:crypto';
import { hrtime } from 'node:process';
import type { Instant } from '@sallyport/core/model/ids.ts';

/** The functions that core must not have of its own. */

export const sha256 = (text: string): string => hash('sha256', text, 'base64url');

/** HMAC-SHA256 under `key`, for the digests of actions. */
export function keyedDigest(key: string): (text: string) => string {
  const secret = createSecretKey(Buffer.from(key));
  return text => createHmac('sha256', secret).update(text).digest('base64url');
}

export const now = (): Instant => Date.now();

/** Microseconds of a clock that never jumps. */
export const micros = (): number => Number(hrtime.bigint() / 1_000n);
