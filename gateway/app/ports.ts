import { hash } from 'node:crypto';
import { hrtime } from 'node:process';
import type { Instant } from '@sallyport/core/model/ids.ts';

/** The functions that core must not have of its own. */

export const sha256 = (text: string): string => hash('sha256', text, 'base64url');

export const now = (): Instant => Date.now();

/** Microseconds of a clock that never jumps. */
export const micros = (): number => Number(hrtime.bigint() / 1_000n);
