import { createHmac, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Instant } from '@sallyport/core/model/ids.ts';
import { readPrivateRecord, writePrivate } from '../secret/private-file.ts';

/** Since when a standing secret has been what it is, where the place that keeps it does not say. */
export interface FirstSeen {
  /** The same as last time, or seen for the first time now. */
  readonly since: (credential: string, secret: string) => Instant;
}

/** A keyed digest in a private file for each credential: the secret cannot be read from it, only known again. */
export function openFirstSeen(dir: string, now: () => Instant): FirstSeen {
  return {
    since: (credential, secret) => {
      const file = join(dir, `${credential}.seen.json`);
      const known = readPrivateRecord(file) as { key: string; digest: string; at: Instant } | undefined;
      const digestOf = (key: string): string => createHmac('sha256', key).update(secret).digest('base64url');
      if (known !== undefined && digestOf(known.key) === known.digest) return known.at;
      const key = randomBytes(32).toString('base64url');
      writePrivate(file, `${JSON.stringify({ v: 1, key, digest: digestOf(key), at: now() })}\n`);
      return now();
    },
  };
}
