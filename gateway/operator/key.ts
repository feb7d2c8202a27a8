import { join } from 'node:path';
import type { PersonProof } from '@sallyport/core/model/acted.ts';
import { bearerOf, type Caller } from '../api/caller.ts';
import { sameSecret } from '../secret/secret.ts';
import { openSecretFile } from '../secret/secret-file.ts';

/**
 * The operator's proof, which loosening anything takes: a random key in a file that only its owner can read. It proves as
 * much as the operating system keeps the agents from reading it, and says so.
 */
export interface OperatorKey {
  readonly file: string;
  /** What stands in the journal beside each act of the operator. */
  readonly proof: PersonProof;
  /** What every view says. */
  readonly notice: string;
  /** Holds the value of an `Authorization` header against the key, in constant time. */
  readonly proves: (authorization: string | undefined) => boolean;
  /** Whoever holds the key: may do everything, and is in every group. */
  readonly callerOf: (authorization: string | undefined) => Caller | undefined;
}

const operatorKeyFile = 'operator.key';

/**
 * Opens the key in `stateDir`, or makes it. Throws `PrivateFileError` if others could read it or somebody else wrote it.
 * `agentsUid` is the user id under which agents and the servers' children run; undefined where there are none (Windows).
 */
export function openOperatorKey(stateDir: string, agentsUid: number | undefined): OperatorKey {
  const file = join(stateDir, operatorKeyFile);
  const key = openSecretFile(file, 'spo');
  const separate = agentsUid !== undefined && process.getuid !== undefined && process.getuid() !== agentsUid;
  const proof: PersonProof = separate ? 'separate-uid' : 'shared-uid';
  const proves = (authorization: string | undefined): boolean => sameSecret(bearerOf(authorization), key);
  const operator: Caller = {
    name: 'operator',
    role: 'admin',
    groups: 'all',
    proof,
    expiresAt: undefined,
    ended: undefined,
  };
  return {
    file,
    proof,
    notice: separate ? 'separate uid' : 'advisory: shared uid',
    proves,
    callerOf: authorization => (proves(authorization) ? operator : undefined),
  };
}
