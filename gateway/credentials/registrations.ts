import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ClientAtServer } from '../obtain/client.ts';
import { readPrivateRecord, removePrivate, writePrivate } from '../secret/private-file.ts';

/** Who the gateway is at an authorization server that it introduced itself to. */
export interface Registration {
  readonly issuer: string;
  readonly redirectUri: string;
  readonly client: ClientAtServer;
}

/** Registrations of the gateway, one private file for each credential: they are made once, not at every start. */
export interface Registrations {
  readonly read: (credential: string) => Registration | undefined;
  /** Durable once it returns. */
  readonly write: (credential: string, registration: Registration) => void;
  readonly remove: (credential: string) => void;
}

export function openRegistrations(dir: string): Registrations {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const fileOf = (credential: string): string => join(dir, `${credential}.client.json`);
  return {
    read: credential => {
      // One of another version is as good as none: we register anew.
      const { v, ...registration } = readPrivateRecord(fileOf(credential)) ?? {};
      return v === 1 ? (registration as unknown as Registration) : undefined;
    },
    write: (credential, registration) =>
      writePrivate(fileOf(credential), `${JSON.stringify({ v: 1, ...registration })}\n`),
    remove: credential => removePrivate(fileOf(credential)),
  };
}
