import type { Lease } from '@sallyport/core/grant/lease.ts';
import { readPrivate, writePrivate } from '../secret/private-file.ts';

/** Which leases are open, on disk: what a crash leaves behind is found by it. It holds no secret. */
export interface LeaseStore {
  readonly all: () => readonly Lease[];
  /** Durable once it returns. */
  readonly put: (lease: Lease) => void;
  readonly remove: (id: string) => void;
}

/** Throws `PrivateFileError` if others could write the file, `SyntaxError` if it is not what was written here. */
export function openLeaseStore(file: string): LeaseStore {
  const text = readPrivate(file);
  const leases = new Map<string, Lease>(text === undefined ? [] : parsed(text).map(lease => [lease.id, lease]));
  const save = (): void => writePrivate(file, `${JSON.stringify({ v: 1, leases: [...leases.values()] })}\n`);
  return {
    all: () => [...leases.values()],
    put: lease => {
      leases.set(lease.id, lease);
      save();
    },
    remove: id => {
      if (leases.delete(id)) save();
    },
  };
}

function parsed(text: string): readonly Lease[] {
  const { v, leases } = JSON.parse(text) as { v?: unknown; leases?: readonly Lease[] };
  if (v !== 1 || !Array.isArray(leases))
    throw new SyntaxError('the list of open credentials is not readable; see docs');
  return leases;
}
