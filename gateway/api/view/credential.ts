import type { Lease } from '@sallyport/core/lease/lease.ts';
import type { Instant } from '@sallyport/core/model/ids.ts';

/** A credential that servers are given, and who holds it. Never its value. */
export interface CredentialView {
  readonly name: string;
  readonly kind: string;
  readonly state: {
    readonly state: 'ready' | 'needs-authorization' | 'failing';
    readonly why?: string;
    /** Where whoever has to sign in does it. */
    readonly link?: string;
    readonly note?: string;
    /** Of a standing secret, as far as anybody can say. */
    readonly ageDays?: number;
  };
  /** Where people sign in for it: who has, and since when. */
  readonly signedIn?: readonly { readonly principal: string; readonly signedInAt: Instant }[];
  readonly leases: readonly Lease[];
}
