import type { Lease } from '@sallyport/core/grant/lease.ts';

/** A credential that servers are given, and who holds it. Never its value. */
export interface CredentialView {
  readonly name: string;
  readonly kind: string;
  readonly state: {
    readonly state: 'ready' | 'needs-authorization' | 'failing';
    readonly why?: string;
    readonly note?: string;
  };
  readonly leases: readonly Lease[];
}
