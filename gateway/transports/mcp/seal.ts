import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** Texts that only this gateway can make and read: AES-256-GCM (NIST SP 800-38D), base64url of nonce, tag and ciphertext. */
export interface Seal {
  readonly close: (text: string) => string;
  /** Undefined: it is not one of ours, or not for this purpose, or was edited. */
  readonly open: (sealed: string) => string | undefined;
}

const [nonceBytes, tagBytes] = [12, 16];

/** `key`: 32 bytes. `purpose` is authenticated, so that what was sealed for one thing opens for no other. */
export function createSeal(key: Buffer, purpose: string): Seal {
  const about = Buffer.from(purpose);
  return {
    close: text => {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(about);
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url');
    },
    open: sealed => {
      const bytes = Buffer.from(sealed, 'base64url');
      // One text, one spelling.
      if (bytes.length < nonceBytes + tagBytes || bytes.toString('base64url') !== sealed) return undefined;
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes)).setAAD(about);
        decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
        return decipher.update(bytes.subarray(nonceBytes + tagBytes), undefined, 'utf8') + decipher.final('utf8');
      } catch {
        return undefined;
      }
    },
  };
}
